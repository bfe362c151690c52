/*
 * wipe.h: memory functions for a library that passwords pass through: what it frees is zeroed first.
 * To be handed to it as its allocator; what malloc gave it before may be freed by them too.
 */
#ifndef RELAY_WIPE_H
#define RELAY_WIPE_H

#include <stddef.h>

void wipe_free(void *memory);
void *wipe_realloc(void *memory, size_t size); /* NULL: as realloc, and `memory` stays */

#endif
