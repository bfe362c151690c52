/*
 * testing_many.c: testing_many (testing.h): several relays side by side, a line for each.
 */
#include "testing.h"

struct lines {
	const struct console_host *host;
	const struct probe_job *jobs;
	size_t count;
};

static bool on_event(void *context, size_t job, enum probe_job_event event)
{
	const struct lines *lines = context;
	const struct console_host *host = lines->host;

	if (job == lines->count)
		return host->progress_poll(host);
	if (event == PROBE_JOB_BEGUN)
		return host->progress_step(host, job, CONSOLE_STEP_RUNNING, 0, "");
	const struct probe_report *report = &lines->jobs[job].report;

	return host->progress_step(host, job, report->ok ? CONSOLE_STEP_OK : CONSOLE_STEP_FAILED,
		report->total_ms, report->ok ? report->tls_version : report->explanation);
}

static bool run_jobs(
	const struct testing *testings, struct probe_job *jobs, size_t count, struct error *error)
{
	const struct console_host *host = testings[0].host;
	struct lines lines = {host, jobs, count};
	const char **titles = mem_calloc(count, sizeof *titles);
	const struct console_progress progress = {
		.title = _("Testing the relays"),
		.text = host->mode == CONSOLE_SCREEN
				? _("Nothing is changed by these tests. ESC stops them.")
				: _("Nothing is changed by these tests."),
		.steps = titles,
		.count = count,
	};

	for (size_t i = 0; i < count; i++)
		titles[i] = testings[i].relay->name;
	host->progress_begin(host, &progress);
	bool ok = probe_run_many(jobs, count, on_event, &lines, error);
	host->progress_end(host);
	free(titles);
	return ok;
}

bool testing_many(const struct testing *testings, size_t count, struct probe_report *reports,
	struct error *error)
{
	if (count == 0)
		return true;
	if (count == 1)
		return testing_run(testings, reports, error);

	struct testing_request *requests = mem_calloc(count, sizeof *requests);
	struct probe_job *jobs = mem_calloc(count, sizeof *jobs);

	for (size_t i = 0; i < count; i++) {
		testing_prepare(&requests[i], &testings[i]);
		jobs[i].request = requests[i].probe;
	}
	bool ok = run_jobs(testings, jobs, count, error);
	for (size_t i = 0; i < count; i++) {
		if (ok && !jobs[i].ran) {
			*error = jobs[i].error;
			ok = false;
		}
		reports[i] = jobs[i].report;
		testing_request_free(&requests[i]);
	}
	free(jobs);
	free(requests);
	return ok;
}
