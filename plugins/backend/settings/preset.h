/*
 * preset.h: a provider's facts, from its INI file in providers/ (or the administrator's folder).
 *
 * The file's name without ".ini" is the provider's id. A file of the administrator's overrides a
 * shipped one of the same name. The [entry] section belongs to the console and is passed over here.
 *
 *   [provider]
 *   name = Brevo (formerly Sendinblue)
 *   host = smtp-relay.brevo.com
 *   port = 587
 *   tls = starttls
 *   alternates = 465/implicit, 2525/starttls
 *   login-hint = ...            what the login is
 *   login = apikey              only where it is the same for everybody
 *   login-optional = yes        only where the relay also works without one
 *   password-hint = ...         what the password is and where to get it
 *   auth = PLAIN, LOGIN
 *   from-must-be-verified = yes
 *   size-limit = 20000000       bytes
 *   documentation = https://...
 *   warning = ...               shown before anything else (a login kind that is being switched off)
 *   note = ...                  one fact a line (continuation lines)
 *   unverified-note = ...       the same, for what the provider's own pages do not confirm
 *   unverified = host, auth (from memory)
 *                               which of the above (or "regions") they do not confirm, and how it
 *                               is known instead
 *   ca-file = ...               only for a provider with a certificate authority of its own
 *   [regions]
 *   eu = smtp.eu.example.com    the first one is the default: its host is the one of [provider]
 *   vip = v.example.com 465/implicit
 *                               where a region has a port of its own
 *
 * Everything else is refused with its line: an unknown section or key, a host that is none, a word
 * that is not known. Lines of a value other than notes are joined by a space.
 */
#ifndef RELAY_PRESET_H
#define RELAY_PRESET_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "relay.h"

struct preset_region {
	char *id;
	char *host;
	unsigned port; /* the provider's, unless the region has its own */
	enum relay_tls tls;
};

struct preset_port {
	unsigned port;
	enum relay_tls tls;
};

struct preset {
	char *id;
	char *name;
	char *host;
	unsigned port;
	enum relay_tls tls;
	struct preset_port *alternates;
	size_t alternate_count;
	char *login_hint;
	char *login; /* fixed login, or NULL */
	bool login_optional;
	char *password_hint;
	char *auth;
	bool from_must_be_verified;
	unsigned long size_limit; /* bytes, 0 unknown */
	char *documentation;
	char *warning;
	char **notes; /* the confirmed ones first; the others begin with "(unconfirmed) " */
	size_t note_count;
	char *unverified;
	char *ca_file;
	struct preset_region *regions;
	size_t region_count;
};

struct preset_list {
	struct preset *presets; /* sorted by name */
	size_t count;
	/* Files left out, one line each with the reason; empty when none. A broken file of the
	 * administrator's hides the shipped one all the same: it was meant to replace it. */
	struct strbuf problems;
};

/* dirs: shipped folder first, later ones override; NULL-terminated; a missing folder is fine. */
bool preset_list_load(
	struct preset_list *list, const char *const dirs[], struct error *error) WARN_UNUSED_RESULT;
void preset_list_free(struct preset_list *list);
const struct preset *preset_find(const struct preset_list *list, const char *id); /* NULL: none */
/* One provider alone, without reading the others. ERROR_USAGE with the nearest ids when unknown. */
bool preset_load(struct preset *preset, const char *const dirs[], const char *id,
	struct error *error) WARN_UNUSED_RESULT;
/* The provider of this relay, for what it knows beside the relay itself. False: the relay is nobody's, or the
 * provider's file is gone or broken; nothing is to be freed then. */
bool preset_of_relay(struct preset *preset, const char *const dirs[], const struct relay *relay);
void preset_free(struct preset *preset);
/* A relay as the preset suggests it (region NULL: the default), into a struct that holds nothing yet.
 * ERROR_USAGE: no such region. */
bool preset_to_relay(const struct preset *preset, const char *region, struct relay *relay,
	struct error *error) WARN_UNUSED_RESULT;
/* Port and security suggest each other, at this provider or (NULL) in general. */
enum relay_tls preset_tls_for_port(const struct preset *preset, unsigned port);
unsigned preset_port_for_tls(const struct preset *preset, enum relay_tls tls);
/* "465 (implicit TLS), 2525 (STARTTLS)", for advice; caller frees; NULL when there are none. */
char *preset_other_ports(const struct preset *preset, unsigned but_not);

#endif
