/*
 * entry_file.h: between entry.c (one file) and catalogue.c (all files).
 */
#ifndef CONSOLE_ENTRY_FILE_H
#define CONSOLE_ENTRY_FILE_H

#include "entry.h"

/* distrust: NULL, or why what the file says must not be followed. */
void entry_file_read(struct catalogue *catalogue, const char *path, const char *id,
	bool commands_allowed, const char *distrust);

#endif
