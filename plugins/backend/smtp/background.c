#include "background.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../base/strbuf.h"

struct background {
	atomic_int users;
	atomic_bool done;
	int fd;
	background_work *work;
	void *memory;
};

static void let_go(struct background *job)
{
	if (atomic_fetch_sub(&job->users, 1) != 1)
		return;
	close(job->fd);
	free(job->memory);
	free(job);
}

static void *run(void *argument)
{
	struct background *job = argument;
	unsigned long long one = 1;

	job->work(job->memory);
	atomic_store(&job->done, true);
	/* An eventfd at zero takes the write; there is nothing that could be done otherwise. */
	ssize_t written = write(job->fd, &one, sizeof one);
	(void)written;
	let_go(job);
	return NULL;
}

struct background *background_start(background_work *work, const void *memory, size_t size)
{
	struct background *job = mem_calloc(1, sizeof *job);
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;

	job->work = work;
	job->memory = mem_calloc(1, size);
	memcpy(job->memory, memory, size);
	atomic_init(&job->users, 2);
	atomic_init(&job->done, false);
	job->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (job->fd < 0) {
		free(job->memory);
		free(job);
		return NULL;
	}

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&thread, &attributes, run, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (failed) {
		atomic_store(&job->users, 1);
		let_go(job);
		return NULL;
	}
	return job;
}

int background_fd(const struct background *job)
{
	return job->fd;
}

void *background_done(struct background *job)
{
	return atomic_load(&job->done) ? job->memory : NULL;
}

void background_release(struct background *job)
{
	if (job)
		let_go(job);
}
