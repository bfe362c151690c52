/*
 * child.h: running Postfix's programs.
 *
 * argv only, no shell; a clean environment (PATH, LC_ALL=C and MAIL_CONFIG where given); its own
 * process group, which is ended whole when the time is over; output bounded; "could not start"
 * told apart from "failed". child_start and child_wait let us do something else meanwhile.
 *
 *   child_start --> running --child_wait--> finished (child_free)
 */
#ifndef RELAY_CHILD_H
#define RELAY_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"
#include "strbuf.h"

struct child {
	pid_t pid;
	int out_fd;
	int err_fd;
	int status; /* exit status 0..255, or 128 + signal */
	bool timed_out;
	bool truncated; /* output was longer than CHILD_OUTPUT_MAX */
	struct strbuf out;
	struct strbuf err;
	char *name; /* for messages */
};

enum { CHILD_OUTPUT_MAX = 4 << 20, CHILD_TIMEOUT_MS = 30000 };

/* Start. argv[0] without a slash is looked for where the system keeps its programs. extra_env: NULL or
 * a NULL-terminated list of "NAME=value". Fails (ERROR_SYSTEM, ERROR_DENIED) when the program could
 * not be executed at all. Standard input is /dev/null; keep_fds (may be NULL, ends with -1, 16 at
 * most, all above 2) stay open in the child under their numbers. child_free in any case. */
bool child_start(struct child *child, const char *const argv[], const char *const extra_env[],
	const int *keep_fds, struct error *error) WARN_UNUSED_RESULT;
/* Collects output until the child ends or timeout_ms is over (then the group is killed). False
 * (ERROR_SYSTEM, or ERROR_UNAVAILABLE for a time-out) only when it did not end by itself: its exit
 * status is the caller's to judge. */
bool child_wait(struct child *child, int timeout_ms, struct error *error) WARN_UNUSED_RESULT;
/* Both in one. */
bool child_run(struct child *child, const char *const argv[], int timeout_ms,
	struct error *error) WARN_UNUSED_RESULT;
void child_free(struct child *child); /* kills what still runs; safe on a zeroed struct */

#endif
