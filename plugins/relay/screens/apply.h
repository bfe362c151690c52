/*
 * apply.h: how every screen changes the settings: plan -> review with the diff -> apply -> what is true now.
 * Only the button of the review changes anything.
 */
#ifndef RELAY_SCREENS_APPLY_H
#define RELAY_SCREENS_APPLY_H

#include "../work.h"

struct apply {
	work_edit *edit;
	const void *context;
	const struct plan_password *passwords; /* of relays whose password is not the stored one */
	size_t password_count;
	const char *title;  /* of the review */
	const char *intro;  /* above the diff: one or two sentences */
	const char *button; /* NULL: "Apply" */
	const char *action; /* for the audit line: "route add" */
	const char *done;   /* a sentence about it, on the page that follows */
};

enum apply_answer {
	APPLY_DONE, /* applied, or there was nothing to change */
	APPLY_BACK, /* the user went back, or it failed and the user has read why */
	APPLY_GONE,
};

/* problem: NULL, or room for what is wrong with the wish, where that is to be said in a form that is
 * shown again instead of on a page of its own; "" where nothing is. */
enum apply_answer apply_run(
	struct work *work, const struct apply *apply, char *problem, size_t size);

#endif
