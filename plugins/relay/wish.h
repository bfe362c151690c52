/*
 * wish.h: what the user has typed so far about one relay, and what it amounts to.
 *
 * The texts live here, not in the forms, so that nothing typed is lost on any way back: from the
 * server form, a failed test, the review. The password lives in a struct secret, which the password
 * field is typed straight into, and is wiped by wish_free.
 *
 *   zeroed --wish_init--> filled from the preset, or from what is configured --forms--> ...
 *          --wish_relay--> struct relay for the test and the plan
 */
#ifndef RELAY_WISH_H
#define RELAY_WISH_H

#include "work.h"

enum wish_field {
	WISH_LISTED, /* one of the provider's own ports */
	WISH_HOST,
	WISH_PORT,
	WISH_TLS,
	WISH_VERIFY,
	WISH_FINGERPRINT,
	WISH_CA_FILE,
	WISH_LOGIN,
	WISH_PASSWORD,
	WISH_SERVER, /* the server in one line, read-only */
	WISH_FIELDS,
};

/* The part that the second form edits; copied whole, so that Back there means what it says. */
struct wish_server {
	char listed[32];
	char host[300];
	char port[8];
	char tls[16];
	char verify[16];
	char fingerprint[160];
	char ca_file[1024];
	/* What a choice of security has replaced, for another choice that it suits; or empty. */
	char replaced_port[8];
	char replaced_verify[16];
};

struct wish {
	struct work *work;
	const struct preset *preset; /* NULL: custom */
	char *name;                  /* of the relay */
	bool named;                  /* it is one of several: the form and what follows say which */
	bool make_default;           /* mail without a route goes to it from now on */
	char *region;
	struct wish_server server;
	char summary[512]; /* WISH_SERVER */
	char login[512];
	struct secret password;
	bool editing;  /* pre-filled from what is configured */
	bool stored;   /* a password for it is stored */
	char *consent; /* the connection over which the user agreed to send it unencrypted */
	bool edited;
	size_t focus; /* in the main form */
};

/* preset NULL: custom. name NULL: it becomes the default relay, and the one that is the default now is
 * what it replaces, unless that has a name of its own and another provider. Where the relay of the name
 * has this provider already, the wish begins with what is configured. */
bool wish_init(struct wish *wish, struct work *work, const struct preset *preset, const char *name,
	struct error *error) WARN_UNUSED_RESULT;
void wish_free(struct wish *wish); /* wipes; safe on a zeroed struct */

/* Puts the server of the region in place of the one at hand. ERROR_USAGE: no such region. */
bool wish_set_region(struct wish *wish, const char *region, struct error *error) WARN_UNUSED_RESULT;
/* Brings the one line about the server up to date. */
void wish_summarize(struct wish *wish);

/* Port and security suggest each other; `field` was left changed. */
void wish_suggest(struct wish_server *server, enum wish_field field);

/* The relay that was typed; what no form asks for (failover, sender rewriting) is what the relay of that
 * name has already. ERROR_DATA: what is wrong, though the checks of the form have passed. */
bool wish_relay(
	const struct wish *wish, struct relay *relay, struct error *error) WARN_UNUSED_RESULT;
/* The password to test with: the one typed, or the one stored for this relay and login. *found
 * false: there is none. `password` is initialised here; free it in any case. */
bool wish_password(const struct wish *wish, const struct relay *relay, bool *found,
	struct secret *password, struct error *error) WARN_UNUSED_RESULT;

/* Did the user agree to send this login unencrypted over this very connection? */
bool wish_consents(const struct wish *wish, const struct relay *relay);
void wish_give_consent(struct wish *wish, const struct relay *relay);
/* Is a login sent over a connection that may be unencrypted? */
bool wish_is_exposed(const struct relay *relay);

#endif
