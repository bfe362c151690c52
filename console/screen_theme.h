/*
 * screen_theme.h: the colours, as dialog's own rc text. Calm, and readable with eight colours.
 */
#ifndef CONSOLE_SCREEN_THEME_H
#define CONSOLE_SCREEN_THEME_H

#include <stdbool.h>

/* False with NO_COLOR set to anything, whatever the terminal can do. */
bool screen_theme_wants_colors(void);
/* Constant. */
const char *screen_theme_rc(bool colors);

#endif
