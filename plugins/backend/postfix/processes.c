#include "processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"

/* /proc has no sizes; files there are short. */
static bool read_proc(struct strbuf *out, pid_t pid, const char *name)
{
	char *path = text_format("/proc/%ld/%s", (long)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[4096];
	ssize_t got = -1;

	free(path);
	strbuf_reset(out);
	if (fd < 0)
		return false;
	while ((got = read(fd, chunk, sizeof chunk)) > 0 && out->len < CHILD_OUTPUT_MAX)
		strbuf_add(out, chunk, (size_t)got);
	close(fd);
	return got == 0;
}

pid_t processes_master(const struct postfix *postfix)
{
	char *path = text_format("%s/pid/master.pid", postfix->queue_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[64] = "";

	free(path);
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, text, sizeof text - 1);
	close(fd);
	return got > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* "smtp -t unix -u -c", or "smtp -n NAME -t unix" where the service has another name. */
static bool serves(const struct strbuf *cmdline, const char *service)
{
	const char *end = cmdline->data + cmdline->len;
	const char *slash = strrchr(cmdline->data, '/');
	const char *name = slash ? slash + 1 : cmdline->data;

	for (const char *arg = cmdline->data; arg < end; arg += strlen(arg) + 1) {
		if (strcmp(arg, "-n") == 0 && arg + 3 < end)
			name = arg + 3;
	}
	return strcmp(name, service) == 0;
}

bool processes_of_service(pid_t master, const char *service, struct processes *found)
{
	struct strbuf children = STRBUF_INIT, cmdline = STRBUF_INIT;
	char *name = text_format("task/%ld/children", (long)master);
	bool known = master > 0 && read_proc(&children, master, name);

	*found = (struct processes){0};
	free(name);
	if (known) {
		found->pids = mem_calloc(children.len / 2 + 1, sizeof *found->pids);
		char *at = children.data, *next;
		for (long pid; (pid = strtol(at, &next, 10)) > 0; at = next) {
			/* No command line: it has ended, and master has not yet noticed. */
			if (read_proc(&cmdline, (pid_t)pid, "cmdline") && cmdline.len > 0 &&
				(!service || serves(&cmdline, service)))
				found->pids[found->count++] = (pid_t)pid;
		}
	}
	strbuf_free(&children);
	strbuf_free(&cmdline);
	return known;
}

bool processes_has(const struct processes *processes, pid_t pid)
{
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->pids[i] == pid)
			return true;
	}
	return false;
}

bool processes_any_alive(const struct processes *processes)
{
	struct strbuf cmdline = STRBUF_INIT;
	bool alive = false;

	for (size_t i = 0; i < processes->count && !alive; i++)
		alive = read_proc(&cmdline, processes->pids[i], "cmdline") && cmdline.len > 0;
	strbuf_free(&cmdline);
	return alive;
}

void processes_free(struct processes *processes)
{
	free(processes->pids);
	*processes = (struct processes){0};
}

/* proc(5), stat: the 22nd field. The second is a name, in parentheses, with anything in it. */
unsigned long long processes_started(pid_t pid)
{
	struct strbuf stat = STRBUF_INIT;
	unsigned long long started = 0;

	if (read_proc(&stat, pid, "stat")) {
		const char *at = strrchr(stat.data, ')');
		for (int field = 2; at && field < 22; field++)
			at = (at = strchr(at, ' ')) ? at + 1 : NULL;
		if (at)
			started = strtoull(at, NULL, 10);
	}
	strbuf_free(&stat);
	return started;
}

/* By the links of its descriptors: they are paths as we see them, also where it is in a chroot. */
bool processes_has_open(pid_t pid, const char *folder)
{
	char *path = text_format("/proc/%ld/fd", (long)pid);
	char *real = realpath(folder, NULL);
	size_t len = real ? strlen(real) : 0;
	DIR *dir = real ? opendir(path) : NULL;
	bool has = false;

	for (const struct dirent *entry; dir && !has && (entry = readdir(dir));) {
		char target[4096];
		ssize_t got = readlinkat(dirfd(dir), entry->d_name, target, sizeof target);
		has = got > 0 && (size_t)got > len && memcmp(target, real, len) == 0 &&
		      target[len] == '/';
	}
	if (dir)
		closedir(dir);
	free(real);
	free(path);
	return has;
}

/* Woken by a timer, first of all when a configuration is taken up. Master forks them from its event
 * loop, that is when it is done with reading. */
static const char *const residents[] = {"qmgr", "pickup"};

const char *processes_resident(pid_t master, struct processes *now)
{
	*now = (struct processes){0};
	for (size_t i = 0; i < sizeof residents / sizeof *residents; i++) {
		if (processes_of_service(master, residents[i], now) && now->count > 0)
			return residents[i];
		processes_free(now);
	}
	return NULL;
}

bool processes_wait_restart(
	pid_t master, const char *service, const struct processes *before, int limit_ms)
{
	bool restarted = false;
	long start = clock_ms();

	while (!restarted && clock_ms() - start < limit_ms) {
		struct processes now;

		if (!processes_of_service(master, service, &now))
			return true;
		for (size_t i = 0; i < now.count; i++)
			restarted = restarted || !processes_has(before, now.pids[i]);
		processes_free(&now);
		if (!restarted)
			clock_pause(1);
	}
	return restarted;
}
