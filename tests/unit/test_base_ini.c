/* ini.h: nothing is used that was not read whole; every refusal names the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ini.h"

static struct ini ini;
static struct error error;

static bool parse(const char *text)
{
	error = (struct error){0};
	return ini_parse_bytes(&ini, "t.ini", text, strlen(text), &error);
}

static void test_values(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *want; /* of [s] k */
	} cases[] = {
		{"plain", "[s]\nk = v\n", "v"},
		{"no final newline", "[s]\nk = v", "v"},
		{"CRLF", "[s]\r\nk = v\r\n", "v"},
		{"byte order mark", "\xef\xbb\xbf[s]\nk = v\n", "v"},
		{"white space round it is not the value's", "[s]\nk\t=\t v \t\n", "v"},
		{"empty value", "[s]\nk =\n", ""},
		{"semicolon and hash stay", "[s]\nk = a ;b #c; d\n", "a ;b #c; d"},
		{"equals sign and colon stay", "[s]\nk = a=b:c\n", "a=b:c"},
		{"quotes stay", "[s]\nk = \"a\"\n", "\"a\""},
		{"continuation", "[s]\nk = a\n  b ; c\n\td\n", "a\nb ; c\nd"},
		{"continuation that looks like a section", "[s]\nk = a\n [x]\n", "a\n[x]"},
		{"continuation that looks like a key", "[s]\nk = a\n x = y\n", "a\nx = y"},
		{"continuation past blank lines and comments", "[s]\nk = a\n\n# c\n  ; c\n b\n",
			"a\nb"},
		{"continuation of an empty value", "[s]\nk =\n b\n", "\nb"},
		{"comments", "# c\n; c\n[s]\n# x = y\nk = v\n;\n", "v"},
		{"UTF-8", "[s]\nk = Gr\u00fc\u00dfe\n", "Gr\u00fc\u00dfe"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].name);
		assert_true(parse(cases[i].text));
		assert_string_equal(ini_value(ini_section(&ini, "s"), "k"), cases[i].want);
		ini_free(&ini);
	}
}

static void test_refusals(void **state)
{
	static const char long_name[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	char section[128], name[128];
	snprintf(section, sizeof section, "[s]\n[%s]\nk = v\n", long_name);
	snprintf(name, sizeof name, "[s]\n%s = v\n", long_name);
	const struct {
		const char *name;
		const char *text;
		const char *want; /* the message begins so */
	} cases[] = {
		{"key before a section", "\nk = v\n", "t.ini, line 2: "},
		{"key twice", "[s]\nk = v\nj = v\nk = w\n", "t.ini, line 4: "},
		{"section twice", "[s]\n[t]\n[s]\n", "t.ini, line 3: "},
		{"no equals sign", "[s]\nword\n", "t.ini, line 2: "},
		{"colon instead of an equals sign", "[s]\nk: v\n", "t.ini, line 2: "},
		{"colon before the equals sign", "[s]\nk:j = v\n", "t.ini, line 2: "},
		{"no name", "[s]\n= v\n", "t.ini, line 2: "},
		{"open bracket", "[s\nk = v\n", "t.ini, line 1: "},
		{"empty section name", "[]\n", "t.ini, line 1: "},
		{"something after the section", "[s] x\n", "t.ini, line 1: "},
		{"two brackets", "[s]]\n", "t.ini, line 1: "},
		{"long section name", section, "t.ini, line 2: "},
		{"long name", name, "t.ini, line 2: "},
		{"indented line that continues nothing", "[s]\n  k = v\n", "t.ini, line 2: "},
		{"indented first line", "  k = v\n", "t.ini, line 1: "},
		{"indented line after a new section", "[s]\nk = v\n[t]\n  w\n", "t.ini, line 4: "},
		{"control character", "[s]\nk = a\033b\n", "t.ini, line 2: "},
		{"lone carriage return", "[s]\nk = a\rb\n", "t.ini, line 2: "},
		{"invalid UTF-8", "[s]\nk = \xff\n", "t.ini is not a text file"},
		{"only the first problem is told", "[s]\nx\n=\n", "t.ini, line 2: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].name);
		assert_false(parse(cases[i].text));
		assert_int_equal(error.code, ERROR_DATA);
		assert_memory_equal(error.message, cases[i].want, strlen(cases[i].want));
		assert_null(ini.sections);
	}
	assert_false(ini_parse_bytes(&ini, "t.ini", "[s]\nk = \0v\n", 11, &error));
	assert_int_equal(error.code, ERROR_DATA);
}

/* libinih hands over what it could read of a longer line as if that was all. */
static void test_line_lengths(void **state)
{
	static const size_t lengths[] = {
		190, 197, 198, 199, 200, 201, 4096, 8190, 8191, 8192, 20000};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (int indented = 0; indented < 2; indented++) {
			struct strbuf text = STRBUF_INIT;
			strbuf_adds(&text, indented ? "[s]\nk = v\n  k = " : "[s]\nk = ");
			size_t start = indented ? 10 : 4;
			while (text.len - start < lengths[i])
				strbuf_addc(&text, 'x');
			strbuf_addc(&text, '\n');
			bool ok = ini_parse_bytes(&ini, "t.ini", text.data, text.len, &error);
			assert_int_equal(ok, lengths[i] <= 8190);
			if (ok) {
				size_t want = lengths[i] - 4 + (indented ? 4 : 0);
				assert_int_equal(
					strlen(ini_value(ini_section(&ini, "s"), "k")), want);
			}
			ini_free(&ini);
			strbuf_free(&text);
		}
	}
}

static void test_structure(void **state)
{
	(void)state;
	assert_true(parse("[empty]\n[s]\na = 1\n\nb = 2\n[menu relay]\nc = 3\n"));
	assert_int_equal(ini.count, 3);
	assert_non_null(ini_section(&ini, "empty"));
	assert_int_equal(ini_section(&ini, "empty")->count, 0);
	assert_int_equal(ini_section(&ini, "s")->line, 2);
	assert_int_equal(ini_section(&ini, "s")->keys[1].line, 5);
	assert_string_equal(ini_value(ini_section(&ini, "menu relay"), "c"), "3");
	assert_null(ini_section(&ini, "none"));
	assert_null(ini_value(ini_section(&ini, "s"), "none"));
	assert_null(ini_value(NULL, "a"));
	ini_free(&ini);
	ini_free(&ini);
	assert_true(parse(""));
	assert_int_equal(ini.count, 0);
	ini_free(&ini);
}

/* An error in a value of many lines is told with the line that it stands in. */
static void test_lines_of_a_value(void **state)
{
	(void)state;
	assert_true(
		parse("[s]\na = 1\nb =\n\t# c\n  x 1\n\n\ty 2\n; c\n z\nc = 3\n[t]\nd = e\n f\n"));
	const struct ini_key *a = ini_key(ini_section(&ini, "s"), "a");
	const struct ini_key *b = ini_key(ini_section(&ini, "s"), "b");
	const struct ini_key *d = ini_key(ini_section(&ini, "t"), "d");
	assert_string_equal(b->value, "\nx 1\ny 2\nz");
	assert_int_equal(ini_value_line(a, 0), 2);
	assert_int_equal(ini_value_line(b, 0), 3);
	assert_int_equal(ini_value_line(b, 1), 5);
	assert_int_equal(ini_value_line(b, 2), 7);
	assert_int_equal(ini_value_line(b, 3), 9);
	assert_string_equal(ini_value(ini_section(&ini, "s"), "c"), "3");
	assert_string_equal(d->value, "e\nf");
	assert_int_equal(ini_value_line(d, 1), 13);
	assert_null(ini_key(ini_section(&ini, "s"), "d"));
	assert_null(ini_key(NULL, "d"));
	ini_free(&ini);
}

/* Hostile files: as many names as fit, each of which is held against all before it. */
static void test_limits(void **state)
{
	struct strbuf text = STRBUF_INIT;

	(void)state;
	for (int i = 0; i < 10000; i++)
		strbuf_addf(&text, "[s%d]\n", i);
	assert_true(parse(text.data));
	assert_int_equal(ini.count, 10000);
	ini_free(&ini);
	strbuf_adds(&text, "[one more]\n");
	assert_false(parse(text.data));
	assert_non_null(strstr(error.message, "line 10001"));
	strbuf_reset(&text);
	strbuf_adds(&text, "[s]\n");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&text, "k%d = \n", i);
	assert_true(parse(text.data));
	ini_free(&ini);
	strbuf_adds(&text, "more =\n");
	assert_false(parse(text.data));
	assert_non_null(strstr(error.message, "line 1002"));
	strbuf_free(&text);
}

static void test_only_keys(void **state)
{
	static const char *const known[] = {"host", "port", NULL};

	(void)state;
	assert_true(parse("[s]\nhost = a\n\nprot = 25\n[t]\nhost = b\n"));
	assert_true(ini_only_keys(&ini, ini_section(&ini, "t"), known, &error));
	assert_true(ini_only_keys(&ini, NULL, known, &error));
	assert_false(ini_only_keys(&ini, ini_section(&ini, "s"), known, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.message, "t.ini, line 4"));
	assert_non_null(strstr(error.message, "\"prot\""));
	assert_non_null(strstr(error.advice, "\"port\""));
	ini_free(&ini);
}

static void test_written_is_read_back(void **state)
{
	struct strbuf out = STRBUF_INIT;

	(void)state;
	ini_write_section(&out, "s");
	ini_write_key(&out, "one", "a ; b # c");
	ini_write_key(&out, "none", NULL);
	ini_write_key(&out, "empty", "");
	ini_write_key(&out, "lines", "a\nb = c\n[d]");
	ini_write_section(&out, "t");
	ini_write_key(&out, "one", "\u00fc");
	assert_string_equal(out.data, "[s]\none = a ; b # c\nempty =\nlines = a\n\tb = c\n\t[d]\n\n"
				      "[t]\none = \u00fc\n");
	assert_true(parse(out.data));
	assert_string_equal(ini_value(ini_section(&ini, "s"), "one"), "a ; b # c");
	assert_null(ini_value(ini_section(&ini, "s"), "none"));
	assert_string_equal(ini_value(ini_section(&ini, "s"), "empty"), "");
	assert_string_equal(ini_value(ini_section(&ini, "s"), "lines"), "a\nb = c\n[d]");
	assert_string_equal(ini_value(ini_section(&ini, "t"), "one"), "\u00fc");
	ini_free(&ini);
	strbuf_free(&out);
}

static void test_load(void **state)
{
	(void)state;
	assert_false(ini_load(&ini, "/nonexistent/x.ini", &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_non_null(strstr(error.message, "/nonexistent/x.ini"));
	assert_false(ini_load(&ini, "/", &error));
	assert_int_equal(error.code, ERROR_DATA);
	ini_free(&ini);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_line_lengths),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_lines_of_a_value),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_only_keys),
		cmocka_unit_test(test_written_is_read_back),
		cmocka_unit_test(test_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
