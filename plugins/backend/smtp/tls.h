/*
 * tls.h: the TLS client as this machine's Postfix would be one: protocols, trust, DANE, SNI.
 *
 * The handshake itself never fails over a certificate: OpenSSL's verdict is recorded, and judged
 * afterwards (certificate.h), so that the report can show the certificate that was refused.
 *
 *   zeroed --tls_prepare--> ready --tls_session--> SSL for stream_secure ... tls_free
 */
#ifndef RELAY_SMTP_TLS_H
#define RELAY_SMTP_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "dns.h"
#include "fault.h"
#include "stream.h"

struct tls_setup {
	SSL_CTX *context;
	const struct relay *relay;
	const struct dns_tlsa_set *tlsa; /* NULL unless DANE */
	const char *dane_name;           /* the name that the TLSA records are for */
};

/* Reads the trusted authorities; PROBE_CAUSE_CA_FILE when that fails and they are needed. */
bool tls_prepare(struct tls_setup *setup, const struct probe_request *request,
	struct fault *fault) WARN_UNUSED_RESULT;
void tls_free(struct tls_setup *setup); /* safe on a zeroed struct */
/* NULL: PROBE_CAUSE_INTERNAL, or PROBE_CAUSE_DANE_NO_RECORDS when no record can be used. */
SSL *tls_session(const struct tls_setup *setup, struct fault *fault);

/* After a handshake that failed: was it plain text, too old a protocol, ...? starttls: the
 * connection began in plain SMTP. */
void tls_explain(const struct stream *stream, bool starttls, struct fault *fault);

/* Do these bytes look like the begin of a TLS record? */
bool tls_is_record(const char *bytes, size_t len);

/* "protocols" as in smtp_tls_mandatory_protocols -> SSL_OP_NO_... bits. */
uint64_t tls_protocol_options(const char *protocols);

#endif
