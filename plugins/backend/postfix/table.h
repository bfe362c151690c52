/*
 * table.h: the texthash tables that we own: credentials and TLS policy.
 *
 * One line an entry: key, one space, value. What would not survive Postfix's reading
 * (facts: trailing white space, CR, newline, NUL, non-UTF-8; a colon or a leading space in a login)
 * is refused with words instead of being written wrongly.
 */
#ifndef RELAY_TABLE_H
#define RELAY_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/secret.h"
#include "../base/strbuf.h"

/* "[host]:port" in lower case, the only key form that is bound to one relay (DESIGN, contract 7). */
char *table_relay_key(const char *host, unsigned port);
/* The same with leading zeros before the port: the same server for Postfix, which reads a number, and
 * another key of its tables, which compare text. So two logins at one server are kept apart. */
char *table_nexthop(const char *host, unsigned port, size_t zeros);

bool table_check_login(const char *login, struct error *error) WARN_UNUSED_RESULT; /* ERROR_DATA */
bool table_check_password(const struct secret *password, struct error *error) WARN_UNUSED_RESULT;

/* A table whose bytes are secret themselves. */
struct secret_table {
	char *bytes; /* locked, kept out of core dumps, wiped by secret_table_free */
	size_t len;
	size_t cap;
};

/* cap: how many bytes it can hold at least; it never grows. */
bool secret_table_init(
	struct secret_table *table, size_t cap, struct error *error) WARN_UNUSED_RESULT;
void secret_table_free(struct secret_table *table); /* safe on a zeroed struct */
/* Appends "key login:password\n". ERROR_DATA: a login or password as table_check_* refuses it, the
 * key is there already, or there is no room. */
bool secret_table_add(struct secret_table *table, const char *key, const char *login,
	const struct secret *password, struct error *error) WARN_UNUSED_RESULT;
/* Reads the file at path into the table (missing: empty, *exists false), which may be zeroed: it is
 * made as large as the file then. On failure the table is freed. */
bool secret_table_load(struct secret_table *table, const char *path, bool *exists,
	struct error *error) WARN_UNUSED_RESULT;
/* Looks a key up as texthash does (first wins, keys compared in lower case). Where found: *login
 * (caller frees) and the password into `password` (initialised by the caller), each may be NULL. */
bool secret_table_find(const struct secret_table *table, const char *key, bool *found, char **login,
	struct secret *password, struct error *error) WARN_UNUSED_RESULT;
/* The password of this login at host and port, whatever the number of zeros in the key. */
bool secret_table_find_login(const struct secret_table *table, const char *host, unsigned port,
	const char *login, bool *found, struct secret *password,
	struct error *error) WARN_UNUSED_RESULT;
/* The table's text with each password replaced by "********", and each comment too: it may be an old
 * password. */
void secret_table_masked(const struct secret_table *table, struct strbuf *out);

#endif
