/*
 * signals.h: signals set a flag; whoever waits for keys looks at it.
 *
 * Hang-up, termination and Ctrl-C end the console: every question answers CONSOLE_GONE, the stack
 * unwinds, the terminal is restored, and signals_raise_again() ends the process as the signal
 * would have. Ctrl-Z is acted upon by the full screen only; elsewhere the shell's own is enough.
 */
#ifndef CONSOLE_SIGNALS_H
#define CONSOLE_SIGNALS_H

#include <stdbool.h>

/* Installs the handlers and unblocks all signals. screen: those of the full screen as well (Ctrl-Z,
 * resizing); may follow a call without. */
void signals_install(bool screen);
/* From now on a second Ctrl-C waits like the first. False: to end was asked for already. */
bool signals_hold(void);
/* The signal that asks us to end; 0: none. */
int signals_ending(void);
/* The terminal has gone, seen before its signal came: as if that had come. */
void signals_hung_up(void);
/* True once after each: Ctrl-Z; SIGCONT, after which everything is to be redrawn; a new size. */
bool signals_take_suspend(void);
bool signals_take_continued(void);
bool signals_take_resized(void);
/* Is there a shell that would continue us? */
bool signals_can_suspend(void);
/* Stops the process as Ctrl-Z would have; the caller has restored the terminal. */
void signals_suspend(void);

enum signals_wait { WAIT_READY, WAIT_TIMEOUT, WAIT_SIGNAL, WAIT_GONE };
/* Until fd has something to read, a signal came (also one that came just before), or so many
 * milliseconds passed (-1: no limit). WAIT_GONE: to end, or the other side hung up. */
enum signals_wait signals_wait(int fd, int milliseconds);

/* Ends the process by the signal that asked for it; returns when there was none. */
void signals_raise_again(void);

#endif
