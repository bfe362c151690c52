#include "entry_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "inifile.h"

enum { WHY_SIZE = 512, KEYS_MAX = 8, ORDER_DEFAULT = 1000 };

enum kind { KIND_NONE, KIND_ENTRY, KIND_PANEL, KIND_MENU, KIND_OPTION, KIND_COMMAND };

static const struct {
	const char *name;
	bool named; /* "[menu NAME]" */
	const char *keys[KEYS_MAX];
} kinds[] = {
	[KIND_ENTRY] = {"entry", false,
		{"title", "summary", "menu", "order", "driver", "opens", "command", "privileged"}},
	[KIND_PANEL] = {"panel", false, {"menu", "driver"}},
	[KIND_MENU] = {"menu", true, {"title", "text", "help"}},
	[KIND_OPTION] = {"option", true, {"argument", "summary"}},
	[KIND_COMMAND] = {"command", true, {"summary", "privileged"}},
};

static enum kind kind_of(const char *section, const char **name)
{
	for (enum kind k = KIND_ENTRY; k <= KIND_COMMAND; k++) {
		size_t len = strlen(kinds[k].name);

		if (strncmp(section, kinds[k].name, len))
			continue;
		*name = section + len + (section[len] == ' ');
		if (kinds[k].named ? section[len] == ' ' : !section[len])
			return k;
	}
	return KIND_NONE;
}

static bool is_ours(const char *section)
{
	const char *name;

	return kind_of(section, &name) != KIND_NONE;
}

/* Checks what holds for every key. */
static bool check_key(const char *path, const struct inifile_key *key, char *why)
{
	const char *name;
	enum kind kind = kind_of(key->section, &name);
	size_t count = 0;

	if (kinds[kind].named && !text_is_name(name)) {
		snprintf(why, WHY_SIZE, _("%s:%u: [%s] is not a name (letters, digits, '-', '_')"),
			path, key->line, key->section);
		return false;
	}
	for (; count < KEYS_MAX && kinds[kind].keys[count]; count++)
		if (!strcmp(kinds[kind].keys[count], key->name))
			break;
	if (count == KEYS_MAX || !kinds[kind].keys[count]) {
		const char *near = text_nearest(key->name, kinds[kind].keys, count);

		if (near)
			snprintf(why, WHY_SIZE,
				_("%s:%u: [%s] has no \"%s\"; did you mean \"%s\"?"), path,
				key->line, key->section, key->name, near);
		else
			snprintf(why, WHY_SIZE, _("%s:%u: [%s] has no \"%s\""), path, key->line,
				key->section, key->name);
		return false;
	}
	if (!strcmp(key->name, "privileged") && strcmp(key->value, "yes") &&
		strcmp(key->value, "no")) {
		snprintf(why, WHY_SIZE, _("%s:%u: privileged is \"yes\" or \"no\", not \"%s\""),
			path, key->line, key->value);
		return false;
	}
	return true;
}

static bool is_yes(const char *value)
{
	return value && !strcmp(value, "yes");
}

static void take_places(struct entry *entry, const char *menus, const char *orders, char *why)
{
	struct text_list menu = {0}, order = {0};

	text_list_split(&menu, menus ? menus : "");
	text_list_split(&order, orders ? orders : "");
	for (size_t i = 0; i < menu.count; i++) {
		long number = ORDER_DEFAULT;
		char *end = NULL;

		if (order.count) {
			const char *word = order.items[i < order.count ? i : order.count - 1];

			errno = 0;
			number = strtol(word, &end, 10);
			if (errno || *end || end == word) {
				snprintf(why, WHY_SIZE, _("%s: order \"%s\" is not a number"),
					entry->path, word);
				number = ORDER_DEFAULT;
			}
		}
		entry->places =
			mem_grow(entry->places, entry->place_count + 1, sizeof(*entry->places));
		entry->places[entry->place_count++] =
			(struct entry_place){text_copy(menu.items[i]), number};
	}
	text_list_free(&menu);
	text_list_free(&order);
}

static void take_driver(struct entry *entry, const char *driver, char *why)
{
	const char *slash = driver ? strchr(driver, '/') : NULL;

	if (!driver)
		return;
	if (slash) {
		entry->module = text_copy_len(driver, (size_t)(slash - driver));
		entry->driver = text_copy(slash + 1);
	}
	/* A name only: a module is never looked for outside its own folder. */
	if (!slash || !text_is_name(entry->module) || !text_is_name(entry->driver))
		snprintf(why, WHY_SIZE,
			_("%s: driver is \"%s\", which is not of the form MODULE/DRIVER"),
			entry->path, driver);
}

static void take_entry(struct catalogue *catalogue, const struct inifile *ini, const char *section,
	const char *path, const char *id, bool commands_allowed, char *problem)
{
	struct entry *entry = mem_zero(1, sizeof(*entry));
	char why[WHY_SIZE] = "";
	const char *title = inifile_value(ini, section, "title");
	const char *commands = inifile_value(ini, section, "command");

	entry->path = text_copy(path);
	entry->id = text_copy(id);
	entry->panel = !strcmp(section, "panel");
	entry->title = text_copy(title && *title ? _(title) : id);
	entry->summary = text_copy(inifile_value(ini, section, "summary"));
	entry->opens = text_copy(inifile_value(ini, section, "opens"));
	entry->privileged = is_yes(inifile_value(ini, section, "privileged"));
	take_places(entry, inifile_value(ini, section, "menu"),
		inifile_value(ini, section, "order"), why);
	take_driver(entry, inifile_value(ini, section, "driver"), why);
	if (!*why && !entry->driver == !entry->opens)
		snprintf(why, sizeof(why), _("%s: it must say either driver = or opens ="), path);
	if (!*why && commands && !commands_allowed)
		snprintf(why, sizeof(why), _("%s: command words belong into the folder entries"),
			path);
	else if (commands)
		text_list_split(&entry->commands, commands);
	if (!entry->place_count && (*problem || *why))
		take_places(entry, HOME_MENU, NULL, why);
	entry->problem = *problem ? text_copy(problem) : *why ? text_copy(why) : NULL;
	catalogue->entries =
		mem_grow(catalogue->entries, catalogue->entry_count + 1, sizeof(struct entry *));
	catalogue->entries[catalogue->entry_count++] = entry;
}

static void replace(char **text, const char *value)
{
	if (!value)
		return;
	free(*text);
	*text = text_copy(value);
}

static void take_named(struct catalogue *catalogue, const struct inifile *ini,
	const struct inifile_key *key, enum kind kind, const char *name)
{
	const char *summary = inifile_value(ini, key->section, "summary");

	if (kind == KIND_MENU) {
		struct menu_text *menu = catalogue_menu_text(catalogue, name);

		if (!menu) {
			catalogue->menus = mem_grow(catalogue->menus, catalogue->menu_count + 1,
				sizeof(*catalogue->menus));
			menu = &catalogue->menus[catalogue->menu_count++];
			*menu = (struct menu_text){.name = text_copy(name)};
		}
		replace(&menu->title, inifile_value(ini, key->section, "title"));
		replace(&menu->text, inifile_value(ini, key->section, "text"));
		replace(&menu->help, inifile_value(ini, key->section, "help"));
	} else if (kind == KIND_OPTION) {
		struct option_text *option = catalogue_option(catalogue, name);

		if (!option) {
			catalogue->options = mem_grow(catalogue->options,
				catalogue->option_count + 1, sizeof(*catalogue->options));
			option = &catalogue->options[catalogue->option_count++];
			*option = (struct option_text){.name = text_copy(name)};
		}
		replace(&option->argument, inifile_value(ini, key->section, "argument"));
		replace(&option->summary, summary);
	} else if (kind == KIND_COMMAND) {
		struct command_text *command = catalogue_command(catalogue, name);

		if (!command) {
			catalogue->commands = mem_grow(catalogue->commands,
				catalogue->command_count + 1, sizeof(*catalogue->commands));
			command = &catalogue->commands[catalogue->command_count++];
			*command = (struct command_text){.word = text_copy(name)};
		}
		replace(&command->summary, summary);
		command->privileged = is_yes(inifile_value(ini, key->section, "privileged"));
	}
}

void entry_file_read(struct catalogue *catalogue, const char *path, const char *id,
	bool commands_allowed, const char *distrust)
{
	struct inifile ini = {0};
	char why[WHY_SIZE] = "";
	const char *name, *section = NULL;
	bool whole = inifile_read(&ini, path, is_ours, why, sizeof(why));

	for (size_t i = 0; whole && i < ini.count; i++)
		whole = check_key(path, &ini.keys[i], why);
	if (whole && distrust) {
		snprintf(why, sizeof(why), "%s", distrust);
		whole = false;
	}
	for (size_t i = 0; i < ini.count; i++) {
		enum kind kind = kind_of(ini.keys[i].section, &name);

		if (kind == KIND_ENTRY || (kind == KIND_PANEL && !section))
			section = ini.keys[i].section;
		else if (whole)
			take_named(catalogue, &ini, &ini.keys[i], kind, name);
	}
	if (section || !whole)
		take_entry(catalogue, &ini, section ? section : "entry", path, id, commands_allowed,
			why);
	inifile_free(&ini);
}
