/*
 * site_fixture.h: a private Postfix in a temporary folder, for the tests of plan, change and status.
 *
 *   fixture_make  folders, main.cf as given, Debian's master.cf (without the network service)
 *   fixture_start runs it; fixture_free stops it and removes everything
 */
#ifndef SITE_FIXTURE_H
#define SITE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "change/change.h"
#include "change/plan.h"
#include "settings/site.h"
#include "status/status.h"

struct fixture {
	char dir[64];
	char *config, *state, *queue;
	char *main_cf, *master_cf;
	struct strbuf main_first, master_first;
	bool started;
};

#define assert_ok(call, error)                                                                     \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, (error).message);                                \
	} while (0)

static inline void write_bytes(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	/* As old as any file that was not written this second (Postfix waits for hot ones). */
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - 10}};
	futimens(fd, times);
	close(fd);
}

static inline void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

static inline void read_bytes(struct strbuf *out, const char *path)
{
	struct error error = {0};

	assert_ok(file_read(out, path, FILE_MAX, NULL, &error), error);
}

static inline bool there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline void assert_bytes(const char *path, const struct strbuf *expected)
{
	struct strbuf now = STRBUF_INIT;

	read_bytes(&now, path);
	if (now.len != expected->len || memcmp(now.data, expected->data, now.len) != 0)
		fail_msg("%s is not what it was; it reads:\n%s", path, now.data);
	strbuf_free(&now);
}

static inline bool holds(const char *path, const char *text)
{
	struct strbuf now = STRBUF_INIT;

	read_bytes(&now, path);
	bool found = memmem(now.data, now.len, text, strlen(text)) != NULL;
	strbuf_free(&now);
	return found;
}

/* What an editor does to a file. */
static inline void append_text(const char *path, const char *text)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, path);
	strbuf_adds(&bytes, text);
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

static inline void replace_text(const char *path, const char *from, const char *to)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, path);
	const char *at = strstr(bytes.data, from);
	assert_non_null(at);
	size_t start = (size_t)(at - bytes.data);
	strbuf_splice(&bytes, start, start + strlen(from), to, strlen(to));
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

/* Debian's main.cf as the package makes it, ours shortened by its comments. */
static const char stock_main_cf[] =
	"# See /usr/share/postfix/main.cf.dist for a commented, more complete version\n\n"
	"smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)\nbiff = no\n"
	"append_dot_mydomain = no\nreadme_directory = no\ncompatibility_level = 3.6\n\n"
	"# TLS parameters\nsmtp_tls_CApath=/etc/ssl/certs\nsmtp_tls_security_level=may\n"
	"smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n\n"
	"myhostname = machine.test\nmydestination = $myhostname, localhost\nrelayhost = \n"
	"mynetworks = 127.0.0.0/8\nmailbox_size_limit = 0\nrecipient_delimiter = +\n"
	"inet_interfaces = loopback-only\ninet_protocols = ipv4\nalias_maps =\n"
	"alias_database =\n"
	/* A delivery agent that did not start is left alone for a minute otherwise. */
	"service_throttle_time = 1s\n";

static inline void fixture_master(struct fixture *f)
{
	struct strbuf proto = STRBUF_INIT, out = STRBUF_INIT;

	read_bytes(&proto, "/etc/postfix/master.cf.proto");
	const char *network = strstr(proto.data, "\nsmtp      inet");
	assert_non_null(network);
	strbuf_add(&out, proto.data, (size_t)(network + 1 - proto.data));
	strbuf_addc(&out, '#');
	strbuf_adds(&out, network + 1);
	write_bytes(f->master_cf, out.data, out.len);
	strbuf_free(&proto);
	strbuf_free(&out);
}

/* Folders of its own come first, so that the end of the text is the end of the file. `text` with
 * len 0: Debian's stock. */
static inline void fixture_make_bytes(
	struct fixture *f, const char *text, size_t len, bool own_folders)
{
	struct strbuf main_cf = STRBUF_INIT;

	*f = (struct fixture){0};
	snprintf(f->dir, sizeof f->dir, "/tmp/relaycon-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(chmod(f->dir, 0755), 0);
	f->config = text_format("%s/config", f->dir);
	f->state = text_format("%s/state", f->dir);
	f->queue = text_format("%s/queue", f->dir);
	f->main_cf = text_format("%s/main.cf", f->config);
	f->master_cf = text_format("%s/master.cf", f->config);
	char *data = text_format("%s/data", f->dir);
	assert_int_equal(mkdir(f->config, 0755), 0);
	assert_int_equal(mkdir(f->queue, 0755), 0);
	assert_int_equal(mkdir(data, 0755), 0);
	struct stat postfix;
	if (stat("/var/lib/postfix", &postfix) == 0)
		assert_int_equal(chown(data, postfix.st_uid, postfix.st_gid), 0);
	strbuf_reset(&main_cf);
	if (own_folders)
		strbuf_addf(&main_cf,
			"queue_directory = %s\ndata_directory = %s\nmaillog_file = %s/log\n"
			"maillog_file_prefixes = %s\n",
			f->queue, data, f->dir, f->dir);
	strbuf_add(&main_cf, text, len);
	write_bytes(f->main_cf, main_cf.data, main_cf.len);
	fixture_master(f);
	read_bytes(&f->main_first, f->main_cf);
	read_bytes(&f->master_first, f->master_cf);
	strbuf_free(&main_cf);
	free(data);
}

static inline void fixture_make(struct fixture *f, const char *text)
{
	fixture_make_bytes(f, text, strlen(text), true);
}

static inline void fixture_postfix(struct fixture *f, const char *word)
{
	const char *const argv[] = {"postfix", "-c", f->config, word, NULL};
	struct child child = {0};
	struct error error = {0};

	assert_ok(child_run(&child, argv, 20000, &error), error);
	if (child.status != 0)
		fail_msg("postfix %s: %s%s", word, child.out.data, child.err.data);
	child_free(&child);
}

static inline void fixture_start(struct fixture *f)
{
	fixture_postfix(f, "start");
	f->started = true;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	remove(path);
	return 0;
}

static inline void fixture_free(struct fixture *f)
{
	if (f->started)
		fixture_postfix(f, "stop");
	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f->config);
	free(f->state);
	free(f->queue);
	free(f->main_cf);
	free(f->master_cf);
	strbuf_free(&f->main_first);
	strbuf_free(&f->master_first);
	*f = (struct fixture){0};
}

static inline void fixture_site(struct fixture *f, struct site *site)
{
	struct error error = {0};

	assert_ok(site_open(site, f->config, f->state, plan_parameters, &error), error);
}

static inline void fixture_status(struct fixture *f, struct status *status)
{
	struct site site;
	struct error error = {0};

	assert_ok(site_open(&site, f->config, f->state, status_parameters, &error), error);
	assert_ok(status_read(status, &site, &error), error);
	site_close(&site);
}

static inline void assert_untouched(const struct fixture *f)
{
	assert_bytes(f->main_cf, &f->main_first);
	assert_bytes(f->master_cf, &f->master_first);
}

/* Nothing hidden is left beside the files, and neither is a table of ours. */
static inline void assert_no_strays(const struct fixture *f, bool configured)
{
	static const char *const names[] = {"main.cf.tmp", ".main.cf.relaycon-new",
		".main.cf.relaycon-old", ".master.cf.relaycon-new", ".master.cf.relaycon-old",
		".relaycon_sasl_passwd.relaycon-new", ".relaycon_sasl_passwd.relaycon-mid",
		".relaycon_sasl_passwd.relaycon-old", ".relaycon_tls_policy.relaycon-new",
		".relaycon_tls_policy.relaycon-mid", ".relaycon_tls_policy.relaycon-old"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = text_format("%s/%s", f->config, names[i]);
		if (there(path))
			fail_msg("%s was left behind", path);
		free(path);
	}
	char *passwd = text_format("%s/relaycon_sasl_passwd", f->config);
	char *policy = text_format("%s/relaycon_tls_policy", f->config);
	assert_int_equal(there(passwd), configured);
	assert_int_equal(there(policy), configured);
	free(passwd);
	free(policy);
}

/* --- settings ------------------------------------------------------------------------------------ */

static inline struct relay relay_a(void)
{
	return (struct relay){.name = (char *)"default",
		.provider = (char *)"custom",
		.host = (char *)"relay-a.test",
		.port = 587,
		.tls = RELAY_TLS_STARTTLS,
		.verify = RELAY_VERIFY_NAME,
		.login = (char *)"alice"};
}

static inline struct relay relay_b(void)
{
	struct relay relay = relay_a();

	relay.host = (char *)"relay-b.test";
	relay.port = 465;
	relay.tls = RELAY_TLS_IMPLICIT;
	relay.login = (char *)"bob";
	return relay;
}

static inline struct settings settings_of(struct relay *relay)
{
	return (struct settings){.relays = relay, .relay_count = 1, .default_relay = relay->name};
}

static inline bool plan_for(struct plan *plan, const struct site *site, struct relay relay,
	const char *password, struct error *error)
{
	struct settings settings = settings_of(&relay);
	struct secret secret = {0};

	assert_true(secret_init(&secret, NULL));
	assert_true(secret_set(
		&secret, password ? password : "", password ? strlen(password) : 0, NULL));
	struct plan_password given = {relay.name, &secret};
	bool ok = plan_configure(plan, site, &settings, &given, 1, error);
	secret_free(&secret);
	return ok;
}

static inline struct plan_file *file_of(struct plan *plan, enum plan_file_kind kind)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->files[i].kind == kind)
			return &plan->files[i];
	return NULL;
}

/* Plans and commits; 1 changed, 0 unchanged, -1 failed with *error. */
static inline int configure(
	struct fixture *f, struct relay relay, const char *password, struct error *error)
{
	struct site site;
	struct plan plan = {0};
	struct change_result result = {0};

	fixture_site(f, &site);
	bool ok = plan_for(&plan, &site, relay, password, error) &&
		  change_commit(&site, &plan, &result, error);
	plan_free(&plan);
	site_close(&site);
	return ok ? result.changed : -1;
}

static inline int deconfigure(
	struct fixture *f, bool force, struct strbuf *kept, struct error *error)
{
	struct site site;
	struct plan plan = {0};
	struct change_result result = {0};

	fixture_site(f, &site);
	bool ok = plan_deconfigure(&plan, &site, force, error);
	if (ok && kept) {
		strbuf_reset(kept);
		strbuf_add(kept, plan.kept.data, plan.kept.len);
	}
	ok = ok && change_commit(&site, &plan, &result, error);
	plan_free(&plan);
	site_close(&site);
	return ok ? result.changed : -1;
}

#endif
