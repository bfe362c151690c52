/* wanted.c: what is wanted, as lists: adding to them, looking things up (wanted.h). */
#include "wanted.h"

#include <stdlib.h>
#include <string.h>

void wanted_add_service(struct wanted *wanted, char *key, char *line)
{
	wanted->services = mem_realloc_array(
		wanted->services, wanted->service_count + 1, sizeof *wanted->services);
	wanted->services[wanted->service_count++] = (struct wanted_service){key, line};
}

struct wanted_table *wanted_add_table(
	struct wanted *wanted, enum wanted_table_kind kind, const char *name)
{
	wanted->tables =
		mem_realloc_array(wanted->tables, wanted->table_count + 1, sizeof *wanted->tables);
	struct wanted_table *table = &wanted->tables[wanted->table_count++];

	*table = (struct wanted_table){.kind = kind, .name = text_dup(name)};
	strbuf_reset(&table->text);
	return table;
}

void wanted_free(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		free(wanted->parameters[i].value);
	for (size_t i = 0; i < wanted->service_count; i++) {
		free(wanted->services[i].key);
		free(wanted->services[i].line);
	}
	for (size_t i = 0; i < wanted->table_count; i++) {
		free(wanted->tables[i].name);
		strbuf_free(&wanted->tables[i].text);
	}
	free(wanted->parameters);
	free(wanted->services);
	free(wanted->tables);
	free(wanted->default_way);
	free(wanted->check_services);
	*wanted = (struct wanted){0};
}

const char *wanted_value(const struct wanted *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (strcmp(wanted->parameters[i].name, name) == 0)
			return wanted->parameters[i].value;
	return NULL;
}

const char *wanted_service(const struct wanted *wanted, const char *key)
{
	for (size_t i = 0; i < wanted->service_count; i++)
		if (strcmp(wanted->services[i].key, key) == 0)
			return wanted->services[i].line;
	return NULL;
}

const struct wanted_table *wanted_table_named(const struct wanted *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->table_count; i++)
		if (strcmp(wanted->tables[i].name, name) == 0)
			return &wanted->tables[i];
	return NULL;
}
