/*
 * plain.h: the same questions as numbered lines, for serial lines, screen readers and scripts.
 *
 * Reads standard input byte by byte, writes standard output; no line drawing, no colours, no cursor
 * movement. 0 or b goes one step back, ? explains. The end of input is CONSOLE_GONE.
 */
#ifndef CONSOLE_PLAIN_H
#define CONSOLE_PLAIN_H

#include "host.h"
#include "session.h"

extern const struct session_view plain_view;

/* Fills the table of host->face for CONSOLE_PLAIN. */
void plain_fill(struct host *host);

/* Within the plain mode. */
enum plain_word { PLAIN_NUMBER, PLAIN_TEXT, PLAIN_BACK, PLAIN_EMPTY, PLAIN_GONE };
void plain_say(const char *text); /* cleaned, wrapped, a newline added */
void plain_sayf(const char *format, ...) CONSOLE_PRINTF(1, 2); /* one line, not wrapped */
void plain_title(const char *title);
/* One line of input, "?" answered with help (NULL: that there is none). PLAIN_TEXT: it is in `line`;
 * PLAIN_NUMBER: in *number as well. */
enum plain_word plain_ask(
	const char *prompt, const char *help, char *line, size_t size, size_t *number);
/* Asks until one of count numbers (1..) or Back was chosen. Beside those, CONSOLE_GONE. */
enum console_answer plain_choose(
	size_t count, const char *prompt, const char *help, size_t *number);
enum console_answer plain_form(
	const struct console_host *face, struct console_form *form, size_t *button);

#endif
