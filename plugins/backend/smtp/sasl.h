/*
 * sasl.h: one login through libsasl2, the library (and the mechanism modules) of Postfix's smtp
 * client, with Postfix's settings: no anonymous login, no security layers, and no mechanism that
 * shows the password on a connection that is not encrypted.
 *
 *   zeroed --sasl_login_open--> open --sasl_login_start--> [sasl_login_step ...]
 *                                                          --sasl_login_close--> zeroed
 */
#ifndef RELAY_SMTP_SASL_H
#define RELAY_SMTP_SASL_H

#include <sasl/sasl.h>
#include <stdbool.h>
#include <stddef.h>

#include "../base/secret.h"
#include "../base/strbuf.h"
#include "dialogue.h"
#include "fault.h"

enum { SASL_LOGIN_RESPONSE_MAX = 12288 }; /* RFC 4954, section 4: of base64 */

struct sasl_login {
	sasl_conn_t *connection;
	sasl_callback_t callbacks[4];
	sasl_secret_t *password; /* wiped at close */
	size_t password_size;
	const char *user;
	bool plaintext_allowed;
	bool started; /* libsasl2 is */
	char mechanism[DIALOGUE_MECHANISM_MAX + 1];
};

struct sasl_request {
	const char *host;
	const char *user;
	const struct secret *password;
	const char *config_path; /* NULL or "": libsasl2's own */
	bool plaintext_allowed;  /* the connection is encrypted, or the user said so */
};

/* What the request points to must stay until the close. PROBE_CAUSE_INTERNAL. */
bool sasl_login_open(struct sasl_login *login, const struct sasl_request *request,
	struct fault *fault) WARN_UNUSED_RESULT;
void sasl_login_close(struct sasl_login *login); /* wipes; safe on a zeroed struct */

/* Chooses a mechanism out of those offered (and let through by Postfix's filter) and gives its
 * initial response, base64, NULL where it has none. The response is to be given back to
 * sasl_login_wipe. PROBE_CAUSE_AUTH_NOT_OFFERED, AUTH_NO_MECHANISM, AUTH_MODULES, AUTH_CLEARTEXT,
 * INTERNAL. */
bool sasl_login_start(struct sasl_login *login, const struct capabilities *offered,
	const char *filter, char **response, struct fault *fault) WARN_UNUSED_RESULT;
/* Answers a challenge (base64, as in a 334 reply). The response is to be wiped as above.
 * PROBE_CAUSE_PROTOCOL, INTERNAL, AUTH_REFUSED (the server could not prove itself). */
bool sasl_login_step(struct sasl_login *login, const char *challenge, size_t len, char **response,
	struct fault *fault) WARN_UNUSED_RESULT;
void sasl_login_wipe(char *response); /* NULL allowed */

/* smtp_sasl_mechanism_filter: does it let this one through? */
bool sasl_filter_allows(const char *filter, const char *mechanism);

#endif
