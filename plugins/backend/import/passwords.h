/*
 * passwords.h: one login out of the tables of passwords that this machine's Postfix uses
 * (smtp_sasl_password_maps), whatever their type, without it ever being seen.
 *
 *   static:, inline:          stand in main.cf itself
 *   texthash:                 is read
 *   hash:, lmdb:, ...         is asked through postmap(1), whose answer goes straight into locked memory;
 *                             where the indexed file is missing, the text beside it is read
 *   anything else             is asked through postmap(1)
 */
#ifndef RELAY_IMPORT_PASSWORDS_H
#define RELAY_IMPORT_PASSWORDS_H

#include "../postfix/instance.h"
#include "import.h"

struct password_entry {
	char *login; /* NULL: nothing was found */
	struct secret password;
	char *table;    /* where it was found: "hash:/etc/postfix/sasl_passwd", "static:" */
	bool from_text; /* the indexed file is missing, or has not what the text has */
};

/* The first key that a table has, table by table as Postfix goes. keys: NULL-terminated.
 * ERROR_CONFIG, ERROR_UNAVAILABLE: a table cannot be asked. */
bool password_find(const struct postfix *postfix, const char *maps, const char *const keys[],
	struct password_entry *entry, struct error *error) WARN_UNUSED_RESULT;
void password_entry_free(struct password_entry *entry); /* wipes; safe on a zeroed struct */

#endif
