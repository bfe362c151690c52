/*
 * destination.h: where this Postfix would send a mail, and by which of its tables: what
 * trivial-rewrite(8) works out for each recipient, asked of the same parameters and tables.
 *
 *   virtual_alias_maps                     the recipient may become another one
 *   mydestination, virtual_*_domains,      which class of domain it is: local, virtual, relayed,
 *     relay_domains                        anything else
 *   sender_dependent_default_transport_maps, default_transport, relay_transport,
 *     sender_dependent_relayhost_maps, relayhost      the way of that class
 *   transport_maps                         and what takes the place of it, for every class
 *
 * It is worked out from the configuration as it is written; a running Postfix may lag behind an edit
 * until it is reloaded. Rewriting of addresses (canonical maps, masquerading) comes before all this and
 * is not looked at, nor is what a content filter does.
 */
#ifndef RELAY_DESTINATION_H
#define RELAY_DESTINATION_H

#include "../base/error.h"
#include "instance.h"
#include "lookup.h"

enum destination_class {
	DESTINATION_LOCAL,   /* mydestination */
	DESTINATION_ALIAS,   /* virtual_alias_domains: whatever is no alias is refused */
	DESTINATION_MAILBOX, /* virtual_mailbox_domains */
	DESTINATION_RELAY,   /* relay_domains */
	DESTINATION_OTHER,
};

struct destination {
	enum destination_class class;
	const char *class_parameter; /* what says so; NULL: OTHER */
	char *recipient; /* the one asked about, or what virtual_alias_maps makes of it */
	char *aliases; /* several recipients that it becomes; then nothing else is known; or NULL */
	char *transport; /* a service of master.cf */
	char *nexthop;   /* "[h]:587", or a domain */
	/* What decided: the parameter, and where it was a table of it, which one. */
	const char *parameter;
	struct lookup_hit hit; /* table NULL: the parameter's own value */
};

/* Both addresses in the form that route_parse gives; sender "<>" or "": the null sender. Errors: those
 * of postfix_ask and lookup_maps. */
bool destination_find(const struct postfix *postfix, const char *sender, const char *recipient,
	struct destination *destination, struct error *error) WARN_UNUSED_RESULT;
void destination_free(struct destination *destination); /* safe on a zeroed struct */

#endif
