/*
 * probe.h: the step-by-step connection test that talks to a relay before anything is written.
 *
 *   resolve -> connect -> [tls -> certificate] -> greeting -> ehlo
 *                                     -> [starttls -> certificate -> ehlo] -> [auth] -> quit
 *
 * Same eyes as Postfix (DESIGN, contract 8): names are looked up, certificates judged and mechanisms
 * chosen as the smtp client of this machine would. RFC 8305 (racing addresses), 3207 (STARTTLS),
 * 8314 (implicit TLS), 4954 (AUTH), 7672 (DANE). Time limits on every wait and on the whole.
 * A password is sent only when the connection is as safe as asked. Bounded memory whatever the
 * server does; everything it says is cleaned before it gets into a report.
 */
#ifndef RELAY_PROBE_H
#define RELAY_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/secret.h"
#include "../settings/relay.h"

enum probe_step_id {
	PROBE_RESOLVE,
	PROBE_CONNECT,
	PROBE_TLS, /* implicit TLS: the handshake right after connecting */
	PROBE_GREETING,
	PROBE_EHLO,
	PROBE_STARTTLS, /* the command and the handshake */
	PROBE_CERTIFICATE,
	PROBE_AUTH,
	PROBE_STEPS,
};

enum probe_state { PROBE_RUNNING, PROBE_OK, PROBE_FAILED };

struct probe_step {
	enum probe_step_id id;
	enum probe_state state;
	long ms;
	char detail[256]; /* cleaned, translated where it is ours */
};

/* Why it failed; each with a stable word for JSON and advice (cause.h). */
enum probe_cause {
	PROBE_CAUSE_NONE,
	PROBE_CAUSE_CANCELLED,
	PROBE_CAUSE_NAME_NOT_FOUND,
	PROBE_CAUSE_NAME_TEMPORARY,
	PROBE_CAUSE_NO_ROUTE,
	PROBE_CAUSE_REFUSED,
	PROBE_CAUSE_TIMED_OUT,
	PROBE_CAUSE_GREETING_REFUSED,
	PROBE_CAUSE_GREETING_TEMPORARY,
	PROBE_CAUSE_NOT_SMTP,
	PROBE_CAUSE_EHLO_REFUSED,
	PROBE_CAUSE_TLS_NOT_OFFERED,
	PROBE_CAUSE_TLS_REFUSED,
	PROBE_CAUSE_TLS_WRONG_PORT_KIND, /* plain port spoken to in TLS, or the other way round */
	PROBE_CAUSE_TLS_TOO_OLD,
	PROBE_CAUSE_TLS_INJECTION, /* plaintext after the 220 of STARTTLS */
	PROBE_CAUSE_TLS_HANDSHAKE,
	PROBE_CAUSE_CERT_EXPIRED,
	PROBE_CAUSE_CERT_NOT_YET_VALID,
	PROBE_CAUSE_CERT_WRONG_NAME,
	PROBE_CAUSE_CERT_UNKNOWN_ISSUER,
	PROBE_CAUSE_CERT_SELF_SIGNED,
	PROBE_CAUSE_CERT_OTHER,
	PROBE_CAUSE_CERT_FINGERPRINT,
	PROBE_CAUSE_DANE_NO_RECORDS,
	PROBE_CAUSE_DANE_NO_RESOLVER, /* no validating resolver on this machine */
	PROBE_CAUSE_DANE_MISMATCH,
	PROBE_CAUSE_CA_FILE,
	PROBE_CAUSE_AUTH_NOT_OFFERED,
	PROBE_CAUSE_AUTH_NO_MECHANISM, /* offered, none in common */
	PROBE_CAUSE_AUTH_MODULES,      /* mechanism modules missing on this machine */
	PROBE_CAUSE_AUTH_REFUSED,
	PROBE_CAUSE_AUTH_TEMPORARY,
	PROBE_CAUSE_AUTH_ACCOUNT,   /* account not active */
	PROBE_CAUSE_AUTH_CLEARTEXT, /* would have to be sent unencrypted */
	PROBE_CAUSE_AUTH_REQUIRED,  /* no login given, but the relay wants one (530) */
	PROBE_CAUSE_TEMPORARY,      /* 421 or another 4yz at any other step */
	PROBE_CAUSE_HUNG_UP,
	PROBE_CAUSE_PROTOCOL, /* too long, malformed, unexpected */
	PROBE_CAUSE_INTERNAL,
	PROBE_CAUSES,
};

/* How this machine's Postfix looks at the world; filled from postconf by the caller
 * (probe_client_from_postfix in client.h), sensible when zeroed. */
struct probe_client {
	const char *helo_name;      /* smtp_helo_name; NULL: the machine's name */
	const char *inet_protocols; /* "all", "ipv4", ... */
	const char *host_lookup;    /* smtp_host_lookup: "dns", "native", "dns, native" */
	const char *tls_ca_file;    /* smtp_tls_CAfile, where the relay names none */
	const char *tls_ca_path;
	const char *tls_protocols; /* smtp_tls_mandatory_protocols */
	const char *tls_depth;     /* smtp_tls_scert_verifydepth */
	const char *sasl_mechanism_filter;
	const char *sasl_path; /* cyrus_sasl_config_path */
};

struct probe_request {
	const struct relay *relay;
	const struct secret *password; /* NULL or empty with relay->login NULL: no login */
	const struct probe_client *client;
	bool allow_cleartext_login; /* the user said so in so many words */
	const char *other_ports; /* "465 (implicit TLS), 2525": what the provider lists, or NULL */
	const char *provider_hint; /* what the provider says of its password, or NULL */
	long step_timeout_ms;      /* 0: PROBE_STEP_TIMEOUT_MS */
	long total_timeout_ms;     /* 0: PROBE_TOTAL_TIMEOUT_MS */
};

enum {
	PROBE_STEP_TIMEOUT_MS = 15000,
	PROBE_TOTAL_TIMEOUT_MS = 45000,
	PROBE_POLL_MS = 50,
	PROBE_STEPS_MAX = 10
};

/* Called when a step starts (PROBE_RUNNING), and when it ends; and, with step NULL, every
 * PROBE_POLL_MS while waiting. Returning false cancels at once. */
typedef bool probe_progress(void *context, const struct probe_step *step);

struct probe_report {
	bool ok;
	enum probe_cause cause;
	enum probe_step_id failed_step;
	enum error_code code; /* the exit code for this result (DESIGN) */
	struct probe_step
		steps[PROBE_STEPS_MAX]; /* in the order taken; ehlo may appear once only */
	size_t count;
	char explanation[512]; /* the cause in a sentence, with what came back */
	char advice[768];      /* what to do */
	char server_said[256]; /* last reply that mattered, cleaned */
	char mechanism[32];    /* SASL mechanism used */
	char tls_version[32];
	char tls_cipher[64];
	char fingerprint[128]; /* SHA-256 of the certificate found, "AA:BB:..", "" without TLS */
	char certificate_subject[256];
	char certificate_issuer[256];
	char certificate_expires[64];
	long total_ms;
};

/* Runs the test. The report is filled always; false means only that it could not be run at all
 * (ERROR_SYSTEM). `progress` may be NULL. */
bool probe_run(const struct probe_request *request, probe_progress *progress, void *context,
	struct probe_report *report, struct error *error) WARN_UNUSED_RESULT;

const char *probe_step_name(enum probe_step_id id);   /* stable word: "resolve", "connect", ... */
const char *probe_step_title(enum probe_step_id id);  /* translated, for people */
const char *probe_cause_word(enum probe_cause cause); /* stable word for JSON: "auth-refused" */

#endif
