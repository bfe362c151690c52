/*
 * auth.h: the AUTH command (RFC 4954) between the dialogue and the login.
 *
 * The caller has made sure that the connection is as safe as asked.
 */
#ifndef RELAY_SMTP_AUTH_H
#define RELAY_SMTP_AUTH_H

#include <stdbool.h>

#include "dialogue.h"
#include "sasl.h"

enum { AUTH_CHALLENGES_MAX = 8 };

/* mechanism: filled with the one used, as soon as it is known. PROBE_CAUSE_AUTH_..., and whatever
 * dialogue_reply and sasl_login_start can say. */
bool auth_log_in(struct stream *stream, const struct sasl_request *request,
	const struct capabilities *offered, const char *filter, char *mechanism,
	size_t mechanism_size, struct fault *fault) WARN_UNUSED_RESULT;

/* The reply that refused a login: which cause is it? */
enum probe_cause auth_cause(int code, const char *said);

#endif
