#include "probe_many.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"

enum job_state { JOB_WAITING, JOB_AT_WORK, JOB_DONE };

/* What the threads share; `lock` guards all but `cancelled` and what a job's own thread works on. */
struct many {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct probe_job *jobs;
	size_t count;
	size_t next;
	size_t done;
	enum job_state *states;
	atomic_bool cancelled;
};

static bool go_on(void *context, const struct probe_step *step)
{
	struct many *many = context;

	(void)step;
	return !atomic_load(&many->cancelled);
}

static void *work(void *context)
{
	struct many *many = context;

	pthread_mutex_lock(&many->lock);
	while (many->next < many->count) {
		size_t at = many->next++;
		struct probe_job *job = &many->jobs[at];

		many->states[at] = JOB_AT_WORK;
		pthread_cond_signal(&many->changed);
		pthread_mutex_unlock(&many->lock);
		/* Cancelled ones are begun all the same: their reports say so. */
		job->ran = probe_run(&job->request, go_on, many, &job->report, &job->error);
		pthread_mutex_lock(&many->lock);
		many->states[at] = JOB_DONE;
		many->done++;
		pthread_cond_signal(&many->changed);
	}
	pthread_mutex_unlock(&many->lock);
	return NULL;
}

static void wait_a_moment(struct many *many)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PROBE_POLL_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&many->changed, &many->lock, &until);
}

/* Tells of what has changed since `told`; called and left with the lock held. */
static void tell(
	struct many *many, enum job_state *told, probe_many_progress *progress, void *context)
{
	bool going = true;

	for (size_t i = 0; i < many->count; i++) {
		enum job_state now = many->states[i];

		if (told[i] == now)
			continue;
		pthread_mutex_unlock(&many->lock);
		if (told[i] == JOB_WAITING)
			going = progress(context, i, PROBE_JOB_BEGUN) && going;
		if (now == JOB_DONE)
			going = progress(context, i, PROBE_JOB_ENDED) && going;
		pthread_mutex_lock(&many->lock);
		told[i] = now;
	}
	pthread_mutex_unlock(&many->lock);
	going = progress(context, many->count, PROBE_JOB_ENDED) && going;
	pthread_mutex_lock(&many->lock);
	if (!going)
		atomic_store(&many->cancelled, true);
}

static void watch(struct many *many, probe_many_progress *progress, void *context)
{
	enum job_state *told = mem_calloc(many->count, sizeof *told);

	pthread_mutex_lock(&many->lock);
	while (many->done < many->count) {
		if (progress)
			tell(many, told, progress, context);
		if (many->done < many->count)
			wait_a_moment(many);
	}
	if (progress)
		tell(many, told, progress, context);
	pthread_mutex_unlock(&many->lock);
	free(told);
}

/* How many could be had; *failed is the errno value of the first that could not. */
static size_t start(struct many *many, pthread_t *threads, size_t wanted, int *failed)
{
	sigset_t all, before;
	size_t count = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (count < wanted && !*failed) {
		*failed = pthread_create(&threads[count], NULL, work, many);
		count += *failed == 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return count;
}

bool probe_run_many(struct probe_job *jobs, size_t count, probe_many_progress *progress,
	void *context, struct error *error)
{
	pthread_t threads[PROBE_MANY_AT_ONCE];
	struct many many = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.jobs = jobs,
		.count = count,
		.states = mem_calloc(count + 1, sizeof *many.states),
	};
	pthread_condattr_t monotonic;
	size_t wanted = count < PROBE_MANY_AT_ONCE ? count : PROBE_MANY_AT_ONCE;
	int failed = 0;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&many.changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (size_t i = 0; i < count; i++) {
		jobs[i].ran = false;
		jobs[i].report = (struct probe_report){0};
	}
	size_t started = start(&many, threads, wanted, &failed);
	bool ok = started > 0 || count == 0;

	if (ok)
		watch(&many, progress, context);
	else
		error_errno(error, ERROR_SYSTEM, failed, _("Cannot start a thread for the tests"));
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&many.changed);
	pthread_mutex_destroy(&many.lock);
	free(many.states);
	return ok;
}
