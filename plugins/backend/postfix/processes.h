/*
 * processes.h: the running master and its children, as /proc shows them.
 *
 * master(8) answers no questions. But each child has the service that it serves on its command line,
 * and when master takes a new configuration up it lets all idle children go and starts anew those
 * that always run.
 * Where /proc says nothing (not root, another system) the answers are "unknown", never an error.
 */
#ifndef RELAY_PROCESSES_H
#define RELAY_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "instance.h"

/* The process that the pid file names, 0 where there is none. It is alive only while
 * postfix_is_running says so. */
pid_t processes_master(const struct postfix *postfix);

struct processes {
	pid_t *pids;
	size_t count;
};
/* The children that serve this service now (any service where it is NULL). False: unknown. */
bool processes_of_service(pid_t master, const char *service, struct processes *found);
bool processes_has(const struct processes *processes, pid_t pid);
void processes_free(struct processes *processes);
/* Has one of them not ended? Those that init has not looked at yet have. */
bool processes_any_alive(const struct processes *processes);

/* When it was started, in clock ticks (_SC_CLK_TCK) since boot; 0 where it is gone. */
unsigned long long processes_started(pid_t pid);
/* Has it a file in this folder open? */
bool processes_has_open(pid_t pid, const char *folder);

/* A service that always runs, with its processes in *now; NULL where there is none. */
const char *processes_resident(pid_t master, struct processes *now);
/* Waits until a process that is not among `before` serves that service. False: none did in that time.
 * True as well where it cannot be seen any more, as when master is gone. */
bool processes_wait_restart(
	pid_t master, const char *service, const struct processes *before, int limit_ms);

#endif
