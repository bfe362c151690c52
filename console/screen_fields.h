/*
 * screen_fields.h: between screen_form.c (keys) and screen_fields.c (looks).
 */
#ifndef CONSOLE_SCREEN_FIELDS_H
#define CONSOLE_SCREEN_FIELDS_H

#include "edit.h"
#include "screen_box.h"

struct form_view {
	struct console_form *form;
	const char *labels[CONSOLE_BUTTONS_MAX + 2];
	size_t buttons;
	size_t focus;     /* a field; form->count: the buttons */
	size_t button;    /* the one that has, or would get, the focus */
	size_t top;       /* first field shown */
	struct edit edit; /* of the focused field */
	bool touched;     /* it was changed since it got the focus */
	bool shown;       /* secrets are */
	bool full;        /* the last character did not fit */
	bool pasting;     /* more keys wait already */
	bool said;        /* why is to be shown */
	size_t fault;     /* the field that it is about; form->count: none */
	char why[512];
};

/* The whole screen; scrolls so that the field with the focus is in sight. */
void form_view_draw(struct form_view *view);
/* After the form: nothing of a secret stays in what curses keeps. */
void form_view_forget(const struct form_view *view);

#endif
