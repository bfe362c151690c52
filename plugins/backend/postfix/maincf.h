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
 * inside it kept; where there is none, "name = value" is appended. Nothing happens (and *changed is
 * false) when Postfix reads that value already. Fills *hunk (may be NULL) when something changed.
 * ERROR_DATA: name or value that Postfix could not read back (newline, NUL, white space in name). */
bool maincf_set(struct maincf *cf, const char *name, const char *value, struct hunk *hunk,
	bool *changed, struct error *error) WARN_UNUSED_RESULT;
/* Takes out every line of the parameter. The hunk's `before` holds all of their spans' bytes only
 * when there was exactly one; with several the duplicates are kept in a single hunk whose `before`
 * is the last and the earlier ones stay commented out ("#"), so that none comes to life. */
bool maincf_unset(struct maincf *cf, const char *name, struct hunk *hunk, bool *changed,
	struct error *error) WARN_UNUSED_RESULT;
/* Puts hunk->before back where hunk->after stands now. With force also where someone changed the
 * value. */
enum hunk_restore maincf_restore(struct maincf *cf, const struct hunk *hunk, bool force);

/* The same value but for runs of white space, as postconf(1) prints them? */
bool maincf_value_equal(const char *a, const char *b);

#endif
