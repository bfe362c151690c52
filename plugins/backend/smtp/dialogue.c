#include "dialogue.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"

/* A server may repeat what we sent, the password as well. */
static void wipe(struct strbuf *text)
{
	if (text->data)
		OPENSSL_cleanse(text->data, text->cap);
	strbuf_free(text);
}

void reply_free(struct reply *reply)
{
	wipe(&reply->text);
	reply->code = 0;
}

void dialogue_send(struct stream *stream, const char *verb, const char *argument)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_adds(&line, verb);
	if (argument) {
		strbuf_addc(&line, ' ');
		strbuf_adds(&line, argument);
	}
	strbuf_adds(&line, "\r\n");
	stream_put(stream, line.data, line.len);
	strbuf_free(&line);
}

bool dialogue_quiet(struct stream *stream, struct fault *fault)
{
	struct strbuf early = STRBUF_INIT;
	bool quiet = true;

	strbuf_grow(&early, 0);
	if (stream_has_input(stream))
		stream_input(stream, &early);
	if (early.len > 0 && strncmp(early.data, "421", 3) != 0) {
		text_clean_into(fault->said, sizeof fault->said, early.data, early.len);
		quiet = fault_set(
			fault, PROBE_CAUSE_PROTOCOL, _("an answer came before the question"));
	}
	strbuf_free(&early);
	return quiet;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int reply_parse_line(const char *line, size_t len, bool *more, size_t *text)
{
	if (len < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]))
		return -1;
	if (len > 3 && line[3] != ' ' && line[3] != '-')
		return -1;
	*more = len > 3 && line[3] == '-';
	*text = len > 3 ? 4 : 3;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

bool dialogue_reply(struct stream *stream, struct reply *reply, struct fault *fault)
{
	struct strbuf line = STRBUF_INIT;
	bool ok = false, more = true;
	size_t text = 0;

	/* So that a line never grows: what it grew out of would not be wiped. */
	strbuf_grow(&line, STREAM_LINE_MAX);
	strbuf_reset(&reply->text);
	strbuf_grow(&reply->text, STREAM_LINE_MAX);
	reply->code = 0;
	fault->said[0] = '\0';
	for (int count = 0; more; count++) {
		if (count == DIALOGUE_LINES) {
			fault_set(fault, PROBE_CAUSE_PROTOCOL,
				_("a reply of more than %d lines came"), DIALOGUE_LINES);
			goto out;
		}
		if (!stream_line(stream, &line, fault))
			goto out;
		reply->code = reply_parse_line(line.data, line.len, &more, &text);
		if (reply->code < 0) {
			hidden_mask(reply->hidden, &line);
			text_clean_into(fault->said, sizeof fault->said, line.data, line.len);
			fault_set(fault, PROBE_CAUSE_PROTOCOL, _("what came is not an SMTP reply"));
			goto out;
		}
		if (count > 0)
			strbuf_addc(&reply->text, '\n');
		strbuf_add(&reply->text, line.data + text, line.len - text);
	}
	fault->reply_code = reply->code;
	reply_describe(reply, fault->said, sizeof fault->said);
	ok = true;
out:
	wipe(&line);
	return ok;
}

/* Length of an enhanced status code with the space after it ("5.7.8 "), 0 when there is none. */
static size_t enhanced_code(const char *text, size_t len)
{
	size_t at = 0;

	for (int part = 0; part < 3; part++) {
		size_t from = at;
		while (at < len && is_digit(text[at]))
			at++;
		if (at == from || at - from > 3 || at == len || text[at] != (part < 2 ? '.' : ' '))
			return 0;
		at++;
	}
	return at;
}

void reply_describe(const struct reply *reply, char *out, size_t size)
{
	struct strbuf all = STRBUF_INIT;
	const char *first = reply->text.data;
	size_t enhanced = enhanced_code(first, reply->text.len);
	size_t at = 0;

	strbuf_grow(&all, reply->text.len + 8);
	strbuf_addf(&all, "%d", reply->code);
	while (at <= reply->text.len) {
		const char *line = reply->text.data + at;
		const char *end = memchr(line, '\n', reply->text.len - at);
		size_t len = end ? (size_t)(end - line) : reply->text.len - at;
		size_t skip = 0;
		if (at > 0 && enhanced > 0 && len >= enhanced && memcmp(line, first, enhanced) == 0)
			skip = enhanced;
		strbuf_addc(&all, ' ');
		strbuf_add(&all, line + skip, len - skip);
		at += len + 1;
	}
	hidden_mask(reply->hidden, &all);
	text_clean_into(out, size, all.data, all.len);
	wipe(&all);
}

/* RFC 4422: 1 to 20 of A-Z, 0-9, "-" and "_". */
static void add_mechanism(struct capabilities *capabilities, const char *word, size_t len)
{
	char name[DIALOGUE_MECHANISM_MAX + 1] = "";

	if (len == 0 || len > DIALOGUE_MECHANISM_MAX ||
		capabilities->mechanism_count == DIALOGUE_MECHANISMS)
		return;
	for (size_t i = 0; i < len; i++) {
		char c = word[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!is_digit(c) && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_')
			return;
		name[i] = c;
	}
	for (size_t i = 0; i < capabilities->mechanism_count; i++)
		if (strcmp(capabilities->mechanisms[i], name) == 0)
			return;
	memcpy(capabilities->mechanisms[capabilities->mechanism_count++], name, sizeof name);
}

static void parse_capability(struct capabilities *capabilities, const char *line, size_t len)
{
	static const char blanks[] = " \t";

	if (len >= 8 && strncasecmp(line, "STARTTLS", 8) == 0 &&
		(len == 8 || strchr(blanks, line[8])))
		capabilities->starttls = true;
	/* "AUTH=" is what servers of the nineties say, and some still do. */
	if (len < 5 || strncasecmp(line, "AUTH", 4) != 0 || !strchr(" \t=", line[4]) || !line[4])
		return;
	for (size_t at = 5; at < len;) {
		size_t end = at;
		while (end < len && !(line[end] && strchr(blanks, line[end])))
			end++;
		add_mechanism(capabilities, line + at, end - at);
		at = end + 1;
	}
}

void capabilities_parse(struct capabilities *capabilities, const struct reply *ehlo)
{
	bool first = true;

	*capabilities = (struct capabilities){0};
	for (size_t at = 0; at <= ehlo->text.len;) {
		const char *line = ehlo->text.data + at;
		const char *end = memchr(line, '\n', ehlo->text.len - at);
		size_t len = end ? (size_t)(end - line) : ehlo->text.len - at;
		/* The first line is the server's greeting, not a keyword. */
		if (!first)
			parse_capability(capabilities, line, len);
		first = false;
		at += len + 1;
	}
}

void capabilities_mechanisms(const struct capabilities *capabilities, struct strbuf *out)
{
	for (size_t i = 0; i < capabilities->mechanism_count; i++)
		strbuf_addf(out, "%s%s", i > 0 ? " " : "", capabilities->mechanisms[i]);
}
