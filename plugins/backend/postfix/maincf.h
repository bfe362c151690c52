/*
 * maincf.h: main.cf as spans of the original bytes.
 *
 * Grammar: Postfix's own (postconf(5), "main.cf file format"; src/global/mail_conf.c,
 * src/util/dict.c, readlline.c): comments and blank lines do not end a logical line; a line that
 * starts with white space continues it; the last duplicate wins. Every byte that belongs to no
 * edited span stays. A struct maincf owns its bytes; each edit re-reads them, so that offsets are
 * never stale.
 *
 * Values are given and returned as the text between the first non-space and the last, continuation
 * lines joined as Postfix joins them (only newlines dropped, comments skipped).
 */
#ifndef RELAY_MAINCF_H
#define RELAY_MAINCF_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "hunk.h"

struct maincf;

/* ERROR_CONFIG naming path and line, as Postfix would, where Postfix would refuse the file
 * ("missing '=' after attribute name"). `path` is for messages. Free with maincf_free. */
struct maincf *maincf_parse(const char *path, const char *bytes, size_t len, struct error *error);
void maincf_free(struct maincf *cf);
const struct strbuf *maincf_bytes(const struct maincf *cf);

/* The value Postfix sees (last duplicate), NULL when the parameter is not in the file. Valid until
 * the next edit. */
const char *maincf_value(const struct maincf *cf, const char *name);
/* How many parameters, and the name of the i-th (in file order, duplicates included). */
size_t maincf_count(const struct maincf *cf);
const char *maincf_name(const struct maincf *cf, size_t index);

/* Makes the parameter read as `value`. The effective (last) line is replaced in place, comments
 * inside it kept beside it; where there is none, "name = value" is appended. Nothing happens (and
 * *changed is false) when Postfix reads that value already. Fills *hunk (may be NULL) when something
 * changed.
 * ERROR_DATA: name or value that Postfix could not read back (newline, white space at the value's
 * ends or in the name). */
bool maincf_set(struct maincf *cf, const char *name, const char *value, struct hunk *hunk,
	bool *changed, struct error *error) WARN_UNUSED_RESULT;
/* Takes the parameter out of use: each of its lines (duplicates too, so that none comes to life) is
 * commented out where it stands, with "#relaycon: " before each line of text. That mark is how
 * maincf_restore finds the very places again, whatever else was edited meanwhile. */
bool maincf_unset(struct maincf *cf, const char *name, struct hunk *hunk, bool *changed,
	struct error *error) WARN_UNUSED_RESULT;
/* Deletes every line of the parameter for good; comments inside them stay. False: there was none. */
bool maincf_remove(struct maincf *cf, const char *name);
/* Puts hunk->before back where hunk->after stands now, and what else was edited stays as it is.
 * Hunks may be restored in any order. Without force a parameter whose value is not the one that we
 * gave it is left alone (HUNK_CHANGED); with it, what overrules the original value goes. A hunk that
 * was damaged in store (its bytes are not lines of its key) is HUNK_CHANGED as well. */
enum hunk_restore maincf_restore(struct maincf *cf, const struct hunk *hunk, bool force);

/* The same value but for runs of blank, tab, CR and newline, which postconf(1) prints as one blank? */
bool maincf_value_equal(const char *a, const char *b);

#endif
