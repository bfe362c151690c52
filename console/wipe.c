/*
 * wipe.c: what is freed is zeroed first.
 *
 * Linked in place of free() and realloc() for everything inside the executable, libdialog included
 * (see CONSOLE_LDFLAGS in the Makefile): a password that passed through a buffer of theirs is not
 * left behind on the heap. Shared libraries keep their own.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void __real_free(void *memory);
void __wrap_free(void *memory);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

void __wrap_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	__real_free(memory);
}

void *__wrap_realloc(void *memory, size_t size)
{
	size_t old = memory ? malloc_usable_size(memory) : 0;
	void *moved = malloc(size ? size : 1);

	if (!moved)
		return NULL;
	if (memory)
		memcpy(moved, memory, old < size ? old : size);
	__wrap_free(memory);
	return moved;
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return __wrap_realloc(memory, bytes);
}
