/*
 * bridge.h: undoing past a table that has nothing but its new entries.
 *
 * While main.cf changes hands, a table whose old entries are going has both (plan.h, "interim"); its
 * final version follows. Undone in the reverse order main.cf would name the new relay, or the old one,
 * beside a table without it for an instant: mail would go there without its login, and without its
 * TLS policy. So both come together in a table once more, before anything else goes back; the old
 * table follows at the end.
 */
#ifndef RELAY_BRIDGE_H
#define RELAY_BRIDGE_H

#include <stdbool.h>

#include "../base/error.h"
#include "step.h"

/* The step that puts the interim version of the same target in place; NULL: there is none. */
struct step *bridge_interim(const struct steps *steps, const struct step *final);
/* Puts it there again, where the final version stands. On failure that stays. */
bool bridge_build(
	struct step *interim, const struct step *final, struct error *error) WARN_UNUSED_RESULT;

#endif
