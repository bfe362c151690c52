/*
 * pick.h: one of many, without a menu of many: up to PICK_MAX stand in a menu; of more than that, a
 * question for a part of the name comes first, and the menu has those that hold it.
 */
#ifndef RELAY_SCREENS_PICK_H
#define RELAY_SCREENS_PICK_H

#include "../work.h"

enum { PICK_MAX = 60, PICK_WORD = 256 };

/* "Find": asks for a part of a name. word: in and out, PICK_WORD bytes. */
enum console_answer pick_word(
	const struct console_host *host, const char *title, const char *text, char *word);
/* Does it stand in there, upper and lower case alike? Any text holds an empty word. */
bool pick_holds(const char *text, const char *word);

struct pick {
	const char *title;
	const char *text;
	const struct settings *settings;
	const char *const *skip; /* names that are not offered */
	size_t skip_count;
	bool direct;     /* "directly" is offered too */
	const char *now; /* the one to begin with; may be NULL */
};

/* *name: a relay's, or RELAY_DIRECT (caller frees); set with CONSOLE_OK only. */
enum console_answer pick_relay(
	const struct console_host *host, const struct pick *pick, char **name);

#endif
