#include "wipe.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void wipe_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* Never realloc(3): where it moves the block it leaves the old bytes behind. */
void *wipe_realloc(void *memory, size_t size)
{
	size_t old = memory ? malloc_usable_size(memory) : 0;
	void *moved = malloc(size ? size : 1);

	if (moved && memory) {
		memcpy(moved, memory, old < size ? old : size);
		wipe_free(memory);
	}
	return moved;
}
