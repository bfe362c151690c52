/*
 * words.h: what one of Postfix's programs said when it gave up: the text after "fatal: " (else
 * "error: ", else the last line), cleaned. Where the fatal line only names what was tried ("macro
 * processing error"), the warning before it, which has the reason, goes first.
 */
#ifndef RELAY_WORDS_H
#define RELAY_WORDS_H

#include <stdbool.h>

#include "../base/child.h"

enum { WORDS_SIZE = 400 };

/* "" where the program said nothing. */
void words_of(const struct child *child, char words[WORDS_SIZE]);

#endif
