#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "i18n.h"

enum { MENU_DEPTH_MAX = 8 };

struct panel {
	struct host *host;
	const struct entry *entry;
};

static void describe(void *context, char *text, size_t size)
{
	const struct panel *panel = context;
	const char *why = NULL;
	const struct console_driver *driver = host_driver(panel->host, panel->entry, &why);

	if (size)
		*text = '\0';
	if (driver && driver->describe)
		driver->describe(&panel->host->face, text, size);
	else if (!driver)
		snprintf(text, size, _("Nothing can be said about this machine: %s"), why);
}

static char *reason_of(struct host *host, const struct entry *entry)
{
	if (entry->problem)
		return text_copy(entry->problem);
	if (entry->privileged && !host->face.privileged)
		return text_make(_("needs root: run \"sudo %s\""), host->name);
	return NULL;
}

/* Loads the module of what was chosen; a failure disables the entry from then on. */
static enum console_answer run_entry(struct host *host, struct entry *entry)
{
	const char *why = NULL;
	const struct console_driver *driver = host_driver(host, entry, &why);

	if (driver && driver->run) {
		struct console_entry chosen = {entry->id, entry->title};

		return driver->run(&host->face, &chosen);
	}
	if (!entry->problem)
		entry->problem = driver ? text_make(_("driver %s/%s has no screens, only commands"),
						  entry->module, entry->driver)
					: text_copy(why);
	struct console_page page = {.title = entry->title, .text = entry->problem, .warning = true};
	size_t button = 0;

	return host->face.page(&host->face, &page, &button) == CONSOLE_GONE ? CONSOLE_GONE
									    : CONSOLE_BACK;
}

static enum console_answer ask(struct host *host, const struct session_view *view, const char *name,
	const char *title, struct entry **entries, size_t count, size_t *chosen)
{
	const struct menu_text *text = catalogue_menu_text(&host->catalogue, name);
	struct panel panel = {host, catalogue_panel(&host->catalogue, name)};
	struct console_item *items = mem_zero(count, sizeof(*items));
	char **reasons = mem_zero(count, sizeof(*reasons));
	struct session_menu menu = {
		.menu = {.title = text && text->title ? _(text->title) : title,
			.text = text && text->text ? _(text->text) : NULL,
			.help = text && text->help ? _(text->help) : NULL,
			.items = items,
			.count = count},
		.reasons = (const char *const *)reasons,
		.home = !strcmp(name, HOME_MENU),
		.has_panel = panel.entry != NULL,
		.describe = describe,
		.context = &panel,
	};

	for (size_t i = 0; i < count; i++) {
		items[i].title = entries[i]->title;
		items[i].summary =
			entries[i]->summary && *entries[i]->summary ? _(entries[i]->summary) : NULL;
		reasons[i] = reason_of(host, entries[i]);
	}
	enum console_answer answer = view->menu(&host->face, &menu, chosen);

	for (size_t i = 0; i < count; i++)
		free(reasons[i]);
	free(reasons);
	free(items);
	return answer;
}

static enum console_answer run_menu(struct host *host, const struct session_view *view,
	const char *name, const char *title, int depth, bool *inside)
{
	size_t count = 0, chosen = 0;
	struct entry **entries = catalogue_menu(&host->catalogue, name, &count);
	enum console_answer answer;

	while ((answer = ask(host, view, name, title, entries, count, &chosen)) == CONSOLE_OK) {
		if (chosen >= count)
			continue;
		struct entry *entry = entries[chosen];

		if (!entry->opens) {
			*inside = true;
			answer = run_entry(host, entry);
		}
		if (entry->opens && depth < MENU_DEPTH_MAX)
			answer =
				run_menu(host, view, entry->opens, entry->title, depth + 1, inside);
		if (answer == CONSOLE_GONE)
			break;
		*inside = false;
	}
	free(entries);
	return answer;
}

int session_run(struct host *host, const struct session_view *view)
{
	bool inside = false;

	if (run_menu(host, view, HOME_MENU, "relaycon", 0, &inside) == CONSOLE_GONE && inside)
		return EX_IOERR;
	return EX_OK;
}
