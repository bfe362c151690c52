#include "tls.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <string.h>
#include <unistd.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "../base/text.h"

/* Of smtp_tls_scert_verifydepth. */
enum { DEPTH_DEFAULT = 9, DEPTH_MAX = 1000 };

static const struct {
	const char *name;
	long number;
	uint64_t option;
} versions[] = {
	{"SSLv3", SSL3_VERSION, SSL_OP_NO_SSLv3},
	{"TLSv1", TLS1_VERSION, SSL_OP_NO_TLSv1},
	{"TLSv1.1", TLS1_1_VERSION, SSL_OP_NO_TLSv1_1},
	{"TLSv1.2", TLS1_2_VERSION, SSL_OP_NO_TLSv1_2},
	{"TLSv1.3", TLS1_3_VERSION, SSL_OP_NO_TLSv1_3},
};
enum { VERSIONS = sizeof versions / sizeof *versions };

/* Index into versions, -1: not one of them ("SSLv2", which nobody speaks any more). */
static int version_index(const char *word, size_t len)
{
	for (int i = 0; i < VERSIONS; i++)
		if (strlen(versions[i].name) == len &&
			strncasecmp(versions[i].name, word, len) == 0)
			return i;
	/* Since 3.6 Postfix also takes hexadecimal protocol numbers. */
	if (len >= 3 && word[0] == '0') {
		long number = strtol(word, NULL, 16);
		for (int i = 0; i < VERSIONS; i++)
			if (versions[i].number == number)
				return i;
	}
	return -1;
}

uint64_t tls_protocol_options(const char *protocols)
{
	static const char separators[] = ", :\t\r\n";
	uint64_t excluded = 0, included = 0, all = 0;

	for (int i = 0; i < VERSIONS; i++)
		all |= versions[i].option;
	for (const char *at = protocols; *at;) {
		at += strspn(at, separators);
		size_t len = strcspn(at, separators);
		const char *word = at;
		at += len;
		size_t sign = strspn(word, "!<>=");
		if (len == 0 || sign > len)
			continue;
		int which = version_index(word + sign, len - sign);
		if (which < 0)
			continue;
		if (word[0] == '!')
			excluded |= versions[which].option;
		else if (sign == 0)
			included |= versions[which].option;
		for (int i = 0; i < VERSIONS; i++)
			if ((word[0] == '>' && i < which) || (word[0] == '<' && i > which))
				excluded |= versions[i].option;
	}
	if (included)
		excluded |= all & ~included;
	return excluded;
}

static const char *system_bundle(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* A folder of certificates counts only where there is no file: smtp(8) runs chrooted on Debian and
 * then does not see it. */
static bool load_authorities(
	SSL_CTX *context, const struct probe_request *request, struct fault *fault)
{
	const struct probe_client *client = request->client;
	const char *file = request->relay->ca_file;
	const char *folder = NULL;

	if (!file && client && client->tls_ca_file && *client->tls_ca_file)
		file = client->tls_ca_file;
	if (!file)
		file = system_bundle();
	if (!file && client && client->tls_ca_path && *client->tls_ca_path)
		folder = client->tls_ca_path;
	if (!file && !folder)
		return fault_set(fault, PROBE_CAUSE_CA_FILE,
			_("no list of trusted authorities was found; the package ca-certificates "
			  "has it"));

	ERR_clear_error();
	if (SSL_CTX_load_verify_locations(context, file, folder) == 1)
		return true;
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	return fault_set(fault, PROBE_CAUSE_CA_FILE, "%s: %s", file ? file : folder,
		reason ? reason : _("no certificate in it"));
}

bool tls_prepare(struct tls_setup *setup, const struct probe_request *request, struct fault *fault)
{
	const struct probe_client *client = request->client;
	const char *protocols = client && client->tls_protocols && *client->tls_protocols
					? client->tls_protocols
					: ">=TLSv1.2";
	enum relay_verify verify = relay_verification(request->relay);
	long depth;

	if (!client || !text_to_number(client->tls_depth, 0, DEPTH_MAX, &depth))
		depth = DEPTH_DEFAULT;
	*setup = (struct tls_setup){.relay = request->relay};
	setup->context = SSL_CTX_new(TLS_client_method());
	if (!setup->context)
		return fault_set(fault, PROBE_CAUSE_INTERNAL, _("OpenSSL could not be started"));
	SSL_CTX_set_verify(setup->context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_options(setup->context,
		tls_protocol_options(protocols) | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	/* One more, as in Postfix, which refuses a chain that is longer than this. */
	SSL_CTX_set_verify_depth(setup->context, (int)depth + 1);
	SSL_CTX_set_session_cache_mode(setup->context, SSL_SESS_CACHE_OFF);
	/* As in Postfix: 80 bits at least where the peer is verified, anything that is not anonymous
	 * otherwise. Level 1 also rules out TLS 1.0 and 1.1. */
	SSL_CTX_set_security_level(setup->context, verify == RELAY_VERIFY_NONE ? 0 : 1);
	if (SSL_CTX_set_cipher_list(setup->context, "HIGH:MEDIUM:!aNULL:!eNULL") != 1)
		return fault_set(fault, PROBE_CAUSE_INTERNAL, _("OpenSSL knows no cipher"));
	if (verify == RELAY_VERIFY_DANE) {
		SSL_CTX_dane_enable(setup->context);
		SSL_CTX_dane_set_flags(setup->context, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
		return true;
	}

	struct fault ignored = {0};
	return load_authorities(
		       setup->context, request, verify == RELAY_VERIFY_NAME ? fault : &ignored) ||
	       verify != RELAY_VERIFY_NAME;
}

void tls_free(struct tls_setup *setup)
{
	SSL_CTX_free(setup->context);
	*setup = (struct tls_setup){0};
}

static bool add_tlsa(SSL *tls, const struct tls_setup *setup)
{
	size_t usable = 0;

	if (SSL_dane_enable(tls, setup->dane_name) <= 0)
		return false;
	if (strcasecmp(setup->dane_name, setup->relay->host) != 0)
		SSL_add1_host(tls, setup->relay->host);
	for (size_t i = 0; i < setup->tlsa->count; i++) {
		const struct dns_tlsa *record = &setup->tlsa->records[i];
		if (SSL_dane_tlsa_add(tls, record->usage, record->selector, record->matching,
			    record->data, record->len) > 0)
			usable++;
	}
	return usable > 0;
}

SSL *tls_session(const struct tls_setup *setup, struct fault *fault)
{
	SSL *tls = SSL_new(setup->context);

	if (!tls) {
		fault_set(fault, PROBE_CAUSE_INTERNAL, _("OpenSSL could not be started"));
		return NULL;
	}
	if (setup->tlsa && !add_tlsa(tls, setup)) {
		fault_set(fault, PROBE_CAUSE_DANE_NO_RECORDS,
			_("there are TLSA records, but none that mail can use"));
		SSL_free(tls);
		return NULL;
	}
	const char *name = setup->tlsa ? setup->dane_name : setup->relay->host;
	if (!relay_host_is_address(name))
		SSL_set_tlsext_host_name(tls, name);
	return tls;
}

bool tls_is_record(const char *bytes, size_t len)
{
	return len >= 2 && bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] == 0x03;
}

static bool is_reply(const char *bytes, size_t len)
{
	return len >= 4 && strspn(bytes, "0123456789") == 3 && (bytes[3] == ' ' || bytes[3] == '-');
}

static bool is_version_problem(int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_WRONG_SSL_VERSION:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
	/* All that TLS 1.0 and 1.1 can sign with. */
	case SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED:
		return true;
	default:
		return false;
	}
}

void tls_explain(const struct stream *stream, bool starttls, struct fault *fault)
{
	char first[STREAM_FIRST + 1];
	size_t len = stream->first_len;

	if (fault->cause == PROBE_CAUSE_CANCELLED)
		return;
	memcpy(first, stream->first, len);
	first[len] = '\0';
	if (len > 0 && !tls_is_record(first, len)) {
		const char *end = memchr(first, '\n', len);
		text_clean_into(
			fault->said, sizeof fault->said, first, end ? (size_t)(end - first) : len);
		if (starttls)
			fault_set(fault, PROBE_CAUSE_TLS_INJECTION,
				_("it came in place of the TLS handshake"));
		else if (is_reply(first, len))
			fault_set(fault, PROBE_CAUSE_TLS_WRONG_PORT_KIND,
				_("it answers in plain SMTP; this port wants STARTTLS, not "
				  "implicit TLS"));
		else
			fault_set(fault, PROBE_CAUSE_NOT_SMTP, _("it speaks neither TLS nor SMTP"));
		return;
	}
	if (fault->cause != PROBE_CAUSE_TLS_HANDSHAKE)
		return;
	unsigned long error = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(error);
	fault_set(fault,
		is_version_problem(ERR_GET_REASON(error)) ? PROBE_CAUSE_TLS_TOO_OLD
							  : PROBE_CAUSE_TLS_HANDSHAKE,
		"%s", reason ? reason : _("unknown TLS error"));
}
