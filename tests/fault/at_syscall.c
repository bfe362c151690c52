/*
 * at_syscall: runs a command and does something to it at one of its system calls (ptrace).
 *
 *   at_syscall [--children] VERB... -- COMMAND...
 *     count                        how many calls it makes
 *     list                         one line a call: number, name, result ("?" where it never returns)
 *     kill N [NAME,...]            SIGKILL on entering the N-th call (of these names), which is not
 *                                  executed
 *     fail N ERRNO NAME[,NAME...]  the N-th call of these names is not executed (but for close) and
 *                                  gives ERRNO
 *     short N                      the N-th write, pwrite64 or writev of two bytes or more is given
 *                                  the first half only
 *     starve N                     from the N-th call on there is no more memory for it (RLIMIT_AS)
 *
 * Calls are numbered from 1, in the order of their entry, from the first one of the program itself
 * (after its exec). Its threads count with it. Its children run untouched, unless --children: then
 * they are counted as well, and kill ends all of them.
 *
 * count and list write to descriptor 3 where it is open, else to standard error. kill, fail, short
 * and starve say on descriptor 3, where it is open, which call it was (its number among all, its name), or "none"
 * when there were fewer than N. Exit code: the command's, 128 + the signal that ended it; 125 when
 * at_syscall itself fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call_names.h"
#include "registers.h"

enum verb { COUNT, LIST, KILL, FAIL, SHORT, STARVE };
enum { TRACEES_MAX = 256, NAMES_MAX = 16, OWN_FAILURE = 125 };

struct tracee {
	pid_t pid; /* 0: free */
	bool counting;
	unsigned long number; /* of the call that it is in; 0: none that counts */
	long call;
	bool failing;
	uint64_t patched_at; /* the length that short changed in its memory; 0: none */
	long patched;
};

static struct {
	enum verb verb;
	bool children;
	unsigned long n;
	int errnum;
	long wanted[NAMES_MAX];
	size_t wanted_count;
	char **command;

	struct tracee tracees[TRACEES_MAX];
	pid_t main;
	unsigned long calls, hits;
	unsigned long hit_call; /* what was killed, failed or shortened; 0: not yet */
	char hit_name[32];
	FILE *out;
} run;

static void die(const char *what)
{
	int errnum = errno;

	fprintf(stderr, "at_syscall: %s%s%s\n", what, errnum ? ": " : "",
		errnum ? strerror(errnum) : "");
	exit(OWN_FAILURE);
}

/* --- the command line ---------------------------------------------------------------------------- */

static void usage(void)
{
	errno = 0;
	die("usage: at_syscall [--children] count | list | kill N [NAME...] | fail N ERRNO "
	    "NAME[,NAME...] | "
	    "short N | starve N -- COMMAND...");
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = text ? strtoul(text, &end, 10) : 0;

	if (value == 0 || *end)
		usage();
	return value;
}

static int errno_of(const char *name)
{
	for (int value = 1; name && value < 134; value++) {
		const char *known = strerrorname_np(value);
		if (known && strcmp(known, name) == 0)
			return value;
	}
	usage();
	return 0;
}

static const char *name_of(long call)
{
	for (size_t i = 0; i < sizeof call_names / sizeof *call_names; i++)
		if (call_names[i].number == call)
			return call_names[i].name;
	return NULL;
}

static const char *show(long call)
{
	static char number_only[32];
	const char *name = name_of(call);

	if (name)
		return name;
	snprintf(number_only, sizeof number_only, "call_%ld", call);
	return number_only;
}

/* A name that this kind of machine has not (open, on arm64) is passed over. */
static void want(const char *list)
{
	while (list && *list) {
		size_t len = strcspn(list, ",");
		for (size_t i = 0; i < sizeof call_names / sizeof *call_names; i++)
			if (strlen(call_names[i].name) == len &&
				memcmp(call_names[i].name, list, len) == 0 &&
				run.wanted_count < NAMES_MAX)
				run.wanted[run.wanted_count++] = call_names[i].number;
		list += len + (list[len] == ',');
	}
	if (run.wanted_count == 0)
		usage();
}

static bool is_wanted(long call)
{
	for (size_t i = 0; i < run.wanted_count; i++)
		if (run.wanted[i] == call)
			return true;
	return false;
}

static void read_arguments(char **argv)
{
	argv++;
	if (*argv && strcmp(*argv, "--children") == 0) {
		run.children = true;
		argv++;
	}
	const char *verb = *argv ? *argv++ : "";
	if (strcmp(verb, "count") == 0) {
		run.verb = COUNT;
	} else if (strcmp(verb, "list") == 0) {
		run.verb = LIST;
	} else if (strcmp(verb, "kill") == 0 || strcmp(verb, "short") == 0 ||
		   strcmp(verb, "starve") == 0) {
		run.verb = *verb == 'k' ? KILL : verb[1] == 'h' ? SHORT : STARVE;
		run.n = number(*argv++);
		if (run.verb == SHORT)
			want("write,pwrite64,writev");
		else if (*argv && strcmp(*argv, "--") != 0)
			want(*argv++);
	} else if (strcmp(verb, "fail") == 0 && argv[0] && argv[1] && argv[2]) {
		run.verb = FAIL;
		run.n = number(*argv++);
		run.errnum = errno_of(*argv++);
		want(*argv++);
	} else {
		usage();
	}
	if (!*argv || strcmp(*argv, "--") != 0 || !argv[1])
		usage();
	run.command = argv + 1;
}

/* --- the verbs ----------------------------------------------------------------------------------- */

static void hit(const struct tracee *tracee)
{
	run.hit_call = tracee->number;
	snprintf(run.hit_name, sizeof run.hit_name, "%s", show(tracee->call));
}

static void kill_now(void)
{
	for (size_t i = 0; run.children && i < TRACEES_MAX; i++)
		if (run.tracees[i].pid && run.tracees[i].pid != run.main)
			kill(run.tracees[i].pid, SIGKILL);
	kill(run.main, SIGKILL);
}

static void fail_call(struct tracee *tracee)
{
	/* close(2): the descriptor is let go of, whatever the answer. */
	if (tracee->call != SYS_close)
		set_call(tracee->pid, -1);
	tracee->failing = true;
}

/* The length of the vector in which the first half ends, cut in the tracee's own memory (put right
 * when the call returns); and fewer vectors. */
static bool shorten_vectors(struct tracee *tracee, uint64_t vectors, uint64_t count)
{
	size_t total = 0, so_far = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (uint64_t i = 0; i < count; i++) {
			uint64_t at = vectors + i * sizeof(struct iovec) + sizeof(void *);
			errno = 0;
			long len = ptrace(PTRACE_PEEKDATA, tracee->pid, (void *)at, NULL);
			if (errno)
				return false;
			if (pass == 0) {
				total += (size_t)len;
				continue;
			}
			if (total < 2)
				return false;
			if (so_far + (size_t)len < total / 2) {
				so_far += (size_t)len;
				continue;
			}
			long cut = (long)(total / 2 - so_far), kept = (long)(i + 1);
			tracee->patched_at = at;
			tracee->patched = len;
			(void)ptrace(PTRACE_POKEDATA, tracee->pid, (void *)at, (void *)cut);
			set_registers(tracee->pid, NULL, &kept);
			return true;
		}
	}
	return false;
}

/* False: one byte cannot be cut in half, the call does not count. */
static bool shorten(struct tracee *tracee, const uint64_t args[6], bool now)
{
	if (tracee->call == SYS_writev) {
		if (now)
			return shorten_vectors(tracee, args[1], args[2]);
		return true;
	}
	long half = (long)(args[2] / 2);

	if (half == 0)
		return false;
	if (now)
		set_registers(tracee->pid, NULL, &half);
	return true;
}

static void entered(struct tracee *tracee, long call, const uint64_t args[6])
{
	tracee->call = call;
	tracee->number = ++run.calls;
	if (run.verb == LIST && (call == SYS_exit_group || call == SYS_exit))
		fprintf(run.out, "%lu %s ?\n", tracee->number, show(call));
	if (run.hit_call)
		return;
	bool counts = run.wanted_count == 0 || is_wanted(call);
	if (run.verb == KILL && counts && ++run.hits == run.n) {
		hit(tracee);
		kill_now();
	} else if (run.verb == STARVE && run.calls == run.n) {
		const struct rlimit none = {1, 1};
		hit(tracee);
		(void)prlimit(run.main, RLIMIT_AS, &none, NULL);
	} else if (run.verb == FAIL && is_wanted(call) && ++run.hits == run.n) {
		hit(tracee);
		fail_call(tracee);
	} else if (run.verb == SHORT && is_wanted(call) &&
		   shorten(tracee, args, run.hits + 1 == run.n)) {
		if (++run.hits == run.n)
			hit(tracee);
	}
}

static void returned(struct tracee *tracee, long long result)
{
	if (tracee->failing) {
		long value = -run.errnum;
		set_registers(tracee->pid, &value, NULL);
		tracee->failing = false;
	}
	if (tracee->patched_at) {
		(void)ptrace(PTRACE_POKEDATA, tracee->pid, (void *)tracee->patched_at,
			(void *)tracee->patched);
		tracee->patched_at = 0;
	}
	if (run.verb == LIST && tracee->number)
		fprintf(run.out, "%lu %s %lld\n", tracee->number, show(tracee->call), result);
	tracee->number = 0;
}

/* --- following ----------------------------------------------------------------------------------- */

static struct tracee *tracee_of(pid_t pid)
{
	struct tracee *free_one = NULL;

	for (size_t i = 0; i < TRACEES_MAX; i++) {
		if (run.tracees[i].pid == pid)
			return &run.tracees[i];
		if (!run.tracees[i].pid && !free_one)
			free_one = &run.tracees[i];
	}
	errno = 0;
	if (!free_one)
		die("too many processes to follow");
	/* A thread or child: its maker counts already. */
	*free_one = (struct tracee){.pid = pid, .counting = run.calls > 0};
	return free_one;
}

static void at_call(struct tracee *tracee)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, (void *)sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && tracee->counting)
		entered(tracee, (long)info.entry.nr, info.entry.args);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		returned(tracee, info.exit.rval);
}

/* What the tracee is to be given on its way: a signal, or nothing. */
static void go_on(struct tracee *tracee, int status)
{
	int given = WSTOPSIG(status), event = status >> 16;

	if (given == (SIGTRAP | 0x80)) {
		at_call(tracee);
		given = 0;
	} else if (event == PTRACE_EVENT_EXEC) {
		tracee->counting = true;
		given = 0;
	} else if (event == PTRACE_EVENT_STOP && given != SIGTRAP) {
		/* Stopped by SIGSTOP and the like: it stays so until somebody lets it go on. */
		(void)ptrace(PTRACE_LISTEN, tracee->pid, NULL, NULL);
		return;
	} else if (event) {
		given = 0;
	}
	/* It may have been killed in between: waitpid tells. */
	(void)ptrace(PTRACE_SYSCALL, tracee->pid, NULL, (void *)(long)given);
}

static int follow(void)
{
	int code = OWN_FAILURE, status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return code;
		struct tracee *tracee = tracee_of(pid);
		if (WIFSTOPPED(status)) {
			go_on(tracee, status);
			continue;
		}
		tracee->pid = 0;
		if (pid == run.main)
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static void start(void)
{
	long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
		       PTRACE_O_TRACECLONE;
	int gate[2];

	if (run.children)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	if (pipe2(gate, O_CLOEXEC) != 0 || (run.main = fork()) < 0)
		die("cannot start");
	if (run.main == 0) {
		char byte;
		close(gate[1]);
		if (read(gate[0], &byte, 1) != 1)
			_exit(OWN_FAILURE);
		execvp(run.command[0], run.command);
		die(run.command[0]);
	}
	if (ptrace(PTRACE_SEIZE, run.main, NULL, (void *)options) != 0)
		die("cannot trace");
	if (write(gate[1], "", 1) != 1)
		die("cannot start");
	/* Its threads do not count before it does: tracee_of. */
	tracee_of(run.main);
	/* An interrupt at the terminal is for the command alone. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
}

int main(int argc, char **argv)
{
	(void)argc;
	read_arguments(argv);
	bool heard = fcntl(3, F_SETFD, FD_CLOEXEC) == 0;
	run.out = heard ? fdopen(3, "w") : stderr;
	if (!run.out)
		die("descriptor 3");
	start();
	int code = follow();
	if (run.verb == COUNT)
		fprintf(run.out, "%lu\n", run.calls);
	else if (run.verb != LIST && heard && run.hit_call)
		fprintf(run.out, "%lu %s\n", run.hit_call, run.hit_name);
	else if (run.verb != LIST && heard)
		fprintf(run.out, "none\n");
	return code;
}
