/*
 * settings.h: the settings, the whole wish (DESIGN, Words): relays, which of them is the default, and
 * the routes that lead round it.
 *
 *   a recipient's address, a recipient's domain, a sender's address, a sender's domain, the default:
 *   the first of these that a mail has a route for decides (transport(5) is asked before
 *   sender_dependent_default_transport_maps: postconf(5), default_transport).
 *
 * Strings are owned by the struct. settings.c has the relays, routes.c the routes, route.c their patterns,
 * settings_file.c and settings_format.c the file.
 */
#ifndef RELAY_SETTINGS_H
#define RELAY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "relay.h"

#define ROUTE_NULL_SENDER "<>"

enum route_kind { ROUTE_SENDER, ROUTE_RECIPIENT, ROUTE_KINDS };

/* One mail's way. The pattern is in the form in which Postfix looks it up: lower case, domains as
 * A-labels; "@example.com", "user@example.com" or "<>" for senders, "example.net" or
 * "user@example.net" for recipients. */
struct route {
	enum route_kind kind;
	char *pattern;
	char *relay; /* a relay's name, or RELAY_DIRECT */
};

struct settings {
	struct relay *relays; /* in the order in which they were added */
	size_t relay_count;
	struct route *routes; /* sorted by kind and pattern; no two alike */
	size_t route_count;
	char *default_relay; /* NULL: none, mail goes direct */
};

void settings_free(struct settings *settings); /* safe on a zeroed struct */
void settings_copy(struct settings *to, const struct settings *from);
bool settings_equal(const struct settings *a, const struct settings *b);

/* NULL: no relay of that name. */
const struct relay *settings_relay(const struct settings *settings, const char *name);
const struct relay *settings_default(const struct settings *settings); /* NULL: direct */
/* NULL: ERROR_USAGE, with the name that was probably meant. */
const struct relay *settings_need_relay(
	const struct settings *settings, const char *name, struct error *error);
/* The relay's name that was probably meant, or "direct" where that is one too; NULL: none is near. It stays
 * the settings'. */
const char *settings_nearest(const struct settings *settings, const char *name, bool or_direct);
/* settings_relay for whom many come: valid while no relay is added, replaced or taken away. */
struct relay_index {
	struct relay_entry {
		const struct relay *relay;
	} * sorted;
	size_t count;
};
void relay_index_init(struct relay_index *index, const struct settings *settings);
void relay_index_free(struct relay_index *index);
const struct relay *relay_index_find(const struct relay_index *index, const char *name);
/* Adds a copy, or replaces the relay of the same name. */
void settings_put_relay(struct settings *settings, const struct relay *relay);
/* Gives every relay its place among those at its server and port. It keeps the one that it has, or
 * that this login, else this name, has in `stored` (NULL: nothing is); who is new gets the first that is
 * free in both: the default relay before the others, these in their order. What Postfix knows a relay by
 * is made of it (way.h): were it to become another login's, mail that is under way would take that one. */
void settings_place(struct settings *settings, const struct settings *stored);
/* A name that a relay may have: 1 to 40 of a-z, 0-9, "-" and ".", beginning with a letter or digit, and
 * not "direct". ERROR_DATA. */
bool settings_check_name(const char *name, struct error *error) WARN_UNUSED_RESULT;
/* ERROR_USAGE: there is none of that name, or a route or another relay's fallback still names it (all
 * of them are named, up to a few). The default relay may go: mail without a route is direct then. */
bool settings_remove_relay(
	struct settings *settings, const char *name, struct error *error) WARN_UNUSED_RESULT;
/* With all that names it. ERROR_USAGE: no such relay, or the new name is taken; ERROR_DATA: bad name. */
bool settings_rename_relay(struct settings *settings, const char *name, const char *new_name,
	struct error *error) WARN_UNUSED_RESULT;
void settings_set_default(struct settings *settings, const char *name); /* NULL: direct */

/* What a person types ("Example.COM", "@müller.de", " User@example.com", "<>") -> the pattern (caller
 * frees). A bare domain is the domain's; for a sender it gets its "@". ERROR_DATA: what is wrong. */
bool route_parse(enum route_kind kind, const char *text, char **pattern,
	struct error *error) WARN_UNUSED_RESULT;
/* The pattern with its domain as people read it, "@müller.de", which is how Postfix looks up a mail that
 * has its domain so (SMTPUTF8): the tables need both. NULL: it is the same. Caller frees. */
char *route_unicode(const char *pattern);
/* Its place among the kinds of route, of which the lowest that a mail has decides: a recipient's address, a
 * recipient's domain, a sender's address ("<>" among them), a sender's domain. */
enum { ROUTE_RANKS = 4 };
unsigned route_rank(const struct route *route);
/* "sender", "recipient" */
const char *route_word(enum route_kind kind);

/* The pattern as route_parse gave it. ERROR_USAGE: there is a route for it already (named with where
 * it leads; the same relay again is fine and changes nothing), or no relay of that name. */
bool settings_add_route(struct settings *settings, enum route_kind kind, const char *pattern,
	const char *relay, struct error *error) WARN_UNUSED_RESULT;
/* ERROR_USAGE: there is no such route. */
bool settings_remove_route(struct settings *settings, enum route_kind kind, const char *pattern,
	struct error *error) WARN_UNUSED_RESULT;
const struct route *settings_route(const struct settings *settings, enum route_kind kind,
	const char *pattern); /* NULL: none */

/* Names that nothing has, a relay that falls back to itself or twice to the same, a sender_rewrite that
 * is no address ... ERROR_DATA. Whatever changed the settings calls this before they are planned. */
bool settings_check(const struct settings *settings, struct error *error) WARN_UNUSED_RESULT;

enum { SETTINGS_FILE_MAX = 32 << 20 }; /* bytes; a larger settings file is refused */

/* settings.ini ([settings] with format and default, [relay NAME] as in relay_section.h, [routes] with the keys
 * sender and recipient, whose values have one route a line: pattern, blanks, relay). Missing file: empty
 * settings. Unknown keys are ERROR_DATA with path, line and the nearest known one. */
bool settings_load(
	struct settings *settings, const char *path, struct error *error) WARN_UNUSED_RESULT;
/* The same of any file that a person wrote: missing is ERROR_IO, a relay's provider gives what the
 * section leaves out (folders: as preset_load), and patterns are as people type them. */
bool settings_read(struct settings *settings, const char *path, const char *const *folders,
	struct error *error) WARN_UNUSED_RESULT;
/* The same from a descriptor, to its end; what: "standard input", for messages. */
bool settings_read_fd(struct settings *settings, int fd, const char *what,
	const char *const *folders, struct error *error) WARN_UNUSED_RESULT;
void settings_format(const struct settings *settings, struct strbuf *out);

#endif
