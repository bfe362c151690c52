/*
 * screen.c: what a driver sees of the host in the full screen, and the menus of entries.
 */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "screen_box.h"

enum { PANEL_SIZE = 4096, PANEL_LINES = 4 };

static void note(const struct console_host *face, const char *text)
{
	const char *labels[] = {_("OK"), NULL};
	struct screen_page page = {.title = "relaycon", .text = text, .labels = labels};

	(void)face;
	screen_ask(&page);
}

static int fail(const struct console_host *face, int code, const char *message, const char *advice)
{
	const char *labels[] = {_("OK"), NULL};
	char *text =
		text_make("%s%s%s", message, advice && *advice ? "\n\n" : "", advice ? advice : "");
	struct screen_page page = {
		.title = _("That did not work"), .text = text, .labels = labels, .warning = true};

	(void)face;
	screen_ask(&page);
	free(text);
	return code;
}

/* A form of one field. */
static enum console_answer secret(
	const struct console_host *face, const char *prompt, char *value, size_t size)
{
	struct console_field field = {.name = "secret",
		.label = prompt,
		.kind = CONSOLE_FIELD_SECRET,
		.value = value,
		.size = size};
	struct console_form form = {.title = prompt, .fields = &field, .count = 1};
	size_t button = 0;

	return screen_form(face, &form, &button);
}

/* The panel may take a while; the menu stands already. */
static void fill_panel(struct screen_list *list)
{
	const struct session_menu *menu = list->context;

	menu->describe(menu->context, list->panel, PANEL_SIZE);
}

static enum console_answer view_menu(
	const struct console_host *face, const struct session_menu *what, size_t *chosen)
{
	struct screen_list list = {
		.menu = what->menu,
		.reasons = what->reasons,
		.back = what->home ? _("Leave") : _("Back"),
		.context = (void *)what,
	};

	(void)face;
	if (what->has_panel) {
		list.panel = mem_zero(PANEL_SIZE, 1);
		list.panel_lines = PANEL_LINES;
		list.fill = fill_panel;
		snprintf(list.panel, PANEL_SIZE, "%s", _("Looking at this machine ..."));
	}
	enum console_answer answer = screen_choose(&list, chosen);

	free(list.panel);
	return answer;
}

const struct session_view screen_view = {view_menu};

void screen_fill(struct host *host)
{
	struct console_host *face = &host->face;

	face->page = screen_page;
	face->menu = screen_menu;
	face->form = screen_form;
	face->progress_begin = screen_progress_begin;
	face->progress_step = screen_progress_step;
	face->progress_poll = screen_progress_poll;
	face->progress_end = screen_progress_end;
	face->print = note;
	face->note = note;
	face->fail = fail;
	face->secret = secret;
}
