/*
 * options.h: the options that configure, relay set and test share -> a relay.
 *
 * What they may not say together is one table of rules (options.c); whatever is missing or
 * contradicts is ERROR_USAGE and names the option.
 */
#ifndef RELAY_OPTIONS_H
#define RELAY_OPTIONS_H

#include "work.h"

/* Options as the command's table lists them: those of a test, then those of what sets a relay alone. */
enum { OPTIONS_SHARED = 11, OPTIONS_ALL = 15 };
extern const struct console_option options_table[OPTIONS_ALL];
#define OPTIONS_OF_A_TEST                                                                          \
	{"host", N_("HOST"), N_("The relay's name or address")},                                   \
		{"port", N_("PORT"),                                                               \
			N_("465 is implicit TLS, any other STARTTLS, unless --tls says "           \
			   "otherwise")},                                                          \
		{"region", N_("REGION"), N_("One of the provider's regions")},                     \
		{"tls", "starttls|implicit|opportunistic|none",                                    \
			N_("How the connection is encrypted")},                                    \
		{"verify", "name|dane|fingerprint|none",                                           \
			N_("How the relay's certificate is verified")},                            \
		{"fingerprint", "SHA256",                                                          \
			N_("The certificate's fingerprint, for --verify fingerprint")},            \
		{"ca-file", N_("FILE"),                                                            \
			N_("Certificate authorities to trust instead of the system's")},           \
		{"login", N_("LOGIN"), N_("The login at the relay")},                              \
		{"password-file", N_("FILE|-"),                                                    \
			N_("Where to read the password from; - is standard input")},               \
		{"no-auth", NULL, N_("Relay without a login")},                                    \
	{                                                                                          \
		"allow-unencrypted-login", NULL,                                                   \
			N_("Send login and password even though the connection may not be "        \
			   "encrypted")                                                            \
	}

struct options {
	struct relay relay;
	bool has_preset;
	struct preset preset;
	bool configured; /* a relay that is configured is where it began */
	bool allow_unencrypted;
	const char *password_file;
};

struct options_start {
	const char *provider; /* an id or "custom"; NULL: none is named */
	const char *name;     /* of the relay; NULL: the default one's */
	/* The relay that the options change; NULL: they say a new one. Not together with a provider. */
	const struct relay *configured;
	bool for_test; /* a fingerprint may still be missing, as the test shows the one found */
};

bool options_read(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct options_start *start,
	struct error *error) WARN_UNUSED_RESULT;
/* Takes from the relay that this one replaces what no option spoke of, and no provider knows: fallbacks
 * and the rewritten sender. */
void options_keep(
	struct options *options, const struct console_call *call, const struct relay *replaced);
void options_free(struct options *options); /* safe on a zeroed struct */

/* The password from --password-file, what is stored (site may be NULL: nothing is), or the
 * terminal. *typed: it did not come from the store. `password` is initialised here; the caller
 * frees it in any case. Nothing to do for a relay without login. */
bool options_password(const struct options *options, const struct console_host *host,
	const struct site *site, struct secret *password, bool *typed,
	struct error *error) WARN_UNUSED_RESULT;

#endif
