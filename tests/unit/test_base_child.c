/* child.h: what Postfix's programs may do to us, and what they may see of us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"

static struct child child;
static struct error error;

static bool run(const char *script, int timeout_ms)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	error = (struct error){0};
	return child_run(&child, argv, timeout_ms, &error);
}

static long elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void test_results(void **state)
{
	static const struct {
		const char *name;
		const char *script;
		int status;
		const char *out;
		const char *err;
	} cases[] = {
		{"silent success", "exit 0", 0, "", ""},
		{"failure is the caller's to judge", "echo a; echo b >&2; exit 3", 3, "a\n", "b\n"},
		{"ended by a signal", "echo a; kill -9 $$", 137, "a\n", ""},
		{"status 127 of its own is not a failed start", "exit 127", 127, "", ""},
		{"standard input is empty", "cat; echo end", 0, "end\n", ""},
		{"clean environment", "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort",
			0,
			"LC_ALL=C\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/"
			"bin\n",
			""},
		{"output closed early", "exec >&- 2>&-; sleep 0.1; exit 5", 5, "", ""},
		{"NUL bytes", "printf 'a\\0b' | tr '\\0' x", 0, "axb", ""},
		{"a process group of its own", "ps -o pgid= -p $$ | tr -d ' ' | grep -qx $$", 0, "",
			""},
		{"Ctrl-Z stops none", "kill -TSTP $$; kill -TTOU $$; echo a", 0, "a\n", ""},
		{"default signals", "trap - PIPE; yes | head -1", 0, "y\n", ""},
	};

	(void)state;
	setenv("RELAYCON_TEST_SECRET", "x", 1);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].name);
		assert_true(run(cases[i].script, 5000));
		assert_int_equal(child.status, cases[i].status);
		assert_string_equal(child.out.data, cases[i].out);
		assert_string_equal(child.err.data, cases[i].err);
		assert_false(child.timed_out);
		assert_false(child.truncated);
		child_free(&child);
	}
	signal(SIGPIPE, SIG_DFL);
}

static void test_not_started(void **state)
{
	static const struct {
		const char *program;
		enum error_code code;
	} cases[] = {
		{"/nonexistent/program", ERROR_SYSTEM},
		{"no-such-program-anywhere", ERROR_SYSTEM},
		{"/etc/passwd", ERROR_DENIED},
		{"/", ERROR_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const argv[] = {cases[i].program, NULL};
		assert_false(child_run(&child, argv, 1000, &error));
		assert_int_equal(error.code, cases[i].code);
		assert_non_null(strstr(error.message, cases[i].program));
		child_free(&child);
	}
}

static void test_path_is_ours(void **state)
{
	const char *const argv[] = {"true", NULL};

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_true(child_run(&child, argv, 1000, &error));
	assert_int_equal(child.status, 0);
	child_free(&child);
}

static void test_extra_environment(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo $MAIL_CONFIG", NULL};
	const char *const extra[] = {"MAIL_CONFIG=/x y", NULL};

	(void)state;
	assert_true(child_start(&child, argv, extra, NULL, &error));
	assert_true(child_wait(&child, 5000, &error));
	assert_string_equal(child.out.data, "/x y\n");
	child_free(&child);
}

static void test_descriptors(void **state)
{
	/* The shell that runs the loop sees no more than 0, 1, 2 and those that are kept. */
	const char *const argv[] = {"/bin/sh", "-c",
		"for f in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$f ] && printf '%s ' $f; done; "
		"cat <&7",
		NULL};
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "kept", 4), 4);
	close(ends[1]);
	int leak = open("/dev/null", O_RDONLY); /* close-on-exec forgotten on purpose */
	assert_int_equal(dup2(leak, 5), 5);
	assert_int_equal(dup2(leak, 9), 9);
	assert_int_equal(dup3(ends[0], 7, O_CLOEXEC), 7);
	const int keep[] = {7, -1};
	assert_true(child_start(&child, argv, NULL, keep, &error));
	assert_true(child_wait(&child, 5000, &error));
	assert_string_equal(child.out.data, "0 1 2 7 kept");
	child_free(&child);
	close(5);
	close(7);
	close(9);
	close(leak);
	close(ends[0]);
}

static void test_time_limit(void **state)
{
	static const struct {
		const char *name;
		const char *script;
		long at_most_ms;
	} cases[] = {
		{"sleeps", "echo a; sleep 60", 450},
		{"closed its output", "echo a; exec >&- 2>&-; sleep 60", 450},
		{"its own child holds the pipe", "echo a; sleep 60 & sleep 60", 450},
		{"ignores SIGTERM", "trap '' TERM; echo a; while :; do sleep 0.05; done", 1500},
		{"writes without end", "echo a; exec cat /dev/zero", 1500},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct timespec start;
		print_message("  %s\n", cases[i].name);
		clock_gettime(CLOCK_MONOTONIC, &start);
		assert_false(run(cases[i].script, 150));
		assert_int_equal(error.code, ERROR_UNAVAILABLE);
		assert_true(child.timed_out);
		assert_true(elapsed_ms(&start) >= 145);
		/* Generous: valgrind and a busy machine. */
		assert_true(elapsed_ms(&start) < cases[i].at_most_ms * 6);
		assert_memory_equal(child.out.data, "a\n", 2);
		child_free(&child);
	}
}

/* Not even those of the group that outlive its leader stay behind. */
static void test_whole_group_is_ended(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 20);
	const int keep[] = {high, -1};
	const char *const argv[] = {
		"/bin/sh", "-c", "(trap '' TERM; while :; do sleep 0.05; done) & sleep 60", NULL};
	assert_true(child_start(&child, argv, NULL, keep, &error));
	close(high);
	close(ends[1]);
	assert_false(child_wait(&child, 100, &error));
	child_free(&child);
	/* End of file comes when the last process that holds the pipe is gone. */
	alarm(5);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	alarm(0);
	close(ends[0]);
}

static void test_daemon_left_behind_does_not_hold_us(void **state)
{
	struct timespec start;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_true(run("setsid sleep 3 & echo started", 10000));
	assert_true(elapsed_ms(&start) < 2500);
	assert_string_equal(child.out.data, "started\n");
	child_free(&child);
}

static void test_output_is_bounded(void **state)
{
	(void)state;
	assert_true(run("head -c 5000000 /dev/zero; head -c 300000 /dev/zero >&2; exit 4", 20000));
	assert_true(child.truncated);
	assert_int_equal(child.status, 4);
	assert_int_equal(child.out.len, CHILD_OUTPUT_MAX);
	assert_int_equal(child.err.len, 300000);
	child_free(&child);
}

static void test_freed(void **state)
{
	const char *const argv[] = {"sleep", "60", NULL};

	(void)state;
	struct child zeroed = {0};
	child_free(&zeroed);
	assert_int_not_equal(fcntl(0, F_GETFD), -1);
	assert_true(child_start(&child, argv, NULL, NULL, &error));
	pid_t pid = child.pid;
	child_free(&child);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	child_free(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_path_is_ours),
		cmocka_unit_test(test_extra_environment),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_time_limit),
		cmocka_unit_test(test_whole_group_is_ended),
		cmocka_unit_test(test_daemon_left_behind_does_not_hold_us),
		cmocka_unit_test(test_output_is_bounded),
		cmocka_unit_test(test_freed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
