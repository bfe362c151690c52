/*
 * wanted.h: what Postfix's configuration should say for these settings: {parameter -> value}, the
 * master.cf service, the TLS policy table. One table of parameters (wanted.c) is all there is to it:
 * planning, Deconfigure (an empty table) and the status' drift are made from the same answer.
 *
 * A parameter's value may depend on what the administrator had there: see wanted_original.
 */
#ifndef RELAY_WANTED_H
#define RELAY_WANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "../postfix/maincf.h"
#include "../postfix/mastercf.h"
#include "../settings/settings.h"
#include "../settings/site.h"
#include "baseline.h"

/* The transport, and master.cf service, for implicit TLS: smtp_tls_wrappermode holds for a whole
 * service, so that only one of our own keeps it from all other mail. */
#define WANTED_SERVICE "relaycon-tls"
#define WANTED_SERVICE_KEY WANTED_SERVICE "/unix"
/* The authorities that Debian trusts, where main.cf names none. */
#define WANTED_CA_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

/* What the answer is made from. Nothing here is owned. */
struct view {
	const struct site *site; /* its values: plan_parameters */
	const struct settings *settings;
	const struct baseline *baseline;
	const struct maincf *main;
	const struct mastercf *master;
};

struct wanted_parameter {
	const char *name;
	char *value;
};

struct wanted {
	struct wanted_parameter *parameters;
	size_t count;
	char *service;        /* master.cf line of WANTED_SERVICE_KEY; NULL: none */
	struct strbuf policy; /* the TLS policy table; empty: no table */
	const char *check_service;
};

void wanted_from(struct wanted *wanted, const struct view *view);
void wanted_free(struct wanted *wanted); /* safe on a zeroed struct */
const char *wanted_value(const struct wanted *wanted, const char *name); /* NULL: not wanted */

/* The value that ours stands on: what was in main.cf before us, or what someone put there since.
 * References ($name) are expanded where Postfix could be asked. Never NULL; "" where the parameter
 * is neither set nor has a default that is known. Caller frees. */
char *wanted_original(const struct view *view, const char *name);
/* The value as it is now, expanded likewise. */
char *wanted_current(const struct view *view, const char *name);
/* The smtp_tls_CAfile for relays that name none of their own. Caller frees. */
char *wanted_ca_file(const struct view *view);

/* Is this default_transport one that names a server itself ("smtp:[relay]:587")? */
bool wanted_transport_relays(const char *value);
/* "texthash:PATH" */
char *wanted_table(const char *path);
/* A list of tables without that one; true (and *rest, caller frees) where it was in there. */
bool wanted_without_table(const char *list, const char *table, char **rest);

/* What goes round the default relay, or will be set aside by it: one warning a line (override.c). */
void wanted_warnings(const struct wanted *wanted, const struct view *view, struct strbuf *out);

#endif
