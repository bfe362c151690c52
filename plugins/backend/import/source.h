/*
 * source.h: a file of somebody else's that may hold passwords, read into locked memory and taken apart there.
 *
 * A line is what stands between two line breaks (LF or CR LF; the last one may lack its own), without a
 * byte order mark at the start of the file, without white space at its ends. Blank lines and comments
 * (first character '#') are passed over.
 */
#ifndef RELAY_IMPORT_SOURCE_H
#define RELAY_IMPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "../postfix/table.h"

/* A run of bytes in the locked memory. */
struct span {
	const char *at;
	size_t len;
};

struct source_line {
	unsigned number;
	bool indented; /* white space stands before it */
	bool readable; /* valid UTF-8, no control characters */
	struct span text;
	struct span key;   /* the first word */
	struct span value; /* what follows it, from its first character on; may be empty */
};

struct source {
	struct secret_table bytes;
	bool exists;
	struct source_line *lines;
	size_t count;
};

/* A file that is missing is no error. ERROR_IO, ERROR_DENIED, ERROR_DATA. */
bool source_read(struct source *source, const char *path, struct error *error) WARN_UNUSED_RESULT;
void source_free(struct source *source); /* wipes; safe on a zeroed struct */

bool span_is(struct span span, const char *text);
bool span_has(struct span span, char c);
char *span_text(struct span span); /* of what is no secret; caller frees */
/* Appends it cleaned, cut at some hundred bytes. */
void span_show(struct span span, struct strbuf *out);

#endif
