/*
 * edited.h: what somebody else did to main.cf or master.cf while a change of ours was under way.
 * Editors take no lock; what they save is never lost silently (swap.h, step.h).
 */
#ifndef RELAY_EDITED_H
#define RELAY_EDITED_H

#include <stdbool.h>

#include "../base/error.h"
#include "plan.h"

/* ERROR_BUSY: changed after the plan was made, and nothing was done. */
bool edited_before(const char *path, struct error *error);
/* ERROR_BUSY: changed while the change was being made. */
bool edited_meanwhile(const char *path, bool stays, struct error *error);

/* Does this file hold just what the plan was made from? */
bool edited_is_as_planned(const struct plan_file *file, const char *path);

enum edited_side {
	EDITED_OURS,    /* it has all that we changed: made from our version */
	EDITED_OLD,     /* it has nothing that we changed: made from the old version */
	EDITED_NEITHER, /* some of it, or it cannot be understood */
};
/* Which version the file that stands at the plan's path was made from. */
enum edited_side edited_side(const struct plan_file *file);

#endif
