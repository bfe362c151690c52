#include "auth.h"

#include <stdio.h>
#include <string.h>

#include "../base/i18n.h"

/* What providers say when login and password are right but the account may not send (yet). */
static const char *const account_words[] = {
	"not yet activated",
	"not activated",
	"not yet active",
	"not active",
	"inactive",
	"suspended",
	"deactivated",
	"disabled",
	"account is blocked",
	"account blocked",
	"account has been blocked",
	"account is locked",
	"account locked",
	"not yet validated",
	"account is not verified",
	"under review",
	"account expired",
	"account has expired",
	"subscription expired",
};

enum probe_cause auth_cause(int code, const char *said)
{
	if (code / 100 == 4)
		return PROBE_CAUSE_AUTH_TEMPORARY;
	if (code == 504)
		return PROBE_CAUSE_AUTH_NO_MECHANISM;
	if (code == 538)
		return PROBE_CAUSE_AUTH_CLEARTEXT;
	if (code / 100 != 5)
		return PROBE_CAUSE_PROTOCOL;
	for (size_t i = 0; i < sizeof account_words / sizeof *account_words; i++)
		if (strcasestr(said, account_words[i]))
			return PROBE_CAUSE_AUTH_ACCOUNT;
	return PROBE_CAUSE_AUTH_REFUSED;
}

static void send_auth(struct stream *stream, const char *mechanism, const char *response)
{
	stream_put(stream, "AUTH ", 5);
	stream_put(stream, mechanism, strlen(mechanism));
	if (response) {
		stream_put(stream, " ", 1);
		stream_put(stream, response, strlen(response));
	}
	stream_put(stream, "\r\n", 2);
}

/* Challenge and response until the server decides. */
static bool converse(struct stream *stream, struct sasl_login *login, struct hidden *hidden,
	struct reply *reply, struct fault *fault)
{
	for (int round = 0;; round++) {
		char *response = NULL;
		if (!dialogue_reply(stream, reply, fault))
			return false;
		if (reply->code != 334)
			return true;
		if (round == AUTH_CHALLENGES_MAX)
			return fault_set(fault, PROBE_CAUSE_PROTOCOL,
				_("more than %d questions came without a decision"),
				AUTH_CHALLENGES_MAX);
		if (!sasl_login_step(login, reply->text.data, reply->text.len, &response, fault)) {
			stream_put(stream, "*\r\n", 3);
			return false;
		}
		stream_put(stream, response, strlen(response));
		stream_put(stream, "\r\n", 2);
		hidden_take(hidden, response);
	}
}

bool auth_log_in(struct stream *stream, const struct sasl_request *request,
	const struct capabilities *offered, const char *filter, char *mechanism,
	size_t mechanism_size, struct fault *fault)
{
	struct sasl_login login = {0};
	struct hidden hidden = {0};
	struct reply reply = {.hidden = &hidden};
	char *response = NULL;
	bool ok = false;

	if (!dialogue_quiet(stream, fault))
		return false;

	if (!sasl_login_open(&login, request, fault))
		return false;
	if (!sasl_login_start(&login, offered, filter, &response, fault))
		goto out;
	snprintf(mechanism, mechanism_size, "%s", login.mechanism);
	send_auth(stream, login.mechanism, response);
	hidden_password(&hidden, request->password);
	hidden_take(&hidden, response);
	if (!converse(stream, &login, &hidden, &reply, fault))
		goto out;
	ok = reply.code / 100 == 2;
	if (!ok)
		fault_set(fault, auth_cause(reply.code, fault->said), "%s",
			reply.code == 504 ? login.mechanism : "");
out:
	sasl_login_close(&login);
	reply_free(&reply);
	hidden_free(&hidden);
	return ok;
}
