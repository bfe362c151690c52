#include "catalogue.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void entry_free(struct entry *entry)
{
	free(entry->id);
	free(entry->path);
	free(entry->title);
	free(entry->summary);
	for (size_t i = 0; i < entry->place_count; i++)
		free(entry->places[i].menu);
	free(entry->places);
	free(entry->module);
	free(entry->driver);
	free(entry->opens);
	free(entry->problem);
	text_list_free(&entry->commands);
	free(entry);
}

void catalogue_free(struct catalogue *catalogue)
{
	free(catalogue->problem);
	for (size_t i = 0; i < catalogue->folder_count; i++) {
		free(catalogue->folders[i].name);
		text_list_free(&catalogue->folders[i].paths);
	}
	free(catalogue->folders);
	for (size_t i = 0; i < catalogue->entry_count; i++)
		entry_free(catalogue->entries[i]);
	free(catalogue->entries);
	for (size_t i = 0; i < catalogue->menu_count; i++) {
		free(catalogue->menus[i].name);
		free(catalogue->menus[i].title);
		free(catalogue->menus[i].text);
		free(catalogue->menus[i].help);
	}
	free(catalogue->menus);
	for (size_t i = 0; i < catalogue->option_count; i++) {
		free(catalogue->options[i].name);
		free(catalogue->options[i].argument);
		free(catalogue->options[i].summary);
	}
	free(catalogue->options);
	for (size_t i = 0; i < catalogue->command_count; i++) {
		free(catalogue->commands[i].word);
		free(catalogue->commands[i].summary);
	}
	free(catalogue->commands);
	*catalogue = (struct catalogue){0};
}

struct placed {
	struct entry *entry;
	long order;
};

static int compare_placed(const void *a, const void *b)
{
	const struct placed *left = a, *right = b;

	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	int titles = strcasecmp(left->entry->title, right->entry->title);

	return titles ? titles : strcmp(left->entry->id, right->entry->id);
}

struct entry **catalogue_menu(const struct catalogue *catalogue, const char *menu, size_t *count)
{
	struct placed *placed = mem_zero(catalogue->entry_count, sizeof(*placed));
	struct entry **found = mem_zero(catalogue->entry_count, sizeof(struct entry *));

	*count = 0;
	for (size_t i = 0; i < catalogue->entry_count; i++) {
		struct entry *entry = catalogue->entries[i];

		for (size_t p = 0; !entry->panel && p < entry->place_count; p++) {
			if (strcmp(entry->places[p].menu, menu))
				continue;
			placed[(*count)++] = (struct placed){entry, entry->places[p].order};
			break;
		}
	}
	qsort(placed, *count, sizeof(*placed), compare_placed);
	for (size_t i = 0; i < *count; i++)
		found[i] = placed[i].entry;
	free(placed);
	return found;
}

struct entry *catalogue_panel(const struct catalogue *catalogue, const char *menu)
{
	for (size_t i = 0; i < catalogue->entry_count; i++) {
		struct entry *entry = catalogue->entries[i];

		for (size_t p = 0; entry->panel && p < entry->place_count; p++)
			if (!strcmp(entry->places[p].menu, menu))
				return entry;
	}
	return NULL;
}

const char *catalogue_unusable(const struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->entry_count; i++)
		if (catalogue->entries[i]->problem)
			return catalogue->entries[i]->problem;
	return NULL;
}

struct menu_text *catalogue_menu_text(const struct catalogue *catalogue, const char *menu)
{
	for (size_t i = 0; i < catalogue->menu_count; i++)
		if (!strcmp(catalogue->menus[i].name, menu))
			return &catalogue->menus[i];
	return NULL;
}

struct entry *catalogue_command_entry(const struct catalogue *catalogue, const char *word)
{
	for (size_t i = 0; i < catalogue->entry_count; i++)
		if (text_list_has(&catalogue->entries[i]->commands, word))
			return catalogue->entries[i];
	return NULL;
}

struct command_text *catalogue_command(const struct catalogue *catalogue, const char *word)
{
	for (size_t i = 0; i < catalogue->command_count; i++)
		if (!strcmp(catalogue->commands[i].word, word))
			return &catalogue->commands[i];
	return NULL;
}

struct option_text *catalogue_option(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->option_count; i++)
		if (!strcmp(catalogue->options[i].name, name))
			return &catalogue->options[i];
	return NULL;
}

const struct folder *catalogue_folder(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->folder_count; i++)
		if (!strcmp(catalogue->folders[i].name, name))
			return &catalogue->folders[i];
	return NULL;
}
