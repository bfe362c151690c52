/*
 * test_left_behind.c: what a kill or a power cut leaves without a journal, or with one that is out of
 * date, is told apart and cleared. Each case is one that the attacks found (tests/fault/killed).
 */
#include "site_fixture.h"

#include <errno.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include "change/journal.h"
#include "change/lock.h"
#include "change/step.h"

/* In the place of the C library's, for the backend as well: a disk that does not let go of one name, and
 * a look at the files after each change of names. */
static const char *kept_name;
static void (*after_each)(void);

static int and_look(int result)
{
	if (after_each)
		after_each();
	return result;
}

__attribute__((visibility("default"))) int rename(const char *from, const char *to)
{
	return and_look(renameat(AT_FDCWD, from, AT_FDCWD, to));
}

__attribute__((visibility("default"))) int renameat2(
	int in_a, const char *a, int in_b, const char *b, unsigned flags)
{
	return and_look((int)syscall(SYS_renameat2, in_a, a, in_b, b, flags));
}

__attribute__((visibility("default"))) int unlink(const char *path)
{
	if (kept_name && strcmp(path, kept_name) == 0) {
		errno = EIO;
		return -1;
	}
	return and_look(unlinkat(AT_FDCWD, path, 0));
}

static void make_configured(struct fixture *f, struct site *site)
{
	struct error error = {0};

	fixture_make(f, stock_main_cf);
	assert_int_equal(configure(f, relay_a(), "aaaa", &error), 1);
	fixture_site(f, site);
	assert_false(change_is_interrupted(site));
}

static void drop_all(struct fixture *f, struct site *site)
{
	site_close(site);
	fixture_free(f);
}

static void recovers_as(struct site *site, enum change_recovery expected)
{
	enum change_recovery what;
	struct error error = {0};

	assert_ok(change_recover(site, &what, &error), error);
	assert_int_equal(what, expected);
	assert_false(change_is_interrupted(site));
}

/* Nothing in the lock file tells of them: a power cut may lose its words, or bring back a second name
 * whose removal had not reached the disk. The first is where a journal was written when the kill came. */
static void a_stray_is_found_by_its_name(void **state)
{
	(void)state;
	static const char *const strays[] = {"state/journal.new", "state/last-test.json.new",
		"state/instance.new", "state/.settings.ini.relaycon-new",
		"state/baseline/.baseline.json.relaycon-old", "config/.main.cf.relaycon-new",
		"config/.relaycon_sasl_passwd.relaycon-old",
		"config/.relaycon_sasl_passwd.relaycon-mid",
		"config/.relaycon_tls_policy.db.relaycon-old",
		"config/.relaycon_sender_routes.db.relaycon-new.source",
		"config/.relaycon_sender_routes.db.relaycon-new.source.db",
		"config/__db..relaycon_sender_routes.db.relaycon-new.source.db",
		"config/.relaycon_sender_routes.cdb.relaycon-new.source.cdb.tmp",
		"state/backup/20261121T120000Z/.main.cf.relaycon-new"};
	struct fixture f;
	struct site site;

	make_configured(&f, &site);
	char *backup = text_format("%s/backup", f.state);
	char *moment = text_format("%s/20261121T120000Z", backup);
	assert_int_equal(mkdir(backup, 0700), 0);
	for (size_t i = 0; i < sizeof strays / sizeof *strays; i++) {
		char *path = text_format("%s/%s", f.dir, strays[i]);
		if (strstr(path, moment))
			assert_int_equal(mkdir(moment, 0700), 0);
		write_text(path, "half of it");
		if (!change_is_interrupted(&site))
			fail_msg("%s is not noticed", strays[i]);
		recovers_as(&site, CHANGE_NOTHING_TO_RECOVER);
		if (there(path))
			fail_msg("%s stays", strays[i]);
		free(path);
	}
	assert_false(there(moment));
	assert_no_strays(&f, true);
	/* A bug: one more for each --remove-foreign that was killed. */
	assert_int_equal(mkdir(moment, 0700), 0);
	assert_true(change_is_interrupted(&site));
	recovers_as(&site, CHANGE_NOTHING_TO_RECOVER);
	assert_false(there(moment));
	/* What somebody put there is theirs. */
	assert_int_equal(mkdir(moment, 0700), 0);
	char *note = text_format("%s/why", moment);
	write_text(note, "kept for the audit");
	assert_false(change_is_interrupted(&site));
	free(note);
	free(moment);
	free(backup);
	drop_all(&f, &site);
}

/* A file that is just being saved is nobody's stray. */
static void a_save_under_way_is_left_alone(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;

	make_configured(&f, &site);
	char *path = text_format("%s/last-test.json.new", f.state);
	int folder = open(f.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(folder, LOCK_EX), 0);
	write_text(path, "{}");
	assert_false(change_is_interrupted(&site));
	close(folder);
	assert_true(change_is_interrupted(&site));
	free(path);
	drop_all(&f, &site);
}

/* The state folder was made and lost again; the credentials' staged file was not. */
static void strays_go_without_a_state_folder(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	char *stray = text_format("%s/.relaycon_sasl_passwd.relaycon-new", f.config);
	write_text(stray, "half of it");
	assert_false(there(f.state));
	recovers_as(&site, CHANGE_NOTHING_TO_RECOVER);
	assert_false(there(stray));
	free(stray);
	drop_all(&f, &site);
}

/* Holds our lock in a child of a process that is dead: as one does that was killed while it started a
 * program, up to the exec. */
static void hold_as_an_orphan(struct site *site, int ms)
{
	int ready[2], status;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t holder = fork();
	if (holder == 0) {
		struct lock lock = LOCK_INIT;
		if (!lock_take(&lock, site, NULL))
			_exit(1);
		if (fork() == 0) {
			close(ready[0]);
			close(ready[1]);
			usleep((useconds_t)ms * 1000);
			_exit(0);
		}
		(void)!write(ready[1], "", 1);
		raise(SIGKILL);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(waitpid(holder, &status, 0), holder);
	assert_true(WIFSIGNALED(status));
	close(ready[0]);
}

/* Recovery used to be put off to the next command but one, and a change was refused as busy. */
static void a_dead_holders_lock_is_waited_for(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct lock lock = LOCK_INIT;
	struct error error = {0};

	make_configured(&f, &site);
	hold_as_an_orphan(&site, 200);
	assert_true(change_is_interrupted(&site));
	recovers_as(&site, CHANGE_NOTHING_TO_RECOVER);
	hold_as_an_orphan(&site, 200);
	assert_ok(lock_take(&lock, &site, &error), error);
	lock_release(&lock);
	/* Not for ever. */
	hold_as_an_orphan(&site, LOCK_DEAD_WAIT_MS + 500);
	assert_false(lock_take(&lock, &site, &error));
	assert_int_equal(error.code, ERROR_BUSY);
	drop_all(&f, &site);
}

/* A change whose files are staged, and whose journal is written. */
static void make_journal(struct fixture *f, struct site *site, struct journal *journal)
{
	struct error error = {0};
	static struct plan plan;

	assert_int_equal(configure(f, relay_a(), "aaaa", &error), 1);
	fixture_site(f, site);
	plan = (struct plan){0};
	assert_ok(plan_for(&plan, site, relay_b(), "bbbb", &error), error);
	assert_ok(steps_stage(&journal->steps, &plan, &error), error);
	assert_ok(journal_write(site, journal, &error), error);
	assert_ok(steps_apply(&journal->steps, &error), error);
	plan_free(&plan);
}

/* Killed between the undoing and the end of the journal: it used to be told as finished. */
static void an_undone_change_is_not_told_as_finished(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct journal journal = {0};
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	make_journal(&f, &site, &journal);
	for (size_t i = 0; i < journal.steps.count; i++)
		journal.steps.list[i].file = NULL;
	assert_ok(steps_undo(&journal.steps, &error), error);
	assert_false(steps_are_done(&journal.steps));
	recovers_as(&site, CHANGE_UNDONE);
	assert_true(holds(f.main_cf, "relay-a.test"));
	assert_no_strays(&f, true);
	journal_free(&journal);
	drop_all(&f, &site);
}

/* Of two calls that changed names the disk may know the second alone: the staged name is gone, and the
 * old file stands. Half a change used to be taken for a whole one. */
static void a_lost_rename_is_noticed(void **state)
{
	(void)state;
	static const char *const lost[] = {"config/main.cf", "config/master.cf",
		"config/relaycon_sasl_passwd", "config/relaycon_tls_policy", "state/settings.ini"};

	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
		struct fixture f;
		struct site site;
		struct journal journal = {0};
		fixture_make(&f, stock_main_cf);
		make_journal(&f, &site, &journal);
		assert_true(steps_are_done(&journal.steps));
		char *target = text_format("%s/%s", f.dir, lost[i]);
		const char *name = strrchr(target, '/') + 1;
		char *old = text_format("%.*s.%s.relaycon-old", (int)(name - target), target, name);
		assert_int_equal(unlink(target), 0);
		assert_int_equal(link(old, target), 0);
		recovers_as(&site, CHANGE_UNDONE);
		if (holds(f.main_cf, "relay-b.test"))
			fail_msg("without the new %s the change was finished", lost[i]);
		assert_no_strays(&f, true);
		free(old);
		free(target);
		journal_free(&journal);
		drop_all(&f, &site);
	}
}

/* The change used to stand and to be told as failed; it is taken back, and the next start, on a disk
 * that works again, says so. */
static void a_journal_that_stays_takes_the_change_back(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct error error = {0};

	make_configured(&f, &site);
	kept_name = site.journal_file;
	assert_int_equal(configure(&f, relay_b(), "bbbb", &error), -1);
	kept_name = NULL;
	assert_int_equal(error.code, ERROR_IO);
	assert_non_null(strstr(error.message, "Everything was put back"));
	assert_true(holds(f.main_cf, "relay-a.test"));
	assert_false(holds(f.main_cf, "relay-b.test"));
	assert_true(journal_exists(&site));
	recovers_as(&site, CHANGE_UNDONE);
	assert_true(holds(f.main_cf, "relay-a.test"));
	assert_no_strays(&f, true);
	drop_all(&f, &site);
}

static struct fixture *watched;
static unsigned looks, kill_after;

static void relay_has_its_login_and_policy(void)
{
	static const struct {
		const char *relayhost, *login, *policy;
	} relays[] = {
		{"relayhost = [relay-a.test]:587\n", "[relay-a.test]:587 alice:aaaa\n",
			"[relay-a.test]:587 secure"},
		{"relayhost = [relay-b.test]:465\n", "[relay-b.test]:465 bob:bbbb\n",
			"[relay-b.test]:465 secure"},
	};
	char *passwd = text_format("%s/relaycon_sasl_passwd", watched->config);
	char *policy = text_format("%s/relaycon_tls_policy", watched->config);

	looks++;
	for (size_t i = 0; i < 2; i++)
		if (holds(watched->main_cf, relays[i].relayhost) &&
			(!holds(passwd, relays[i].login) || !holds(policy, relays[i].policy)))
			fail_msg("change of names %u: %s is named without login or policy", looks,
				relays[i].relayhost);
	free(passwd);
	free(policy);
	if (kill_after == looks)
		raise(SIGKILL);
}

/* Also while it is undone, main.cf never names a relay beside tables that do not know it: mail went out
 * without a login, and was bounced. */
static void going_back_never_names_a_relay_without_its_login(void **state)
{
	(void)state;
	/* Killed at this change of names while it goes back, and undone once more; 0: not killed. */
	for (unsigned killed = 0; killed < 30; killed++) {
		struct fixture f;
		struct site site;
		struct journal journal = {0};
		int status;
		fixture_make(&f, stock_main_cf);
		make_journal(&f, &site, &journal);
		watched = &f;
		looks = 0;
		pid_t pid = fork();
		if (pid == 0) {
			struct error error = {0};
			for (size_t i = 0; i < journal.steps.count; i++)
				journal.steps.list[i].file = NULL;
			after_each = relay_has_its_login_and_policy;
			kill_after = killed;
			_exit(steps_undo(&journal.steps, &error) && looks > 8 ? 0 : 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status))
			assert_int_equal(WEXITSTATUS(status), 0);
		else
			assert_int_equal(WTERMSIG(status), SIGKILL);
		after_each = relay_has_its_login_and_policy;
		kill_after = UINT_MAX;
		recovers_as(&site, CHANGE_UNDONE);
		after_each = NULL;
		assert_true(holds(f.main_cf, "relay-a.test"));
		assert_no_strays(&f, true);
		journal_free(&journal);
		drop_all(&f, &site);
		if (killed > 0 && WIFEXITED(status))
			return;
	}
	fail_msg("it was killed each time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stray_is_found_by_its_name),
		cmocka_unit_test(a_save_under_way_is_left_alone),
		cmocka_unit_test(strays_go_without_a_state_folder),
		cmocka_unit_test(a_dead_holders_lock_is_waited_for),
		cmocka_unit_test(an_undone_change_is_not_told_as_finished),
		cmocka_unit_test(a_lost_rename_is_noticed),
		cmocka_unit_test(going_back_never_names_a_relay_without_its_login),
		cmocka_unit_test(a_journal_that_stays_takes_the_change_back),
	};

	return cmocka_run_group_tests_name("left behind", tests, NULL, NULL);
}
