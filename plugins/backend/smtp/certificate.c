#include "certificate.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../base/i18n.h"
#include "../base/text.h"

static void describe_name(const X509_NAME *name, char *out, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	/* UTF-8 as it is: text_clean judges it. */
	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(bio, &text);
		text_clean_into(out, size, text, len > 0 ? (size_t)len : 0);
	}
	BIO_free(bio);
}

static void describe_time(const ASN1_TIME *when, char *out, size_t size)
{
	struct tm tm = {0};

	if (ASN1_TIME_to_tm(when, &tm) == 1)
		strftime(out, size, "%Y-%m-%d %H:%M UTC", &tm);
}

static void describe_fingerprint(const X509 *certificate, char *out, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1)
		return;
	for (unsigned i = 0; i < len && size > 3; i++) {
		int wrote = snprintf(out, size, "%s%02X", i > 0 ? ":" : "", digest[i]);
		out += wrote;
		size -= (size_t)wrote;
	}
}

static void describe(SSL *tls, X509 *certificate, struct probe_report *report)
{
	snprintf(report->tls_version, sizeof report->tls_version, "%s", SSL_get_version(tls));
	snprintf(report->tls_cipher, sizeof report->tls_cipher, "%s", SSL_get_cipher_name(tls));
	if (!certificate)
		return;
	describe_fingerprint(certificate, report->fingerprint, sizeof report->fingerprint);
	describe_name(X509_get_subject_name(certificate), report->certificate_subject,
		sizeof report->certificate_subject);
	describe_name(X509_get_issuer_name(certificate), report->certificate_issuer,
		sizeof report->certificate_issuer);
	describe_time(X509_get0_notAfter(certificate), report->certificate_expires,
		sizeof report->certificate_expires);
}

bool certificate_matches_host(X509 *certificate, const char *host)
{
	char below[512];
	unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

	if (relay_host_is_address(host))
		return false;
	snprintf(below, sizeof below, ".%s", host);
	return X509_check_host(certificate, host, 0, flags, NULL) == 1 ||
	       X509_check_host(certificate, below, 0, flags, NULL) == 1;
}

static enum probe_cause cause_of(long verdict)
{
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return PROBE_CAUSE_CERT_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return PROBE_CAUSE_CERT_NOT_YET_VALID;
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return PROBE_CAUSE_CERT_WRONG_NAME;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return PROBE_CAUSE_CERT_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_UNTRUSTED:
		return PROBE_CAUSE_CERT_UNKNOWN_ISSUER;
	case X509_V_ERR_DANE_NO_MATCH:
		return PROBE_CAUSE_DANE_MISMATCH;
	default:
		return PROBE_CAUSE_CERT_OTHER;
	}
}

/* The names that it is for, as many as fit. */
static void describe_names(X509 *certificate, char *out, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	struct strbuf all = STRBUF_INIT;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && all.len < size; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS)
			continue;
		if (all.len > 0)
			strbuf_adds(&all, ", ");
		strbuf_add(&all, ASN1_STRING_get0_data(name->d.dNSName),
			(size_t)ASN1_STRING_length(name->d.dNSName));
	}
	if (all.len == 0)
		describe_name(X509_get_subject_name(certificate), out, size);
	else
		text_clean_into(out, size, all.data, all.len);
	GENERAL_NAMES_free(names);
	strbuf_free(&all);
}

static bool judge_chain(
	long verdict, X509 *certificate, const struct probe_report *report, struct fault *fault)
{
	enum probe_cause cause = cause_of(verdict);
	char text[200] = "";

	switch (cause) {
	case PROBE_CAUSE_CERT_EXPIRED:
		return fault_set(
			fault, cause, _("it was valid until %s"), report->certificate_expires);
	case PROBE_CAUSE_CERT_NOT_YET_VALID:
		describe_time(X509_get0_notBefore(certificate), text, sizeof text);
		return fault_set(fault, cause, _("it is valid from %s"), text);
	case PROBE_CAUSE_CERT_WRONG_NAME:
		describe_names(certificate, text, sizeof text);
		return fault_set(fault, cause, "%s", text);
	case PROBE_CAUSE_CERT_SELF_SIGNED:
	case PROBE_CAUSE_CERT_UNKNOWN_ISSUER:
		return fault_set(fault, cause, "%s", report->certificate_issuer);
	default:
		return fault_set(fault, cause, "%s", X509_verify_cert_error_string(verdict));
	}
}

static bool judge_name(long verdict, X509 *certificate, const char *host,
	const struct probe_report *report, struct fault *fault)
{
	if (verdict != X509_V_OK)
		return judge_chain(verdict, certificate, report, fault);
	if (certificate_matches_host(certificate, host))
		return true;
	return judge_chain(X509_V_ERR_HOSTNAME_MISMATCH, certificate, report, fault);
}

/* Where DANE-TA matched, the name and the dates still count; every other verdict is "no match". */
static bool judge_dane(
	long verdict, X509 *certificate, const struct probe_report *report, struct fault *fault)
{
	if (verdict == X509_V_OK)
		return true;
	switch (cause_of(verdict)) {
	case PROBE_CAUSE_CERT_EXPIRED:
	case PROBE_CAUSE_CERT_NOT_YET_VALID:
	case PROBE_CAUSE_CERT_WRONG_NAME:
		return judge_chain(verdict, certificate, report, fault);
	default:
		return fault_set(fault, PROBE_CAUSE_DANE_MISMATCH, "%s",
			X509_verify_cert_error_string(verdict));
	}
}

bool certificate_judge(SSL *tls, const struct relay *relay, struct probe_report *report, char *note,
	size_t note_size, struct fault *fault)
{
	X509 *certificate = SSL_get1_peer_certificate(tls);
	long verdict = SSL_get_verify_result(tls);
	struct fault found = {0};
	bool ok = false;

	note[0] = '\0';
	describe(tls, certificate, report);
	if (!certificate) {
		ok = relay_verification(relay) == RELAY_VERIFY_NONE ||
		     fault_set(fault, PROBE_CAUSE_CERT_OTHER, _("the relay showed none"));
		return ok;
	}
	switch (relay_verification(relay)) {
	case RELAY_VERIFY_NAME:
		ok = judge_name(verdict, certificate, relay->host, report, fault);
		break;
	case RELAY_VERIFY_DANE:
		ok = judge_dane(verdict, certificate, report, fault);
		break;
	case RELAY_VERIFY_FINGERPRINT:
		ok = relay->fingerprint && strcasecmp(relay->fingerprint, report->fingerprint) == 0;
		if (!ok)
			fault_set(fault, PROBE_CAUSE_CERT_FINGERPRINT, "%s", report->fingerprint);
		break;
	default:
		ok = true;
		if (judge_name(verdict, certificate, relay->host, report, &found))
			break;
		if (found.cause == PROBE_CAUSE_CERT_WRONG_NAME)
			snprintf(note, note_size, _("it is for another name: %s"), found.detail);
		else
			snprintf(note, note_size, "%s", X509_verify_cert_error_string(verdict));
		break;
	}
	X509_free(certificate);
	return ok;
}
