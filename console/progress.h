/*
 * progress.h: the state behind the host's progress_*, the same for every way to show it. All of it is a
 * copy; the steps and their details are cleaned.
 *
 *   zeroed --progress_start--> steps waiting --progress_set ...--> --progress_free--> zeroed
 */
#ifndef CONSOLE_PROGRESS_H
#define CONSOLE_PROGRESS_H

#include "console.h"
#include "text.h"

struct progress {
	char *title;
	char *text;
	struct text_list steps;
	struct progress_state {
		enum console_step_state state;
		long ms;
		char *detail;
	} * states;
	bool cancelled;
};

void progress_start(struct progress *progress, const struct console_progress *what);
bool progress_set(struct progress *progress, size_t step, enum console_step_state state, long ms,
	const char *detail); /* false: there is no such step */
void progress_free(struct progress *progress);
const char *progress_word(enum console_step_state state); /* translated */

#endif
