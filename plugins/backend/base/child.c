#include "child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "i18n.h"

#define CHILD_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
	GRACE_MS = 500, /* between SIGTERM and SIGKILL */
	SLICE_MS = 10,  /* how often to look where the kernel has no pidfd */
	NAME_MAX_LEN = 200,
};

/* "postfix -c /etc/postfix reload": argv holds no secrets, so all of it may be shown. */
static char *describe(const char *const argv[])
{
	struct strbuf out = STRBUF_INIT;
	const char *slash = strrchr(argv[0], '/');

	strbuf_adds(&out, slash ? slash + 1 : argv[0]);
	for (size_t i = 1; argv[i] && out.len < NAME_MAX_LEN; i++)
		strbuf_addf(&out, " %s", argv[i]);
	return strbuf_detach(&out);
}

static const char **clean_environment(const char *const extra[])
{
	size_t count = 0;

	while (extra && extra[count])
		count++;
	const char **env = mem_calloc(count + 3, sizeof *env);
	env[0] = "PATH=" CHILD_PATH;
	env[1] = "LC_ALL=C";
	for (size_t i = 0; extra && extra[i]; i++)
		env[i + 2] = extra[i];
	return env;
}

/* A pipe whose ends stay clear of 0, 1 and 2, which the caller may have closed. */
static bool make_pipe(int ends[2])
{
	int raw[2];

	if (pipe2(raw, O_CLOEXEC) < 0)
		return false;
	for (int i = 0; i < 2; i++) {
		ends[i] = raw[i] > STDERR_FILENO ? raw[i] : fcntl(raw[i], F_DUPFD_CLOEXEC, 3);
		int errnum = errno;
		if (ends[i] != raw[i])
			close(raw[i]);
		errno = errnum;
	}
	return ends[0] >= 0 && ends[1] >= 0;
}

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Everything above 2 is closed in the child but keep_fds (a dup2 onto itself clears close-on-exec). */
static int plan_descriptors(
	posix_spawn_file_actions_t *actions, int out, int err, const int *keep_fds)
{
	int sorted[16];
	size_t count = 0;
	int next = STDERR_FILENO + 1;
	int rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	for (; keep_fds && keep_fds[count] >= 0; count++) {
		assert(count < sizeof sorted / sizeof *sorted && keep_fds[count] > STDERR_FILENO);
		sorted[count] = keep_fds[count];
	}
	if (count > 0)
		qsort(sorted, count, sizeof *sorted, compare_fds);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, err, STDERR_FILENO);
	for (size_t i = 0; i < count && !rc; i++) {
		for (; next < sorted[i] && !rc; next++)
			rc = posix_spawn_file_actions_addclose(actions, next);
		if (!rc)
			rc = posix_spawn_file_actions_adddup2(actions, sorted[i], sorted[i]);
		next = sorted[i] + 1;
	}
	return rc ? rc : posix_spawn_file_actions_addclosefrom_np(actions, next);
}

static int plan_attributes(posix_spawnattr_t *attributes)
{
	sigset_t stops, all;

	/* Ctrl-Z is for us, and our child belongs to our group until it is about to exec: stopped there,
	 * it would let posix_spawn wait for ever, and nobody could continue it. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	sigfillset(&all);
	int rc = posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!rc)
		rc = posix_spawnattr_setpgroup(attributes, 0);
	if (!rc)
		rc = posix_spawnattr_setsigmask(attributes, &stops);
	return rc ? rc : posix_spawnattr_setsigdefault(attributes, &all);
}

/* An errno value, or 0. The exec would say the same; but a tracer (valgrind) that makes a fork of
 * posix_spawn's vfork loses its answer. */
static int can_execute(const char *program)
{
	struct stat st;

	if (stat(program, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(program, X_OK) == 0 ? 0 : errno;
}

/* posix_spawnp would search the PATH that we were started with; ours is the one that counts. */
static int spawn(pid_t *pid, const char *const argv[], const char **env,
	const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes)
{
	char *const *args = (char *const *)(void *)argv;
	char *const *environment = (char *const *)(void *)env;
	bool search = !strchr(argv[0], '/');
	int result = ENOENT;

	for (const char *at = CHILD_PATH; *at;) {
		size_t len = strcspn(at, ":");
		char *program =
			search ? text_format("%.*s/%s", (int)len, at, argv[0]) : text_dup(argv[0]);
		int rc = can_execute(program);
		if (rc == 0)
			rc = posix_spawn(pid, program, actions, attributes, args, environment);
		free(program);
		if (rc == 0 || !search)
			return rc;
		if (rc != ENOENT && rc != ENOTDIR)
			result = rc;
		at += len + (at[len] == ':');
	}
	return result;
}

bool child_start(struct child *child, const char *const argv[], const char *const extra_env[],
	const int *keep_fds, struct error *error)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid = 0;

	*child = (struct child){.out_fd = -1, .err_fd = -1, .name = describe(argv)};
	strbuf_reset(&child->out);
	strbuf_reset(&child->err);
	const char **env = clean_environment(extra_env);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);

	int rc = make_pipe(out) && make_pipe(err) ? 0 : errno;
	if (!rc)
		rc = plan_descriptors(&actions, out[1], err[1], keep_fds);
	if (!rc)
		rc = plan_attributes(&attributes);
	/* posix_spawn waits for the exec: its failure comes back here as an errno value, and is never
	 * taken for the program's own exit. */
	if (!rc)
		rc = spawn(&pid, argv, env, &actions, &attributes);

	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	if (out[1] >= 0)
		close(out[1]);
	if (err[1] >= 0)
		close(err[1]);
	if (rc) {
		if (out[0] >= 0)
			close(out[0]);
		if (err[0] >= 0)
			close(err[0]);
		return error_errno(
			error, ERROR_SYSTEM, rc, _("Cannot start the program %s"), argv[0]);
	}
	child->pid = pid;
	child->out_fd = out[0];
	child->err_fd = err[0];
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	return true;
}

/* Takes what is there; closes the descriptor at its end. What is past the bound is read and dropped,
 * so that the child does not block on a full pipe. */
static void collect(struct child *child, int *fd, struct strbuf *into)
{
	char chunk[16384];

	while (*fd >= 0) {
		ssize_t got = read(*fd, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close(*fd);
			*fd = -1;
			return;
		}
		size_t room = CHILD_OUTPUT_MAX - into->len;
		if ((size_t)got > room)
			child->truncated = true;
		strbuf_add(into, chunk, (size_t)got < room ? (size_t)got : room);
		/* One chunk at a time where it never ends, so that the time limit is looked at. */
		if (into->len == CHILD_OUTPUT_MAX)
			return;
	}
}

/* Waits for output or the end, at most until `deadline`. True once the child was reaped. */
static bool watch(struct child *child, int pidfd, long deadline, int *failed)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(child->pid, &status, WNOHANG);

		if (pid == child->pid) {
			child->status =
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return true;
		}
		if (pid < 0 && errno != EINTR) {
			*failed = errno;
			return true;
		}
		long left = deadline - clock_ms();
		if (left <= 0)
			return false;
		if (pidfd < 0 && left > SLICE_MS)
			left = SLICE_MS;
		struct pollfd fds[] = {{.fd = child->out_fd, .events = POLLIN},
			{.fd = child->err_fd, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
		if (poll(fds, 3, (int)left) < 0 && errno != EINTR) {
			*failed = errno;
			return false;
		}
		collect(child, &child->out_fd, &child->out);
		collect(child, &child->err_fd, &child->err);
	}
}

static void end_group(struct child *child, int pidfd)
{
	int failed = 0;

	kill(-child->pid, SIGTERM);
	bool gone = watch(child, pidfd, clock_ms() + GRACE_MS, &failed);
	/* The leader may be gone while others of its group ignore SIGTERM. */
	kill(-child->pid, SIGKILL);
	if (!gone && waitpid(child->pid, NULL, 0) == child->pid)
		child->status = 128 + SIGKILL;
}

static void forget(struct child *child)
{
	if (child->out_fd >= 0)
		close(child->out_fd);
	if (child->err_fd >= 0)
		close(child->err_fd);
	child->out_fd = child->err_fd = -1;
	child->pid = 0;
}

bool child_wait(struct child *child, int timeout_ms, struct error *error)
{
	int failed = 0;
	bool ok = true;

	assert(child->pid > 0);
	/* A pidfd tells of the end without SIGCHLD, whose handler would be the whole program's. */
	int pidfd = pidfd_open(child->pid, 0);
	bool ended = watch(child, pidfd, clock_ms() + timeout_ms, &failed);
	if (failed) {
		kill(-child->pid, SIGKILL);
		ok = error_errno(error, ERROR_SYSTEM, failed, _("Cannot wait for the program %s"),
			child->name);
	} else if (!ended) {
		child->timed_out = true;
		end_group(child, pidfd);
		ok = error_set(error, ERROR_UNAVAILABLE,
			_("The program %s did not finish within %d seconds and was stopped."),
			child->name, (timeout_ms + 999) / 1000);
	}
	/* Its last words may still be in the pipes. A daemon that it left behind may hold them open,
	 * so nobody waits for their end. */
	collect(child, &child->out_fd, &child->out);
	collect(child, &child->err_fd, &child->err);
	if (pidfd >= 0)
		close(pidfd);
	forget(child);
	return ok;
}

bool child_run(struct child *child, const char *const argv[], int timeout_ms, struct error *error)
{
	return child_start(child, argv, NULL, NULL, error) && child_wait(child, timeout_ms, error);
}

void child_free(struct child *child)
{
	if (child->pid > 0) {
		kill(-child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
		forget(child);
	}
	strbuf_free(&child->out);
	strbuf_free(&child->err);
	free(child->name);
	*child = (struct child){0};
}
