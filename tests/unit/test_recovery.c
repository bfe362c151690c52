/*
 * recover.c: killed at every single system call of a change (ptrace), and at any time with Postfix
 * running, the next start leaves the files wholly old or wholly new.
 */
#include "site_fixture.h"

#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "change/journal.h"
#include "change/lock.h"

/* Puts a line of its own into a plan's main.cf, as a relay would that we know to be fine. */
static void spoil(struct plan *plan, const char *line)
{
	strbuf_adds(&file_of(plan, PLAN_MAIN_CF)->after, line);
}

struct snapshot {
	struct strbuf main_cf, master_cf, passwd, policy;
};

static void take(struct fixture *f, struct snapshot *s)
{
	char *passwd = text_format("%s/relaycon_sasl_passwd", f->config);
	char *policy = text_format("%s/relaycon_tls_policy", f->config);
	bool exists;

	read_bytes(&s->main_cf, f->main_cf);
	read_bytes(&s->master_cf, f->master_cf);
	assert_true(file_read(&s->passwd, passwd, FILE_MAX, &exists, NULL));
	assert_true(file_read(&s->policy, policy, FILE_MAX, &exists, NULL));
	free(passwd);
	free(policy);
}

static bool same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
	return strcmp(a->main_cf.data, b->main_cf.data) == 0 &&
	       strcmp(a->master_cf.data, b->master_cf.data) == 0 &&
	       strcmp(a->passwd.data, b->passwd.data) == 0 &&
	       strcmp(a->policy.data, b->policy.data) == 0;
}

static void snapshot_free(struct snapshot *s)
{
	strbuf_free(&s->main_cf);
	strbuf_free(&s->master_cf);
	strbuf_free(&s->passwd);
	strbuf_free(&s->policy);
}

/* Whatever main.cf says at this moment, its relay has its login and its TLS demand. */
static void assert_consistent(const struct snapshot *s)
{
	static const struct {
		const char *relayhost, *login, *policy;
	} relays[] = {
		{"relayhost = [relay-a.test]:587\n", "[relay-a.test]:587 alice:aaaa\n",
			"[relay-a.test]:587 secure"},
		{"relayhost = [relay-b.test]:465\n", "[relay-b.test]:465 bob:bbbb\n",
			"[relay-b.test]:465 secure"},
	};

	for (size_t i = 0; i < 2; i++) {
		if (!strstr(s->main_cf.data, relays[i].relayhost))
			continue;
		assert_non_null(strstr(s->passwd.data, relays[i].login));
		assert_non_null(strstr(s->policy.data, relays[i].policy));
		if (i == 1)
			assert_non_null(strstr(s->master_cf.data, "\nrelaycon-tls unix"));
	}
}

/* The change from relay A to B, or back to none, in a process of its own. Where traced it stops
 * before the commit, so that only the commit's system calls are counted. */
static pid_t start_change(struct fixture *f, bool back, bool traced)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct error error;
	struct site site;
	struct plan plan = {0};
	struct change_result result;
	bool ok = site_open(&site, f->config, f->state, plan_parameters, &error) &&
		  (back ? plan_deconfigure(&plan, &site, false, &error)
			: plan_for(&plan, &site, relay_b(), "bbbb", &error));
	if (traced && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0))
		_exit(2);
	ok = ok && change_commit(&site, &plan, &result, &error);
	_exit(ok ? 0 : 1);
}

/* Lets the process go on to the entry of its n-th system call and kills it there. False: it was
 * through before that. */
static bool kill_at_call(pid_t pid, unsigned n)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		fail_msg("cannot be traced: %#x", (unsigned)status);
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				 (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)),
		0);
	for (unsigned stops = 0;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status))
			return false;
		bool call = WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
		if (call && stops++ == 2 * n)
			break;
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return true;
}

struct outcome {
	unsigned runs, undone, finished, nothing, old, new;
};

struct before_and_after {
	struct snapshot first, last;
};

/* After a kill: consistent at once, and wholly one side once recovered. */
static void check_broken(
	struct fixture *f, const struct before_and_after *sides, bool back, struct outcome *outcome)
{
	struct snapshot broken = {0}, now = {0};
	struct site site;
	struct error error = {0};
	enum change_recovery what;

	take(f, &broken);
	assert_consistent(&broken);
	fixture_site(f, &site);
	/* A child that was being made when its parent was killed has the lock until it is a postconf. */
	for (int i = 0; i < 1000 && lock_is_held(&site); i++)
		usleep(1000);
	assert_ok(change_recover(&site, &what, &error), error);
	assert_false(journal_exists(&site));
	assert_false(lock_has_words(&site));
	take(f, &now);
	bool is_old = same_snapshot(&now, &sides->first);
	bool is_new = same_snapshot(&now, &sides->last);
	if (is_old == is_new)
		fail_msg("run %u: neither old nor new:\n%s", outcome->runs, now.main_cf.data);
	assert_no_strays(f, is_old || !back);
	outcome->runs++;
	outcome->undone += what == CHANGE_UNDONE;
	outcome->finished += what == CHANGE_FINISHED;
	outcome->nothing += what == CHANGE_NOTHING_TO_RECOVER;
	outcome->old += is_old;
	outcome->new += is_new;
	site_close(&site);
	snapshot_free(&broken);
	snapshot_free(&now);
}

static void make_sides(struct fixture *f, struct before_and_after *sides, bool back)
{
	struct error error = {0};

	*sides = (struct before_and_after){0};
	assert_int_equal(configure(f, relay_a(), "aaaa", &error), 1);
	take(f, &sides->first);
	if (back)
		assert_int_equal(deconfigure(f, false, NULL, &error), 1);
	else
		assert_int_equal(configure(f, relay_b(), "bbbb", &error), 1);
	take(f, &sides->last);
}

static void finish(struct fixture *f, struct before_and_after *sides, const struct outcome *outcome)
{
	struct error error = {0};

	print_message("[ NOTE     ] %u kills: %u undone, %u finished, %u with nothing half done; "
		      "%u old, %u new\n",
		outcome->runs, outcome->undone, outcome->finished, outcome->nothing, outcome->old,
		outcome->new);
	assert_true(deconfigure(f, false, NULL, &error) >= 0);
	assert_untouched(f);
	snapshot_free(&sides->first);
	snapshot_free(&sides->last);
	fixture_free(f);
}

static void kill_at_every_call(bool back)
{
	struct fixture f;
	struct before_and_after sides;
	struct outcome outcome = {0};
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	make_sides(&f, &sides, back);
	for (unsigned n = 0;; n++) {
		assert_true(configure(&f, relay_a(), "aaaa", &error) >= 0);
		if (!kill_at_call(start_change(&f, back, true), n))
			break;
		check_broken(&f, &sides, back, &outcome);
	}
	assert_true(outcome.undone > 0 && outcome.finished > 0 && outcome.nothing > 0);
	assert_true(outcome.old > 0 && outcome.new > 0);
	finish(&f, &sides, &outcome);
}

static void killed_at_every_call_between_relays(void **state)
{
	(void)state;
	kill_at_every_call(false);
}

static void killed_at_every_call_going_back(void **state)
{
	(void)state;
	kill_at_every_call(true);
}

static void killed_with_postfix_running(void **state)
{
	(void)state;
	enum { RUNS = 24 };
	struct fixture f;
	struct before_and_after sides;
	struct outcome outcome = {0};
	struct error error = {0};
	struct site site;

	fixture_make(&f, stock_main_cf);
	fixture_start(&f);
	make_sides(&f, &sides, false);
	fixture_site(&f, &site);
	for (unsigned run = 0; run < RUNS; run++) {
		int status;
		assert_true(configure(&f, relay_a(), "aaaa", &error) >= 0);
		pid_t pid = start_change(&f, false, false);
		usleep(5000 + run * 4000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		check_broken(&f, &sides, false, &outcome);
		assert_true(postfix_is_running(&site.postfix));
		assert_ok(postfix_check_delivery_agent(&site.postfix, "smtp", &error), error);
	}
	site_close(&site);
	finish(&f, &sides, &outcome);
}

/* All renames done, nothing confirmed: the new files are taken, or, where Postfix does not work
 * with them, the old ones come back. */
static void recovery_judges_what_was_not_confirmed(void **state)
{
	(void)state;
	for (int bad = 0; bad < 2; bad++) {
		struct fixture f;
		struct site site;
		struct plan plan = {0};
		struct journal journal = {0};
		struct error error = {0};
		struct lock lock = LOCK_INIT;
		enum change_recovery what;
		fixture_make(&f, stock_main_cf);
		fixture_start(&f);
		fixture_site(&f, &site);
		assert_ok(plan_for(&plan, &site, relay_a(), "pw", &error), error);
		if (bad)
			spoil(&plan, "smtp_tls_security_level = nonsense\n");
		assert_ok(site_prepare_state(&site, &error), error);
		assert_ok(steps_stage(&journal.steps, &plan, &error), error);
		journal.reload = true;
		journal.service = text_dup("smtp");
		assert_ok(journal_write(&site, &journal, &error), error);
		assert_ok(steps_apply(&journal.steps, &error), error);
		assert_true(change_is_interrupted(&site));
		/* While its owner lives it is no interruption. */
		assert_ok(lock_take(&lock, &site, &error), error);
		assert_false(change_is_interrupted(&site));
		assert_false(change_recover(&site, &what, &error));
		assert_int_equal(error.code, ERROR_BUSY);
		lock_release(&lock);
		assert_ok(change_recover(&site, &what, &error), error);
		assert_int_equal(what, bad ? CHANGE_UNDONE : CHANGE_FINISHED);
		assert_false(change_is_interrupted(&site));
		assert_no_strays(&f, !bad);
		if (bad)
			assert_untouched(&f);
		assert_ok(postfix_check_delivery_agent(&site.postfix, "smtp", &error), error);
		journal_free(&journal);
		plan_free(&plan);
		site_close(&site);
		fixture_free(&f);
	}
}

/* test_recovery [NAME]: without the tests of that name; "*" stands for anything. Below valgrind the
 * calls cannot be counted: most are its own. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_every_call_between_relays),
		cmocka_unit_test(killed_at_every_call_going_back),
		cmocka_unit_test(killed_with_postfix_running),
		cmocka_unit_test(recovery_judges_what_was_not_confirmed),
	};

	if (argc > 1)
		cmocka_set_skip_filter(argv[1]);
	return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}
