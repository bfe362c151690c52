/*
 * nexthop.h: a server as Postfix's tables and docker-mailserver's variables name it: "[host]:port",
 * "[host]", "host:port", "host", the port a number or a service's name; and what comes of it when brackets
 * were put round what had its own: "[[host]]:25", "[[host]:587]:25".
 */
#ifndef RELAY_IMPORT_NEXTHOP_H
#define RELAY_IMPORT_NEXTHOP_H

#include <stdbool.h>

enum { NEXTHOP_PORT = 25 };

struct nexthop {
	char *host;    /* its plain form (relay.h) */
	unsigned port; /* NEXTHOP_PORT where none was named */
	bool has_port;
	bool by_mx;   /* no brackets: Postfix looks for the host's MX */
	bool doubled; /* brackets within brackets: Postfix finds no such host */
	struct nexthop *
		next; /* of a list: where Postfix goes when this one does not take the mail; NULL */
};

/* False: *why says what is wrong, as the end of a sentence; it never quotes the text, which may be a
 * password in a wrong place. */
bool nexthop_parse(struct nexthop *hop, const char *text, const char **why);
/* Several servers as well, with commas or blanks between them, all in brackets: a bare word might be a
 * password. */
bool nexthop_parse_list(struct nexthop *hop, const char *text, const char **why);
void nexthop_free(struct nexthop *hop); /* with those behind it; safe on a zeroed struct */
bool nexthop_equal(const struct nexthop *a, const struct nexthop *b); /* the same server and port */
bool nexthop_equal_list(const struct nexthop *a, const struct nexthop *b);

#endif
