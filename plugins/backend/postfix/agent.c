/*
 * agent.c: does a delivery agent start with the configuration that master reads now?
 *
 * We connect as the queue manager does. master(8) starts an agent for the connection, and the agent
 * speaks first: it sends its status when it is ready for a request (deliver_request_initial). Then
 * we hang up, which agents are used to. An agent that cannot start (facts, 1.5) writes one line to
 * the log, sleeps a second, and ends; master then waits a minute before it tries again. So while
 * we wait we watch the processes of the service.
 *
 *   connected --bytes--> alive
 *             --end of file--> an agent of the old configuration went away: connect again
 *             --an agent that came after us is gone--> dead
 *             --time is over--> busy where agents from before us are still at work; held back where
 *                               there is none at all: master waits since an agent could not start
 *                               earlier (a reload does not end that), and so do we; else dead
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
#include <unistd.h>

#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "processes.h"
#include "words.h"

enum { TIMEOUT_MS = 5000, HELD_BACK_MS = 65000, SOCKET_MS = 1000, SLICE_MS = 20, LOG_TAIL = 65536 };

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

struct watch {
	pid_t master;
	const char *service;
	bool known;
	struct processes before; /* agents that were there when we came */
	pid_t newcomer;          /* one that came after us */
	long came;               /* when, in milliseconds of our waiting */
	bool died;               /* and it is gone */
};

static void look(struct watch *watch, long waited)
{
	struct processes now;

	if (processes_of_service(watch->master, watch->service, &now)) {
		for (size_t i = 0; i < now.count; i++) {
			if (!watch->newcomer && !processes_has(&watch->before, now.pids[i])) {
				watch->newcomer = now.pids[i];
				watch->came = waited;
			}
		}
		watch->died = watch->newcomer && !processes_has(&now, watch->newcomer);
	}
	processes_free(&now);
}

/* No agent came for us. Are some from before us at work? Then there are as many as there may be, and
 * our connection waits in line. */
static bool has_old_agents(const struct watch *watch)
{
	struct processes now;
	bool old = false;

	if (processes_of_service(watch->master, watch->service, &now)) {
		for (size_t i = 0; i < now.count; i++)
			old = old || processes_has(&watch->before, now.pids[i]);
	}
	processes_free(&now);
	return old;
}

static bool is_over(const struct watch *watch, long waited, bool connected)
{
	if (watch->died || waited - watch->came < TIMEOUT_MS)
		return watch->died;
	bool held_back = watch->known && connected && !watch->newcomer && !has_old_agents(watch);
	return !held_back || waited >= HELD_BACK_MS;
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

static bool dead(
	const struct postfix *postfix, const struct watch *watch, int failed, struct error *error)
{
	char words[WORDS_SIZE];

	if (find_last_words(postfix, watch->newcomer, words))
		return error_set(error, ERROR_CONFIG,
			_("Postfix's delivery agent \"%s\" does not start with this configuration: "
			  "%s"),
			watch->service, words);
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
	struct watch watch = {.master = processes_master(postfix), .service = service};
	long start = clock_ms();
	enum answer answer = ANSWER_NONE;
	int fd = -1, failed = 0;

	if (!postfix_is_running(postfix))
		return error_set(error, ERROR_CONFIG, _("Postfix does not run any more."));
	watch.known = processes_of_service(watch.master, service, &watch.before);
	while (answer != ANSWER_GREETING && !is_over(&watch, clock_ms() - start, fd >= 0)) {
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
		answer = wait_for_answer(fd, SLICE_MS);
		if (answer == ANSWER_END) {
			close(fd);
			fd = -1;
		}
		if (answer != ANSWER_GREETING)
			look(&watch, clock_ms() - start);
	}
	if (fd >= 0)
		close(fd);
	bool ok = answer == ANSWER_GREETING ||
		  (!failed && watch.known && !watch.newcomer && has_old_agents(&watch)) ||
		  dead(postfix, &watch, failed, error);
	processes_free(&watch.before);
	return ok;
}
