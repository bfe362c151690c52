#include "names.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "../base/strbuf.h"

struct named {
	char *name;
	size_t number;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static void free_named(void *entry)
{
	free(((struct named *)entry)->name);
	free(entry);
}

void names_put(struct names *names, const char *name, size_t number)
{
	struct named *entry = mem_calloc(1, sizeof *entry);
	struct named **there;

	*entry = (struct named){text_dup(name), number};
	there = tsearch(entry, &names->root, by_name);
	if (!there) {
		mem_exhausted();
	} else if (*there != entry) {
		(*there)->number = number;
		free_named(entry);
	}
}

bool names_find(const struct names *names, const char *name, size_t *number)
{
	const struct named wanted = {.name = (char *)name};
	struct named *const *there = tfind(&wanted, &names->root, by_name);

	if (there)
		*number = (*there)->number;
	return there != NULL;
}

void names_free(struct names *names)
{
	if (names->root)
		tdestroy(names->root, free_named);
	names->root = NULL;
}
