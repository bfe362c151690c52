/*
 * options.h: the options that configure and test share -> a relay.
 *
 * What they may not say together is one table of rules (options.c); whatever is missing or
 * contradicts is ERROR_USAGE and names the option.
 */
#ifndef RELAY_OPTIONS_H
#define RELAY_OPTIONS_H

#include "work.h"

/* Options as the command's table lists them: those of both, then those of configure alone. */
enum { OPTIONS_SHARED = 11, OPTIONS_ALL = 13 };
extern const struct console_option options_table[OPTIONS_ALL];

struct options {
	struct relay relay;
	bool has_preset;
	struct preset preset;
	bool configured; /* test: the relay that is configured is where it began */
	bool allow_unencrypted;
	const char *password_file;
};

/* Is anything said about the relay at all? If not, test takes the configured one. */
bool options_name_a_relay(const struct console_call *call);
/* configured: where test begins when neither a provider nor a host is named; NULL: not known.
 * for_test: a fingerprint may still be missing, as the test shows the one found. */
bool options_read(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct relay *configured, bool for_test,
	struct error *error) WARN_UNUSED_RESULT;
void options_free(struct options *options); /* safe on a zeroed struct */

/* The password from --password-file, what is stored (site may be NULL: nothing is), or the
 * terminal. *typed: it did not come from the store. `password` is initialised here; the caller
 * frees it in any case. Nothing to do for a relay without login. */
bool options_password(const struct options *options, const struct console_host *host,
	const struct site *site, struct secret *password, bool *typed,
	struct error *error) WARN_UNUSED_RESULT;

#endif
