/*
 * lookup.h: one question to Postfix's own tables, as its daemons ask them: a list of tables as a
 * parameter has it ("hash:/etc/postfix/transport, inline:{a=b}"), or a list of domains, in which names,
 * tables and files stand beside each other.
 *
 * Each table is asked by a "postmap -q" of its own, so whatever type this Postfix has will do. A table
 * that cannot be read is an error in words: Postfix itself would put the mail off.
 */
#ifndef RELAY_LOOKUP_H
#define RELAY_LOOKUP_H

#include <stdbool.h>

#include "../base/error.h"
#include "instance.h"

/* All of it is cleaned: it will be shown. */
struct lookup_hit {
	char *table; /* "texthash:/etc/postfix/transport"; NULL: nothing was found */
	char *key;
	char *value;
};
void lookup_hit_free(struct lookup_hit *hit); /* leaves it zeroed */

/* The next word of such a list, from *at on; blanks and commas within {} belong to it. NULL: no more.
 * Caller frees. */
char *lookup_next_word(const char **at);

/* The first table that has the key. partial: the key is only a piece of an address, which Postfix does
 * not ask tables of patterns (regexp, pcre, cidr) for. ERROR_CONFIG names the table. */
bool lookup_maps(const struct postfix *postfix, const char *maps, const char *key, bool partial,
	struct lookup_hit *hit, struct error *error) WARN_UNUSED_RESULT;

/* Is the domain in the list? subdomains: those of a name in it are as well. */
bool lookup_domain(const struct postfix *postfix, const char *list, const char *domain,
	bool subdomains, bool *found, struct error *error) WARN_UNUSED_RESULT;

#endif
