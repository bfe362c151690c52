/*
 * names.h: a number for each name, found as quickly among a hundred thousand as among ten.
 */
#ifndef RELAY_IMPORT_NAMES_H
#define RELAY_IMPORT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct names {
	void *root;
};

/* Keeps a copy of the name. A name that is there already gets the new number. */
void names_put(struct names *names, const char *name, size_t number);
bool names_find(const struct names *names, const char *name, size_t *number);
void names_free(struct names *names); /* safe on a zeroed struct */

#endif
