/*
 * screen_terminal.c: the terminal: taking it over and giving it back.
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
#include "screen_terminal.h"
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
 * line drawing may be on, and the cursor off, though curses has seen to it. */
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
	send_capability(cursor_normal);
	/* The region that scrolls is set for the size that curses knew. */
	if (change_scroll_region && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		send_capability(tparm(change_scroll_region, 0, size.ws_row - 1));
}

void screen_paint_all(void)
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

bool screen_after_signals(void)
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
		screen_paint_all();
		refresh();
	}
	if (signals_take_resized()) {
		resized();
		screen_paint_all();
		again = true;
	}
	return again;
}

int screen_read(void)
{
	return wgetch(keyboard);
}
