/*
 * hunk.h: what one edit of main.cf or master.cf replaced, as bytes (DESIGN, contracts 1 and 5).
 *
 * A hunk is what the baseline keeps for a parameter ("relayhost") or a service ("name/unix"), so
 * that Deconfigure can put the very bytes back. It is plain data, to be stored and loaded; the
 * bytes may be anything, NUL and invalid UTF-8 included. It holds no offsets: the place is found
 * again by the key, or by the text, so that edits elsewhere in the file do no harm, and hunks of
 * one file may be restored in any order.
 *
 * edit                 existed  before                      after
 * set, in place        true     the whole logical line:     our line, then the comments and blank
 *                               its continuation lines,     lines that stood inside the old one (before
 *                               and the comments inside     it, where they do not end as the old one did)
 * set, appended        false    empty                       our line
 * unset                true     each line of the key, from  the same commented out with a mark of
 *                               first to last               ours ("#relaycon: "), which is how the
 *                                                           places are found again
 */
#ifndef RELAY_HUNK_H
#define RELAY_HUNK_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/strbuf.h"

struct hunk {
	char *key;
	bool existed;
	struct strbuf before;
	struct strbuf after;
	/* The file had no final newline, and one was written before this line (or one appended earlier
	 * to the same struct maincf). Whichever of these hunks comes to the end of the file when it is
	 * restored takes that newline away again. Who appends to a file whose baseline holds such a
	 * hunk already, from a struct maincf read anew, sets it in the new hunk too. */
	bool newline_added;
};

enum hunk_restore {
	HUNK_RESTORED,  /* the bytes are back */
	HUNK_CHANGED,   /* someone changed it since: left alone (unless forced) */
	HUNK_UNCHANGED, /* it stands as it did before already */
};

void hunk_free(struct hunk *hunk); /* safe on a zeroed struct */
/* `to` is overwritten, not freed. */
void hunk_copy(struct hunk *to, const struct hunk *from);

#endif
