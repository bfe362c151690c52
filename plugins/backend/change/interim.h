/*
 * interim.h: a table with the new entries and the old ones, which stands while main.cf and master.cf may
 * lead to either.
 *
 * No key is in it twice: Postfix's own postmap warns of that and goes by the first, but smtp(8) opens no such
 * texthash at all, and defers all mail. What is in both is as it will be.
 */
#ifndef RELAY_INTERIM_H
#define RELAY_INTERIM_H

#include <stdbool.h>
#include <stddef.h>

/* Does `after` lack a key of `before`? Only then is there anything to bridge. */
bool interim_is_needed(const char *before, size_t before_len, const char *after, size_t after_len);
/* Writes `after`, then the entries of `before` that it lacks; `to` has room for both and two bytes more.
 * Returns the length; a NUL stands behind it. The bytes may be secret: nothing of them is copied elsewhere. */
size_t interim_join(
	char *to, const char *before, size_t before_len, const char *after, size_t after_len);

#endif
