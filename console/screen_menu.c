/*
 * screen_menu.c: a list to choose from, with a panel of text above it.
 */
#include "screen_box.h"

#include <string.h>
#include <strings.h>

#include "i18n.h"

struct view {
	struct screen_list *list;
	char **titles;
	char **summaries;
	size_t title_columns;
	struct text_list head; /* panel and text */
	struct text_list more; /* of the selected item, when its line is cut */
	size_t more_lines;
	size_t at;
	size_t top;
	size_t room;
	int columns;
	int button; /* 0 choose, 1 back */
};

enum { TITLE_MAX = 30, GAP = 2, WIDEST = 92 };

static void prepare(struct view *view)
{
	const struct console_menu *menu = &view->list->menu;

	view->titles = mem_zero(menu->count + 1, sizeof(char *));
	view->summaries = mem_zero(menu->count + 1, sizeof(char *));
	size_t widest = WIDEST;

	/* Without summaries a title has the line to itself. */
	for (size_t i = 0; i < menu->count; i++)
		if (menu->items[i].summary || (view->list->reasons && view->list->reasons[i]))
			widest = TITLE_MAX;
	for (size_t i = 0; i < menu->count; i++) {
		const char *reason = view->list->reasons ? view->list->reasons[i] : NULL;
		char *more = reason ? text_make(_("not available: %s"), reason) : NULL;

		view->titles[i] = text_clean_line(menu->items[i].title);
		view->summaries[i] = text_clean_line(more ? more : menu->items[i].summary);
		free(more);
		size_t width = text_columns(view->titles[i]);

		if (width > view->title_columns)
			view->title_columns = width < widest ? width : widest;
	}
}

static void unprepare(struct view *view)
{
	for (size_t i = 0; i < view->list->menu.count; i++) {
		free(view->titles[i]);
		free(view->summaries[i]);
	}
	free(view->titles);
	free(view->summaries);
	text_list_free(&view->head);
	text_list_free(&view->more);
}

static void lay_out(struct view *view)
{
	const struct screen_list *list = view->list;
	size_t count = list->menu.count;

	view->columns = screen_columns_free() > WIDEST ? WIDEST : screen_columns_free();
	if (view->columns < 8)
		return;
	text_list_free(&view->head);
	if (list->menu.text && *list->menu.text) {
		text_wrap(&view->head, list->menu.text, (size_t)view->columns, false);
		text_list_take(&view->head, text_copy(""));
	}
	if (list->panel) {
		size_t most = view->head.count + list->panel_lines;

		text_wrap(&view->head, list->panel, (size_t)view->columns, false);
		while (view->head.count < most)
			text_list_take(&view->head, text_copy(""));
		text_list_take(&view->head, text_copy(""));
	}
	/* Lines below the list for what does not fit into one. */
	size_t taken = 2 + view->title_columns + GAP;
	size_t fits = (size_t)view->columns > taken ? (size_t)view->columns - taken : 0;

	view->more_lines = 0;
	for (size_t i = 0; i < count; i++) {
		text_list_free(&view->more);
		if (text_columns(view->summaries[i]) > fits)
			text_wrap(&view->more, view->summaries[i], (size_t)view->columns, false);
		if (view->more.count > view->more_lines)
			view->more_lines = view->more.count < 3 ? view->more.count : 3;
	}
	text_list_free(&view->more);
	if (count && text_columns(view->summaries[view->at]) > fits)
		text_wrap(&view->more, view->summaries[view->at], (size_t)view->columns, false);

	int below = view->more_lines ? (int)view->more_lines + 1 : 0;
	int room = screen_lines_free() - SCREEN_BUTTON_LINES - below;
	size_t least = count < 5 ? count : 5;

	/* The list matters more than what stands above it. */
	while (view->head.count && room - (int)view->head.count < (int)least) {
		view->head.count--;
		free(view->head.items[view->head.count]);
		view->head.items[view->head.count] = NULL;
	}
	room -= (int)view->head.count;
	view->room = room > 1 ? (size_t)room : 1;
	if (count < view->room)
		view->room = count ? count : 1;
	if (view->at < view->top)
		view->top = view->at;
	if (view->at >= view->top + view->room)
		view->top = view->at - view->room + 1;
	if (view->top + view->room > count)
		view->top = count > view->room ? count - view->room : 0;
}

static void draw(struct view *view)
{
	const struct screen_list *list = view->list;
	const char *labels[] = {_("Select"), list->back, NULL};
	int line = (int)view->head.count;
	int below = view->more_lines ? (int)view->more_lines + 1 : 0;

	if (!screen_box(line + (int)view->room + below + SCREEN_BUTTON_LINES, view->columns,
		    list->menu.title,
		    _("Up/Down move   a letter jumps   Enter selects   F1 help   ESC back"), false))
		return;
	for (size_t i = 0; i < view->head.count; i++)
		screen_put((int)i, 0, view->columns, STYLE_NORMAL, view->head.items[i]);
	if (!list->menu.count)
		screen_put(line, 0, view->columns, STYLE_NORMAL, _("There is nothing here."));
	for (size_t i = 0; i < view->room && view->top + i < list->menu.count; i++) {
		size_t item = view->top + i;
		bool dim = list->reasons && list->reasons[item];
		enum screen_style style = item == view->at ? STYLE_SELECTED
					  : dim            ? STYLE_DIM
							   : STYLE_NORMAL;
		int title = (int)view->title_columns;
		int rest = view->columns - 2 - title - GAP;
		char *summary = text_shorten(view->summaries[item], rest > 0 ? (size_t)rest : 0);

		screen_put(line + (int)i, 0, view->columns, style, "");
		if (title > view->columns - 2)
			title = view->columns - 2;
		screen_put(line + (int)i, 1, title, style == STYLE_NORMAL ? STYLE_STRONG : style,
			view->titles[item]);
		screen_put(line + (int)i, 1 + title + GAP, -1, style, summary);
		free(summary);
	}
	for (size_t i = 0; i < view->more.count && i < view->more_lines; i++)
		screen_put(line + (int)view->room + 1 + (int)i, 0, view->columns, STYLE_HINT,
			view->more.items[i]);
	screen_buttons(labels, view->button);
	screen_scrollbar(line, line + (int)view->room - 1, view->top, view->room, list->menu.count);
	/* A screen reader, and who enlarges the screen, follows the cursor. */
	if (list->menu.count)
		screen_cursor(line + (int)(view->at - view->top), 1);
	screen_show();
}

/* The next title that begins with what was typed. */
static void jump(struct view *view, const char *typed)
{
	size_t count = view->list->menu.count, len = strlen(typed);

	for (size_t step = 1; step <= count; step++) {
		size_t item = (view->at + step) % count;

		if (!strncasecmp(view->titles[item], typed, len)) {
			view->at = item;
			return;
		}
	}
}

static void move(struct view *view, long by)
{
	long count = (long)view->list->menu.count, to = (long)view->at + by;

	if (count)
		view->at = (size_t)(to < 0 ? 0 : to >= count ? count - 1 : to);
}

static bool on_enter(struct view *view, enum console_answer *answer)
{
	struct screen_list *list = view->list;
	const char *ok[] = {_("OK"), NULL};

	*answer = CONSOLE_BACK;
	if (view->button == 1)
		return true;
	if (!list->menu.count)
		return false;
	if (!list->reasons || !list->reasons[view->at]) {
		*answer = CONSOLE_OK;
		return true;
	}
	struct screen_page page = {
		.title = view->titles[view->at], .text = view->summaries[view->at], .labels = ok};

	*answer = screen_ask(&page);
	return *answer == CONSOLE_GONE;
}

static bool on_key(struct view *view, const struct screen_key *key, enum console_answer *answer)
{
	long count = (long)view->list->menu.count;

	switch (key->code) {
	case SCREEN_GONE:
		*answer = CONSOLE_GONE;
		return true;
	case SCREEN_ESC:
		*answer = CONSOLE_BACK;
		return true;
	case SCREEN_ENTER:
		return on_enter(view, answer);
	case SCREEN_HELP:
		*answer = screen_help(view->list->menu.title, view->list->menu.help);
		return *answer == CONSOLE_GONE;
	case SCREEN_UP:
		move(view, -1);
		break;
	case SCREEN_DOWN:
		move(view, 1);
		break;
	case SCREEN_PAGE_UP:
		move(view, -(long)view->room);
		break;
	case SCREEN_PAGE_DOWN:
		move(view, (long)view->room);
		break;
	case SCREEN_HOME:
		move(view, -count);
		break;
	case SCREEN_END:
		move(view, count);
		break;
	case SCREEN_TAB:
	case SCREEN_BACKTAB:
	case SCREEN_LEFT:
	case SCREEN_RIGHT:
		view->button = !view->button;
		break;
	case SCREEN_TEXT:
		jump(view, key->text);
		break;
	default:
		break;
	}
	return false;
}

enum console_answer screen_choose(struct screen_list *list, size_t *chosen)
{
	struct view view = {.list = list, .at = *chosen};
	enum console_answer answer = CONSOLE_BACK;

	if (view.at >= list->menu.count)
		view.at = list->menu.count ? list->menu.count - 1 : 0;
	prepare(&view);
	for (bool over = false; !over;) {
		lay_out(&view);
		/* What was typed ahead or pasted is drawn once, at its end. */
		if (!screen_typed_ahead())
			draw(&view);
		if (list->fill) {
			list->fill(list);
			list->fill = NULL;
			continue;
		}
		struct screen_key key = screen_key(-1);

		over = on_key(&view, &key, &answer);
	}
	unprepare(&view);
	if (answer == CONSOLE_OK)
		*chosen = view.at;
	return answer;
}

enum console_answer screen_menu(
	const struct console_host *face, const struct console_menu *menu, size_t *chosen)
{
	struct screen_list list = {.menu = *menu, .back = _("Back")};

	(void)face;
	return screen_choose(&list, chosen);
}
