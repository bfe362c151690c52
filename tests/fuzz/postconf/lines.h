/*
 * lines.h: main.cf and master.cf read a second time, line by line and as plainly as can be, to judge
 * the edits of the first reader: may these bytes follow those?
 *
 * Every physical line is either text of one entry (a logical line with a key) or somebody else's:
 * comment, blank line, indented line that continues nothing. An edit of one entry may touch its
 * lines of text, and of the rest not a byte.
 */
#ifndef FUZZ_LINES_H
#define FUZZ_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

enum lines_kind { LINES_MAIN, LINES_MASTER };

/* The entry reads as `text` ("name = value", or an entry of master.cf with "\n" between its lines);
 * the last one of that key is replaced, where its first
 * or its last line of text stood, or the text appended. False, with the reason in why. */
bool lines_check_set(enum lines_kind kind, const struct strbuf *before, const struct strbuf *after,
	const char *key, const char *text, struct strbuf *why);
/* Every line of text of that key is commented out with our mark. */
bool lines_check_unset(enum lines_kind kind, const struct strbuf *before,
	const struct strbuf *after, const char *key, struct strbuf *why);
/* Every line of text of that key is gone. */
bool lines_check_remove(enum lines_kind kind, const struct strbuf *before,
	const struct strbuf *after, const char *key, struct strbuf *why);

#endif
