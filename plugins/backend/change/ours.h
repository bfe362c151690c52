/*
 * ours.h: what is ours in Postfix's configuration, known by its name alone: after settings and baseline
 * were lost there is nothing else to go by.
 *
 *   tables    CONFIG_DIR/relaycon_sasl_passwd, relaycon_tls_policy, relaycon_sender_routes,
 *             relaycon_sender_direct, relaycon_recipient_routes, relaycon_sender_rewrite_RELAY; what
 *             postmap(1) makes of the former, with an ending (.db, .lmdb, .cdb)
 *   services  master.cf services whose name begins with "relaycon"; and hops, which have a port for a
 *             name, by the name under which they log (hop.h)
 */
#ifndef RELAY_OURS_H
#define RELAY_OURS_H

#include <stdbool.h>
#include <stddef.h>

#include "../postfix/maincf.h"
#include "../postfix/mastercf.h"
#include "../settings/site.h"

#define OURS_PREFIX "relaycon"
#define OURS_SENDER_ROUTES "relaycon_sender_routes"
#define OURS_SENDER_DIRECT "relaycon_sender_direct"
#define OURS_RECIPIENT_ROUTES "relaycon_recipient_routes"
#define OURS_SENDER_REWRITE "relaycon_sender_rewrite_"

char *ours_path(const struct site *site, const char *name); /* in the configuration folder */

/* Is this file name, without its folder, one of a table of ours? *built (may be NULL): made by postmap. */
bool ours_is_table(const char *name, bool *built);

struct ours {
	char **names;
	size_t count;
};
/* The tables of ours that are there, built ones included, and those beside which a change left something
 * (step.h): sorted, each once. ERROR_IO, ERROR_DENIED: the folder cannot be read. */
bool ours_tables(
	struct ours *ours, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
void ours_free(struct ours *ours); /* safe on a zeroed struct */

/* A list of tables without those of ours that begin with this name, whatever their type; true (and *rest,
 * caller frees) where there was one in it. */
bool ours_cut(const struct site *site, const char *list, const char *name, char **rest);
/* The same for all tables of ours. */
bool ours_cut_all(const struct site *site, const char *list, char **rest);
/* Does this transport, "NAME" or "NAME:NEXTHOP", lead to a service of ours? */
bool ours_is_transport(const char *transport);
/* Does main.cf lead to a table or service of ours? Where the settings or the baseline know of none, they
 * were lost. */
bool ours_is_led_to(const struct site *site, const struct maincf *main);
bool ours_is_service(const struct mastercf *cf, const char *key);

#endif
