/*
 * wanted.h: what Postfix's configuration should say for these settings: parameters of main.cf, services
 * of master.cf, tables. Planning, Deconfigure (all of them empty) and the status' drift are made from
 * the same answer.
 *
 *   way.c -> which relay is reached how -> wanted_parameters.c: main.cf; wanted_from.c: the rest
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
#define WANTED_SERVICE_TLS "relaycon-tls"
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

/* direct: no mail is sent to a relay. simple: one relay takes everything that is not delivered here,
 * and main.cf says so. routed: each relay has a way of its own, and all that it needs stands in services
 * of ours, so that mail that goes direct keeps what the machine had. */
enum wanted_mode { WANTED_DIRECT, WANTED_SIMPLE, WANTED_ROUTED };

struct wanted_parameter {
	const char *name;
	char *value;
};

struct wanted_service {
	char *key;  /* "relaycon-tls/unix" */
	char *line; /* of master.cf */
};

enum wanted_table_kind {
	WANTED_POLICY,
	WANTED_REWRITE,
	WANTED_ROUTES,
};

struct wanted_table {
	enum wanted_table_kind kind;
	char *name; /* in the configuration folder */
	struct strbuf text;
	const char
		*built; /* type of the map that postmap makes of it ("hash"); NULL: read as it is */
};

struct wanted {
	enum wanted_mode mode;
	struct wanted_parameter *parameters;
	size_t count;
	struct wanted_service *services;
	size_t service_count;
	struct wanted_table *tables;
	size_t table_count;
	char *default_way; /* of the default relay; simple: "[h]:p", routed: "SERVICE:[h]:p"; NULL: none */
	char *check_services; /* what must start afterwards: delivery agents by name, hops by key, with
			       * a blank between them; NULL: none */
};

void wanted_from(struct wanted *wanted, const struct view *view);
void wanted_free(struct wanted *wanted); /* safe on a zeroed struct */
const char *wanted_value(const struct wanted *wanted, const char *name);  /* NULL: not wanted */
const char *wanted_service(const struct wanted *wanted, const char *key); /* its line; NULL */
const struct wanted_table *wanted_table_named(const struct wanted *wanted, const char *name);
/* For whom adds to it: key and line are taken; text is copied. */
void wanted_add_service(struct wanted *wanted, char *key, char *line);
struct wanted_table *wanted_add_table(
	struct wanted *wanted, enum wanted_table_kind kind, const char *name);
void wanted_set_parameters(struct wanted *wanted, const struct view *view);

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
