/*
 * testing.h: the connection test as the user sees it: steps while they happen, then the result in
 * words. The work itself is the probe's.
 */
#ifndef RELAY_TESTING_H
#define RELAY_TESTING_H

#include "work.h"

struct testing {
	const struct console_host *host;
	const struct postfix *postfix; /* a zeroed one where there is no Postfix */
	const struct site
		*site; /* where the relay is not configured yet; NULL: as Postfix is now */
	const struct relay *relay;
	const struct secret *password; /* NULL or empty: none */
	const struct preset *preset;   /* for advice; NULL: custom */
	bool allow_unencrypted_login;
};

/* Runs the test with its progress on the screen. A test that fails is no error: the report says
 * so. ERROR_SYSTEM: it could not be run at all. */
bool testing_run(const struct testing *testing, struct probe_report *report,
	struct error *error) WARN_UNUSED_RESULT;

/* One line for each step taken: "Name look-up: ok, 12 ms, 192.0.2.1". */
void testing_steps(const struct probe_report *report, struct strbuf *out);
/* One sentence about a test that passed. */
void testing_success(
	const struct relay *relay, const struct probe_report *report, struct strbuf *out);
/* The certificate that the relay showed: subject, issuer, expiry, SHA-256. */
void testing_certificate(const struct probe_report *report, struct strbuf *out);

#endif
