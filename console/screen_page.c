/*
 * screen_page.c: a text with buttons: a message, a question, help, a diff.
 */
#include "screen_box.h"

#include <stdlib.h>
#include <string.h>

#include "i18n.h"

struct view {
	struct screen_page *page;
	struct text_list lines;
	size_t intro; /* so many lines of them: wrapped, and not scrolled sideways */
	size_t buttons;
	size_t widest;
	size_t top;  /* first line shown */
	size_t left; /* first column shown, preformatted */
	size_t room; /* lines shown */
	size_t columns;
};

/* Lines for the width that there is now. */
static void lay_out(struct view *view)
{
	enum { COMFORTABLE = 72 };
	const struct screen_page *page = view->page;
	int columns = screen_columns_free(),
	    wrapped = columns > COMFORTABLE ? COMFORTABLE : columns;

	if (!page->preformatted)
		columns = wrapped;
	text_list_free(&view->lines);
	if (page->intro && *page->intro) {
		text_wrap(&view->lines, page->intro, (size_t)wrapped, false);
		text_list_take(&view->lines, text_copy(""));
	}
	view->intro = view->lines.count;
	text_wrap(&view->lines, page->text ? page->text : "", (size_t)columns, page->preformatted);
	view->widest = 0;
	for (size_t i = 0; i < view->lines.count; i++) {
		size_t width = text_columns(view->lines.items[i]);

		if (width > view->widest)
			view->widest = width;
	}
	int lines = screen_lines_free() - SCREEN_BUTTON_LINES;

	view->room = lines > 1 ? (size_t)lines : 1;
	if (view->lines.count < view->room)
		view->room = view->lines.count ? view->lines.count : 1;
	/* As wide as the text, the title and the buttons want. */
	view->columns = view->widest;
	size_t least = page->title ? text_columns(page->title) + 4 : 0;
	size_t labels = 0;

	for (size_t i = 0; i < view->buttons; i++)
		labels += text_columns(page->labels[i]) + 8;
	if (labels > least)
		least = labels;
	if (least < 44)
		least = 44;
	if (view->columns < least)
		view->columns = least;
	if (view->columns > (size_t)columns)
		view->columns = (size_t)columns;
}

static void scroll_to(struct view *view, size_t top)
{
	size_t last = view->lines.count > view->room ? view->lines.count - view->room : 0;

	view->top = top > last ? last : top;
}

static enum screen_style style_of(const struct view *view, size_t at)
{
	if (!view->page->preformatted || at < view->intro)
		return STYLE_NORMAL;
	switch (*view->lines.items[at]) {
	case '+':
		return STYLE_ADDED;
	case '-':
		return STYLE_REMOVED;
	case '@':
		return STYLE_HINT;
	default:
		return STYLE_NORMAL;
	}
}

static void draw(struct view *view)
{
	const struct screen_page *page = view->page;
	bool wide = page->preformatted && view->widest > view->columns;
	bool many = view->lines.count > view->room;
	const char *scroll = wide ? _("Arrows scroll") : many ? _("Up/Down PgUp/PgDn scroll") : "";
	const char *next = view->buttons > 1 ? _("Tab next button") : "";
	char *keys = text_make("%s%s%s%s%s   %s   %s", scroll, *scroll ? "   " : "", next,
		*next ? "   " : "", *next ? _("Enter presses it") : _("Enter goes on"),
		_("F1 help"), _("ESC back"));

	scroll_to(view, view->top);
	if (screen_box((int)view->room + SCREEN_BUTTON_LINES, (int)view->columns, page->title, keys,
		    page->warning)) {
		for (size_t i = 0; i < view->room && view->top + i < view->lines.count; i++) {
			size_t at = view->top + i;
			const char *line = view->lines.items[at];
			enum screen_style style = style_of(view, at);

			screen_put((int)i, 0, (int)view->columns, style, line);
			if (view->left && at >= view->intro) {
				/* The mark of the line stays in sight. */
				char *rest = text_make("%.*s%s", (int)text_fit(line, 1), line,
					line + text_fit(line, view->left + 1));

				screen_put((int)i, 0, (int)view->columns, style, rest);
				free(rest);
			}
			if (wide && text_columns(line) > view->left + view->columns)
				screen_mark_right((int)i);
		}
		screen_buttons(page->labels, (int)page->button);
		screen_scrollbar(0, (int)view->room - 1, view->top, view->room, view->lines.count);
		screen_show();
	}
	free(keys);
}

/* True when the page is over. */
static bool on_key(struct view *view, const struct screen_key *key, enum console_answer *answer)
{
	enum { STEP = 8 };
	struct screen_page *page = view->page;
	size_t half = view->room > 1 ? view->room - 1 : 1;
	bool wide = page->preformatted && view->widest > view->columns;

	switch (key->code) {
	case SCREEN_GONE:
		*answer = CONSOLE_GONE;
		return true;
	case SCREEN_ESC:
		*answer = CONSOLE_BACK;
		return true;
	case SCREEN_ENTER:
		*answer = CONSOLE_OK;
		return true;
	case SCREEN_HELP:
		if (screen_help(page->title, page->help) != CONSOLE_GONE)
			return false;
		*answer = CONSOLE_GONE;
		return true;
	case SCREEN_UP:
		scroll_to(view, view->top ? view->top - 1 : 0);
		break;
	case SCREEN_DOWN:
		scroll_to(view, view->top + 1);
		break;
	case SCREEN_PAGE_UP:
		scroll_to(view, view->top > half ? view->top - half : 0);
		break;
	case SCREEN_PAGE_DOWN:
		scroll_to(view, view->top + half);
		break;
	case SCREEN_HOME:
		view->top = view->left = 0;
		break;
	case SCREEN_END:
		scroll_to(view, view->lines.count);
		break;
	case SCREEN_LEFT:
	case SCREEN_BACKTAB:
		if (wide && key->code == SCREEN_LEFT)
			view->left = view->left > STEP ? view->left - STEP : 0;
		else
			page->button = (page->button + view->buttons - 1) % view->buttons;
		break;
	case SCREEN_RIGHT:
	case SCREEN_TAB:
		if (!wide || key->code == SCREEN_TAB)
			page->button = (page->button + 1) % view->buttons;
		else if (view->left + view->columns < view->widest)
			view->left += STEP;
		break;
	default:
		break;
	}
	return false;
}

enum console_answer screen_ask(struct screen_page *page)
{
	struct view view = {.page = page};
	enum console_answer answer = CONSOLE_BACK;

	while (page->labels[view.buttons])
		view.buttons++;
	if (page->button >= view.buttons)
		page->button = view.buttons - 1;
	for (bool over = false, drawn = false, pasting = false; !over; drawn = true) {
		lay_out(&view);
		/* Nobody has answered a question that was not there yet. What is typed ahead or pasted
		 * is drawn once, at its end. */
		if (page->commits && !drawn) {
			draw(&view);
			screen_discard_typed();
		} else if (!screen_typed_ahead()) {
			draw(&view);
		}
		struct screen_key key = screen_key(-1);
		bool alone = !pasting && !key.more;

		if (!page->commits || key.code != SCREEN_ENTER || alone)
			over = on_key(&view, &key, &answer);
		pasting = key.code != SCREEN_REDRAW && screen_typed_ahead();
	}
	text_list_free(&view.lines);
	return answer;
}

enum console_answer screen_help(const char *title, const char *help)
{
	const char *labels[] = {_("OK"), NULL};
	char *text = text_make("%s%s%s", help ? help : "", help ? "\n\n" : "",
		_("Keys on every screen:\n"
		  "Arrow keys, Tab   move\n"
		  "Enter             chooses, presses the button\n"
		  "ESC               one step back; nothing is applied\n"
		  "F1                this help\n"
		  "Ctrl-L            draws the screen anew\n"
		  "Ctrl-C            leaves relaycon; nothing is applied"));
	char *headline = text_make(_("Help: %s"), title ? title : "relaycon");
	struct screen_page page = {.title = headline, .text = text, .labels = labels};
	enum console_answer answer = screen_ask(&page);

	free(headline);
	free(text);
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_BACK;
}

enum console_answer screen_page(
	const struct console_host *face, const struct console_page *what, size_t *button)
{
	const char *labels[CONSOLE_BUTTONS_MAX + 2] = {NULL};
	size_t count = 0;

	(void)face;
	for (; count < CONSOLE_BUTTONS_MAX && what->buttons[count]; count++)
		labels[count] = what->buttons[count];
	bool message = count == 0;

	labels[count] = message ? _("OK") : _("Back");
	struct screen_page page = {.title = what->title,
		.intro = what->intro,
		.text = what->text,
		.help = what->help,
		.labels = labels,
		.button = what->warning ? count : what->default_button,
		.preformatted = what->preformatted,
		.warning = what->warning,
		.commits = what->commits};
	enum console_answer answer = screen_ask(&page);

	if (answer == CONSOLE_OK && !message && page.button == count)
		return CONSOLE_BACK;
	if (answer == CONSOLE_OK)
		*button = page.button;
	return answer;
}
