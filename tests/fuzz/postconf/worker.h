/*
 * worker.h: one of several processes that share a run: every n-th file is its own.
 *
 * What we refuse is not waited for: such files wait for postconf in folders of their own while others
 * are checked. A file that fails is made smaller, as long as it fails, and printed.
 */
#ifndef FUZZ_WORKER_H
#define FUZZ_WORKER_H

#include <stdint.h>

#include "check.h"

struct work {
	uint64_t seed;
	unsigned long first, count; /* files first .. first + count - 1 */
	unsigned workers;
	const char *dir; /* where each worker makes its folders */
	const struct stock *stock;
};

/* Does the share of worker `self` (from 0). The tally may be read by others meanwhile. */
void worker_run(const struct work *work, unsigned self, struct tally *tally);

#endif
