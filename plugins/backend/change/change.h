/*
 * change.h: a plan being committed (DESIGN, contract 2), and what an interruption left.
 *
 *   lock -> (all files still as planned?) -> stage all -> fsync, journal; meanwhile Postfix reads the
 *   staged configuration -> rename all -> reload, confirm; meanwhile fsync folders -> mail on a way that is
 *   gone queued anew -> drop the journal
 *
 * Whatever stops it, change_recover (called by every command that works on a site, as root) finds
 * the journal and finishes or undoes, so that the files are wholly old or wholly new.
 */
#ifndef RELAY_CHANGE_H
#define RELAY_CHANGE_H

#include <stdbool.h>

#include "../base/error.h"
#include "../settings/site.h"
#include "plan.h"

struct change_result {
	bool changed;      /* false: the plan was empty, no file was touched */
	bool reloaded;     /* false where Postfix is not running: files are changed all the same */
	bool own_only;     /* nothing of Postfix's changed, so that there was nothing to reload */
	size_t requeued;   /* mails that waited on a way which is gone, queued anew (orphans.h) */
	bool left_waiting; /* there may be more, which could not be */
};

/* Takes our lock, then Postfix's own, and lets both go at the end. Errors: ERROR_BUSY (another
 * relaycon, by pid and user; Postfix's lock held; a file changed since the plan was made),
 * ERROR_CONFIG (Postfix does not accept the staged files; nothing was changed; or it did not come
 * back after the reload: everything was put back), ERROR_IO, ERROR_SYSTEM. After any failure the
 * files are the old ones. */
bool change_commit(const struct site *site, const struct plan *plan, struct change_result *result,
	struct error *error) WARN_UNUSED_RESULT;

enum { CHANGE_MEMORY = 4 << 20 }; /* bytes: what a change needs, but for its files */

enum change_recovery {
	CHANGE_NOTHING_TO_RECOVER,
	CHANGE_UNDONE,
	CHANGE_UNDONE_ASIDE, /* and what somebody edited meanwhile is kept as NAME.relaycon-edited */
	CHANGE_FINISHED,
};

/* Finishes or undoes a change that was interrupted, and removes what one left lying about. Costs
 * some forty looks at the folders where there is nothing. Where *what is not CHANGE_NOTHING_TO_RECOVER the
 * files are not those that site_open asked about: open the site anew. ERROR_BUSY when the change is
 * simply still running. */
bool change_recover(const struct site *site, enum change_recovery *what,
	struct error *error) WARN_UNUSED_RESULT;
/* Is there an interrupted change: a journal that nobody works on, a lock whose holder was killed, or
 * staged files, credentials among them, that lie about (strays.h)? Reads only. */
bool change_is_interrupted(const struct site *site);

/* Files that are read while another relaycon changes them do not belong together. This is a number
 * that is another one after each change, and -1 while one is being made. */
long long change_mark(const struct site *site);
/* ERROR_BUSY where it is not this one any more. */
bool change_mark_holds(
	const struct site *site, long long mark, struct error *error) WARN_UNUSED_RESULT;

#endif
