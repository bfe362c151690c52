/* change.c, confirm.c, lock.c: a plan committed on a real Postfix. */
#include "site_fixture.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#include "change/journal.h"
#include "change/lock.h"

static bool live_value_is(struct fixture *f, const char *name, const char *value)
{
	const char *const argv[] = {"postconf", "-c", f->config, "-h", name, NULL};
	struct child child = {0};

	assert_true(child_run(&child, argv, 10000, NULL));
	char *line = text_format("%s\n", value);
	bool same = strcmp(child.out.data, line) == 0;
	free(line);
	child_free(&child);
	return same;
}

/* --- a running Postfix --------------------------------------------------------------------------- */

static void running_round_trip(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct change_result result;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	fixture_start(&f);
	fixture_site(&f, &site);
	struct relay relays[] = {relay_a(), relay_b()};
	for (size_t i = 0; i < 2; i++) {
		assert_ok(plan_for(&plan, &site, relays[i], "pw", &error), error);
		assert_ok(change_commit(&site, &plan, &result, &error), error);
		assert_true(result.changed);
		assert_true(result.reloaded);
		assert_no_strays(&f, true);
		assert_false(journal_exists(&site));
		plan_free(&plan);
	}
	assert_true(live_value_is(&f, "relayhost", "[relay-b.test]:465"));
	assert_true(live_value_is(&f, "default_transport", "relaycon-tls"));
	assert_ok(plan_deconfigure(&plan, &site, false, &error), error);
	assert_ok(change_commit(&site, &plan, &result, &error), error);
	assert_true(result.reloaded);
	assert_untouched(&f);
	assert_no_strays(&f, false);
	assert_false(there(site.settings_file));
	assert_false(there(site.baseline_file));
	assert_true(postfix_is_running(&site.postfix));
	plan_free(&plan);
	site_close(&site);
	fixture_free(&f);
}

/* Puts a line of its own into a plan's main.cf, as a relay would that we know to be fine. */
static void spoil(struct plan *plan, const char *line)
{
	strbuf_adds(&file_of(plan, PLAN_MAIN_CF)->after, line);
}

static void bad_values_are_rolled_back(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool running;
	} cases[] = {
		/* Refused by postconf on the staged files. */
		{"oops\n", true},
		{"oops\n", false},
		/* Found by nothing but the look at the delivery agent (facts, 1.5). */
		{"smtp_tls_security_level = nonsense\n", true},
		{"smtp_connection_cache_on_demand = perhaps\n", true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		struct site site;
		struct plan plan = {0};
		struct change_result result;
		struct error error = {0};
		fixture_make(&f, stock_main_cf);
		if (cases[i].running)
			fixture_start(&f);
		fixture_site(&f, &site);
		assert_ok(plan_for(&plan, &site, relay_a(), "pw", &error), error);
		spoil(&plan, cases[i].line);
		if (change_commit(&site, &plan, &result, &error))
			fail_msg("%s was accepted", cases[i].line);
		assert_int_equal(error.code, ERROR_CONFIG);
		assert_false(result.changed);
		assert_untouched(&f);
		assert_no_strays(&f, false);
		assert_false(journal_exists(&site));
		assert_int_equal(postfix_is_running(&site.postfix), cases[i].running);
		struct error agent = {0};
		if (cases[i].running)
			assert_ok(
				postfix_check_delivery_agent(&site.postfix, "smtp", &agent), agent);
		plan_free(&plan);
		site_close(&site);
		fixture_free(&f);
	}
}

/* A pid file that could not be opened was taken for a Postfix that does not run: the files changed,
 * and it went on with the old ones. */
static void cannot_tell_whether_postfix_runs(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct change_result result;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	char *folder = text_format("%s/pid", f.queue);
	char *pid = text_format("%s/master.pid", folder);
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(symlink("master.pid", pid), 0);
	assert_ok(plan_for(&plan, &site, relay_a(), "pw", &error), error);
	assert_false(change_commit(&site, &plan, &result, &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_non_null(strstr(error.message, pid));
	assert_untouched(&f);
	assert_no_strays(&f, false);
	assert_false(journal_exists(&site));
	free(pid);
	free(folder);
	plan_free(&plan);
	site_close(&site);
	fixture_free(&f);
}

/* --- attributes ---------------------------------------------------------------------------------- */

static void attributes_and_symlinks_stay(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};
	struct stat st;
	char value[16];

	fixture_make(&f, stock_main_cf);
	char *elsewhere = text_format("%s/elsewhere", f.dir);
	char *real = text_format("%s/elsewhere/real.cf", f.dir);
	assert_int_equal(mkdir(elsewhere, 0755), 0);
	assert_int_equal(rename(f.main_cf, real), 0);
	assert_int_equal(symlink("../elsewhere/real.cf", f.main_cf), 0);
	assert_int_equal(chmod(real, 0640), 0);
	assert_int_equal(chown(real, 1, 2), 0);
	bool xattrs = setxattr(real, "user.note", "mine", 4, 0) == 0;
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(lstat(f.main_cf, &st), 0);
		assert_true(S_ISLNK(st.st_mode));
		assert_int_equal(stat(real, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		assert_int_equal(st.st_uid, 1);
		assert_int_equal(st.st_gid, 2);
		/* The file system of the test may have none; then there is nothing to keep. */
		if (xattrs)
			assert_int_equal(getxattr(real, "user.note", value, sizeof value), 4);
		assert_int_equal(holds(real, "[relay-a.test]"), round == 0);
		if (round == 0)
			assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
	}
	char *stray = text_format("%s/.real.cf.relaycon-old", elsewhere);
	assert_false(there(stray));
	free(stray);
	free(real);
	free(elsewhere);
	assert_untouched(&f);
	fixture_free(&f);
}

/* --- politeness ---------------------------------------------------------------------------------- */

static void changed_since_the_plan(void **state)
{
	(void)state;
	static const char *const files[] = {
		"config/main.cf", "config/relaycon_sasl_passwd", "state/settings.ini"};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct fixture f;
		struct site site;
		struct plan plan = {0};
		struct change_result result;
		struct error error = {0};
		struct strbuf theirs = STRBUF_INIT;
		fixture_make(&f, stock_main_cf);
		fixture_site(&f, &site);
		assert_ok(site_prepare_state(&site, &error), error);
		assert_ok(plan_for(&plan, &site, relay_a(), "pw", &error), error);
		char *path = text_format("%s/%s", f.dir, files[i]);
		write_text(path, "# theirs\n");
		assert_false(change_commit(&site, &plan, &result, &error));
		assert_int_equal(error.code, ERROR_BUSY);
		assert_non_null(strstr(error.message, path));
		strbuf_adds(&theirs, "# theirs\n");
		assert_bytes(path, &theirs);
		assert_false(holds(f.main_cf, "relay-a"));
		strbuf_free(&theirs);
		free(path);
		plan_free(&plan);
		site_close(&site);
		fixture_free(&f);
	}
}

static void a_second_one_is_told_who(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct error error = {0};
	struct lock lock = LOCK_INIT;

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	assert_ok(site_prepare_state(&site, &error), error);
	assert_false(lock_is_held(&site));
	assert_ok(lock_take(&lock, &site, &error), error);
	assert_true(lock_is_held(&site));
	/* Nor may it take for the truth what it reads meanwhile: half of it may be older. */
	assert_true(change_mark(&site) < 0);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), -1);
	assert_int_equal(error.code, ERROR_BUSY);
	char *pid = text_format("pid %ld, user ", (long)getpid());
	if (!strstr(error.message, pid))
		fail_msg("%s", error.message);
	free(pid);
	lock_release(&lock);
	assert_false(lock_has_words(&site));
	assert_untouched(&f);
	long long mark = change_mark(&site);
	assert_ok(change_mark_holds(&site, mark, &error), error);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	assert_false(change_mark_holds(&site, mark, &error));
	assert_int_equal(error.code, ERROR_BUSY);
	site_close(&site);
	fixture_free(&f);
}

/* "Another relaycon (?) is changing ...": a status that looked whether the lock is held. */
static void one_that_only_looks_is_no_holder(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct error error = {0};
	struct lock lock = LOCK_INIT;

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	assert_ok(site_prepare_state(&site, &error), error);
	int looker = open(site.lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(looker, LOCK_SH), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		usleep(100000);
		_exit(0);
	}
	close(looker);
	assert_ok(lock_take(&lock, &site, &error), error);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	lock_release(&lock);
	site_close(&site);
	fixture_free(&f);
}

static void postfix_lock_is_respected(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	char *path = text_format("%s.tmp", f.main_cf);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), -1);
	assert_int_equal(error.code, ERROR_BUSY);
	assert_non_null(strstr(error.message, "main.cf.tmp"));
	assert_untouched(&f);
	close(fd);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	assert_false(there(path));
	/* A symlink there would have us write wherever it leads. */
	char *victim = text_format("%s/victim", f.dir);
	assert_int_equal(symlink(victim, path), 0);
	assert_int_equal(deconfigure(&f, false, NULL, &error), -1);
	assert_false(there(victim));
	free(victim);
	free(path);
	fixture_free(&f);
}

static void postconf_beside_us_loses_nothing(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int i = 0; i < 20; i++) {
			char *value = text_format("delay_warning_time=%dh", i + 1);
			const char *const argv[] = {"postconf", "-c", f.config, "-e", value, NULL};
			struct child child = {0};
			if (!child_run(&child, argv, 10000, NULL) || child.status != 0)
				_exit(1);
			child_free(&child);
			free(value);
		}
		_exit(0);
	}
	int changes = 0;
	for (int i = 0; i < 10; i++) {
		struct relay relay = i % 2 ? relay_b() : relay_a();
		int done = configure(&f, relay, "pw", &error);
		if (done < 0)
			assert_int_equal(error.code, ERROR_BUSY);
		changes += done > 0;
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(live_value_is(&f, "delay_warning_time", "20h"));
	assert_int_equal(configure(&f, relay_a(), "pw2", &error), 1);
	assert_true(live_value_is(&f, "relayhost", "[relay-a.test]:587"));
	assert_true(live_value_is(&f, "delay_warning_time", "20h"));
	fixture_free(&f);
}

static void other_instance_is_refused(void **state)
{
	(void)state;
	struct fixture f, other;
	struct site site;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	fixture_make(&other, stock_main_cf);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	assert_false(site_open(&site, other.config, f.state, plan_parameters, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	assert_non_null(strstr(error.message, f.config));
	fixture_free(&f);
	fixture_free(&other);
}

/* --- disaster ------------------------------------------------------------------------------------ */

static void full_disk_changes_nothing(void **state)
{
	(void)state;
	struct error error = {0};
	unsigned failed = 0, changed = 0;

	/* From no room at all to enough: each size fails at another write. */
	for (unsigned kb = 4; kb <= 128; kb += 4) {
		struct fixture f;
		fixture_make(&f, stock_main_cf);
		char *options = text_format("size=%uk,mode=0755", kb + 24);
		char *config = text_format("%s/small", f.dir);
		assert_int_equal(mkdir(config, 0755), 0);
		if (mount("tmpfs", config, "tmpfs", 0, options) != 0) {
			print_message("[ NOTE     ] no tmpfs can be mounted here\n");
			free(options);
			free(config);
			fixture_free(&f);
			skip();
		}
		char *main_cf = text_format("%s/main.cf", config);
		char *master_cf = text_format("%s/master.cf", config);
		write_bytes(main_cf, f.main_first.data, f.main_first.len);
		write_bytes(master_cf, f.master_first.data, f.master_first.len);
		free(f.config), free(f.main_cf), free(f.master_cf), free(f.state);
		f.config = config, f.main_cf = main_cf, f.master_cf = master_cf;
		f.state = text_format("%s/state", config);
		int done = configure(&f, relay_b(), "pw", &error);
		if (done < 0) {
			failed++;
			assert_untouched(&f);
			assert_no_strays(&f, false);
		} else {
			changed++;
			assert_no_strays(&f, true);
		}
		umount(config);
		free(options);
		fixture_free(&f);
	}
	assert_true(failed > 0);
	assert_true(changed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(running_round_trip),
		cmocka_unit_test(bad_values_are_rolled_back),
		cmocka_unit_test(cannot_tell_whether_postfix_runs),
		cmocka_unit_test(attributes_and_symlinks_stay),
		cmocka_unit_test(changed_since_the_plan),
		cmocka_unit_test(a_second_one_is_told_who),
		cmocka_unit_test(one_that_only_looks_is_no_holder),
		cmocka_unit_test(postfix_lock_is_respected),
		cmocka_unit_test(postconf_beside_us_loses_nothing),
		cmocka_unit_test(other_instance_is_refused),
		cmocka_unit_test(full_disk_changes_nothing),
	};

	return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
