/*
 * instance_fixture.h: a private Postfix in a folder of its own, which no test but those of the program knows:
 * its main.cf and master.cf, starting and reloading it. instance_set_up and instance_tear_down are cmocka's.
 */
#ifndef RELAY_INSTANCE_FIXTURE_H
#define RELAY_INSTANCE_FIXTURE_H

#include "postfix_scratch.h"

#include <pwd.h>

#include "postfix/instance.h"
#include "postfix/mastercf.h"

static struct scratch scratch;
static char *config_dir;
static struct postfix postfix;
static struct error error;

static const char main_cf[] = "compatibility_level = 3.6\n"
			      "queue_directory = %s/queue\n"
			      "data_directory = %s/data\n"
			      "maillog_file = %s/log\n"
			      "maillog_file_prefixes = %s/\n"
			      "inet_interfaces = loopback-only\n"
			      "myhostname = unit.test\n"
			      "mydestination =\n"
			      "alias_maps =\n"
			      "relayhost = [h.test]:587,\n   [i.test]:587\n"
			      "service_throttle_time = 6s\n"
			      "smtp_tls_security_level = %s\n";

static inline void write_main_cf(const char *level)
{
	const char *dir = scratch.dir;
	char *text = text_format(main_cf, dir, dir, dir, dir, level);

	scratch_write(&scratch, "config/main.cf", text, strlen(text));
	free(text);
}

/* As a change does: otherwise Postfix waits for the file to cool, and agents that are started meanwhile
 * read it before master does. */
static inline void write_cold_main_cf(const char *level)
{
	const struct timespec hour[2] = {
		{.tv_sec = time(NULL) - 3600}, {.tv_sec = time(NULL) - 3600}};
	char *path = scratch_path(&scratch, "config/main.cf");

	write_main_cf(level);
	assert_int_equal(utimensat(AT_FDCWD, path, hour, 0), 0);
	free(path);
}

/* The stock services, but nothing that listens to the network. */
static inline void write_master_cf(void)
{
	struct strbuf text = STRBUF_INIT;

	assert_true(file_read(&text, "/usr/share/postfix/master.cf.dist", FILE_MAX, NULL, &error));
	struct mastercf *cf = mastercf_parse("master.cf", text.data, text.len, &error);
	assert_non_null(cf);
	assert_true(mastercf_unset(cf, "smtp/inet", NULL));
	scratch_write(
		&scratch, "config/master.cf", mastercf_bytes(cf)->data, mastercf_bytes(cf)->len);
	mastercf_free(cf);
	strbuf_free(&text);
}

static inline void run_postfix(const char *command)
{
	const char *const argv[] = {"postfix", "-c", config_dir, command, NULL};
	struct child child;

	if (scratch_run(&child, argv) != 0)
		fail_msg("postfix %s: %s", command, child.err.data);
	child_free(&child);
}

static inline double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline int instance_set_up(void **state)
{
	struct passwd *owner = getpwnam("postfix");

	(void)state;
	scratch_make(&scratch);
	config_dir = scratch_path(&scratch, "config");
	char *data = scratch_path(&scratch, "data");
	char *queue = scratch_path(&scratch, "queue");
	assert_int_equal(mkdir(config_dir, 0755), 0);
	assert_int_equal(mkdir(queue, 0755), 0);
	assert_int_equal(mkdir(data, 0700), 0);
	assert_non_null(owner);
	assert_int_equal(chown(data, owner->pw_uid, owner->pw_gid), 0);
	free(data);
	free(queue);
	write_main_cf("may");
	write_master_cf();
	assert_true(postfix_open(&postfix, config_dir, NULL, &error));
	return 0;
}

static inline int instance_tear_down(void **state)
{
	(void)state;
	if (postfix_is_running(&postfix))
		run_postfix("stop");
	postfix_close(&postfix);
	free(config_dir);
	scratch_remove(&scratch);
	return 0;
}

static inline void reload(void)
{
	if (!postfix_reload(&postfix, &error))
		fail_msg("%s", error.message);
}

#endif
