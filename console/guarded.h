/*
 * guarded.h: memory for a secret that has to wait: pages of its own, never swapped, left out of core
 * dumps, wiped at the end. Zeroed at first.
 */
#ifndef CONSOLE_GUARDED_H
#define CONSOLE_GUARDED_H

#include <stddef.h>

char *guarded_new(size_t size); /* NULL with errno */
void guarded_free(char *memory, size_t size);

#endif
