#include "tty.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "i18n.h"
#include "signals.h"
#include "text.h"

void tty_write(int out, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t done = write(out, text, left);

		if (done < 0 && errno == EINTR && !signals_ending())
			continue;
		if (done <= 0)
			return;
		text += done;
		left -= (size_t)done;
	}
}

/* One byte; false at the end. */
static bool read_byte(int in, unsigned char *c)
{
	for (;;) {
		enum signals_wait wait = signals_wait(in, -1);

		if (wait == WAIT_GONE) {
			/* A pipe that was closed may still hold bytes. */
			if (signals_ending() || read(in, c, 1) != 1)
				return false;
			return true;
		}
		if (wait != WAIT_READY)
			continue;
		ssize_t got = read(in, c, 1);

		if (got == 1)
			return true;
		if (got == 0 || (errno != EINTR && errno != EAGAIN))
			return false;
	}
}

enum console_answer tty_line(int in, char *line, size_t size)
{
	size_t len = 0;
	unsigned char c;
	bool some = false;

	while (read_byte(in, &c)) {
		some = true;
		if (c == '\n')
			break;
		if (c != '\r' && len + 1 < size)
			line[len++] = (char)c;
	}
	line[len] = '\0';
	return some && !signals_ending() ? CONSOLE_OK : CONSOLE_GONE;
}

void tty_discard_typed(int in)
{
	if (isatty(in))
		tcflush(in, TCIFLUSH);
}

static size_t without_last(const char *value, size_t len)
{
	while (len > 0 && ((unsigned char)value[--len] & 0xc0) == 0x80)
		;
	return len;
}

static enum console_answer read_secret(
	int in, bool terminal, char *value, size_t size, bool *long_one)
{
	enum { ERASE_LINE = 0x15, END = 0x04, DELETE = 0x7f, BACKSPACE = 0x08 };
	size_t len = 0;
	unsigned char c = 0;
	bool some = false;

	*long_one = false;
	while (read_byte(in, &c)) {
		some = true;
		if (c == '\n' || c == '\r' || (terminal && c == END && len))
			break;
		if (terminal && c == END) {
			some = false;
			break;
		}
		if (terminal && (c == DELETE || c == BACKSPACE))
			len = without_last(value, len);
		else if (terminal && c == ERASE_LINE)
			len = 0;
		else if (len + 1 < size)
			value[len++] = (char)c;
		else
			*long_one = true;
	}
	explicit_bzero(value + len, size - len);
	explicit_bzero(&c, 1);
	return some && !signals_ending() ? CONSOLE_OK : CONSOLE_GONE;
}

enum console_answer tty_secret(int in, int out, const char *prompt, char *value, size_t size)
{
	struct termios before, quiet;
	bool terminal = !tcgetattr(in, &before), long_one = false;
	sigset_t stops, blocked;
	enum console_answer answer;

	if (terminal) {
		quiet = before;
		/* Not by lines either: the kernel would cut them at 4096 bytes. Ctrl-Z is off, and a
		 * SIGTSTP from elsewhere waits, as they would leave the shell without echo. */
		sigemptyset(&stops);
		sigaddset(&stops, SIGTSTP);
		sigprocmask(SIG_BLOCK, &stops, &blocked);
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON);
		quiet.c_cc[VMIN] = 1;
		quiet.c_cc[VTIME] = 0;
		quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
		quiet.c_cc[VQUIT] = _POSIX_VDISABLE;
		/* Nobody is asked where the answer would be seen. */
		if (tcsetattr(in, TCSAFLUSH, &quiet)) {
			sigprocmask(SIG_SETMASK, &blocked, NULL);
			explicit_bzero(value, size);
			return CONSOLE_GONE;
		}
	}
	do {
		tty_write(out, prompt);
		answer = read_secret(in, terminal, value, size, &long_one);
		if (terminal)
			tty_write(out, "\n");
		if (answer == CONSOLE_OK && long_one) {
			char *note = text_make(
				_("That is too long: at most %zu bytes. Once more, please.\n"),
				size - 1);

			tty_write(out, note);
			free(note);
		}
	} while (answer == CONSOLE_OK && long_one);
	if (terminal) {
		tcsetattr(in, TCSAFLUSH, &before);
		sigprocmask(SIG_SETMASK, &blocked, NULL);
	}
	if (answer != CONSOLE_OK)
		explicit_bzero(value, size);
	return answer;
}
