/*
 * screen_key.c: the keys: from what curses reads to the screen's own, and what is done between them.
 */
#include <dialog.h>

#include "screen_box.h"
#include "screen_escape.h"
#include "screen_terminal.h"
#include "signals.h"

enum { CTRL_L = 12 };

static enum screen_key_code key_code(int c)
{
	static const struct {
		int key;
		enum screen_key_code code;
	} table[] = {
		{'\r', SCREEN_ENTER},
		{'\n', SCREEN_ENTER},
		{KEY_ENTER, SCREEN_ENTER},
		{27, SCREEN_ESC},
		{'\t', SCREEN_TAB},
		{KEY_BTAB, SCREEN_BACKTAB},
		{KEY_UP, SCREEN_UP},
		{KEY_DOWN, SCREEN_DOWN},
		{KEY_LEFT, SCREEN_LEFT},
		{KEY_RIGHT, SCREEN_RIGHT},
		{KEY_HOME, SCREEN_HOME},
		{KEY_FIND, SCREEN_HOME},
		{1, SCREEN_HOME},
		{KEY_END, SCREEN_END},
		{KEY_SELECT, SCREEN_END},
		{5, SCREEN_END},
		{KEY_PPAGE, SCREEN_PAGE_UP},
		{KEY_NPAGE, SCREEN_PAGE_DOWN},
		{KEY_BACKSPACE, SCREEN_BACKSPACE},
		{8, SCREEN_BACKSPACE},
		{127, SCREEN_BACKSPACE},
		{KEY_DC, SCREEN_DELETE},
		{4, SCREEN_DELETE},
		{21, SCREEN_ERASE_LINE},
		{KEY_F(1), SCREEN_HELP},
		{KEY_HELP, SCREEN_HELP},
		{KEY_F(2), SCREEN_SHOW},
		{KEY_RESIZE, SCREEN_REDRAW},
		{CTRL_L, SCREEN_REDRAW},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].key == c)
			return table[i].code;
	return SCREEN_NONE;
}

static int next_byte(bool wait)
{
	int c = screen_read();

	if (c == ERR && wait && signals_wait(STDIN_FILENO, 50) == WAIT_READY)
		c = screen_read();
	return c == ERR ? -1 : c;
}

/* The further bytes of a UTF-8 character; they come at once or not at all. */
static void finish_character(struct screen_key *key, int first)
{
	size_t want = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;

	key->text[0] = (char)first;
	for (size_t i = 1; i < want; i++) {
		int c = next_byte(true);

		if (c < 0)
			break;
		if (c < 0x80 || c > 0xbf) {
			ungetch(c);
			break;
		}
		key->text[i] = (char)c;
	}
}

static void put_back(int c)
{
	ungetch(c);
}

static const struct screen_input input = {next_byte, put_back};

static bool key_expected; /* and a picture perhaps left out because of it */

bool screen_typed_ahead(void)
{
	key_expected = signals_wait(STDIN_FILENO, 0) == WAIT_READY;
	return key_expected;
}

static bool too_small(void)
{
	return LINES < SCREEN_LINES_MIN || COLS < SCREEN_COLUMNS_MIN;
}

struct screen_key screen_key(int milliseconds)
{
	enum { SPURIOUS_MAX = 5 };
	struct screen_key key = {0};
	int spurious = 0;

	for (;;) {
		if (signals_ending())
			return (struct screen_key){.code = SCREEN_GONE};
		if (screen_after_signals())
			return (struct screen_key){.code = SCREEN_REDRAW};
		int c = screen_read();

		if (c != ERR) {
			spurious = 0;
			key.code = key_code(c);
			if (c == CTRL_L)
				screen_paint_all();
			if (key.code == SCREEN_ESC) {
				key.code = screen_escape(&input);
				if (key.code == SCREEN_NONE)
					continue;
			}
			/* Nothing is done that cannot be seen; only a running test can be stopped. */
			if (too_small() && key.code != SCREEN_REDRAW &&
				(key.code != SCREEN_ESC || milliseconds))
				continue;
			if (key.code == SCREEN_NONE && c >= ' ' && c < 256) {
				key.code = SCREEN_TEXT;
				finish_character(&key, c);
			}
			if (key.code == SCREEN_NONE)
				continue;
			key.more = screen_typed_ahead();
			return key;
		}
		if (key_expected && signals_wait(STDIN_FILENO, 0) != WAIT_READY) {
			key_expected = false;
			return (struct screen_key){.code = SCREEN_REDRAW};
		}
		/* Ready, and yet nothing to read, again and again: the other side hung up. Once may be
		 * a signal that came while reading. */
		enum signals_wait wait = spurious > SPURIOUS_MAX
						 ? WAIT_GONE
						 : signals_wait(STDIN_FILENO, milliseconds);

		switch (wait) {
		case WAIT_TIMEOUT:
			return key;
		case WAIT_GONE:
			signals_hung_up();
			return (struct screen_key){.code = SCREEN_GONE};
		case WAIT_READY:
			spurious++;
			break;
		case WAIT_SIGNAL:
			break;
		}
	}
}

void screen_discard_typed(void)
{
	flushinp();
}

void screen_forget(void)
{
	/* Not all of the 139: curses cannot get out of a queue that is full. */
	enum { KEYS = 130 };
	int pushed = 0;

	/* The queue of typed keys is a ring, and never wiped by itself. */
	while (pushed < KEYS && ungetch(1) != ERR)
		pushed++;
	while (pushed-- > 0)
		screen_read();
	/* And the buffer in which it composes its output, by painting everything once more. */
	clearok(curscr, TRUE);
}
