/*
 * entry_file.h: one INI file into the catalogue. Which files are read: catalogue_read.c.
 */
#ifndef CONSOLE_ENTRY_FILE_H
#define CONSOLE_ENTRY_FILE_H

#include "catalogue.h"

/* Adds what the file declares, as the entry `id`. A file that cannot be used becomes an entry with a
 * problem. commands_allowed: it may declare command words. distrust: NULL, or why what the file says
 * must not be followed. */
void entry_file_read(struct catalogue *catalogue, const char *path, const char *id,
	bool commands_allowed, const char *distrust);

#endif
