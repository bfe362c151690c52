/*
 * logical.h: the logical lines of main.cf, master.cf and texthash tables, as Postfix's readlline(3)
 * reads them.
 *
 *   name = a,      <- a line that starts in column 0 with anything but '#' begins a logical line
 *   # a comment    <- comments and blank lines do not end it
 *     b            <- a line that starts with white space continues it
 *
 * White space is what isspace(3) takes for it in ASCII: blank, tab, CR, VT, FF. Joining drops the
 * newlines and nothing else. A logical line that starts with white space is ignored whole.
 * The span of a logical line begins with its first line and ends with its last line of text, that
 * line's newline included; comments and blank lines after that belong to nobody.
 */
#ifndef RELAY_LOGICAL_H
#define RELAY_LOGICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/strbuf.h"

struct logical_line {
	size_t start, end; /* the span [start, end) in the bytes */
	unsigned number;   /* of its first line, from 1, as Postfix counts */
};

struct logical_reader {
	const char *bytes;
	size_t len;
	size_t offset;
	unsigned lines; /* read so far */
};

void logical_start(struct logical_reader *reader, const char *bytes, size_t len);
/* The next logical line that Postfix does not ignore; false at the end. */
bool logical_next(struct logical_reader *reader, struct logical_line *line);

/* What makes a span out of physical lines. */
enum logical_part { LOGICAL_TEXT, LOGICAL_COMMENTS };
/* Appends only the text lines, or only the comments and blank lines, of bytes that are one span. */
void logical_add_part(struct strbuf *out, const char *span, size_t len, enum logical_part part);
/* Appends the joined text, as Postfix sees it (to be read up to the first NUL). */
void logical_join(struct strbuf *out, const char *span, size_t len);
/* The same into `to`, which has room for len bytes; returns the length. For text that is secret. */
size_t logical_join_into(char *to, const char *span, size_t len);
/* Appends the span with `mark` (which starts with '#') before each line of text. */
void logical_comment_out(struct strbuf *out, const char *span, size_t len, const char *mark);

/* The length of the newline that ends these bytes: 2 for CR LF, 1, or 0 where there is none. */
size_t logical_eol(const char *bytes, size_t len);
/* The length of what ends the last line: its newline, if it has one, and every CR before it. */
size_t logical_tail(const char *bytes, size_t len);
/* "\r\n" where most lines end so, else "\n". */
const char *logical_eol_style(const char *bytes, size_t len);
bool logical_is_space(char c);

#endif
