/*
 * stream.h: lines over a socket, later over TLS.
 *
 * TLS works on memory; the bytes travel through here. So one flush sends all that was queued in one
 * flight (the handshake's last message together with the next command), no write can raise SIGPIPE,
 * and the raw bytes that came back can be looked at when a handshake fails.
 * At most STREAM_BUFFER bytes are kept, whatever the server sends.
 *
 *   zeroed --stream_open--> plain --stream_secure--> TLS --stream_close--> zeroed
 */
#ifndef RELAY_SMTP_STREAM_H
#define RELAY_SMTP_STREAM_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "../base/strbuf.h"
#include "deadline.h"
#include "fault.h"

enum { STREAM_BUFFER = 4096, STREAM_LINE_MAX = 2048, STREAM_FIRST = 256 };

struct stream {
	int fd;
	struct deadline *deadline;
	SSL *tls;
	BIO *from_server, *to_server; /* owned by tls */
	char in[STREAM_BUFFER];       /* plaintext, not consumed yet */
	size_t in_len;
	char *out; /* plain: what is to be sent; wiped as it goes */
	size_t out_len, out_cap;
	char first[STREAM_FIRST]; /* the first raw bytes since stream_secure */
	size_t first_len;
	bool ended;
	const char *broken; /* why TLS cannot go on, OpenSSL's word; NULL while it can */
	int late_reads;     /* after the time was over */
};

/* Takes the descriptor. */
void stream_open(struct stream *stream, int fd, struct deadline *deadline);
void stream_close(struct stream *stream); /* wipes the buffers; safe on a zeroed struct */

/* Queues; nothing travels before stream_flush. The copy is wiped once sent. */
void stream_put(struct stream *stream, const char *bytes, size_t len);
/* PROBE_CAUSE_TIMED_OUT, HUNG_UP, CANCELLED. */
bool stream_flush(struct stream *stream, struct fault *fault) WARN_UNUSED_RESULT;
/* Sends what the socket takes at once and waits for nothing: for QUIT. */
void stream_flush_now(struct stream *stream);

/* The next line without its end (LF, CR LF), flushing first. It may hold any byte.
 * PROBE_CAUSE_PROTOCOL when longer than STREAM_LINE_MAX, and as stream_flush. */
bool stream_line(
	struct stream *stream, struct strbuf *line, struct fault *fault) WARN_UNUSED_RESULT;

/* Is there text from the server that nobody asked for: read but not consumed, or waiting in the
 * socket (from where it is read)? Waits for nothing. */
bool stream_has_input(struct stream *stream);
/* What is read but not consumed, for messages. */
void stream_input(const struct stream *stream, struct strbuf *out);

/* TLS handshake as a client; the stream takes tls. What the handshake queued last (its Finished) is
 * sent by the next flush. False: PROBE_CAUSE_TIMED_OUT, CANCELLED, HUNG_UP, or TLS_HANDSHAKE, in
 * which case OpenSSL's error queue and stream->first say more. */
bool stream_secure(struct stream *stream, SSL *tls, struct fault *fault) WARN_UNUSED_RESULT;

#endif
