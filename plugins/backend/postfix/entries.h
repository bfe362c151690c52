/*
 * entries.h: a file of keyed logical lines, and the edits that maincf.h and mastercf.h share.
 *
 * The last entry of a key is the one that Postfix goes by, in main.cf and in master.cf alike. Each
 * edit changes the bytes and reads them again, so that spans are never stale.
 */
#ifndef RELAY_ENTRIES_H
#define RELAY_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "hunk.h"

struct entry {
	size_t start, end; /* the span of its logical line */
	char *key;
	char *value;
};

/* Splits a joined logical line into key and value (both the caller's to free). On failure appends
 * to `why` what is wrong with it, in Postfix's own words. */
typedef bool entry_split(const char *text, char **key, char **value, struct strbuf *why);

struct entries {
	struct strbuf bytes;
	struct entry *list;
	size_t count;
	entry_split *split;
	/* The newline with which an append had to end the last line first, and every append after it ends;
	 * NULL where there was none. */
	const char *newline_added;
};

/* False and ERROR_CONFIG with path and line where a line cannot be split. */
bool entries_load(struct entries *entries, entry_split *split, const char *path, const char *bytes,
	size_t len, struct error *error) WARN_UNUSED_RESULT;
void entries_free(struct entries *entries); /* safe on a zeroed struct */
const struct entry *entries_last(const struct entries *entries, const char *key); /* or NULL */
/* Replaces the bytes [start, end). Where the result could not be read, nothing changes and the
 * answer is false. */
bool entries_splice(
	struct entries *entries, size_t start, size_t end, const void *bytes, size_t len);

/* `text` is the new line (or lines, parted by "\n"), without final newline, and splits into `key`.
 * hunk may be NULL. */
void entries_set(struct entries *entries, const char *key, const char *text, struct hunk *hunk);
/* Comments out every entry of the key, of which there must be one. */
void entries_unset(struct entries *entries, const char *key, struct hunk *hunk);
/* Deletes every entry of the key; comments inside them stay. */
void entries_remove(struct entries *entries, const char *key);
enum hunk_restore entries_restore(struct entries *entries, const struct hunk *hunk, bool force);

/* Equal but for runs of blank, tab, CR and newline, which postconf(1) prints as one blank. */
bool entries_value_equal(const char *a, const char *b);

#endif
