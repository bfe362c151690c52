/*
 * screen_box.h: within the screen: one box with a title, texts, fields and buttons, and its keys.
 *
 * Widgets (screen_menu.c, screen_page.c, screen_form.c, screen_progress.c) draw the whole screen
 * anew for each key; curses sends only what differs. So a widget that opened another one over itself,
 * a resize and a return from the shell are all the same case: draw again. Here is no type of dialog
 * or curses; screen_box.c and screen_terminal.c alone know them.
 *
 * Rows and columns of a box count from its inside: the border is not part of it.
 */
#ifndef CONSOLE_SCREEN_BOX_H
#define CONSOLE_SCREEN_BOX_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"
#include "text.h"

enum {
	SCREEN_LINES_MIN = 16,
	SCREEN_COLUMNS_MIN = 60,
	SCREEN_BUTTON_LINES = 2, /* the separator and the buttons */
};

enum screen_style {
	STYLE_NORMAL,
	STYLE_STRONG,
	STYLE_SELECTED,
	STYLE_DIM, /* cannot be chosen */
	STYLE_FIELD,
	STYLE_FIELD_FOCUS,
	STYLE_HINT,
	STYLE_WARNING,
	STYLE_ADDED,
	STYLE_REMOVED,
	STYLE_COUNT
};

enum screen_key_code {
	SCREEN_NONE, /* the time passed */
	SCREEN_TEXT, /* one character, in text */
	SCREEN_ENTER,
	SCREEN_ESC,
	SCREEN_TAB,
	SCREEN_BACKTAB,
	SCREEN_UP,
	SCREEN_DOWN,
	SCREEN_LEFT,
	SCREEN_RIGHT,
	SCREEN_HOME,
	SCREEN_END,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_BACKSPACE,
	SCREEN_DELETE,
	SCREEN_ERASE_LINE,
	SCREEN_HELP,
	SCREEN_SHOW,
	SCREEN_REDRAW, /* resized, or back from the shell */
	SCREEN_GONE,
};

struct screen_key {
	enum screen_key_code code;
	char text[5];
	bool more; /* others wait already: it was pasted, or typed ahead */
};

/* What a box may use inside, buttons included. */
int screen_lines_free(void);
int screen_columns_free(void);

/* Starts a new picture: background, backtitle, the keys' line at the bottom, an empty box of that
 * inside size (cut to what is free). False: the terminal is too small and says so; draw nothing, but
 * go on with screen_key(). */
bool screen_box(int lines, int columns, const char *title, const char *keys, bool warning);
int screen_box_lines(void);
int screen_box_columns(void);
/* Text is one line, clean already; cut at the border or at `columns`, and filled up to it if >= 0. */
void screen_put(int line, int column, int columns, enum screen_style style, const char *text);
/* A secret that the user wants to see: drawn character by character, without a copy. */
void screen_put_secret(
	int line, int column, int columns, enum screen_style style, const char *secret);
/* That many '*' in its place, so that it is in no window. */
void screen_put_stars(int line, int column, int columns, enum screen_style style, size_t stars);
/* Labels, NULL-terminated, below a separator on the box's last line. selected: -1 for none. */
void screen_buttons(const char *const *labels, int selected);
void screen_mark_right(int line); /* there is more to the right */
/* Arrows and the share seen, on the border of a list of lines [top, bottom]. */
void screen_scrollbar(int top, int bottom, size_t first, size_t shown, size_t total);
void screen_cursor(int line, int column); /* shows it there until the next picture */
void screen_show(void);
bool screen_has_colors(void);

/* The next key; waits so many milliseconds, -1: until there is one. */
struct screen_key screen_key(int milliseconds);
/* Does something wait to be read? Then a picture may be left out: if what waits turns out to be no
 * key, screen_key() asks for the picture with SCREEN_REDRAW. */
bool screen_typed_ahead(void);
/* Throws away what was typed and not read yet. */
void screen_discard_typed(void);
/* Overwrites what curses keeps of typed keys and of what was shown. */
void screen_forget(void);

/* Widgets for widgets. */
struct screen_page {
	const char *title;
	const char *intro;
	const char *text;
	const char *help;
	const char *const *labels; /* NULL-terminated */
	size_t button;             /* in: where to start; out: the one pressed */
	bool preformatted;
	bool warning;
	bool commits;
};
enum console_answer screen_ask(struct screen_page *page);
enum console_answer screen_help(const char *title, const char *help);
struct screen_list {
	struct console_menu menu;
	const char *const *reasons; /* NULL: all can be chosen */
	const char *back;           /* the label that leaves */
	char *panel;                /* text at the top, or NULL */
	size_t panel_lines;         /* reserved at least */
	void (*fill)(struct screen_list
			*list); /* once after the first picture, which is then drawn again */
	void *context;
};
enum console_answer screen_choose(struct screen_list *list, size_t *chosen);

enum console_answer screen_form(
	const struct console_host *face, struct console_form *form, size_t *button);
enum console_answer screen_page(
	const struct console_host *face, const struct console_page *what, size_t *button);
enum console_answer screen_menu(
	const struct console_host *face, const struct console_menu *menu, size_t *chosen);
void screen_progress_begin(const struct console_host *face, const struct console_progress *what);
bool screen_progress_step(const struct console_host *face, size_t step,
	enum console_step_state state, long ms, const char *detail);
bool screen_progress_poll(const struct console_host *face);
void screen_progress_end(const struct console_host *face);

#endif
