/*
 * dialogue.h: SMTP commands and replies (RFC 5321), within bounds.
 *
 * A reply has at most DIALOGUE_LINES lines of at most STREAM_LINE_MAX bytes; what is more, or is no
 * reply at all, is PROBE_CAUSE_PROTOCOL. Its last line decides the code, as in Postfix.
 */
#ifndef RELAY_SMTP_DIALOGUE_H
#define RELAY_SMTP_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/strbuf.h"
#include "fault.h"
#include "hidden.h"
#include "stream.h"

enum { DIALOGUE_LINES = 100, DIALOGUE_MECHANISMS = 32, DIALOGUE_MECHANISM_MAX = 20 };

struct reply {
	int code;
	struct strbuf
		text; /* lines without their code, separated by '\n'; as they came, not cleaned */
	const struct hidden *hidden; /* not to be shown; NULL: nothing is */
};

/* What the server offers. Forgotten after STARTTLS: zero it. */
struct capabilities {
	bool starttls;
	char mechanisms[DIALOGUE_MECHANISMS]
		       [DIALOGUE_MECHANISM_MAX + 1]; /* upper case, each once */
	size_t mechanism_count;
};

void reply_free(struct reply *reply); /* wipes; safe on a zeroed struct */
/* Before a command: nobody has answered yet? A reply that came ahead would be taken for the answer,
 * and a login for accepted that was never looked at. A 421 may come at any time and is left to be
 * read. PROBE_CAUSE_PROTOCOL. */
bool dialogue_quiet(struct stream *stream, struct fault *fault) WARN_UNUSED_RESULT;
/* Queues a command line; CR LF is added. */
void dialogue_send(struct stream *stream, const char *verb, const char *argument);
/* Flushes and reads one reply. On true `fault->said` holds it in words, cleaned. */
bool dialogue_reply(
	struct stream *stream, struct reply *reply, struct fault *fault) WARN_UNUSED_RESULT;
/* The reply for people: "535 5.7.8 Bad password", cleaned, codes not repeated. */
void reply_describe(const struct reply *reply, char *out, size_t size);

/* One line of a reply: its code (-1: not a line of a reply), whether more follow, where its text
 * begins. */
int reply_parse_line(const char *line, size_t len, bool *more, size_t *text);
void capabilities_parse(struct capabilities *capabilities, const struct reply *ehlo);
/* "PLAIN LOGIN" */
void capabilities_mechanisms(const struct capabilities *capabilities, struct strbuf *out);

#endif
