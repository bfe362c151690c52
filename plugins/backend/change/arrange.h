/*
 * arrange.h: lines of ours that stand at the end of main.cf and master.cf, in one order, whatever came
 * when: the same settings make the same files. Only lines that we appended are moved, and only where
 * their order is another; those that took another line's place have theirs.
 */
#ifndef RELAY_ARRANGE_H
#define RELAY_ARRANGE_H

#include <stdbool.h>

#include "../base/error.h"
#include "edit.h"

/* After everything wanted has been set. What somebody else changed stays where it is. */
bool arrange(
	struct edit *edit, const struct wanted *wanted, struct error *error) WARN_UNUSED_RESULT;

#endif
