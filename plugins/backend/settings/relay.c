#include "relay.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"

static const struct {
	const char *word;
	const char *title;
	const char *brief; /* in one line about a relay */
	bool encrypted;
} tls_modes[RELAY_TLS_MODES] = {
	[RELAY_TLS_STARTTLS] = {"starttls", N_("STARTTLS, required"), N_("STARTTLS"), true},
	[RELAY_TLS_IMPLICIT] = {"implicit", N_("Implicit TLS"), N_("implicit TLS"), true},
	[RELAY_TLS_OPPORTUNISTIC] = {"opportunistic", N_("TLS only where the relay offers it"),
		N_("TLS only if offered"), false},
	[RELAY_TLS_NONE] = {"none", N_("None: not encrypted"), N_("not encrypted"), false},
};

static const struct {
	const char *word;
	const char *title;
	const char *brief;
} verify_modes[RELAY_VERIFY_MODES] = {
	[RELAY_VERIFY_NAME] = {"name", N_("Trusted certificate with the relay's name"),
		N_("certificate verified")},
	[RELAY_VERIFY_DANE] = {"dane", N_("DANE: TLSA records, signed by DNSSEC"),
		N_("certificate verified by DANE")},
	[RELAY_VERIFY_FINGERPRINT] = {"fingerprint", N_("Fingerprint of exactly one certificate"),
		N_("certificate pinned")},
	[RELAY_VERIFY_NONE] = {"none", N_("None: any certificate is accepted"),
		N_("certificate not verified")},
};

void relay_free(struct relay *relay)
{
	free(relay->name);
	free(relay->provider);
	free(relay->region);
	free(relay->host);
	free(relay->fingerprint);
	free(relay->ca_file);
	free(relay->login);
	free(relay->password_file);
	free(relay->sender_rewrite);
	for (size_t i = 0; i < relay->fallback_count; i++)
		free(relay->fallbacks[i]);
	free(relay->fallbacks);
	*relay = (struct relay){0};
}

void relay_copy(struct relay *to, const struct relay *from)
{
	*to = (struct relay){
		.name = text_dup(from->name),
		.provider = text_dup(from->provider),
		.region = text_dup(from->region),
		.host = text_dup(from->host),
		.port = from->port,
		.tls = from->tls,
		.verify = from->verify,
		.fingerprint = text_dup(from->fingerprint),
		.ca_file = text_dup(from->ca_file),
		.login = text_dup(from->login),
		.password_file = text_dup(from->password_file),
		.sender_rewrite = text_dup(from->sender_rewrite),
		.place = from->place,
	};
	for (size_t i = 0; i < from->fallback_count; i++)
		relay_add_fallback(to, from->fallbacks[i]);
}

void relay_add_fallback(struct relay *relay, const char *name)
{
	relay->fallbacks = mem_realloc_array(
		relay->fallbacks, relay->fallback_count + 1, sizeof *relay->fallbacks);
	relay->fallbacks[relay->fallback_count++] = text_dup(name);
}

static bool same_fallbacks(const struct relay *a, const struct relay *b)
{
	if (a->fallback_count != b->fallback_count)
		return false;
	for (size_t i = 0; i < a->fallback_count; i++)
		if (!text_equal(a->fallbacks[i], b->fallbacks[i]))
			return false;
	return true;
}

bool relay_equal(const struct relay *a, const struct relay *b)
{
	return text_equal(a->name, b->name) && text_equal(a->provider, b->provider) &&
	       text_equal(a->region, b->region) && text_equal(a->host, b->host) &&
	       a->port == b->port && a->tls == b->tls && a->verify == b->verify &&
	       text_equal(a->fingerprint, b->fingerprint) && text_equal(a->ca_file, b->ca_file) &&
	       text_equal(a->login, b->login) && text_equal(a->password_file, b->password_file) &&
	       text_equal(a->sender_rewrite, b->sender_rewrite) && same_fallbacks(a, b);
}

const char *relay_tls_word(enum relay_tls tls)
{
	return tls_modes[tls].word;
}

bool relay_tls_from_word(const char *word, enum relay_tls *tls)
{
	for (size_t i = 0; i < RELAY_TLS_MODES; i++) {
		if (text_equal(word, tls_modes[i].word)) {
			*tls = (enum relay_tls)i;
			return true;
		}
	}
	return false;
}

const char *relay_verify_word(enum relay_verify verify)
{
	return verify_modes[verify].word;
}

bool relay_verify_from_word(const char *word, enum relay_verify *verify)
{
	for (size_t i = 0; i < RELAY_VERIFY_MODES; i++) {
		if (text_equal(word, verify_modes[i].word)) {
			*verify = (enum relay_verify)i;
			return true;
		}
	}
	return false;
}

const char *relay_tls_title(enum relay_tls tls)
{
	return _(tls_modes[tls].title);
}

const char *relay_verify_title(enum relay_verify verify)
{
	return _(verify_modes[verify].title);
}

const char *relay_tls_brief(enum relay_tls tls)
{
	return _(tls_modes[tls].brief);
}

const char *relay_verify_brief(enum relay_verify verify)
{
	return _(verify_modes[verify].brief);
}

bool relay_tls_is_encrypted(enum relay_tls tls)
{
	return tls_modes[tls].encrypted;
}

enum relay_verify relay_verification(const struct relay *relay)
{
	return relay_tls_is_encrypted(relay->tls) ? relay->verify : RELAY_VERIFY_NONE;
}

bool relay_host_is_address(const char *host)
{
	unsigned char binary[sizeof(struct in6_addr)];

	return inet_pton(strchr(host, ':') ? AF_INET6 : AF_INET, host, binary) == 1;
}

enum relay_tls relay_tls_for_port(unsigned port)
{
	static const unsigned implicit[] = {465, 2465, 8465, 443};

	for (size_t i = 0; i < sizeof implicit / sizeof *implicit; i++) {
		if (port == implicit[i])
			return RELAY_TLS_IMPLICIT;
	}
	return RELAY_TLS_STARTTLS;
}

unsigned relay_port_for_tls(enum relay_tls tls)
{
	return tls == RELAY_TLS_IMPLICIT ? 465 : 587;
}

void relay_describe(const struct relay *relay, struct strbuf *out)
{
	const char *host = relay->host ? relay->host : "";

	strbuf_addf(out, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, relay->port);
	strbuf_addf(out, ", %s", relay_tls_brief(relay->tls));
	if (relay_tls_is_encrypted(relay->tls))
		strbuf_addf(out, ", %s", _(verify_modes[relay->verify].brief));
	strbuf_adds(out, ", ");
	if (relay->login)
		strbuf_addf(out, _("as %s"), relay->login);
	else
		strbuf_adds(out, _("without a login"));
}
