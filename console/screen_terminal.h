/*
 * screen_terminal.h: within the screen: the terminal, for those who read its keys (screen_key.c).
 */
#ifndef CONSOLE_SCREEN_TERMINAL_H
#define CONSOLE_SCREEN_TERMINAL_H

#include <stdbool.h>

/* The next byte, or key as curses numbers them; its ERR when there is none now. */
int screen_read(void);
/* Suspends, takes a new size over: whatever signals have asked for. True: everything must be drawn. */
bool screen_after_signals(void);
/* With the next picture everything is sent, whatever the terminal shows now. */
void screen_paint_all(void);

#endif
