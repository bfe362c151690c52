/*
 * passwords.h: the passwords of many relays at once: from the files that the settings name, from what is
 * stored, and for those that have neither from one file of the command line, or the terminal.
 */
#ifndef RELAY_PASSWORDS_H
#define RELAY_PASSWORDS_H

#include "work.h"

struct passwords {
	/* Of the relays whose password is not the one that is stored, for work_plan_edit. */
	struct plan_password *list;
	size_t count;
	struct secret *secrets; /* one a relay of the settings */
	size_t secret_count;
};

/* file: FILE or "-" (standard input) of --password-file, for the one relay that has no other password; may
 * be NULL. `settings` must outlive them. ERROR_USAGE: a relay's login has no password anywhere, with its
 * name; more than one would take `file`, or none. Errors of relay_read_password, secret_read_file. */
bool passwords_find(struct passwords *passwords, const struct work *work,
	const struct settings *settings, const char *file, struct error *error) WARN_UNUSED_RESULT;
void passwords_free(struct passwords *passwords); /* wipes; safe on a zeroed struct */

/* FILE or "-": not empty. ERROR_DATA, ERROR_IO. */
bool passwords_read(
	const char *file, struct secret *password, struct error *error) WARN_UNUSED_RESULT;

#endif
