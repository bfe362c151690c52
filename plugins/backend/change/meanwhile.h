/*
 * meanwhile.h: one piece of work in a thread while the caller does another: a change spends nearly
 * all of its time waiting for Postfix's programs and for the disk.
 *
 * meanwhile_finish must follow each meanwhile_start. Where no thread can be had the work is done at
 * once, in meanwhile_start.
 */
#ifndef RELAY_MEANWHILE_H
#define RELAY_MEANWHILE_H

#include <pthread.h>
#include <stdbool.h>

#include "../base/error.h"

typedef bool meanwhile_work(void *context, struct error *error);

struct meanwhile {
	meanwhile_work *work;
	void *context;
	pthread_t thread;
	bool threaded;
	bool ok;
	struct error error;
};

void meanwhile_start(struct meanwhile *meanwhile, meanwhile_work *work, void *context);
/* What the work answered. */
bool meanwhile_finish(struct meanwhile *meanwhile, struct error *error) WARN_UNUSED_RESULT;

#endif
