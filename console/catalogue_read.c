/*
 * catalogue_read.c: catalogue_read and catalogue_read_rest (catalogue.h): which INI files there are,
 * and who overrides whom. What stands in one: entry_file.c.
 */
#include "catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entry_file.h"
#include "trust.h"

#define ENTRIES_FOLDER "entries"

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is not there is no trouble, nor is what root keeps from other users. */
static void trouble(struct catalogue *catalogue, const char *path)
{
	bool expected = errno == ENOENT || errno == ENOTDIR || (errno == EACCES && geteuid() != 0);

	if (!expected && !catalogue->problem)
		catalogue->problem = text_make("%s: %s", path, strerror(errno));
}

static bool is_folder(struct catalogue *catalogue, const char *path)
{
	struct stat st;

	if (!stat(path, &st))
		return S_ISDIR(st.st_mode);
	trouble(catalogue, path);
	return false;
}

static bool is_there(struct catalogue *catalogue, const char *path)
{
	struct stat st;

	if (!lstat(path, &st))
		return true;
	trouble(catalogue, path);
	return false;
}

/* Names in a folder, sorted: of its folders, or of its *.ini without the ending. */
static void names_in(
	struct catalogue *catalogue, const char *path, bool folders, struct text_list *names)
{
	DIR *dir = opendir(path);
	struct dirent *item;

	if (!dir) {
		trouble(catalogue, path);
		return;
	}
	while ((errno = 0, item = readdir(dir))) {
		size_t len = strlen(item->d_name);

		if (item->d_name[0] == '.')
			continue;
		if (folders) {
			char *below = text_make("%s/%s", path, item->d_name);

			if (is_folder(catalogue, below) && !text_list_has(names, item->d_name))
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
	if (errno)
		trouble(catalogue, path);
	closedir(dir);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare_words);
}

static void read_folder(struct catalogue *catalogue, const struct folder *folder)
{
	struct text_list names = {0};
	bool commands_allowed = !strcmp(folder->name, ENTRIES_FOLDER);

	for (size_t i = 0; i < folder->paths.count; i++)
		names_in(catalogue, folder->paths.items[i], false, &names);
	for (size_t i = 0; i < names.count; i++) {
		/* The last folder that has the file wins: the administrator's. */
		for (size_t f = folder->paths.count; f-- > 0;) {
			char *path = text_make("%s/%s.ini", folder->paths.items[f], names.items[i]);
			char why[512];
			bool found = is_there(catalogue, path);

			if (found)
				entry_file_read(catalogue, path, names.items[i], commands_allowed,
					trust_path(path, why, sizeof(why)) ? NULL : why);
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

	names_in(catalogue, shipped, true, &names);
	if (own)
		names_in(catalogue, own, true, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct folder folder = {.name = text_copy(names.items[i])};
		const char *roots[] = {shipped, own};

		for (size_t r = 0; r < 2 && roots[r]; r++) {
			char *path = text_make("%s/%s", roots[r], names.items[i]);

			if (is_folder(catalogue, path))
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
