/*
 * agent.c: does a delivery agent start with the configuration that master reads now?
 *
 * We connect as the queue manager does. master(8) starts an agent for the connection, and the agent
 * speaks first: it sends its status when it is ready for a request (deliver_request_initial). Then
 * we hang up, which agents are used to. An agent that cannot start (facts, 1.5) writes one line to
 * the log, sleeps a second, and ends; master then waits a minute before it tries again. But an agent may
 * as well come for mail that was in line before us, and end when that is done (max_use = 1): then master
 * starts the next one at once, as we still wait. So while we wait we watch the agents that were started
 * since the configuration was written.
 *
 *   connected --bytes--> alive
 *             --end of file, or bytes from an agent of the old configuration--> connect again
 *             --one of them is gone, with last words in the log, or with none in its place--> dead
 *             --time is over--> busy where agents from before us, or with mail, are still at work; held
 *                               back where there is none at all: master waits since an agent could not
 *                               start earlier (a reload does not end that), and so do we; else dead
 */
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "processes.h"
#include "words.h"

enum {
	TIMEOUT_MS = 5000,
	HELD_BACK_MS = 65000,
	SOCKET_MS = 1000,
	SUCCESSOR_MS = 1000,
	SLICE_MS = 20,
	LOG_TAIL = 65536
};

/* A connected descriptor, or -1 and errno. The folder is reached through its descriptor, as a queue
 * folder's path may be longer than a socket address. */
static int connect_in(const char *queue_dir, const char *class, const char *service)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char *folder = text_format("%s/%s", queue_dir, class);
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;

	free(folder);
	if (dir < 0)
		return -1;
	int len = snprintf(
		address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, service);
	if (len < 0 || (size_t)len >= sizeof address.sun_path)
		errno = ENAMETOOLONG;
	else
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		int failed = errno;
		close(fd);
		fd = -1;
		errno = failed;
	}
	int failed = errno;
	close(dir);
	errno = failed;
	return fd;
}

static int connect_to(const struct postfix *postfix, const char *service)
{
	int fd = connect_in(postfix->queue_dir, "private", service);

	return fd < 0 && errno == ENOENT ? connect_in(postfix->queue_dir, "public", service) : fd;
}

enum answer { ANSWER_NONE, ANSWER_GREETING, ANSWER_END };

static enum answer wait_for_answer(int fd, int ms)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char byte;

	if (poll(&ready, 1, ms) <= 0)
		return ANSWER_NONE;
	ssize_t got = read(fd, &byte, 1);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return ANSWER_NONE;
	return got > 0 ? ANSWER_GREETING : ANSWER_END;
}

/* The agent's last words, from Postfix's own log file or the system's. */
static bool find_last_words(const struct postfix *postfix, pid_t pid, char words[WORDS_SIZE])
{
	const char *path = *postfix->log_file ? postfix->log_file : "/var/log/mail.log";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool found = false;

	if (fd < 0)
		return false;
	if (pid > 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		char *mark = text_format("[%ld]: fatal: ", (long)pid);
		char *text = mem_calloc(LOG_TAIL, 1);
		off_t start = st.st_size > LOG_TAIL ? st.st_size - LOG_TAIL : 0;
		ssize_t len = pread(fd, text, LOG_TAIL, start);
		/* A log may hold NULs: no string functions here. */
		const char *line = len > 0 ? memmem(text, (size_t)len, mark, strlen(mark)) : NULL;

		if (line) {
			line += strlen(mark);
			size_t left = (size_t)(text + len - line);
			const char *end = memchr(line, '\n', left);
			text_clean_into(words, WORDS_SIZE, line, end ? (size_t)(end - line) : left);
			found = true;
		}
		free(text);
		free(mark);
	}
	close(fd);
	return found;
}

struct watch {
	const struct postfix *postfix;
	pid_t master;
	const char *service;
	bool known;
	unsigned long long
		changed;         /* agents that were started since then are of this configuration */
	struct processes agents; /* those of them that are there now */
	bool old;                /* there are others as well */
	long connected;          /* since when, in milliseconds of our waiting; -1: we are not */
	long came;               /* when the last agent did */
	pid_t gone;              /* the last that was there and is not any more */
	long left;               /* when */
	bool died;               /* it could not start */
	char words[WORDS_SIZE];  /* its last ones; "": not known */
};

/* In ticks since boot, as processes_started. */
static unsigned long long when_written(const struct postfix *postfix, const char *name)
{
	char *path = text_format("%s/%s", postfix->config_dir, name);
	struct timespec wall, boot;
	struct stat st;
	long long ago = 0, ticks = 0, per_second = sysconf(_SC_CLK_TCK);

	if (stat(path, &st) == 0 && clock_gettime(CLOCK_REALTIME, &wall) == 0 &&
		clock_gettime(CLOCK_BOOTTIME, &boot) == 0) {
		ago = (wall.tv_sec - st.st_ctim.tv_sec) * 1000000000LL + wall.tv_nsec -
		      st.st_ctim.tv_nsec;
		ticks = (boot.tv_sec * 1000000000LL + boot.tv_nsec - ago) /
			(1000000000LL / per_second);
	}
	free(path);
	/* The clock of files is a coarse one. */
	return ticks > 1 ? (unsigned long long)ticks - 1 : 0;
}

/* Agents read main.cf by themselves, so that those count which were started since it was written. Where
 * somebody wrote to it again after it was taken up, when the queue manager was started anew, that time does. */
static unsigned long long when_changed(const struct postfix *postfix, pid_t master)
{
	unsigned long long main_cf = when_written(postfix, "main.cf");
	unsigned long long master_cf = when_written(postfix, "master.cf");
	unsigned long long written = main_cf > master_cf ? main_cf : master_cf, last = 0;
	struct processes found;

	(void)processes_resident(master, &found);
	for (size_t i = 0; i < found.count; i++) {
		unsigned long long started = processes_started(found.pids[i]);
		last = started > last ? started : last;
	}
	processes_free(&found);
	return last > 0 && last < written ? last : written;
}

static void look_at_agents(struct watch *watch, const struct processes *all, long waited)
{
	struct processes now = {.pids = mem_calloc(all->count + 1, sizeof *now.pids)};

	watch->old = false;
	for (size_t i = 0; i < all->count; i++) {
		unsigned long long started = processes_started(all->pids[i]);
		if (started >= watch->changed)
			now.pids[now.count++] = all->pids[i];
		else if (started > 0)
			watch->old = true;
	}
	for (size_t i = 0; i < now.count; i++)
		if (!processes_has(&watch->agents, now.pids[i]))
			watch->came = waited;
	for (size_t i = 0; i < watch->agents.count; i++) {
		if (!processes_has(&now, watch->agents.pids[i])) {
			watch->gone = watch->agents.pids[i];
			watch->left = waited;
		}
	}
	processes_free(&watch->agents);
	watch->agents = now;
}

/* master starts none in its place, although we wait for one. */
static bool has_no_successor(const struct watch *watch, long waited)
{
	long since = watch->left > watch->connected ? watch->left : watch->connected;

	return watch->agents.count == 0 && watch->connected >= 0 && waited - since >= SUCCESSOR_MS;
}

static void look(struct watch *watch, long waited)
{
	struct processes all;

	watch->known = processes_of_service(watch->master, watch->service, &all);
	if (watch->known)
		look_at_agents(watch, &all, waited);
	processes_free(&all);
	if (watch->gone)
		watch->died = find_last_words(watch->postfix, watch->gone, watch->words) ||
			      has_no_successor(watch, waited);
}

/* No agent answers us, as they have their hands full: there are as many as there may be, and our connection
 * waits in line. */
static bool is_busy(const struct watch *watch)
{
	char *mail = text_format("%s/active", watch->postfix->queue_dir);
	bool busy = watch->old && watch->agents.count == 0;

	for (size_t i = 0; !busy && i < watch->agents.count; i++)
		busy = processes_has_open(watch->agents.pids[i], mail);
	free(mail);
	return busy;
}

static bool is_over(const struct watch *watch, long waited)
{
	if (watch->died || waited - watch->came < TIMEOUT_MS)
		return watch->died || waited >= HELD_BACK_MS;
	bool held_back = watch->known && watch->connected >= 0 && !watch->old &&
			 watch->agents.count == 0 && !watch->gone;
	return !held_back || waited >= HELD_BACK_MS;
}

static bool dead(const struct watch *watch, int failed, struct error *error)
{
	if (*watch->words)
		return error_set(error, ERROR_CONFIG,
			_("Postfix's delivery agent \"%s\" does not start with this configuration: "
			  "%s"),
			watch->service, watch->words);
	if (failed)
		error_errno(error, ERROR_CONFIG, failed,
			_("Postfix's delivery agent \"%s\" cannot be reached"), watch->service);
	else if (watch->died)
		error_set(error, ERROR_CONFIG,
			_("Postfix's delivery agent \"%s\" ends as soon as it is started with this "
			  "configuration."),
			watch->service);
	else
		error_set(error, ERROR_CONFIG,
			_("Postfix's delivery agent \"%s\" did not answer in time."),
			watch->service);
	return error_advise(error, _("Postfix's log has the reason, in lines with \"fatal:\"."));
}

bool postfix_check_delivery_agent(
	const struct postfix *postfix, const char *service, struct error *error)
{
	struct watch watch = {.postfix = postfix,
		.master = processes_master(postfix),
		.service = service,
		.connected = -1};
	long start = clock_ms();
	enum answer answer = ANSWER_NONE;
	int fd = -1, failed = 0;

	if (!postfix_is_running(postfix))
		return error_set(error, ERROR_CONFIG, _("Postfix does not run any more."));
	watch.changed = when_changed(postfix, watch.master);
	look(&watch, 0);
	while (answer != ANSWER_GREETING && !is_over(&watch, clock_ms() - start)) {
		if (fd < 0 && (fd = connect_to(postfix, service)) < 0) {
			/* Just now master may be making its sockets, or have its hands full. */
			failed = errno;
			if (failed != ECONNREFUSED && failed != EAGAIN &&
				(failed != ENOENT || clock_ms() - start > SOCKET_MS))
				break;
			clock_pause(SLICE_MS);
			continue;
		}
		failed = 0;
		if (watch.connected < 0)
			watch.connected = clock_ms() - start;
		answer = wait_for_answer(fd, SLICE_MS);
		look(&watch, clock_ms() - start);
		/* One that has not yet noticed that it should have ended. */
		if (answer == ANSWER_GREETING && watch.old && watch.agents.count == 0) {
			clock_pause(SLICE_MS);
			answer = ANSWER_END;
		}
		if (answer == ANSWER_END) {
			close(fd);
			fd = -1;
			watch.connected = -1;
		}
	}
	if (fd >= 0)
		close(fd);
	bool ok = answer == ANSWER_GREETING ||
		  (!failed && watch.known && !watch.died && is_busy(&watch)) ||
		  dead(&watch, failed, error);
	processes_free(&watch.agents);
	return ok;
}
