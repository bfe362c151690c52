/*
 * fuzz_smtp.c: what an SMTP server says. Whatever it sends: no more than the bounds, a cause for each
 * failure, words that can be shown; we send whole command lines only, and the password neither in the
 * clear nor in base64 where the connection is not encrypted and nobody allowed it.
 *
 * Input: a byte of options, then all that the server sends before it closes: greeting, the answer to
 * EHLO, then those to AUTH, or a TLS flight.
 *   bit 0: the login may go unencrypted     bit 1: no AUTH, but a TLS handshake
 *   bit 2: a mechanism filter is set        bit 3: the connection stays open behind the last byte
 */
#include <sasl/sasl.h>
#include <sasl/saslutil.h>
#include <sys/socket.h>

#include "promises.h"
#include "smtp/auth.h"
#include "smtp/greeting.h"
#include "smtp/tls.h"

enum { CLEARTEXT = 1, HANDSHAKE = 2, FILTER = 4, OPEN = 8, SENT_MAX = 1 << 17 };

static const char user[] = "relay-user", password[] = "correct horse battery";

static SSL_CTX *context;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* Kept, so that each login need not load the mechanisms anew. */
	if (sasl_client_init(NULL) != SASL_OK)
		abort();
	context = SSL_CTX_new(TLS_client_method());
	return 0;
}

static void promise_fault(const struct fault *fault)
{
	PROMISE(fault->cause > PROBE_CAUSE_NONE && fault->cause < PROBE_CAUSES, "no cause");
	PROMISE(promises_utf8(fault->detail, strlen(fault->detail)), "detail %s", fault->detail);
	promise_clean(fault->said, strlen(fault->said), "");
}

static void promise_reply(const struct reply *reply, const struct fault *fault)
{
	size_t lines = 1;

	PROMISE(reply->code >= 200 && reply->code <= 599, "code %d", reply->code);
	PROMISE(fault->reply_code == reply->code, "two codes");
	PROMISE(atol(fault->said) == reply->code, "said %s", fault->said);
	promise_clean(fault->said, strlen(fault->said), "");
	for (size_t i = 0; i < reply->text.len; i++)
		lines += reply->text.data[i] == '\n';
	PROMISE(lines <= DIALOGUE_LINES, "%zu lines", lines);
	PROMISE(reply->text.len <= (size_t)DIALOGUE_LINES * (STREAM_LINE_MAX + 1), "%zu bytes",
		reply->text.len);
}

static void promise_capabilities(const struct capabilities *offered)
{
	PROMISE(offered->mechanism_count <= DIALOGUE_MECHANISMS, "%zu mechanisms",
		offered->mechanism_count);
	for (size_t i = 0; i < offered->mechanism_count; i++) {
		const char *name = offered->mechanisms[i];
		size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
		PROMISE(len > 0 && len <= DIALOGUE_MECHANISM_MAX && !name[len], "mechanism %s",
			name);
		for (size_t j = 0; j < i; j++)
			PROMISE(strcmp(name, offered->mechanisms[j]) != 0, "%s twice", name);
	}
}

static void log_in(
	struct stream *stream, const struct capabilities *offered, int options, struct fault *fault)
{
	struct secret secret = {0};
	char mechanism[32] = "";
	struct sasl_request request = {.host = "relay.test",
		.user = user,
		.password = &secret,
		.plaintext_allowed = options & CLEARTEXT};

	PROMISE(secret_set(&secret, password, sizeof password - 1, NULL), "no memory");
	bool ok = auth_log_in(stream, &request, offered,
		options & FILTER ? "!plain, static:all" : NULL, mechanism, sizeof mechanism, fault);
	if (!ok)
		promise_fault(fault);
	PROMISE(!ok || (fault->reply_code / 100 == 2 && *mechanism), "in by %d %s",
		fault->reply_code, mechanism);
	PROMISE(!(options & FILTER) || strcmp(mechanism, "PLAIN") != 0, "the filter is passed by");
	secret_free(&secret);
}

static void handshake(struct stream *stream, struct fault *fault)
{
	SSL *tls = SSL_new(context);

	PROMISE(tls, "no memory");
	SSL_set_tlsext_host_name(tls, "relay.test");
	if (!stream_secure(stream, tls, fault)) {
		tls_explain(stream, true, fault);
		promise_fault(fault);
	}
}

/* relay.port 26: no implicit TLS, and no patience for strangers. */
static void converse(struct stream *stream, int options)
{
	struct relay relay = {.host = (char[]){"relay.test"}, .port = 26};
	/* The second look, whether the port speaks TLS, finds nobody. */
	struct sockaddr_storage nowhere = {.ss_family = AF_UNSPEC};
	struct capabilities offered = {0};
	struct reply reply = {0};
	struct fault fault = {0};

	if (!greeting_read(stream, &relay, &nowhere, &reply, &fault)) {
		promise_fault(&fault);
		goto out;
	}
	promise_reply(&reply, &fault);
	dialogue_send(stream, "EHLO", "client.test");
	if (!dialogue_reply(stream, &reply, &fault)) {
		promise_fault(&fault);
		goto out;
	}
	promise_reply(&reply, &fault);
	capabilities_parse(&offered, &reply);
	promise_capabilities(&offered);
	if (options & HANDSHAKE)
		handshake(stream, &fault);
	else
		log_in(stream, &offered, options, &fault);
out:
	stream_flush_now(stream);
	PROMISE(stream->in_len <= STREAM_BUFFER && stream->first_len <= STREAM_FIRST,
		"too much kept");
	reply_free(&reply);
}

/* Is the password in one of the words, as base64? */
static bool holds_password(const char *sent, size_t len)
{
	static const char blanks[] = " \r\n";
	static char decoded[SENT_MAX];
	unsigned used;

	for (size_t at = 0, end; at < len; at = end + 1) {
		for (end = at; end < len && !strchr(blanks, sent[end]);)
			end++;
		if (sasl_decode64(sent + at, (unsigned)(end - at), decoded, sizeof decoded,
			    &used) == SASL_OK &&
			memmem(decoded, used, password, sizeof password - 1))
			return true;
	}
	return false;
}

/* All that we said, on the other end. */
static void promise_sent(int fd, int options)
{
	static char sent[SENT_MAX];
	size_t len = 0;
	ssize_t got;

	while (len < sizeof sent &&
		(got = recv(fd, sent + len, sizeof sent - len, MSG_DONTWAIT)) > 0)
		len += (size_t)got;
	PROMISE(len < sizeof sent, "we talk without end");
	PROMISE((options & CLEARTEXT) || !holds_password(sent, len),
		"the password went over the wire");
	PROMISE(!memmem(sent, len, password, sizeof password - 1), "the password, as it is");
	if (options & HANDSHAKE)
		return;
	PROMISE(len == 0 || (len > 2 && memcmp(sent + len - 2, "\r\n", 2) == 0), "half a line");
	for (size_t i = 0; i < len; i++)
		PROMISE((sent[i] >= ' ' && sent[i] < 127) || sent[i] == '\r' || sent[i] == '\n',
			"byte %d sent", sent[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	int options = fuzz_byte(&input), ends[2];
	struct relay relay = {.host = (char[]){"relay.test"}, .port = 26};
	struct probe_request request = {.relay = &relay,
		.step_timeout_ms = options & OPEN ? 3 : 1000,
		.total_timeout_ms = 2000};
	struct deadline deadline;
	struct stream stream;
	int room = 1 << 20;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
		abort();
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	if (input.len > 0 && send(ends[1], input.bytes, input.len, MSG_NOSIGNAL) < 0)
		abort();
	if (!(options & OPEN))
		shutdown(ends[1], SHUT_WR);
	deadline_init(&deadline, &request, NULL, NULL);
	deadline_step(&deadline);
	stream_open(&stream, ends[0], &deadline);
	converse(&stream, options);
	promise_sent(ends[1], options);
	stream_close(&stream);
	close(ends[1]);
	return 0;
}
