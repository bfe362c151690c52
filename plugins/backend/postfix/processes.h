/*
 * processes.h: the running master and its children, as /proc shows them.
 *
 * master(8) answers no questions. But each child carries in its environment the generation of the
 * configuration that it was started with, and on its command line the service that it serves.
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

/* The newest generation among the children, -1 when unknown. */
long processes_generation(pid_t master);
/* Waits, for a second at most, until there is a child of another generation than this one. */
void processes_wait_generation(pid_t master, long generation);

#endif
