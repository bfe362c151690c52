/*
 * catalogue.c: which INI files there are, who overrides whom, and finding things in what they said.
 */
#include "entry_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "trust.h"

#define ENTRIES_FOLDER "entries"

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Names in a folder, sorted: of its folders, or of its *.ini without the ending. */
static void names_in(const char *path, bool folders, struct text_list *names)
{
	DIR *dir = opendir(path);
	struct dirent *item;

	while (dir && (item = readdir(dir))) {
		size_t len = strlen(item->d_name);

		if (item->d_name[0] == '.')
			continue;
		if (folders) {
			char *below = text_make("%s/%s", path, item->d_name);

			if (is_folder(below) && !text_list_has(names, item->d_name))
				text_list_take(names, text_copy(item->d_name));
			free(below);
		} else if (len > 4 && !strcmp(item->d_name + len - 4, ".ini")) {
			char *name = text_copy_len(item->d_name, len - 4);

			if (text_list_has(names, name))
				free(name);
			else
				text_list_take(names, name);
		}
	}
	if (dir)
		closedir(dir);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare_words);
}

static void read_folder(struct catalogue *catalogue, const struct folder *folder)
{
	struct text_list names = {0};
	bool commands_allowed = !strcmp(folder->name, ENTRIES_FOLDER);

	for (size_t i = 0; i < folder->paths.count; i++)
		names_in(folder->paths.items[i], false, &names);
	for (size_t i = 0; i < names.count; i++) {
		/* The last folder that has the file wins: the administrator's. */
		for (size_t f = folder->paths.count; f-- > 0;) {
			char *path = text_make("%s/%s.ini", folder->paths.items[f], names.items[i]);
			char why[512];
			struct stat st;
			bool found = !lstat(path, &st);

			if (found)
				entry_file_read(catalogue, path, names.items[i], commands_allowed,
					trust_path(path, false, why, sizeof(why)) ? NULL : why);
			free(path);
			if (found)
				break;
		}
	}
	text_list_free(&names);
}

void catalogue_read(struct catalogue *catalogue, const char *shipped, const char *own)
{
	struct text_list names = {0};

	names_in(shipped, true, &names);
	if (own)
		names_in(own, true, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct folder folder = {.name = text_copy(names.items[i])};
		const char *roots[] = {shipped, own};

		for (size_t r = 0; r < 2 && roots[r]; r++) {
			char *path = text_make("%s/%s", roots[r], names.items[i]);

			if (is_folder(path))
				text_list_take(&folder.paths, path);
			else
				free(path);
		}
		catalogue->folders = mem_grow(catalogue->folders, catalogue->folder_count + 1,
			sizeof(*catalogue->folders));
		catalogue->folders[catalogue->folder_count++] = folder;
	}
	text_list_free(&names);
	const struct folder *entries = catalogue_folder(catalogue, ENTRIES_FOLDER);

	if (entries)
		read_folder(catalogue, entries);
}

void catalogue_read_rest(struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->folder_count; i++)
		if (strcmp(catalogue->folders[i].name, ENTRIES_FOLDER))
			read_folder(catalogue, &catalogue->folders[i]);
}

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

const struct menu_text *catalogue_menu_text(const struct catalogue *catalogue, const char *menu)
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

const struct command_text *catalogue_command(const struct catalogue *catalogue, const char *word)
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
