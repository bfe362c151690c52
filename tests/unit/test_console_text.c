/*
 * The console's words and lines: wrapping, cleaning, options. The cases are what fuzzing found, or
 * came close to.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The console is a program, not a library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "args.c"
#include "text.c"
#include "wrap.c"
/* NOLINTEND(bugprone-suspicious-include) */

static void wrapping(void **state)
{
	static const struct {
		const char *name, *text;
		size_t columns;
		const char *lines[6];
	} rows[] = {
		{"at blanks", "one two three", 8, {"one two", "three"}},
		{"an item", "- one two three", 9, {"- one two", "  three"}},
		/* No line was left for the text, and characters were cut into bytes. */
		{"an item in 4 columns", "  - \346\227\245\346\234\254", 4,
			{"  -", "\346\227\245\346\234\254"}},
		{"an item in 5 columns", "  - \346\227\245\346\234\254", 5,
			{"  -", "\346\227\245\346\234\254"}},
		{"a long word", "abcdefgh", 4, {"abcd", "efgh"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text_list lines = {0};

		text_wrap(&lines, rows[i].text, rows[i].columns, false);
		for (size_t n = 0; n < lines.count || rows[i].lines[n]; n++)
			if (n >= lines.count || !rows[i].lines[n] ||
				strcmp(lines.items[n], rows[i].lines[n]) != 0)
				fail_msg("%s, line %zu: \"%s\"", rows[i].name, n,
					n < lines.count ? lines.items[n] : "(none)");
		text_list_free(&lines);
	}
}

/* What takes no room, or turns the direction of text, is not shown. */
static void invisible(void **state)
{
	static const char *const texts[] = {"a\342\200\213b", "a\342\200\256b", "a\357\273\277b",
		"a\302\255b", "a\315\217b", "a\341\205\237b", "a\343\205\244b", "a\357\270\217b",
		"a\357\276\240b", "a\360\235\205\263b", "a\363\240\201\201b", "a\302\233b",
		"a\033b", "a\177b"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char *clean = text_clean_utf8(texts[i]);
		if (strcmp(clean, "ab") != 0)
			fail_msg("text %zu is \"%s\"", i, clean);
		free(clean);
	}
}

static void odd_options(void **state)
{
	static const struct {
		const char *given, *says;
	} rows[] = {
		/* Its name has no bytes; it was taken for one of 2^64 - 1. */
		{"-=x", "\"-\""},
		{"--=x", "\"--\""},
		{"-x", "\"-x\""},
		{"--json=x", "takes no value"},
		{"--host", "needs a value"},
		{"--hots=x", "did you mean \"--host\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct args args = {0};
		char why[256] = "", *argv[] = {(char *)rows[i].given, NULL};
		int at = 0;

		args_add(&args, "host", "H", "");
		args_add(&args, "json", NULL, "");
		assert_false(args_parse(&args, argv, &at, false, why, sizeof why));
		if (!strstr(why, rows[i].says))
			fail_msg("%s: %s", rows[i].given, why);
		args_free(&args);
	}
}

static int with_utf8(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrapping),
		cmocka_unit_test(invisible),
		cmocka_unit_test(odd_options),
	};

	return cmocka_run_group_tests(tests, with_utf8, NULL);
}
