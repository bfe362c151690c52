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

/* Runs several tests side by side, one line for each on the screen, under its relay's name; reports has
 * one for each. All of one host. A single one is shown step by step. Errors of testing_run. */
bool testing_many(const struct testing *testings, size_t count, struct probe_report *reports,
	struct error *error) WARN_UNUSED_RESULT;

/* The default relay of the settings. NULL: ERROR_DENIED, ERROR_USAGE. */
const struct relay *testing_configured(const struct work *work, struct error *error);
/* Keeps the result as the last test; what cannot be written is only noted. */
void testing_remember(
	const struct work *work, const struct relay *relay, const struct probe_report *report);

/* What a test needs, and what of it was made for it. */
struct testing_request {
	struct probe_request probe;
	struct probe_client client;
	char *ca_file;
	char *other_ports;
};
/* The request points into itself: it stays where it is until it is freed. */
void testing_prepare(struct testing_request *request, const struct testing *testing);
void testing_request_free(struct testing_request *request);

/* A relay of the settings with its stored password, on the screen: the steps, then a page about them. */
bool testing_show(struct work *work, const struct relay *relay, enum console_answer *answer,
	struct error *error) WARN_UNUSED_RESULT;

/* One line for each step taken: "Name look-up: ok, 12 ms, 192.0.2.1". */
void testing_steps(const struct probe_report *report, struct strbuf *out);
/* One sentence about a test that passed. */
void testing_success(
	const struct relay *relay, const struct probe_report *report, struct strbuf *out);
/* The certificate that the relay showed: subject, issuer, expiry, SHA-256. */
void testing_certificate(const struct probe_report *report, struct strbuf *out);

#endif
