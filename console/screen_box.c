/*
 * screen_box.c: drawing, on libdialog's windows, boxes, buttons and colours.
 */
#include "screen_box.h"

#include <dialog.h>
#include <string.h>

#include "i18n.h"
#include "screen_theme.h"

enum { TOP = 2, BOTTOM = 1, SIDE = 2 }; /* the backtitle and its line; the keys; left and right */

static WINDOW *window;
static chtype styles[STYLE_COUNT];
static int cursor_line, cursor_column;

static void set_styles(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	if (!screen_has_colors()) {
		/* libdialog's monochrome is reversed all over; calmer: only what is chosen is. */
		for (int i = 0; i <= 37; i++)
			dlg_color_table[i].atr = A_NORMAL;
		title_attr = A_BOLD;
		button_active_attr = button_key_active_attr = button_label_active_attr = A_REVERSE;
		item_selected_attr = form_active_text_attr = A_REVERSE;
		form_text_attr = A_UNDERLINE;
	}
	styles[STYLE_NORMAL] = dialog_attr;
	styles[STYLE_STRONG] = dialog_attr | A_BOLD;
	styles[STYLE_SELECTED] = item_selected_attr;
	styles[STYLE_DIM] = screen_has_colors() ? dialog_attr : A_DIM;
	styles[STYLE_FIELD] = form_text_attr;
	styles[STYLE_FIELD_FOCUS] = form_active_text_attr;
	styles[STYLE_HINT] = title_attr;
	styles[STYLE_WARNING] =
		screen_has_colors() ? dlg_color_pair(COLOR_RED, COLOR_WHITE) : A_BOLD;
	styles[STYLE_ADDED] =
		screen_has_colors() ? dlg_color_pair(COLOR_GREEN, COLOR_WHITE) : A_BOLD;
	styles[STYLE_REMOVED] =
		screen_has_colors() ? dlg_color_pair(COLOR_RED, COLOR_WHITE) : A_NORMAL;
}

bool screen_has_colors(void)
{
	return dialog_state.use_colors && has_colors();
}

int screen_lines_free(void)
{
	return LINES - TOP - BOTTOM - 2 - 1;
}

int screen_columns_free(void)
{
	return COLS - 2 * SIDE - 4;
}

/* The window's cells are overwritten before it is freed: a password may be shown in it. */
static void drop_window(void)
{
	if (!window)
		return;
	werase(window);
	dlg_del_window(window);
	window = NULL;
}

static void say_too_small(void)
{
	char text[128];

	snprintf(text, sizeof(text), _("The terminal is too small: %dx%d."), COLS, LINES);
	dlg_clear();
	mvwaddnstr(stdscr, 0, 0, text, COLS);
	snprintf(text, sizeof(text), _("Please make it %dx%d or larger."), SCREEN_COLUMNS_MIN,
		SCREEN_LINES_MIN);
	if (LINES > 1)
		mvwaddnstr(stdscr, 1, 0, text, COLS);
	if (LINES > 2)
		mvwaddnstr(stdscr, 2, 0, _("Nothing is lost."), COLS);
	wnoutrefresh(stdscr);
	doupdate();
}

/* The last line of the screen; closer together where there is little room. */
static void draw_keys(const char *keys)
{
	bool narrow = (int)text_columns(keys) > COLS - 2;
	int room = COLS - 2;

	wattrset(stdscr, (int)screen_attr);
	wmove(stdscr, LINES - 1, 1);
	for (; *keys && room > 0; room--) {
		uint32_t point;
		size_t len = text_decode(keys, &point);

		if (narrow && !strncmp(keys, "   ", 3))
			keys++;
		waddnstr(stdscr, keys, (int)len);
		keys += len;
	}
}

bool screen_box(int lines, int columns, const char *title, const char *keys, bool warning)
{
	set_styles();
	drop_window();
	curs_set(0);
	cursor_line = -1;
	if (LINES < SCREEN_LINES_MIN || COLS < SCREEN_COLUMNS_MIN) {
		say_too_small();
		return false;
	}
	if (lines > screen_lines_free())
		lines = screen_lines_free();
	if (columns > screen_columns_free())
		columns = screen_columns_free();

	int height = lines + 2, width = columns + 4;
	int y = TOP + (LINES - TOP - BOTTOM - height) / 3, x = (COLS - width) / 2;

	dlg_clear();
	dlg_put_backtitle();
	draw_keys(keys);
	wnoutrefresh(stdscr);
	window = dlg_new_modal_window(stdscr, height, width, y, x);
	dlg_draw_box2(window, 0, 0, height, width, dialog_attr, border_attr, border2_attr);
	if (title) {
		char *line = text_clean_line(title);
		char *shown = text_shorten(line, (size_t)columns - 2);

		wattrset(window, (int)((warning ? styles[STYLE_WARNING] : title_attr) | A_BOLD));
		wmove(window, 0, (width - (int)text_columns(shown) - 2) / 2);
		waddch(window, ' ');
		waddstr(window, shown);
		waddch(window, ' ');
		free(shown);
		free(line);
	}
	return true;
}

int screen_box_lines(void)
{
	return getmaxy(window) - 2;
}

int screen_box_columns(void)
{
	return getmaxx(window) - 4;
}

void screen_put(int line, int column, int columns, enum screen_style style, const char *text)
{
	int room = screen_box_columns() - column, used;

	if (line < 0 || line >= screen_box_lines() || room <= 0)
		return;
	if (columns >= 0 && columns < room)
		room = columns;
	wattrset(window, (int)styles[style]);
	wmove(window, line + 1, column + 2);
	waddnstr(window, text, (int)text_fit(text, (size_t)room));
	for (used = getcurx(window) - column - 2; columns >= 0 && used < room; used++)
		waddch(window, ' ');
}

void screen_put_stars(int line, int column, int columns, enum screen_style style, size_t stars)
{
	wattrset(window, (int)styles[style]);
	wmove(window, line + 1, column + 2);
	for (int i = 0; i < columns; i++)
		waddch(window, (size_t)i < stars ? '*' : ' ');
}

void screen_put_secret(
	int line, int column, int columns, enum screen_style style, const char *secret)
{
	int used = 0;

	wattrset(window, (int)styles[style]);
	wmove(window, line + 1, column + 2);
	while (*secret) {
		uint32_t point;
		size_t len = text_decode(secret, &point);
		int width = text_width(point);

		if (used + (width ? width : 1) > columns)
			break;
		/* What would move the cursor or nothing at all is shown as a question mark. */
		bool plain = point >= 0x20 && point < 0x7f;
		if (!plain && (!width || point == 0xfffd || !text_utf8_locale())) {
			waddch(window, '?');
			used++;
		} else {
			waddnstr(window, secret, (int)len);
			used += width;
		}
		secret += len;
	}
	for (; used < columns; used++)
		waddch(window, ' ');
}

void screen_buttons(const char *const *labels, int selected)
{
	int line = getmaxy(window) - 2, width = getmaxx(window);

	dlg_draw_bottom_box2(window, border_attr, border2_attr, dialog_attr);
	dlg_draw_buttons(window, line, 0, (const char **)labels, selected, FALSE, width);
}

void screen_mark_right(int line)
{
	wattrset(window, (int)styles[STYLE_HINT]);
	mvwaddch(window, line + 1, getmaxx(window) - 1, '>');
}

void screen_scrollbar(int top, int bottom, size_t first, size_t shown, size_t total)
{
	if (shown >= total)
		return;
	char text[64];
	int right = getmaxx(window) - 1;

	wattrset(window, (int)styles[STYLE_HINT]);
	if (first > 0)
		mvwaddstr(window, top + 1, right, "^");
	if (first + shown < total)
		mvwaddstr(window, bottom + 1, right, "v");
	snprintf(text, sizeof(text), _(" %zu-%zu of %zu "), first + 1, first + shown, total);
	int column = right - (int)text_columns(text) - 1;

	mvwaddstr(window, getmaxy(window) - 1, column > 1 ? column : 1, text);
}

void screen_cursor(int line, int column)
{
	cursor_line = line + 1;
	cursor_column = column + 2;
}

void screen_show(void)
{
	if (cursor_line >= 0) {
		wmove(window, cursor_line, cursor_column);
		curs_set(1);
	}
	wnoutrefresh(window);
	doupdate();
}
