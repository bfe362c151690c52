/*
 * ini.h: strict reading of INI files through libinih.
 *
 * libinih cuts long lines and section names and gives no line numbers; here the reader that feeds
 * it counts lines and refuses what it would have cut, so that nothing is used that was not read
 * whole. Also refused: a key before any section, a key twice in a section, a section twice, NUL,
 * invalid UTF-8, control characters. A continuation line (leading white space) is joined to the value
 * with '\n'.
 * Comments: whole lines whose first character other than white space is ';' or '#'. Inside a value
 * both are kept. Limits: a line 8190 bytes, names 49 bytes, 10,000 sections, 1,000 keys in one.
 */
#ifndef RELAY_INI_H
#define RELAY_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "strbuf.h"

struct ini_key {
	char *name;
	char *value;
	unsigned line;
	unsigned *more_lines; /* where the second and further lines of the value stand */
	size_t more_count;
};

struct ini_section {
	char *name;
	unsigned line;
	struct ini_key *keys;
	size_t count;
};

struct ini {
	char *path; /* for messages */
	struct ini_section *sections;
	size_t count;
};

enum { INI_FILE_MAX = 1 << 20 }; /* bytes; ini_load refuses a larger file */

/* ERROR_DATA names path and line. ERROR_IO when the file cannot be read. */
bool ini_load(struct ini *ini, const char *path, struct error *error) WARN_UNUSED_RESULT;
/* (Not named ini_parse: libinih exports a function of that name.) */
bool ini_parse_bytes(struct ini *ini, const char *path, const char *bytes, size_t len,
	struct error *error) WARN_UNUSED_RESULT;
void ini_free(struct ini *ini); /* safe on a zeroed struct */
const struct ini_section *ini_section(const struct ini *ini, const char *name);    /* NULL: none */
const char *ini_value(const struct ini_section *section, const char *key);         /* NULL: none */
const struct ini_key *ini_key(const struct ini_section *section, const char *key); /* NULL: none */
/* Where the value's line n (from 0) stands in the file: comments and empty lines are not of the value. */
unsigned ini_value_line(const struct ini_key *key, size_t n);
/* Fails (ERROR_DATA, with path, line, and the nearest known key) on a key that is not in the
 * NULL-terminated list. */
bool ini_only_keys(const struct ini *ini, const struct ini_section *section,
	const char *const *known, struct error *error) WARN_UNUSED_RESULT;

/* Writing. Values with a newline become continuation lines; none of these may be empty or begin with
 * '#' or ';' (asserted), and what is trimmed when read (white space at both ends) is not the value's. */
void ini_write_section(struct strbuf *out, const char *name);
void ini_write_key(struct strbuf *out, const char *name, const char *value); /* NULL: no line */

#endif
