/*
 * catalogue.h: what the INI files declare: entries, panels, menus, options and commands.
 *
 * Read once at start and constant from then on. A file that cannot be used does not stop anything:
 * it becomes an entry with a problem, which its menu shows and which cannot be chosen. The grammar
 * of the files is in console.h.
 */
#ifndef CONSOLE_CATALOGUE_H
#define CONSOLE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

#define HOME_MENU "home"

struct entry_place {
	char *menu;
	long order;
};

struct entry {
	char *id; /* the file's name without .ini */
	char *path;
	char *title;
	char *summary;
	struct entry_place *places;
	size_t place_count;
	char *module; /* of "driver = module/driver" */
	char *driver;
	char *opens;
	struct text_list commands;
	bool privileged;
	bool panel;
	char *problem; /* NULL: usable */
};

struct menu_text {
	char *name;
	char *title;
	char *text;
	char *help;
};

struct option_text {
	char *name;
	char *argument; /* NULL: a flag */
	char *summary;
	const char *value; /* as given on the command line; not owned */
};

struct command_text {
	char *word;
	char *summary;
	bool privileged;
};

/* The folders of one name: shipped, administrator's; NULL at the end. */
struct folder {
	char *name;
	struct text_list paths;
};

struct catalogue {
	struct folder *folders;
	size_t folder_count;
	struct entry **entries;
	size_t entry_count;
	struct menu_text *menus;
	size_t menu_count;
	struct option_text *options;
	size_t option_count;
	struct command_text *commands;
	size_t command_count;
	char *problem; /* NULL, or the first folder that could not be read: some of all this is missing */
};

/* Finds the folders below the two (the second need not exist) and reads "entries". */
void catalogue_read(struct catalogue *catalogue, const char *shipped, const char *own);
/* Reads the other folders as well: what only menus need. Once, after catalogue_read. */
void catalogue_read_rest(struct catalogue *catalogue);
void catalogue_free(struct catalogue *catalogue); /* leaves it zeroed */

/* Entries of a menu, in order. The array is the caller's to free(), what it points to is not. */
struct entry **catalogue_menu(const struct catalogue *catalogue, const char *menu, size_t *count);
/* One thing by its name; NULL: there is none. */
struct entry *catalogue_panel(const struct catalogue *catalogue, const char *menu);
const char *catalogue_unusable(
	const struct catalogue *catalogue); /* the first problem of an entry */
struct menu_text *catalogue_menu_text(const struct catalogue *catalogue, const char *menu);
struct entry *catalogue_command_entry(const struct catalogue *catalogue, const char *word);
struct command_text *catalogue_command(const struct catalogue *catalogue, const char *word);
struct option_text *catalogue_option(const struct catalogue *catalogue, const char *name);
const struct folder *catalogue_folder(const struct catalogue *catalogue, const char *name);

#endif
