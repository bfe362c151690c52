/*
 * screen_terminal.c: the terminal: taking it over, giving it back, and its keys.
 *
 * libdialog's and curses' ways to end the process from inside are answered here: a broken
 * DIALOGRC, an unknown TERM, dlg_exiterr, and their signal handlers.
 */
#include "screen.h"

#include <errno.h>
#include <dialog.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "i18n.h"
#include "screen_box.h"
#include "screen_escape.h"
#include "screen_theme.h"
#include "signals.h"

/* Last: it has macros with names as common as "lines". */
#include <term.h>

static WINDOW *keyboard; /* a pad, so that reading a key refreshes nothing */
static char *backtitle;
static bool opened;
static bool has_lines; /* the terminal can draw them */

/* dialog's own calls exit(); linked instead of it (see CONSOLE_LDFLAGS in the Makefile). Nothing
 * that we call ends here while memory lasts; if it does, the terminal is given back and the reason
 * said. */
void dlg_exiterr(const char *format, ...)
{
	va_list args;

	if (opened)
		endwin();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(EX_OSERR);
}

bool screen_possible(char *why, size_t size)
{
	const char *name = getenv("TERM");
	int error = 0;

	/* initscr() would end the process on these. */
	if (!name || !*name) {
		snprintf(why, size, "%s",
			_("TERM is not set, so this asks line by line. With TERM=vt100 there is "
			  "a full screen on most terminals."));
		return false;
	}
	bool known = setupterm(NULL, STDOUT_FILENO, &error) == OK && error == 1;
	bool able = known && cursor_address && !hard_copy && !generic_type;

	has_lines = known && acs_chars;
	if (known)
		del_curterm(cur_term);
	if (!able)
		snprintf(why, size,
			_("A terminal of the type \"%.40s\" has no full screen, so this asks "
			  "line by line."),
			name);
	return able;
}

/* libdialog reads its colours from a file alone: here one in memory, which is the caller's to close
 * afterwards. -1 with errno. */
static int set_rc(const char *text)
{
	static const char *const others[] = {"DIALOGOPTS", "DIALOG_CANCEL", "DIALOG_ERROR",
		"DIALOG_ESC", "DIALOG_EXTRA", "DIALOG_HELP", "DIALOG_ITEM_HELP", "DIALOG_OK",
		"DIALOG_TIMEOUT", "DIALOG_TTY", "LINES", "COLUMNS", "ESCDELAY"};
	int fd = memfd_create("theme", MFD_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);
	char path[64];

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		unsetenv(others[i]);
	if (fd < 0)
		return -1;
	if (write(fd, text, (size_t)len) != len || lseek(fd, 0, SEEK_SET) < 0) {
		int failed = errno;

		close(fd);
		errno = failed;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	setenv("DIALOGRC", path, 1);
	return fd;
}

bool screen_open(struct host *host, char *why, size_t size)
{
	int rc = set_rc(screen_theme_rc(screen_theme_wants_colors()));

	if (rc < 0) {
		snprintf(why, size, _("cannot prepare the screen: %s"), strerror(errno));
		return false;
	}
	backtitle = text_make("relaycon %s - %s", RELAYCON_VERSION, host->machine);
	memset(&dialog_vars, 0, sizeof(dialog_vars));
	dialog_vars.default_button = -1;
	dialog_vars.keep_tite = TRUE;
	dialog_vars.ascii_lines = !text_utf8_locale() || !has_lines;
	dialog_vars.backtitle = backtitle;
	dialog_state.no_mouse = TRUE;
	dialog_state.plain_buttons = TRUE;
	init_dialog(stdin, stdout);
	opened = true;
	unsetenv("DIALOGRC");
	close(rc);
	set_escdelay(50);
	cbreak();
	noecho();
	keyboard = newpad(1, 1);
	if (!keyboard) {
		screen_close();
		snprintf(why, size, "%s", strerror(ENOMEM));
		return false;
	}
	keypad(keyboard, TRUE);
	wtimeout(keyboard, 0);
	return true;
}

/* Past curses, which sends only what it believes to be needed. */
static int put_byte(int c)
{
	const char byte = (char)c;

	return write(STDOUT_FILENO, &byte, 1) == 1 ? c : EOF;
}

static void send_capability(const char *capability)
{
	if (capability)
		tputs(capability, 1, put_byte);
}

/* Ctrl-C and Ctrl-Z make the kernel throw away what is on its way to the terminal, so colours and
 * line drawing may be on though curses has turned them off. */
static void send_plain(void)
{
	send_capability(exit_alt_charset_mode);
	send_capability(exit_attribute_mode);
	send_capability(orig_pair);
}

/* Before curses gives the terminal back. */
static void before_leaving(void)
{
	struct winsize size;

	send_plain();
	/* The region that scrolls is set for the size that curses knew. */
	if (change_scroll_region && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		send_capability(tparm(change_scroll_region, 0, size.ws_row - 1));
}

/* With the next picture everything is sent, whatever the terminal shows now. */
static void paint_all(void)
{
	send_plain();
	clearok(curscr, TRUE);
}

void screen_close(void)
{
	if (!opened)
		return;
	opened = false;
	/* Nothing is to stay in the terminal's memory either. */
	dlg_clear();
	before_leaving();
	end_dialog();
	free(backtitle);
	backtitle = NULL;
}

static void resized(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

/* What is to be done after signals; true if everything must be drawn again. */
static bool after_signals(void)
{
	bool again = false;

	if (signals_take_suspend()) {
		if (signals_can_suspend()) {
			before_leaving();
			endwin();
			signals_suspend();
		}
		again = true;
	}
	if (signals_take_continued()) {
		/* The shell may have left the terminal in another state. */
		if (!isendwin())
			endwin();
		again = true;
	}
	if (again) {
		resized();
		paint_all();
		refresh();
	}
	if (signals_take_resized()) {
		resized();
		paint_all();
		again = true;
	}
	return again;
}

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
	int c = wgetch(keyboard);

	if (c == ERR && wait && signals_wait(STDIN_FILENO, 50) == WAIT_READY)
		c = wgetch(keyboard);
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
		if (after_signals())
			return (struct screen_key){.code = SCREEN_REDRAW};
		int c = wgetch(keyboard);

		if (c != ERR) {
			spurious = 0;
			key.code = key_code(c);
			if (c == CTRL_L)
				paint_all();
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
			key.more = signals_wait(STDIN_FILENO, 0) == WAIT_READY;
			return key;
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
		wgetch(keyboard);
	/* And the buffer in which it composes its output, by painting everything once more. */
	clearok(curscr, TRUE);
}
