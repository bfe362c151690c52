/*
 * maincf_cases.h: what the two tests of maincf.h share: the cases of its grammar, and helpers.
 */
#ifndef MAINCF_CASES_H
#define MAINCF_CASES_H

#include "postfix_scratch.h"

#include "postfix/maincf.h"

#define BYTES(text) text, sizeof text - 1

static const struct {
	const char *name, *input;
	size_t len;
	const char *parameter, *value;
} reads[] = {
	{"comment inside", BYTES("relayhost = a,\n# c\n  b\n"), "relayhost", "a,  b"},
	{"indented comment inside", BYTES("relayhost = a,\n \t# c\n  b\n"), "relayhost", "a,  b"},
	{"blank line inside", BYTES("relayhost = a\n\n  b\n"), "relayhost", "a  b"},
	{"blank inside with white space", BYTES("relayhost = a\n \t\n  b\n"), "relayhost", "a  b"},
	{"orphan after comment", BYTES("myorigin = y\n#relayhost =\n  a,\n  b\n"), "myorigin",
		"y  a,  b"},
	{"orphan is no parameter", BYTES("myorigin = y\n#relayhost =\n  a\n"), "relayhost", NULL},
	{"indented at the start", BYTES("# c\n relayhost = x\n"), "relayhost", NULL},
	{"indented, with continuation", BYTES(" relayhost = x\n  y\nmyorigin = z\n"), "myorigin",
		"z"},
	{"equals on the next line", BYTES("relayhost\n = b\n"), "relayhost", "b"},
	{"value on the next line", BYTES("relayhost =\n b\n"), "relayhost", "b"},
	{"two equals", BYTES("relayhost == a\n"), "relayhost", "= a"},
	{"no inline comment", BYTES("relayhost = a # b\n"), "relayhost", "a # b"},
	{"no quoting", BYTES("relayhost = \"a \\\n b\"\n"), "relayhost", "\"a \\ b\""},
	{"no spaces", BYTES("relayhost=a\n"), "relayhost", "a"},
	{"empty", BYTES("relayhost =\n"), "relayhost", ""},
	{"last duplicate", BYTES("relayhost = a\nmyorigin = x\nrelayhost = b\n"), "relayhost", "b"},
	{"case", BYTES("Relayhost = a\n"), "relayhost", NULL},
	{"prefix", BYTES("relayhosts = a\n"), "relayhost", NULL},
	{"no final newline", BYTES("relayhost = a"), "relayhost", "a"},
	{"no final newline, continued", BYTES("relayhost = a\n b"), "relayhost", "a b"},
	{"CRLF", BYTES("relayhost = a\r\nmyorigin = b\r\n"), "relayhost", "a"},
	{"CRLF, continued", BYTES("relayhost = a\r\n b\r\n"), "relayhost", "a\r b"},
	{"CRLF blank line", BYTES("relayhost = a\r\n\r\n b\r\n"), "relayhost", "a\r b"},
	{"continued by VT", BYTES("relayhost = a\n\vb\n"), "relayhost", "a\vb"},
	{"continued by FF", BYTES("relayhost = a\n\fb\n"), "relayhost", "a\fb"},
	{"continued by CR", BYTES("relayhost = a\n\rb\n"), "relayhost", "a\rb"},
	{"not continued by NBSP", BYTES("relayhost = a\n\xc2\xa0=b\n"), "relayhost", "a"},
	{"NBSP is not trimmed", BYTES("relayhost = \xc2\xa0z\n"), "relayhost", "\xc2\xa0z"},
	{"NUL ends the logical line", BYTES("relayhost = a\0b\n  c\nmyorigin = d\n"), "relayhost",
		"a"},
	{"after the NUL line", BYTES("relayhost = a\0b\n  c\nmyorigin = d\n"), "myorigin", "d"},
	{"BOM", BYTES("\xef\xbb\xbfrelayhost = a\nmyorigin = b\n"), "relayhost", NULL},
	{"after the BOM", BYTES("\xef\xbb\xbfrelayhost = a\nmyorigin = b\n"), "myorigin", "b"},
	{"empty file", BYTES(""), "relayhost", NULL},
	{"comments only", BYTES("# a\n\n  # b"), "relayhost", NULL},
};

static const struct {
	const char *name, *input;
	size_t len;
	const char *says;
} refusals[] = {
	{"space in the name", BYTES("\nrelay host = a\n"),
		"line 2: missing '=' after attribute name"},
	{"include", BYTES("a = b\n# c\ninclude x\n"), "line 3: missing '=' after attribute name"},
	{"continued", BYTES("a = b\njunk\n more\nc = d\n"), "line 2: missing '='"},
	{"no name", BYTES("= a\n"), "line 1: missing attribute name"},
	{"NUL first", BYTES("a = b\n\0c = d\n"), "line 2: missing attribute name"},
	{"BOM before a comment", BYTES("\xef\xbb\xbf# c\n"), "line 1: missing '='"},
	{"no newline", BYTES("a = b\njunk"), "line 2: missing '='"},
};

static inline struct maincf *parse(const char *bytes, size_t len)
{
	struct error error = {0};
	struct maincf *cf = maincf_parse("main.cf", bytes, len, &error);

	if (!cf)
		fail_msg("%s", error.message);
	return cf;
}

static inline struct maincf *parse_text(const char *text)
{
	return parse(text, strlen(text));
}

static inline void assert_bytes(
	const char *name, const struct maincf *cf, const char *want, size_t len)
{
	const struct strbuf *is = maincf_bytes(cf);

	if (is->len != len || memcmp(is->data, want, len) != 0)
		fail_msg("%s: is\n<<%s>>\nwant\n<<%s>>", name, is->data, want);
}

static inline void edit(struct maincf *cf, const char *name, const char *value, struct hunk *hunk)
{
	struct error error = {0};
	bool changed = false;
	bool ok = value ? maincf_set(cf, name, value, hunk, &changed, &error)
			: maincf_unset(cf, name, hunk, &changed, &error);

	if (!ok)
		fail_msg("%s", error.message);
	assert_true(changed);
	assert_string_equal(hunk->key, name);
}

enum { HUNKS = 4 };

static inline void restore_in_order(struct maincf *cf, const struct hunk *hunks, unsigned order)
{
	bool done[HUNKS] = {false};

	for (unsigned left = HUNKS; left > 0; left--) {
		unsigned pick = order % left, i = 0;
		order /= left;
		for (;; i++) {
			if (!done[i] && pick-- == 0)
				break;
		}
		done[i] = true;
		assert_int_equal(maincf_restore(cf, &hunks[i], false), HUNK_RESTORED);
	}
}

#endif
