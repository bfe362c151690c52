/*
 * fuzz_console.c: what the console shows and what is typed into it. Shown text is valid UTF-8 without
 * control, bidi or zero-width characters, lines are no wider than asked and nothing but blanks is lost
 * by wrapping; a command line is taken apart within its bounds; a sequence behind ESC is read to its
 * end and no further.
 *
 * Input: a byte for the width (its highest bit: a locale without UTF-8), then the text; as a command
 * line it has one argument a line.
 */
#include <langinfo.h>
#include <locale.h>

#include "args.h"
#include "fuzz.h"
#include "screen_escape.h"

static locale_t utf8, ascii;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	ascii = newlocale(LC_CTYPE_MASK, "C", NULL);
	PROMISE(utf8 && ascii, "no locale C.UTF-8");
	return 0;
}

/* --- showing ------------------------------------------------------------------------------------- */

static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f || c == 0x61c ||
	       c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
	       (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 ||
	       (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0 ||
	       (c >= 0xfff0 && c <= 0xfffb) || (c >= 0x1bca0 && c <= 0x1bca3) ||
	       (c >= 0x1d173 && c <= 0x1d17a) || (c >= 0xe0000 && c < 0xe1000);
}

static void promise_shown(const char *text, bool lines, bool only_ascii)
{
	uint32_t point;

	for (const char *at = text; *at;) {
		size_t len = text_decode(at, &point);
		PROMISE(point != 0xfffd, "not UTF-8: \"%s\"", text);
		PROMISE((lines && point == '\n') || !is_hidden(point), "U+%04X in \"%s\"",
			(unsigned)point, text);
		PROMISE(!only_ascii || point < 0x7f, "U+%04X where only ASCII is shown",
			(unsigned)point);
		at += len;
	}
}

/* Without blanks: a is b, or the beginning of it. */
static void promise_kept(const char *a, const char *b)
{
	for (;;) {
		a += strspn(a, " \n");
		b += strspn(b, " \n");
		if (!*a || *a != *b)
			break;
		a++;
		b++;
	}
	PROMISE(!*a && !*b, "wrapping lost or made \"%s\", \"%s\"", a, b);
}

static void wrap(const char *text, const char *clean, size_t columns)
{
	struct text_list lines = {0};
	struct text_sum all = {0};

	text_wrap(&lines, text, columns, false);
	text_adds(&all, "");
	for (size_t i = 0; i < lines.count; i++) {
		promise_shown(lines.items[i], false, !text_utf8_locale());
		/* A character two columns wide in a line of one is the only exception. */
		PROMISE(columns < 4 || text_columns(lines.items[i]) <= columns,
			"%zu columns: \"%s\"", columns, lines.items[i]);
		text_adds(&all, lines.items[i]);
		text_adds(&all, "\n");
	}
	if (columns >= 4)
		promise_kept(all.data, clean);
	text_list_free(&lines);
	free(all.data);
}

static void show(const char *text, size_t columns)
{
	bool only_ascii = !text_utf8_locale();
	char *clean = text_clean(text), *again = text_clean(clean);
	char *line = text_clean_line(text), *json = text_clean_utf8(text);

	promise_shown(clean, true, only_ascii);
	promise_shown(line, false, only_ascii);
	promise_shown(json, true, false);
	PROMISE(strcmp(clean, again) == 0, "cleaned twice: \"%s\", then \"%s\"", clean, again);
	char *shorter = text_shorten(line, columns);
	PROMISE(text_columns(shorter) <= columns, "%zu columns: \"%s\"", columns, shorter);
	promise_shown(shorter, false, only_ascii);
	size_t fit = text_fit(line, columns);
	PROMISE(fit <= strlen(line), "fits beyond its end");
	wrap(text, clean, columns);
	free(clean);
	free(again);
	free(line);
	free(json);
	free(shorter);
}

/* --- the command line ---------------------------------------------------------------------------- */

static void command_line(const char *text)
{
	struct args args = {0};
	struct text_list words = {0};
	char why[256] = "";
	int at = 0;

	for (const char *p = text; *p && words.count < 64;) {
		size_t len = strcspn(p, "\n");
		text_list_take(&words, text_copy_len(p, len));
		p += len + (p[len] == '\n');
	}
	if (!words.count)
		text_list_take(&words, text_copy(""));
	args_add(&args, "host", "H", "the relay's host");
	args_add(&args, "password-file", "F", "where the password stands");
	args_add(&args, "json", NULL, "one document");
	args_add(&args, "dry-run", NULL, "change nothing");
	bool ok = args_parse(&args, words.items, &at, text[0] == 'c', why, sizeof why);
	PROMISE(at >= 0 && (size_t)at <= words.count, "read %d of %zu", at, words.count);
	PROMISE(ok || *why, "refused without a word");
	PROMISE(args.word_count <= words.count, "%zu words", args.word_count);
	PROMISE(!args_value(&args, "json") || !*args_value(&args, "json"), "a flag with a value");
	const char *host = args_value(&args, "host");
	bool known = !host;
	for (size_t i = 0; i < words.count && !known; i++)
		known = host == words.items[i] || host == words.items[i] + strlen("--host=");
	PROMISE(known, "host \"%s\" out of nowhere", host);
	args_free(&args);
	text_list_free(&words);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static const char *keys;
static size_t keys_left;
static int keys_again;

static int next_key(bool wait)
{
	(void)wait;
	int c = keys_again;

	if (c >= 0) {
		keys_again = -1;
		return c;
	}
	if (keys_left == 0)
		return -1;
	keys_left--;
	return (unsigned char)*keys++;
}

static void back_key(int byte)
{
	PROMISE(keys_again < 0, "two keys given back");
	keys_again = byte;
}

static void escape(const char *bytes, size_t len)
{
	const struct screen_input input = {next_key, back_key};

	keys = bytes;
	keys_left = len;
	keys_again = -1;
	while (keys_left > 0 || keys_again >= 0) {
		size_t before = keys_left + (keys_again >= 0);
		enum screen_key_code code = screen_escape(&input);
		PROMISE(code != SCREEN_TEXT && (int)code >= SCREEN_NONE && code <= SCREEN_REDRAW,
			"key %d", (int)code);
		/* A key that is given back comes again; who asks after it reads it as itself. */
		if (keys_left + (keys_again >= 0) == before) {
			PROMISE(code == SCREEN_ESC || code == SCREEN_NONE, "read nothing, but %d",
				(int)code);
			next_key(true);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	int width = fuzz_byte(&input);
	char *text = fuzz_text(&input);

	uselocale(width & 0x80 ? ascii : utf8);
	show(text, (size_t)(width & 0x7f));
	command_line(text);
	escape(text, input.len);
	free(text);
	return 0;
}
