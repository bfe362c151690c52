/*
 * tty.h: lines and secrets from a descriptor, byte by byte: nothing stays in a buffer of stdio.
 */
#ifndef CONSOLE_TTY_H
#define CONSOLE_TTY_H

#include <stddef.h>

#include "console.h"

/* A line without its newline. CONSOLE_GONE at the end of input or when a signal ends us.
 * What does not fit is dropped. */
enum console_answer tty_line(int in, char *line, size_t size);
/* Throws away what was typed at a terminal and not read yet; a script's answers stay. */
void tty_discard_typed(int in);
/* A secret, without echo where `in` is a terminal, straight into value. Says so on `out` and asks
 * again when it does not fit. CONSOLE_GONE as above, and where echo cannot be turned off; value is
 * then empty. */
enum console_answer tty_secret(int in, int out, const char *prompt, char *value, size_t size);
/* Writes all of it; gives up silently when nobody reads. */
void tty_write(int out, const char *text);

#endif
