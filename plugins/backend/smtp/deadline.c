#include "deadline.h"

#include <errno.h>

#include "../base/clock.h"

void deadline_init(struct deadline *deadline, const struct probe_request *request,
	probe_progress *progress, void *context)
{
	long step = request->step_timeout_ms > 0 ? request->step_timeout_ms : PROBE_STEP_TIMEOUT_MS;
	long total =
		request->total_timeout_ms > 0 ? request->total_timeout_ms : PROBE_TOTAL_TIMEOUT_MS;

	*deadline = (struct deadline){.progress = progress, .context = context};
	deadline->step_timeout_ms = step;
	deadline->total_end = clock_ms() + total;
	deadline_step(deadline);
}

void deadline_step(struct deadline *deadline)
{
	deadline->step_end = clock_ms() + deadline->step_timeout_ms;
}

long deadline_left(const struct deadline *deadline)
{
	long end =
		deadline->step_end < deadline->total_end ? deadline->step_end : deadline->total_end;
	long left = end - clock_ms();

	return left > 0 ? left : 0;
}

static bool ask(struct deadline *deadline)
{
	deadline->asked = clock_ms();
	if (deadline->progress && !deadline->progress(deadline->context, NULL))
		deadline->cancelled = true;
	return !deadline->cancelled;
}

enum deadline_result deadline_look(struct deadline *deadline)
{
	if (deadline->cancelled)
		return DEADLINE_CANCELLED;
	if (deadline_left(deadline) == 0)
		return DEADLINE_OVER;
	if (clock_ms() - deadline->asked >= PROBE_POLL_MS && !ask(deadline))
		return DEADLINE_CANCELLED;
	return DEADLINE_READY;
}

enum deadline_result deadline_wait(
	struct deadline *deadline, struct pollfd *fds, nfds_t count, long at_most_ms)
{
	long until = at_most_ms < 0 ? 0 : clock_ms() + at_most_ms;

	for (;;) {
		if (deadline->cancelled)
			return DEADLINE_CANCELLED;
		long left = deadline_left(deadline);
		if (left == 0)
			return DEADLINE_OVER;
		if (at_most_ms >= 0) {
			long own = until - clock_ms();
			left = own < left ? own : left;
			left = left > 0 ? left : 0;
		}
		long slice = left < PROBE_POLL_MS ? left : PROBE_POLL_MS;
		int ready = poll(fds, count, (int)slice);
		if (ready > 0)
			return DEADLINE_READY;
		/* Out of memory in the kernel: wait as if nothing had come. */
		for (nfds_t i = 0; i < count; i++)
			fds[i].revents = 0;
		if (ready < 0 && errno != EINTR)
			clock_pause(PROBE_POLL_MS);
		if (!ask(deadline))
			return DEADLINE_CANCELLED;
		if (at_most_ms >= 0 && clock_ms() >= until && deadline_left(deadline) > 0)
			return DEADLINE_READY;
	}
}
