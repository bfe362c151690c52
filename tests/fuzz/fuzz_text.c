/*
 * fuzz_text.c: text that we did not write. base/text.h and postfix/words.h make what a server, a log
 * or a program says fit to be shown: valid UTF-8, no control, bidi or zero-width character, bounded,
 * and cleaning what is clean changes nothing. What people type for a relay (settings/relay.h) is
 * taken in a form that is taken again as it is, or refused in words that can be shown, and so is who a
 * route is for (settings/settings.h); numbers whole or not at all.
 *
 * Input: two bytes that make the bound, then the text.
 */
#include <errno.h>

#include "base/child.h"
#include "postfix/words.h"
#include "promises.h"
#include "settings/settings.h"

static void clean_line(const struct fuzz_input *input, size_t max)
{
	struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;

	strbuf_adds(&out, "ahead");
	text_clean(&out, input->bytes, input->len, max);
	PROMISE(strncmp(out.data, "ahead", 5) == 0, "what stood there changed");
	strbuf_splice(&out, 0, 5, NULL, 0);
	PROMISE(out.len <= max, "%zu bytes, not %zu", out.len, max);
	PROMISE(strlen(out.data) == out.len, "NUL inside");
	promise_clean(out.data, out.len, "");
	PROMISE(out.len == 0 || (out.data[0] != ' ' && out.data[out.len - 1] != ' '),
		"not trimmed: \"%s\"", out.data);
	PROMISE(!strstr(out.data, "  "), "not folded: \"%s\"", out.data);
	text_clean(&again, out.data, out.len, max);
	PROMISE(strcmp(out.data, again.data) == 0, "cleaned twice: \"%s\", then \"%s\"", out.data,
		again.data);

	char fixed[64];
	text_clean_into(fixed, sizeof fixed, input->bytes, input->len);
	promise_clean(fixed, strlen(fixed), "");
	strbuf_free(&out);
	strbuf_free(&again);
}

static void clean_lines(const struct fuzz_input *input, size_t max)
{
	struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;
	size_t before = 0, after = 0;

	text_clean_lines(&out, input->bytes, input->len, max);
	PROMISE(out.len <= max, "%zu bytes, not %zu", out.len, max);
	PROMISE(strlen(out.data) == out.len, "NUL inside");
	promise_clean(out.data, out.len, "\n\t");
	text_clean_lines(&again, out.data, out.len, max);
	PROMISE(strcmp(out.data, again.data) == 0, "cleaned twice: \"%s\", then \"%s\"", out.data,
		again.data);
	for (size_t i = 0; i < input->len; i++)
		before += input->bytes[i] == '\n';
	for (size_t i = 0; i < out.len; i++)
		after += out.data[i] == '\n';
	bool cut = max < 3 || (out.len >= 3 && strcmp(out.data + out.len - 3, "...") == 0);
	PROMISE(after <= before && (after == before || cut), "lines were lost");
	strbuf_free(&out);
	strbuf_free(&again);
}

static void numbers(const char *text)
{
	long number = 7, min = -1000, max = 65535;
	char *end;

	errno = 0;
	long expected = strtol(text, &end, 10);
	bool plain = *text &&
		     strspn(text + (*text == '-'), "0123456789") == strlen(text) - (*text == '-') &&
		     text[*text == '-'];
	bool good = plain && !errno && expected >= min && expected <= max;
	PROMISE(text_to_number(text, min, max, &number) == good, "number: \"%s\"", text);
	PROMISE(number == (good ? expected : 7), "\"%s\" is %ld", text, number);
}

static void nearest(const char *text)
{
	static const char *const words[] = {
		"host", "port", "password-file", "tls", "verify", "a", "", "fingerprint", NULL};
	const char *found = text_nearest(text, words);
	bool listed = !found;

	for (size_t i = 0; words[i]; i++) {
		listed = listed || found == words[i];
		if (strlen(words[i]) >= 2 && strcmp(text, words[i]) == 0)
			PROMISE(found == words[i], "the word itself is not the nearest: %s", text);
	}
	PROMISE(listed, "a word out of nowhere");
}

static void words(const struct fuzz_input *input)
{
	struct child child = {0};
	char said[WORDS_SIZE];

	strbuf_add(&child.err, input->bytes, input->len);
	words_of(&child, said);
	promise_clean(said, strlen(said), "");
	strbuf_free(&child.err);
}

static void promise_host(const char *host, unsigned port)
{
	struct error error = {0};
	char *again = NULL;
	unsigned same_port = port;

	PROMISE(*host && strlen(host) <= 253, "host \"%s\"", host);
	PROMISE(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.:") == strlen(host),
		"not plain: \"%s\"", host);
	PROMISE(port <= 65535, "port %u", port);
	PROMISE(relay_parse_host(host, &again, &same_port, &error) && text_equal(host, again) &&
			same_port == port,
		"\"%s\" is taken for \"%s\" port %u: %s", host, again, same_port, error.message);
	free(again);
	char *bracketed = text_format("[%s]:587", host);
	PROMISE(relay_parse_host(bracketed, &again, &same_port, &error) &&
			text_equal(host, again) && same_port == 587,
		"%s is taken for %s: %s", bracketed, again, error.message);
	free(again);
	free(bracketed);
}

static void typed(const char *text)
{
	struct error error = {0};
	char *host = NULL, *fingerprint = NULL, *again = NULL;
	unsigned port = 0;

	if (relay_parse_host(text, &host, &port, &error)) {
		promise_host(host, port);
		free(host);
	} else {
		PROMISE(port == 0, "refused, but the port was set");
		promise_error(&error);
		promise_clean(error.message, strlen(error.message), "");
	}
	if (relay_parse_fingerprint(text, &fingerprint, &error)) {
		PROMISE(strlen(fingerprint) == 95 &&
				relay_parse_fingerprint(fingerprint, &again, &error) &&
				text_equal(fingerprint, again),
			"fingerprint %s", fingerprint);
		free(fingerprint);
		free(again);
	}
	if (relay_check_login(text, &error))
		PROMISE(*text && !strpbrk(text, ":\r\n") && *text != ' ' &&
				promises_utf8(text, strlen(text)),
			"login \"%s\"", text);
}

static void patterns(const char *text)
{
	struct error error = {0};

	for (int kind = 0; kind < ROUTE_KINDS; kind++) {
		char *pattern = NULL, *again = NULL;
		if (!route_parse((enum route_kind)kind, text, &pattern, &error)) {
			promise_error(&error);
			promise_clean(error.message, strlen(error.message), "");
			continue;
		}
		PROMISE(*pattern && *pattern != '#' && !strpbrk(pattern, " \t\r\n,;|\"\\()[]:") &&
				strspn(pattern, "@<>") <= strlen(ROUTE_NULL_SENDER),
			"pattern \"%s\"", pattern);
		for (const char *at = pattern; *at; at++)
			PROMISE(*at > ' ' && *at < 127 && !(*at >= 'A' && *at <= 'Z'),
				"pattern \"%s\"", pattern);
		PROMISE(route_parse((enum route_kind)kind, pattern, &again, &error) &&
				strcmp(pattern, again) == 0,
			"\"%s\" is taken for \"%s\": %s", pattern, again, error.message);
		free(pattern);
		free(again);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	size_t max = (size_t)fuzz_byte(&input);

	max |= (size_t)fuzz_byte(&input) << 8;
	if (!input.bytes)
		input.bytes = "";
	PROMISE(text_is_utf8(input.bytes, input.len) == promises_utf8(input.bytes, input.len),
		"UTF-8 or not");
	clean_line(&input, max);
	clean_lines(&input, max);
	words(&input);
	char *text = fuzz_text(&input);
	numbers(text);
	nearest(text);
	typed(text);
	patterns(text);
	free(text);
	return 0;
}
