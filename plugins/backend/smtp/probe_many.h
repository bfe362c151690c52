/*
 * probe_many.h: tests of several relays side by side, a few at a time, each in a thread of its own.
 *
 * A silent relay takes its whole time limit; the others do not wait for it. Whoever asks for the tests
 * stays in its own thread, and only there is `progress` called. Signals stay with it as well.
 */
#ifndef RELAY_SMTP_PROBE_MANY_H
#define RELAY_SMTP_PROBE_MANY_H

#include "probe.h"

struct probe_job {
	struct probe_request request;
	struct probe_report report; /* out; a zeroed one where it was never begun */
	bool ran;                   /* out; false: `error` says why there is no report */
	struct error error;
};

enum probe_job_event { PROBE_JOB_BEGUN, PROBE_JOB_ENDED };

/* Called when a test begins and when it has ended; and, with job == count, every PROBE_POLL_MS.
 * Returning false cancels all of them. */
typedef bool probe_many_progress(void *context, size_t job, enum probe_job_event event);

enum { PROBE_MANY_AT_ONCE = 8 };

/* Runs them all. ERROR_SYSTEM: no thread could be had. What became of each is in its job. */
bool probe_run_many(struct probe_job *jobs, size_t count, probe_many_progress *progress,
	void *context, struct error *error) WARN_UNUSED_RESULT;

#endif
