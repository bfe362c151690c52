/*
 * session.h: the console itself: the home menu with its panel, submenus, and what they run.
 */
#ifndef CONSOLE_SESSION_H
#define CONSOLE_SESSION_H

#include "host.h"

/* Shows one menu of entries; provided by the screen and by the plain mode. `panel` describes, or is
 * NULL; it is called with the menu on the screen already, as it may take a while. Items that are
 * `reasons[i]` != NULL cannot be chosen. */
struct session_menu {
	struct console_menu menu;
	const char *const *reasons;
	bool home; /* Back means to leave the program */
	bool has_panel;
	void (*describe)(void *context, char *text, size_t size);
	void *context;
};

struct session_view {
	enum console_answer (*menu)(
		const struct console_host *face, const struct session_menu *menu, size_t *chosen);
};

/* Gives the exit code. */
int session_run(struct host *host, const struct session_view *view);

#endif
