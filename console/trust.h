/*
 * trust.h: may what is in this file decide what we run?
 *
 * Only if nobody but root, or the user that we run as, could have written it.
 */
#ifndef CONSOLE_TRUST_H
#define CONSOLE_TRUST_H

#include <stdbool.h>
#include <stddef.h>

/* The file and the folder that holds it belong to root or to the running user and are writable by
 * nobody else. Symbolic links are followed; what they point at counts, and the folder they stand in.
 * False: why says which one is not, and how to mend it. */
bool trust_path(const char *path, char *why, size_t size);
/* The same for every lib* in the folder: what its modules are linked to. */
bool trust_libraries(const char *folder, char *why, size_t size);

#endif
