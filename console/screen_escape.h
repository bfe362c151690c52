/*
 * screen_escape.h: what follows an ESC that the terminal's description does not know.
 *
 * A key that TERM lacks, Alt with a letter, a mouse report, an answer of the terminal: each begins
 * with ESC. It must neither count as ESC, which would leave the screen, nor be typed as text.
 * The usual spellings of cursor and function keys are known here, for a TERM that is not quite true.
 */
#ifndef CONSOLE_SCREEN_ESCAPE_H
#define CONSOLE_SCREEN_ESCAPE_H

#include "screen_box.h"

struct screen_input {
	/* The next byte, or a key of curses (> 255); -1: none is there, or comes within a moment. */
	int (*next)(bool wait);
	void (*back)(int byte); /* it comes again from next */
};

/* After an ESC. SCREEN_ESC: it was one. SCREEN_NONE: something without a meaning here, and all of it
 * was read. Otherwise the key. */
enum screen_key_code screen_escape(const struct screen_input *input);

#endif
