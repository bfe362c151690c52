/*
 * certificate.h: the relay's certificate, judged as Postfix's smtp client would.
 *
 *   name         Postfix's level "secure" with its default match, "nexthop, dot-nexthop": a trusted
 *                issuer, and a name that is the host or below it; subject CN only where there is
 *                no DNS name. An address never matches (measured with Postfix 3.7.11 and OpenSSL 3).
 *   dane         TLSA records decide (level "dane-only").
 *   fingerprint  SHA-256 of the certificate decides, nothing else.
 *   none         anything goes; what was found is told.
 */
#ifndef RELAY_SMTP_CERTIFICATE_H
#define RELAY_SMTP_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "fault.h"

/* Fills tls_version, tls_cipher, fingerprint and certificate_* of the report; false with
 * PROBE_CAUSE_CERT_..., PROBE_CAUSE_DANE_MISMATCH when it will not do. note: for verify=none and
 * the report's step: what was found, "" where all is well. */
bool certificate_judge(SSL *tls, const struct relay *relay, struct probe_report *report, char *note,
	size_t note_size, struct fault *fault) WARN_UNUSED_RESULT;

bool certificate_matches_host(X509 *certificate, const char *host);

#endif
