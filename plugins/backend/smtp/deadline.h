/*
 * deadline.h: how long the probe waits, and who may stop it.
 *
 * Two ends, one for the step at hand and one for the whole, both on the monotonic clock. Every wait
 * of the probe goes through deadline_wait, which asks the caller's progress function each
 * PROBE_POLL_MS whether to go on; every loop that a server can keep busy, through deadline_look. A signal
 * that interrupts a wait does not end it.
 */
#ifndef RELAY_SMTP_DEADLINE_H
#define RELAY_SMTP_DEADLINE_H

#include <poll.h>
#include <stdbool.h>

#include "probe.h"

struct deadline {
	probe_progress *progress; /* may be NULL */
	void *context;
	long step_timeout_ms;
	long step_end; /* both on the clock of clock_ms */
	long total_end;
	long asked; /* when progress was */
	bool cancelled;
};

enum deadline_result { DEADLINE_READY, DEADLINE_OVER, DEADLINE_CANCELLED };

void deadline_init(struct deadline *deadline, const struct probe_request *request,
	probe_progress *progress, void *context);
/* A new step: its own time begins. */
void deadline_step(struct deadline *deadline);
/* Milliseconds left, 0 when over. */
long deadline_left(const struct deadline *deadline);
/* For a loop that need not wait, as bytes keep coming: may it go on? The caller's function is asked
 * as often as by a wait. */
enum deadline_result deadline_look(struct deadline *deadline);
/* Waits until a descriptor is ready, but no longer than at_most_ms (negative: no such limit) and
 * the deadlines allow. READY with no revents set: at_most_ms went by. */
enum deadline_result deadline_wait(
	struct deadline *deadline, struct pollfd *fds, nfds_t count, long at_most_ms);

#endif
