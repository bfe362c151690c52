/*
 * relay.h: a relay: a server that takes our mail on (DESIGN, Words). settings.h has them all.
 *
 * Strings are owned by the struct. The password is not part of it: it lives in a struct secret and in
 * the credential table only.
 *
 * relay_parse.c and address.c have what people type, relay_check.c what is wrong with it, relay_section.c
 * a relay in a file, relay_password.c where its password is read from.
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/secret.h"
#include "../base/strbuf.h"

enum relay_tls {
	RELAY_TLS_STARTTLS,
	RELAY_TLS_IMPLICIT,
	RELAY_TLS_OPPORTUNISTIC,
	RELAY_TLS_NONE,
	RELAY_TLS_MODES
};
enum relay_verify {
	RELAY_VERIFY_NAME,
	RELAY_VERIFY_DANE,
	RELAY_VERIFY_FINGERPRINT,
	RELAY_VERIFY_NONE,
	RELAY_VERIFY_MODES
};

#define RELAY_DEFAULT_NAME "default"
#define RELAY_DIRECT "direct"
#define RELAY_CREDENTIAL "credential:"
#define RELAY_CUSTOM "custom" /* the provider of a relay that is none of the providers' */

enum { RELAY_PLACE_MAX = 10000 };

struct relay {
	char *name;     /* "default" */
	char *provider; /* a provider's id, or "custom" */
	char *region;   /* NULL where the provider has none */
	char *host;     /* ASCII (A-labels), without brackets */
	unsigned port;
	enum relay_tls tls;
	enum relay_verify verify;
	char *fingerprint; /* SHA-256, "AA:BB:.." upper case; NULL unless verify is fingerprint */
	char *ca_file;     /* NULL: the system's bundle */
	char *login;       /* NULL: no login */
	/* Where the password is read from when the settings are applied as a file: a path, or
	 * "credential:NAME" (systemd.exec(5), LoadCredential=); NULL: it was typed, or is stored. */
	char *password_file;
	/* The envelope sender of mail that is not from this address's domain, since the relay would not
	 * take it; NULL: senders stay as they are. The null sender always stays. */
	char *sender_rewrite;
	/* Names of relays that are tried in this order when this one cannot take mail now. Their own
	 * fallbacks do not count. */
	char **fallbacks;
	size_t fallback_count;
	/* Which of the relays at its server and port it is, from 1; 0: not said yet (settings_place). */
	unsigned place;
};

void relay_free(struct relay *relay); /* safe on a zeroed struct */
void relay_copy(struct relay *to, const struct relay *from);
void relay_add_fallback(struct relay *relay, const char *name);
bool relay_equal(const struct relay *a, const struct relay *b);

/* Words used in options, files and JSON: "starttls", "implicit", ... */
const char *relay_tls_word(enum relay_tls tls);
bool relay_tls_from_word(const char *word, enum relay_tls *tls);
const char *relay_verify_word(enum relay_verify verify);
bool relay_verify_from_word(const char *word, enum relay_verify *verify);
/* For people, translated: "STARTTLS, required", ... */
const char *relay_tls_title(enum relay_tls tls);
const char *relay_verify_title(enum relay_verify verify);
const char *relay_tls_brief(enum relay_tls tls); /* within a line: "STARTTLS", "implicit TLS" */
const char *relay_verify_brief(enum relay_verify verify); /* "certificate verified", ... */
/* Is what is sent always encrypted (starttls and implicit)? */
bool relay_tls_is_encrypted(enum relay_tls tls);
/* How the certificate is verified in fact: not at all where the connection need not be encrypted. */
enum relay_verify relay_verification(const struct relay *relay);
/* Is this host, in its plain form, an IPv4 or IPv6 address? Then it has no name to verify, no TLSA
 * records, and is not sent as a server name. */
bool relay_host_is_address(const char *host);
/* Port and security suggest each other: 465, 2465, 8465, 443 implicit, else STARTTLS; 465 and 587. */
enum relay_tls relay_tls_for_port(unsigned port);
unsigned relay_port_for_tls(enum relay_tls tls);

/* Takes what a person types ("[smtp.example.com]:587", " Smtp.Example.Com ", "smtp.müller.de",
 * "2001:db8::1"), gives the plain ASCII host (caller frees) and, where the text held one, the port
 * (else *port stays). ERROR_DATA says what is wrong with it. */
bool relay_parse_host(
	const char *text, char **host, unsigned *port, struct error *error) WARN_UNUSED_RESULT;
bool relay_parse_port(const char *text, unsigned *port, struct error *error) WARN_UNUSED_RESULT;
/* Any usual writing of a SHA-256 fingerprint -> "AA:BB:.." (caller frees). */
bool relay_parse_fingerprint(
	const char *text, char **fingerprint, struct error *error) WARN_UNUSED_RESULT;
/* The address for sender_rewrite: its domain in A-labels and small letters (caller frees). ERROR_DATA. */
bool relay_parse_address(const char *text, char **address, struct error *error) WARN_UNUSED_RESULT;
/* "office, brevo" -> the relay's fallbacks, added to those that it has. ERROR_DATA: no names. */
bool relay_parse_fallbacks(
	struct relay *relay, const char *text, struct error *error) WARN_UNUSED_RESULT;
/* Everything that can be wrong with a relay as such: host, port, TLS against verification (DANE or
 * fingerprint without TLS), fingerprint missing, CA file unreadable, the form of login, password file,
 * rewritten sender, and the names of fallbacks. ERROR_DATA. */
bool relay_check(const struct relay *relay, struct error *error) WARN_UNUSED_RESULT;
/* The same but for a look at the CA file: for settings that are read back. */
bool relay_check_form(const struct relay *relay, struct error *error) WARN_UNUSED_RESULT;
/* The login alone, as a form field checks it: also what Postfix's table could hold, but nobody means.
 * ERROR_DATA. */
bool relay_check_login(const char *login, struct error *error) WARN_UNUSED_RESULT;
/* The form of a password_file alone. ERROR_DATA. */
bool relay_check_password_file(const char *source, struct error *error) WARN_UNUSED_RESULT;
/* The password from where password_file (which has to be there) says, read by secret_read_file; a
 * credential is a file in $CREDENTIALS_DIRECTORY. ERROR_IO, ERROR_DENIED; ERROR_DATA: there is none in it,
 * or it is not a file; ERROR_USAGE: no credentials were handed to this process. */
bool relay_read_password(
	const struct relay *relay, struct secret *password, struct error *error) WARN_UNUSED_RESULT;
/* One line for people: "smtp-relay.brevo.com:587, STARTTLS, certificate verified, as me@x". */
void relay_describe(const struct relay *relay, struct strbuf *out);

#endif
