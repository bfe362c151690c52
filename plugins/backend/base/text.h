/*
 * text.h: cleaning of text that we did not write (DESIGN, contract 9).
 *
 * What a server, a log or a file says is hostile until it has gone through here: valid UTF-8
 * (anything else becomes U+FFFD), no control, bidi or zero-width characters (each run of them
 * becomes one space), no more than four combining marks on a character, white space folded, trimmed,
 * and at most `max` bytes, cut at a character with "..." at the end. Categories come from libunistring.
 */
#ifndef RELAY_TEXT_H
#define RELAY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

/* Appends the cleaned text to out. */
void text_clean(struct strbuf *out, const char *bytes, size_t len, size_t max);
/* The same into a fixed array; always NUL-terminated, size > 0. */
void text_clean_into(char *out, size_t size, const char *bytes, size_t len);
/* As text_clean, but keeps newlines and tabs: for a diff or another text of several lines. */
void text_clean_lines(struct strbuf *out, const char *bytes, size_t len, size_t max);
bool text_is_utf8(const char *bytes, size_t len);
/* Strict: the whole text is a decimal number in [min, max]. */
bool text_to_number(const char *text, long min, long max, long *number);
/* The one of the NULL-terminated words that was probably meant (at most two slips of the finger, or
 * begun rightly); NULL when none is near. */
const char *text_nearest(const char *word, const char *const *words);

#endif
