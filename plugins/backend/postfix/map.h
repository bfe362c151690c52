/*
 * map.h: tables that postmap(1) builds (database(5), lmdb_table(5), cdb_table(5)): which type this
 * Postfix has, and building one under a name of our own.
 *
 * A text table is read whole by each process that opens it, again and again; past some size a built one
 * is worth the second file.
 */
#ifndef RELAY_MAP_H
#define RELAY_MAP_H

#include <stdbool.h>
#include <sys/types.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "instance.h"

/* Entries of a text table. Postfix 3.7 reads 5,000 in 13 ms, 50,000 in 80 ms, at each start of
 * trivial-rewrite(8). */
enum { MAP_TEXT_MAX = 5000 };

/* "lmdb", "cdb" or "hash", the first that "postconf -m" names; NULL: none, or it cannot be asked. */
const char *map_best_type(const struct postfix *postfix);
const char *map_ending(const char *type); /* ".lmdb", ".cdb", ".db" */

/* Builds the map of that text as the file `staged` (see file_stage), with the mode given. A file of the
 * text lies beside it meanwhile, "STAGED.source". ERROR_SYSTEM, ERROR_IO: nothing is left. */
bool map_build(const char *config_dir, const char *type, const struct strbuf *text,
	const char *staged, mode_t mode, struct error *error) WARN_UNUSED_RESULT;

#endif
