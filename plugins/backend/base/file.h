/*
 * file.h: files read whole, and files written so that nobody ever sees half of one.
 *
 * file_stage writes the complete new content beside its target under a name of ours (created with
 * O_EXCL | O_NOFOLLOW at mode 0600, only then given the target's owner, mode and extended
 * attributes, mtime set FILE_COOL_SECONDS back so that Postfix need not wait for a hot file).
 * What is staged becomes visible by a rename that the caller does; file_sync makes it durable.
 */
#ifndef RELAY_FILE_H
#define RELAY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"
#include "strbuf.h"

enum { FILE_COOL_SECONDS = 3, FILE_MAX = 64 << 20 };

/* Reads a regular file whole (at most max bytes, else ERROR_DATA). Where exists is not NULL a
 * missing file is no error: *exists says so and out stays empty. A FIFO, device or folder is
 * refused (ERROR_DATA) without blocking. */
bool file_read(struct strbuf *out, const char *path, size_t max, bool *exists,
	struct error *error) WARN_UNUSED_RESULT;
/* Where a symlink (or a chain) at path ends; a copy of path where there is none or nothing there.
 * Caller frees. NULL: ERROR_IO, ERROR_DENIED. */
char *file_resolve(const char *path, struct error *error);
char *file_folder(const char *path); /* the folder part, "." where there is none; caller frees */

/* Writes bytes as a new file `staged` (which must not exist; a leftover regular file of ours is
 * replaced). Attributes come from the file `like` where it exists (NULL: nowhere), else mode is used.
 * Not synced yet. On failure nothing is left. */
bool file_stage(const char *staged, const char *like, mode_t mode, const void *bytes, size_t len,
	struct error *error) WARN_UNUSED_RESULT;
bool file_sync(const char *path, struct error *error) WARN_UNUSED_RESULT; /* file or folder */
/* Whole new small file in one go: stage, sync, rename, sync the folder. For our own state files
 * that stand outside of a change. */
bool file_replace(const char *path, mode_t mode, const void *bytes, size_t len,
	struct error *error) WARN_UNUSED_RESULT;
/* Did one die halfway, so that its new file lies beside this path? One that is at work did not. */
bool file_replace_was_cut(const char *path);
void file_replace_clear(const char *path);

/* Makes the folder (parents must exist) with exactly that mode, and durably, or checks that what is there is a
 * folder, ours (root's, or the running user's), and writable by nobody else; ERROR_DENIED if not. */
bool file_make_private_folder(
	const char *path, mode_t mode, struct error *error) WARN_UNUSED_RESULT;
/* The check alone, for a folder that need not be there (or that we cannot look at). */
bool file_check_private_folder(const char *path, struct error *error) WARN_UNUSED_RESULT;
/* The same for a file, or a folder that may be a symbolic link; it has to be there. */
bool file_check_ownership(const char *path, struct error *error) WARN_UNUSED_RESULT;
/* Can nobody else put another folder or file in the place of this one (an absolute path, which need not
 * be there)? All folders and links that lead to it are root's or the running user's, and only in sticky
 * ones may others write. ERROR_DENIED if not. */
bool file_check_way(const char *path, struct error *error) WARN_UNUSED_RESULT;

#endif
