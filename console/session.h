/*
 * session.h: the console itself: the home menu with its panel, submenus, and what they run.
 */
#ifndef CONSOLE_SESSION_H
#define CONSOLE_SESSION_H

#include "host.h"

/* One menu of entries, as the screen and the plain mode show it. */
struct session_menu {
	struct console_menu menu;
	const char *const *reasons; /* one for each item; not NULL: why it cannot be chosen */
	bool home;                  /* Back means to leave the program */
	bool has_panel;
	/* The panel's text, "" where there is nothing to say. To be called with the menu on the screen
	 * already, as it may take a while. */
	void (*describe)(void *context, char *text, size_t size);
	void *context;
};

struct session_view {
	/* *chosen, in: preselected; out: what was chosen, with CONSOLE_OK. */
	enum console_answer (*menu)(
		const struct console_host *face, const struct session_menu *menu, size_t *chosen);
};

/* Runs the home menu until the user leaves. Gives the exit code: EX_IOERR where the terminal went away
 * within a driver, else EX_OK. */
int session_run(struct host *host, const struct session_view *view);

#endif
