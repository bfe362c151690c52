/*
 * way.h: how Postfix reaches each relay.
 *
 * Next hop. "[host]:port" is what the tables of logins and of TLS demands know a relay by. Relays at
 * one server and port are told apart by zeros before the port, one fewer than their place says
 * (settings_place), which stays theirs: adding, removing, renaming or another default moves nobody else.
 *
 * Group. In routed mode the relays that want the same of smtp(8), so far as it cannot be said in the
 * TLS policy, share a service (master.cf):
 *   relaycon        STARTTLS, required or not; no TLS without a login
 *   relaycon-clear  a login in clear, on the user's word: nobody else's may go that way
 *   relaycon-tls    implicit TLS
 *   relaycon-ca1, relaycon-tls-ca1, ...  the same for relays with a CA file of their own
 *
 * Way. What a route leads to: "SERVICE:NEXTHOP,NEXTHOP,..", the relay and those that it falls back to,
 * as long as they are of one group. From there on, and for a sender_rewrite, the way leads through a hop
 * (hop.h); the service in front of that is the group's with a name of its own, relaycon-via-RELAY, and
 * behind it relaycon-again (relaycon-tls-again, ...) leaves out what smtp(8) has done to the mail already.
 */
#ifndef RELAY_WAY_H
#define RELAY_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "../settings/settings.h"
#include "hop.h"
#include "wanted.h"

struct way {
	const struct relay *relay;
	char *nexthop; /* "[host]:0587" */
	bool entry;    /* the default relay, or one that a route leads to */
	bool used;     /* an entry, or the fallback of one */
	size_t group;
	char *transport; /* routed: what leads there; NULL: not an entry */
};

struct way_group {
	bool implicit, clear_login;
	const char *ca_file; /* NULL: as other mail */
	size_t ca_number;
	bool used, login, name, dane, fingerprint; /* does any of its relays in use need this? */
	char *service;
};

struct ways {
	enum wanted_mode mode;
	struct way *list; /* in the order of the settings */
	size_t count;
	struct way_group *groups;
	size_t group_count;
	struct relay_index index;
};

/* Everything but the transports. The settings are placed. */
void ways_init(struct ways *ways, const struct settings *settings);
void ways_free(struct ways *ways); /* safe on a zeroed struct */
struct way *ways_find(const struct ways *ways, const char *relay);

/* Routed: gives each entry its transport; services, rewriting tables, and hops' lines of the TLS policy
 * go to what is wanted. is_free: see hop.h. */
void ways_lay(struct ways *ways, const struct view *view, hop_port_is_free *is_free,
	struct wanted *wanted, struct strbuf *policy);

#endif
