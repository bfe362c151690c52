/* text.h: what a hostile server, log or file may say, and what of it may reach a screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

struct clean_case {
	const char *name;
	const char *input;
	size_t len; /* 0: strlen */
	size_t max;
	const char *want;
};

static const struct clean_case one_line[] = {
	{"plain text stays", "250 2.0.0 Ok", 0, 100, "250 2.0.0 Ok"},
	{"empty", "", 0, 100, ""},
	{"umlauts and emoji stay", "Gr\u00fc\u00dfe \U0001f600", 0, 100,
		"Gr\u00fc\u00dfe \U0001f600"},
	{"white space is folded and trimmed", "  a \t\r\n  b  ", 0, 100, "a b"},
	{"escape sequences lose their escape", "a\033[2Jb", 0, 100, "a [2Jb"},
	{"backspaces", "abc\b\b\bxyz", 0, 100, "abc xyz"},
	{"C1 control",
		"a\xc2\x9b"
		"31mb",
		0, 100, "a 31mb"},
	{"NUL inside", "a\0b", 3, 100, "a b"},
	{"a run of bad characters is one space", "a\x01\x02\u200b\u202eb", 0, 100, "a b"},
	{"right-to-left override", "user\u202egnp.exe", 0, 100, "user gnp.exe"},
	{"a heap of combining marks", "z\u0301\u0302\u0303\u0304\u0305\u0306\u0488 a\u0301", 0, 100,
		"z\u0301\u0302\u0303\u0304 a\u0301"},
	{"isolates", "\u2066a\u2069b", 0, 100, "a b"},
	{"zero width joiner and BOM", "a\u200d\ufeffb", 0, 100, "a b"},
	{"soft hyphen", "a\u00adb", 0, 100, "a b"},
	{"line separator", "a\u2028b", 0, 100, "a b"},
	{"no-break space is white space", "a\u00a0\u00a0b", 0, 100, "a b"},
	{"invalid UTF-8",
		"a\xff"
		"b",
		0, 100, "a\ufffdb"},
	{"overlong slash",
		"a\xc0\xaf"
		"b",
		0, 100, "a\ufffd\ufffdb"},
	{"surrogate", "\xed\xa0\x80", 0, 100, "\ufffd"},
	{"cut in the middle of a character", "a\xe2\x82", 0, 100, "a\ufffd"},
	{"not a character",
		"a\xef\xbf\xbf"
		"b",
		0, 100, "a\ufffdb"},
	{"exactly max", "12345", 0, 5, "12345"},
	{"cut with an ellipsis", "123456", 0, 5, "12..."},
	{"cut at a character", "\u00fc\u00fc\u00fc\u00fc", 0, 6, "\u00fc..."},
	{"cut drops the space before the dots", "abc defg", 0, 7, "abc..."},
	{"max smaller than the dots", "abcdef", 0, 2, ".."},
	{"max zero", "abc", 0, 0, ""},
	{"bad characters at the end do not count", "12345\x01\x02", 0, 5, "12345"},
};

static const struct clean_case several_lines[] = {
	{"newlines, tabs, indentation stay", " a\n\tb  c\n", 0, 100, " a\n\tb  c\n"},
	{"carriage return", "abc\rxyz\n", 0, 100, "abc xyz\n"},
	{"escape", "a\033[31mb\n", 0, 100, "a [31mb\n"},
	{"run of bad characters", "a\u200b\u200b\u202eb\n", 0, 100, "a b\n"},
	{"invalid UTF-8", "\xff\n", 0, 100, "\ufffd\n"},
	{"cut", "abc\ndef\n", 0, 7, "abc\n..."},
};

static void check_table(const struct clean_case *cases, size_t count,
	void (*clean)(struct strbuf *, const char *, size_t, size_t))
{
	for (size_t i = 0; i < count; i++) {
		struct strbuf out = STRBUF_INIT;
		const struct clean_case *c = &cases[i];
		print_message("  %s\n", c->name);
		strbuf_adds(&out, "before ");
		clean(&out, c->input, c->len ? c->len : strlen(c->input), c->max);
		assert_memory_equal(out.data, "before ", 7);
		assert_string_equal(out.data + 7, c->want);
		assert_true(out.len - 7 <= c->max);
		assert_true(text_is_utf8(out.data, out.len));
		strbuf_free(&out);
	}
}

static void test_clean(void **state)
{
	(void)state;
	check_table(one_line, sizeof one_line / sizeof *one_line, text_clean);
}

static void test_clean_lines(void **state)
{
	(void)state;
	check_table(several_lines, sizeof several_lines / sizeof *several_lines, text_clean_lines);
}

static void test_every_two_bytes_come_out_clean(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		char input[2] = {(char)(i >> 8), (char)(i & 255)};
		char out[16];
		text_clean_into(out, sizeof out, input, sizeof input);
		assert_true(text_is_utf8(out, strlen(out)));
		for (const char *at = out; *at; at++)
			assert_true((unsigned char)*at >= ' ' && *at != 127);
	}
}

static void test_into(void **state)
{
	(void)state;
	char out[6];

	text_clean_into(out, sizeof out, "abcdefgh", 8);
	assert_string_equal(out, "ab...");
	text_clean_into(out, 1, "abc", 3);
	assert_string_equal(out, "");
}

static void test_number(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		long want;
	} cases[] = {
		{"0", true, 0},
		{"25", true, 25},
		{"-5", true, -5},
		{"0587", true, 587},
		{"", false, 0},
		{" 25", false, 0},
		{"25 ", false, 0},
		{"+25", false, 0},
		{"25x", false, 0},
		{"0x19", false, 0},
		{"-", false, 0},
		{"2.5", false, 0},
		{"-11", false, 0},
		{"65536", false, 0},
		{"99999999999999999999", false, 0},
		{NULL, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		long number = 4711;
		assert_int_equal(text_to_number(cases[i].text, -10, 65535, &number), cases[i].ok);
		assert_int_equal(number, cases[i].ok ? cases[i].want : 4711);
	}
}

static void test_nearest(void **state)
{
	static const char *const words[] = {"brevo", "mailgun", "mailjet", "gmx", "gmail", NULL};
	static const struct {
		const char *word;
		const char *want;
	} cases[] = {
		{"brevo", "brevo"},
		{"bervo", "brevo"},
		{"breco", "brevo"},
		{"mailgum", "mailgun"},
		{"mailg", "mailgun"},
		{"gmal", "gmail"},
		{"ab", NULL},
		{"zzzzz", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = text_nearest(cases[i].word, words);
		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_lines),
		cmocka_unit_test(test_every_two_bytes_come_out_clean),
		cmocka_unit_test(test_into),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
