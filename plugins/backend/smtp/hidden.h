/*
 * hidden.h: the words of a login, so that they are not shown when a server repeats them.
 *
 * Some servers quote the line that they refuse, and what a server said goes to screens, JSON and
 * the record of the last test. Hidden are the password, and each response in base64, whole or cut
 * short by the server. A password of less than HIDDEN_SHORTEST bytes stands in any text by chance
 * and is not looked for.
 *
 *   zeroed --hidden_password, hidden_take ...--> filled --hidden_free--> zeroed
 */
#ifndef RELAY_SMTP_HIDDEN_H
#define RELAY_SMTP_HIDDEN_H

#include <stddef.h>

#include "../base/secret.h"
#include "../base/strbuf.h"

enum { HIDDEN_SHORTEST = 4, HIDDEN_PREFIX = 8, HIDDEN_RESPONSES = 12 };

struct hidden {
	const struct secret *password;
	char *responses[HIDDEN_RESPONSES];
	size_t count;
};

/* The password must stay until hidden_free; NULL: none. */
void hidden_password(struct hidden *hidden, const struct secret *password);
/* Takes a response in base64; wiped at once where there is no room (which the limit on questions
 * rules out). NULL allowed. */
void hidden_take(struct hidden *hidden, char *response);
void hidden_free(struct hidden *hidden); /* wipes; safe on a zeroed struct */

/* "***" in place of each. hidden may be NULL. */
void hidden_mask(const struct hidden *hidden, struct strbuf *text);

#endif
