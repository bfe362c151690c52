/*
 * journal.h: what a change in progress has to finish or undo, should it be cut short.
 *
 * STATE_DIR/journal (0600, sealed.h): the steps' names in order, whether Postfix must be reloaded, and
 * which service to look at afterwards. Never contents, never a secret. It is there from the moment
 * before the first rename until the change stands; taking it away is what makes the change final.
 */
#ifndef RELAY_JOURNAL_H
#define RELAY_JOURNAL_H

#include <stdbool.h>

#include "../base/error.h"
#include "../settings/site.h"
#include "step.h"

struct journal {
	struct steps steps;
	bool reload;
	char *service; /* NULL: none to look at */
	char *summary;
};

/* Both durable when they return. */
bool journal_write(const struct site *site, const struct journal *journal,
	struct error *error) WARN_UNUSED_RESULT;
bool journal_drop(const struct site *site, struct error *error) WARN_UNUSED_RESULT;

bool journal_exists(const struct site *site);
/* Only what this site's changes touch may be named in it. ERROR_DATA where it cannot be understood, with what
 * to look at by hand. */
bool journal_read(
	struct journal *journal, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
void journal_free(struct journal *journal); /* safe on a zeroed struct */

#endif
