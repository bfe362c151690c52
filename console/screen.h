/*
 * screen.h: the full screen. Only screen_*.c know dialog and curses; nothing of them shows here.
 */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"
#include "session.h"

extern const struct session_view screen_view;

/* Can this terminal do it? False: why not, as a note to the user. */
bool screen_possible(char *why, size_t size);
/* Fills the table of host->face for CONSOLE_SCREEN. */
void screen_fill(struct host *host);
/* Takes the terminal over; only where it is possible. False: why, and the terminal is as it was. */
bool screen_open(struct host *host, char *why, size_t size);
void screen_close(void); /* gives it back; harmless where it was not taken */

#endif
