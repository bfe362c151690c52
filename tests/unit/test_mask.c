/* Values that are shown without the passwords in them, wherever they are cut. */
#include "change/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 160 };

static const struct {
	const char *name;
	const char *value;
	const char *shown;
} cases[] = {
	{"a file", "hash:/etc/postfix/sasl_passwd", "hash:/etc/postfix/sasl_passwd"},
	{"empty", "", ""},
	{"static", "static:me:SECRET", "static:********"},
	{"inline", "inline:{ {x = me:SECRET} }", "inline:********"},
	{"after a file", "hash:/x, static:me:SECRET", "hash:/x, static:********"},
	{"two of them", "inline:{x=SECRET} static:me:SECRET", "inline:********"},
	{"nothing behind it", "static:", "static:"},
	{"control characters", "hash:/x\x1b[2J", "hash:/x [2J"},
};

static void test_values(void **state)
{
	char shown[SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		mask_value(cases[i].value, shown, sizeof shown);
		if (strcmp(shown, cases[i].shown) != 0)
			fail_msg("%s: %s", cases[i].name, shown);
	}
}

/* Once the stars did not fit any more, what they should have covered was shown. */
static void test_long_values(void **state)
{
	(void)state;
	for (size_t before = 0; before < 2 * SIZE; before++) {
		char shown[SIZE];
		struct strbuf value = STRBUF_INIT;

		for (size_t i = 0; i < before; i++)
			strbuf_addc(&value, 'x');
		strbuf_adds(&value, "static:SECRET");
		mask_value(value.data, shown, sizeof shown);
		if (strchr(shown, 'S'))
			fail_msg("behind %zu bytes: %s", before, shown);
		strbuf_free(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
