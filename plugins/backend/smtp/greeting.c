#include "greeting.h"

#include "../base/i18n.h"
#include "../base/text.h"
#include "connect.h"
#include "tls.h"

enum { SECOND_LOOK_MS = 2000 };

/* Nothing comes from a server that waits for TLS to begin. A second connection finds out: does a
 * ClientHello bring a TLS record back? */
static bool answers_in_tls(const struct sockaddr_storage *address, struct deadline *deadline)
{
	struct resolve_addresses one = {.list = {*address}, .count = 1};
	struct fault ignored = {0};
	struct stream stream = {0};
	size_t winner;
	bool answer = false;

	long before = deadline->step_timeout_ms;
	deadline->step_timeout_ms = before < SECOND_LOOK_MS ? before : SECOND_LOOK_MS;
	deadline_step(deadline);
	deadline->step_timeout_ms = before;
	int fd = connect_race(&one, deadline, &winner, &ignored);
	if (fd < 0)
		return false;
	stream_open(&stream, fd, deadline);
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *tls = context ? SSL_new(context) : NULL;
	if (tls) {
		(void)!stream_secure(&stream, tls, &ignored);
		answer = tls_is_record(stream.first, stream.first_len);
	}
	stream_close(&stream);
	SSL_CTX_free(context);
	return answer;
}

static bool wrong_kind(struct fault *fault)
{
	return fault_set(fault, PROBE_CAUSE_TLS_WRONG_PORT_KIND,
		_("it expects TLS from the first byte (implicit TLS)"));
}

/* How long the greeting may take before we look whether the port speaks TLS. Mail servers on port 25
 * that make strangers wait punish whoever speaks first: those are given all the time there is. */
static long patience(const struct relay *relay, const struct deadline *deadline)
{
	if (relay_tls_for_port(relay->port) == RELAY_TLS_IMPLICIT)
		return deadline->step_timeout_ms / 5;
	return relay->port == 25 ? deadline->step_timeout_ms : deadline->step_timeout_ms / 3;
}

static bool is_silent_tls_port(
	struct stream *stream, const struct relay *relay, const struct sockaddr_storage *address)
{
	struct deadline *deadline = stream->deadline;
	struct pollfd fd = {.fd = stream->fd, .events = POLLIN};

	if (stream->tls)
		return false;
	long end = deadline->step_end;
	enum deadline_result result = deadline_wait(deadline, &fd, 1, patience(relay, deadline));
	if (result != DEADLINE_READY || fd.revents)
		return false;
	bool answer = answers_in_tls(address, deadline);
	deadline->step_end = end;
	return answer;
}

/* Nothing came at all, in plain text. */
static bool explain_silence(
	struct stream *stream, const struct sockaddr_storage *address, struct fault *fault)
{
	bool timed_out = fault->cause == PROBE_CAUSE_TIMED_OUT;

	if (!timed_out && fault->cause != PROBE_CAUSE_HUNG_UP)
		return false;
	if (answers_in_tls(address, stream->deadline))
		return wrong_kind(fault);
	if (stream->deadline->cancelled)
		return fault_set(fault, PROBE_CAUSE_CANCELLED, "%s", "");
	if (timed_out)
		return fault_set(
			fault, PROBE_CAUSE_TIMED_OUT, _("connected, but no greeting came"));
	return false;
}

bool greeting_read(struct stream *stream, const struct relay *relay,
	const struct sockaddr_storage *address, struct reply *reply, struct fault *fault)
{
	struct strbuf raw = STRBUF_INIT;

	if (is_silent_tls_port(stream, relay, address))
		return wrong_kind(fault);
	if (dialogue_reply(stream, reply, fault))
		return true;

	strbuf_grow(&raw, 0);
	stream_input(stream, &raw);
	if (!stream->tls && tls_is_record(raw.data, raw.len)) {
		wrong_kind(fault);
	} else if (reply->code < 0) {
		fault_set(fault, PROBE_CAUSE_NOT_SMTP, "%s", "");
	} else if (raw.len > 0 && fault->cause == PROBE_CAUSE_HUNG_UP) {
		text_clean_into(fault->said, sizeof fault->said, raw.data, raw.len);
		fault_set(fault, PROBE_CAUSE_NOT_SMTP, "%s", "");
	} else if (raw.len == 0 && !stream->tls) {
		explain_silence(stream, address, fault);
	}
	strbuf_free(&raw);
	return false;
}
