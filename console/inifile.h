/*
 * inifile.h: strict reading of the INI files of the host, through libinih.
 *
 * libinih cuts what is too long and hands on the rest as if it were another line; here the reader
 * that feeds it marks such lines. Sections that are not the host's own are passed over. A key twice
 * or a cut line in a section of the host is an error, and nothing of such a file is used.
 * A continuation line is joined with a blank; one that is a lone "." makes a paragraph.
 */
#ifndef CONSOLE_INIFILE_H
#define CONSOLE_INIFILE_H

#include <stdbool.h>
#include <stddef.h>

struct inifile_key {
	char *section;
	char *name;
	char *value;
	unsigned line;
};

struct inifile {
	struct inifile_key *keys;
	size_t count;
};

/* ours: is this section one of the host's? False: why names file and line. Whatever was read until
 * then is in *ini all the same, so that the menu can say what is broken; free it either way. */
bool inifile_read(struct inifile *ini, const char *path, bool (*ours)(const char *section),
	char *why, size_t size);
void inifile_free(struct inifile *ini);
/* NULL: there is none. Valid as long as *ini. */
const char *inifile_value(const struct inifile *ini, const char *section, const char *name);

#endif
