#include "stream.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/i18n.h"

enum { RAW_CHUNK = 16384, LATE_READS_MAX = 4 };

void stream_open(struct stream *stream, int fd, struct deadline *deadline)
{
	*stream = (struct stream){.fd = fd, .deadline = deadline};
}

void stream_close(struct stream *stream)
{
	SSL_free(stream->tls);
	if (stream->out) {
		OPENSSL_cleanse(stream->out, stream->out_cap);
		free(stream->out);
	}
	/* fd 0 is never ours: a zeroed struct has no deadline either. */
	if (stream->deadline && stream->fd >= 0)
		close(stream->fd);
	OPENSSL_cleanse(stream, sizeof *stream);
	*stream = (struct stream){.fd = -1};
}

/* Not a strbuf: growing must not leave a copy of a password behind. */
static void keep(struct stream *stream, const char *bytes, size_t len)
{
	if (stream->out_len + len > stream->out_cap) {
		size_t cap = stream->out_len + len + 1024;
		char *grown = mem_calloc(cap, 1);
		if (stream->out) {
			memcpy(grown, stream->out, stream->out_len);
			OPENSSL_cleanse(stream->out, stream->out_cap);
			free(stream->out);
		}
		stream->out = grown;
		stream->out_cap = cap;
	}
	memcpy(stream->out + stream->out_len, bytes, len);
	stream->out_len += len;
}

/* Ciphertext that TLS wants sent goes behind what waits already. */
static void collect(struct stream *stream)
{
	char chunk[4096];
	int got;

	while (stream->tls && (got = BIO_read(stream->to_server, chunk, sizeof chunk)) > 0)
		keep(stream, chunk, (size_t)got);
}

void stream_put(struct stream *stream, const char *bytes, size_t len)
{
	if (!stream->tls) {
		keep(stream, bytes, len);
		return;
	}
	ERR_clear_error();
	/* Into memory: it takes everything. A connection that is over already shows at the next read. */
	if (SSL_write(stream->tls, bytes, (int)len) <= 0)
		stream->ended = true;
	collect(stream);
}

static bool stopped(enum deadline_result why, struct fault *fault)
{
	if (why == DEADLINE_OVER)
		return fault_set(fault, PROBE_CAUSE_TIMED_OUT, _("no answer in time"));
	return fault_set(fault, PROBE_CAUSE_CANCELLED, "%s", "");
}

static bool wait_for(struct stream *stream, short events, struct fault *fault)
{
	struct pollfd fd = {.fd = stream->fd, .events = events};
	int one = 1;

	/* A server with Nagle's algorithm holds its reply back behind its TLS session tickets until
	 * we acknowledge those, which the kernel would put off for 40 ms. It forgets this setting. */
	setsockopt(stream->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);

	enum deadline_result result = deadline_wait(stream->deadline, &fd, 1, -1);
	return result == DEADLINE_READY || stopped(result, fault);
}

static bool hung_up(struct stream *stream, int errnum, struct fault *fault)
{
	stream->ended = true;
	if (errnum == ETIMEDOUT)
		return fault_errno(fault, PROBE_CAUSE_TIMED_OUT, errnum, _("the connection"));
	if (errnum)
		return fault_errno(fault, PROBE_CAUSE_HUNG_UP, errnum, _("the connection broke"));
	return fault_set(fault, PROBE_CAUSE_HUNG_UP, _("the server closed the connection"));
}

/* As much as the socket takes. 0 or the errno. */
static int send_some(struct stream *stream)
{
	size_t sent = 0;
	int failed = 0;

	collect(stream);
	while (sent < stream->out_len) {
		ssize_t now =
			send(stream->fd, stream->out + sent, stream->out_len - sent, MSG_NOSIGNAL);
		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0) {
			failed = errno;
			break;
		}
		sent += (size_t)now;
	}
	if (sent > 0) {
		memmove(stream->out, stream->out + sent, stream->out_len - sent);
		stream->out_len -= sent;
		OPENSSL_cleanse(stream->out + stream->out_len, sent);
	}
	return failed;
}

bool stream_flush(struct stream *stream, struct fault *fault)
{
	for (;;) {
		int failed = send_some(stream);
		if (!failed)
			return true;
		/* What the server said before it broke the connection may still be read: a
		 * reply then tells more than "broken pipe". */
		if (failed == EPIPE || failed == ECONNRESET) {
			stream->out_len = 0;
			return true;
		}
		if (failed != EAGAIN && failed != EWOULDBLOCK)
			return hung_up(stream, failed, fault);
		if (!wait_for(stream, POLLOUT, fault))
			return false;
	}
}

void stream_flush_now(struct stream *stream)
{
	if (stream->fd >= 0 && stream->deadline)
		(void)send_some(stream);
}

/* One piece from the socket, waiting for it. *got 0: the server closed. */
static bool receive(
	struct stream *stream, char *bytes, size_t size, size_t *got, struct fault *fault)
{
	for (;;) {
		ssize_t now = recv(stream->fd, bytes, size, 0);
		if (now >= 0) {
			*got = (size_t)now;
			return true;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return hung_up(stream, errno, fault);
		if (!wait_for(stream, POLLIN, fault))
			return false;
	}
}

/* Raw bytes from the socket into TLS. */
static bool feed(struct stream *stream, struct fault *fault)
{
	char chunk[RAW_CHUNK];
	size_t got = 0;

	/* TLS can be fed for ever without a byte of text coming out of it (key updates, session
	 * tickets, requests for a new handshake). What came while we were stopped still counts. */
	enum deadline_result result = deadline_look(stream->deadline);
	if (result == DEADLINE_CANCELLED ||
		(result == DEADLINE_OVER && ++stream->late_reads > LATE_READS_MAX))
		return stopped(result, fault);
	if (!receive(stream, chunk, sizeof chunk, &got, fault))
		return false;
	if (got == 0)
		return hung_up(stream, 0, fault);
	size_t keep_first = sizeof stream->first - stream->first_len;
	keep_first = got < keep_first ? got : keep_first;
	memcpy(stream->first + stream->first_len, chunk, keep_first);
	stream->first_len += keep_first;
	BIO_write(stream->from_server, chunk, (int)got);
	return true;
}

/* What TLS has in its memory becomes text. False: no text in it; it may have come to its end. */
static bool decrypt(struct stream *stream)
{
	ERR_clear_error();
	int got = SSL_read(stream->tls, stream->in + stream->in_len,
		(int)(sizeof stream->in - stream->in_len));
	if (got > 0) {
		stream->in_len += (size_t)got;
		return true;
	}
	int why = SSL_get_error(stream->tls, got);
	if (why == SSL_ERROR_ZERO_RETURN) {
		stream->ended = true;
	} else if (why != SSL_ERROR_WANT_READ && !stream->broken) {
		stream->broken = ERR_reason_error_string(ERR_peek_last_error());
		if (!stream->broken)
			stream->broken = "unknown error";
	}
	return false;
}

static bool read_tls(struct stream *stream, struct fault *fault)
{
	for (;;) {
		if (!stream->broken && decrypt(stream))
			return true;
		if (stream->broken)
			return fault_set(fault, PROBE_CAUSE_TLS_HANDSHAKE,
				_("the encrypted connection broke: %s"), stream->broken);
		if (stream->ended)
			return hung_up(stream, 0, fault);
		/* TLS may have something to say itself (a key update). */
		if (!stream_flush(stream, fault) || !feed(stream, fault))
			return false;
	}
}

static bool fill(struct stream *stream, struct fault *fault)
{
	size_t got = 0;

	if (stream->ended)
		return hung_up(stream, 0, fault);
	if (stream->tls)
		return read_tls(stream, fault);
	if (!receive(stream, stream->in + stream->in_len, sizeof stream->in - stream->in_len, &got,
		    fault))
		return false;
	stream->in_len += got;
	return got > 0 || hung_up(stream, 0, fault);
}

bool stream_line(struct stream *stream, struct strbuf *line, struct fault *fault)
{
	strbuf_reset(line);
	if (!stream_flush(stream, fault))
		return false;
	for (;;) {
		const char *end = memchr(stream->in, '\n', stream->in_len);
		size_t len = end ? (size_t)(end - stream->in) : stream->in_len;
		if (len > STREAM_LINE_MAX)
			return fault_set(fault, PROBE_CAUSE_PROTOCOL,
				_("a line of more than %d bytes came"), STREAM_LINE_MAX);
		if (end) {
			size_t text = len > 0 && stream->in[len - 1] == '\r' ? len - 1 : len;
			strbuf_add(line, stream->in, text);
			stream->in_len -= len + 1;
			memmove(stream->in, stream->in + len + 1, stream->in_len);
			return true;
		}
		if (!fill(stream, fault))
			return false;
	}
}

bool stream_has_input(struct stream *stream)
{
	char chunk[RAW_CHUNK];

	if (stream->in_len > 0 || stream->ended || stream->broken)
		return stream->in_len > 0;
	ssize_t got = recv(
		stream->fd, chunk, stream->tls ? sizeof chunk : sizeof stream->in, MSG_DONTWAIT);
	if (stream->tls) {
		/* Not all of it need be text: session tickets are not. */
		if (got > 0)
			BIO_write(stream->from_server, chunk, (int)got);
		return decrypt(stream);
	}
	if (got > 0) {
		memcpy(stream->in, chunk, (size_t)got);
		stream->in_len = (size_t)got;
	}
	return got > 0;
}

void stream_input(const struct stream *stream, struct strbuf *out)
{
	strbuf_add(out, stream->in, stream->in_len);
}

bool stream_secure(struct stream *stream, SSL *tls, struct fault *fault)
{
	stream->tls = tls;
	stream->first_len = 0;
	stream->from_server = BIO_new(BIO_s_mem());
	stream->to_server = BIO_new(BIO_s_mem());
	if (!stream->from_server || !stream->to_server)
		mem_exhausted();
	/* Empty means "more to come", not "end". */
	BIO_set_mem_eof_return(stream->from_server, -1);
	BIO_set_mem_eof_return(stream->to_server, -1);
	SSL_set_bio(tls, stream->from_server, stream->to_server);
	SSL_set_connect_state(tls);

	for (;;) {
		ERR_clear_error();
		int done = SSL_do_handshake(tls);
		if (done == 1) {
			collect(stream);
			return true;
		}
		if (SSL_get_error(tls, done) != SSL_ERROR_WANT_READ) {
			/* The server is told why: our alert goes out. */
			stream_flush_now(stream);
			return fault_set(fault, PROBE_CAUSE_TLS_HANDSHAKE, "%s", "");
		}
		if (!stream_flush(stream, fault) || !feed(stream, fault))
			return false;
	}
}
