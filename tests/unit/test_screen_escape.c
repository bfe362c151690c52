/*
 * What follows an ESC: keys that TERM does not know, mouse reports, answers of the terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The console is a program, not a library. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "screen_escape.c"

static const char *bytes;
static int again;

static int next(bool wait)
{
	int c = again;

	(void)wait;
	if (c >= 0) {
		again = -1;
		return c;
	}
	return *bytes ? (unsigned char)*bytes++ : -1;
}

static void back(int byte)
{
	again = byte;
}

struct row {
	const char *after; /* the ESC */
	enum screen_key_code code;
	const char *left; /* what the next key begins with */
};

static const struct row rows[] = {
	{"", SCREEN_ESC, ""},
	{"\r", SCREEN_ESC, "\r"},
	{"\033", SCREEN_ESC, "\033"},
	{"\303\244", SCREEN_ESC, "\303\244"},
	{"x", SCREEN_NONE, ""},
	{"[A", SCREEN_UP, ""},
	{"OB", SCREEN_DOWN, ""},
	{"[H", SCREEN_HOME, ""},
	{"[1~", SCREEN_HOME, ""},
	{"[4~q", SCREEN_END, "q"},
	{"[[A", SCREEN_HELP, ""},
	{"OP", SCREEN_HELP, ""},
	{"[11~", SCREEN_HELP, ""},
	{"[Z", SCREEN_BACKTAB, ""},
	{"OM", SCREEN_ENTER, ""},
	{"[1;5A", SCREEN_NONE, ""},
	{"[24~", SCREEN_NONE, ""},
	{"[?1;2c", SCREEN_NONE, ""},
	{"[M !!x", SCREEN_NONE, "x"},
	{"[M !", SCREEN_NONE, ""},
	{"[<0;10;10Mx", SCREEN_NONE, "x"},
	{"[200~", SCREEN_NONE, ""},
	{"[12345678901234567890123~", SCREEN_NONE, ""},
	{"[12\r", SCREEN_NONE, "\r"},
	{"[1", SCREEN_NONE, ""},
	{"O", SCREEN_NONE, ""},
	{"O\r", SCREEN_NONE, "\r"},
	{"]11;rgb:00/00/00\ax", SCREEN_NONE, "x"},
	{"]0;never ended", SCREEN_NONE, ""},
	{"P1$r0m\033\\x", SCREEN_NONE, "x"},
};

static void test_sequences(void **state)
{
	const struct screen_input input = {next, back};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char left[64] = "";
		size_t length = 0;
		enum screen_key_code code;

		bytes = rows[i].after;
		again = -1;
		code = screen_escape(&input);
		for (int c = next(true); c >= 0 && length + 1 < sizeof left; c = next(true))
			left[length++] = (char)c;
		if (code != rows[i].code || strcmp(left, rows[i].left) != 0)
			fail_msg("ESC %s: key %d, left \"%s\"", rows[i].after, (int)code, left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
	};

	return cmocka_run_group_tests_name("escape sequences", tests, NULL, NULL);
}
