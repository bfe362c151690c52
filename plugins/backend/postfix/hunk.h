/*
 * hunk.h: what one edit of main.cf or master.cf replaced, as bytes (DESIGN, contracts 1 and 5).
 *
 * A hunk is what the baseline keeps for a parameter ("relayhost") or a service ("name/unix"), so
 * that Deconfigure can put the very bytes back. `before` is the span as it was: the whole logical
 * line with its newline, its continuation lines, and the comments and blank lines inside it; empty
 * and `existed` false where there was none. `after` is what we wrote in its place; empty when we
 * took it away.
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
	/* The file had no final newline and one was written before our appended line. */
	bool newline_added;
};

enum hunk_restore {
	HUNK_RESTORED,   /* the bytes are back */
	HUNK_CHANGED,    /* someone changed it since: left alone (unless forced) */
	HUNK_UNCHANGED,  /* it stands as it did before already */
};

void hunk_free(struct hunk *hunk); /* safe on a zeroed struct */
void hunk_copy(struct hunk *to, const struct hunk *from);

#endif
