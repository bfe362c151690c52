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

static const struct {
	const char *name, *text, *shown;
} files[] = {
	{"no passwords", "a = static:x\n# b\n c\n", "a = static:x\n# b\n c\n"},
	{"a file", "smtp_sasl_password_maps = hash:/x\n", "smtp_sasl_password_maps = hash:/x\n"},
	{"static", "smtp_sasl_password_maps = static:SECRET\na = b\n",
		"smtp_sasl_password_maps = static:********\na = b\n"},
	{"continued",
		"smtp_sasl_password_maps = hash:/x,\n  inline:{\n# SECRET\n  SECRET}\na = b\n",
		"smtp_sasl_password_maps = hash:/x,\n  inline:********\n# ********\n  ********\na "
		"= b\n"},
	{"taken out of use", "#smtp_sasl_password_maps = static:SECRET\n",
		"#smtp_sasl_password_maps = static:********\n"},
	/* These stood in the diff in the clear, as lines around a change. */
	{"of a database", "mysqlsource_password = SECRET\n", "mysqlsource_password = ********\n"},
	{"of a directory", "ldapsource_bind_pw=SECRET\r\n", "ldapsource_bind_pw=********\n"},
	{"on the next line", "x_password =\n\n  SECRET\na = b\n",
		"x_password =\n\n  ********\na = b\n"},
	{"behind the type a new line", "smtp_sasl_password_maps = inline:\n  {x = SECRET}\n",
		"smtp_sasl_password_maps = inline:\n  ********\n"},
	/* Behind our mark the name was not seen for one of passwords. */
	{"by relaycon", "#relaycon: smtp_sasl_password_maps = static:me:SECRET\na = b\n",
		"#relaycon: smtp_sasl_password_maps = static:********\na = b\n"},
	{"by relaycon, over lines",
		"#relaycon2: smtp_sasl_password_maps = inline:{\n# c\n\n#relaycon2:  "
		"{x=SECRET}}\na = b\n",
		"#relaycon2: smtp_sasl_password_maps = inline:********\n# ********\n\n"
		"#relaycon2:  ********\na = b\n"},
	{"commented out over lines",
		"# smtp_sasl_password_maps = inline:{\n#  {x=SECRET}}\n#a = b\n# c\na = b\n# d\n",
		"# smtp_sasl_password_maps = inline:********\n#  ********\n#a = b\n# c\na = b\n# "
		"d\n"},
	{"by relaycon, the table on its second line",
		"#relaycon: smtp_sasl_password_maps = hash:/x\n#relaycon:  static:SECRET\na = b\n",
		"#relaycon: smtp_sasl_password_maps = hash:/x\n#relaycon:  static:********\na = "
		"b\n"},
	{"by relaycon, an older one inside",
		"#relaycon: x_password =\n#relaycon: c = d\n#relaycon:   SECRET\na = b\n",
		"#relaycon: x_password =\n#relaycon: c = d\n#relaycon:   ********\na = b\n"},
	{"by relaycon, a comment inside",
		"#relaycon: x_password =\n# c = d\n#relaycon:   SECRET\n# e\na = b\n",
		"#relaycon: x_password =\n# c = d\n#relaycon:   ********\n# ********\na = b\n"},
	{"name and sign apart", "x_password\n  = SECRET\n", "x_password\n  ********\n"},
	{"commented out", "# x_password = SECRET\n", "# x_password = ********\n"},
};

static void test_main_cf(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct strbuf shown = STRBUF_INIT;

		mask_main_cf(files[i].text, strlen(files[i].text), &shown);
		if (strcmp(shown.data, files[i].shown) != 0)
			fail_msg("%s: %s", files[i].name, shown.data);
		strbuf_free(&shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_main_cf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
