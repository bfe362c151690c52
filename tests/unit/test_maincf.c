#include "maincf_cases.h"

/* --- reading ------------------------------------------------------------------------------------- */

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		struct maincf *cf = parse(reads[i].input, reads[i].len);
		const char *value = maincf_value(cf, reads[i].parameter);

		if ((value && reads[i].value) ? strcmp(value, reads[i].value)
					      : value != reads[i].value)
			fail_msg("%s: %s is \"%s\"", reads[i].name, reads[i].parameter, value);
		assert_bytes(reads[i].name, cf, reads[i].input, reads[i].len);
		maincf_free(cf);
	}
}

static void test_refuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct error error = {0};

		assert_null(maincf_parse("/x/main.cf", refusals[i].input, refusals[i].len, &error));
		assert_int_equal(error.code, ERROR_CONFIG);
		if (!strstr(error.message, refusals[i].says) ||
			!strstr(error.message, "/x/main.cf"))
			fail_msg("%s: %s", refusals[i].name, error.message);
	}
}

static void test_long_value(void **state)
{
	struct strbuf text = STRBUF_INIT;

	(void)state;
	strbuf_adds(&text, "mynetworks =");
	for (int i = 0; i < 10000; i++)
		strbuf_addf(&text, "%s10.0.%d.%d", i % 50 ? " " : "\n ", i / 100, i % 100);
	strbuf_adds(&text, "\nrelayhost = a\n");
	struct maincf *cf = parse(text.data, text.len);
	assert_true(strlen(maincf_value(cf, "mynetworks")) > 100000);
	assert_string_equal(maincf_value(cf, "relayhost"), "a");
	maincf_free(cf);
	strbuf_free(&text);
}

/* --- edits and the way back ---------------------------------------------------------------------- */

static const struct {
	const char *name, *input, *parameter, *value, *output; /* value NULL: unset */
} edits[] = {
	{"replace", "a = 1\nrelayhost = x\nb = 2\n", "relayhost", "y",
		"a = 1\nrelayhost = y\nb = 2\n"},
	{"append", "a = 1\n", "relayhost", "y", "a = 1\nrelayhost = y\n"},
	{"to an empty file", "", "relayhost", "y", "relayhost = y\n"},
	{"empty value", "relayhost = x\n", "relayhost", "", "relayhost =\n"},
	{"the last duplicate", "r = 1\na = b\nr = 2\n", "r", "3", "r = 1\na = b\nr = 3\n"},
	{"keeps comments inside", "r = a,\n# c\n\n  b\nz = 1\n", "r", "x", "r = x\n# c\n\nz = 1\n"},
	{"keeps comments below", "r = a\n# c\nz = 1\n", "r", "x", "r = x\n# c\nz = 1\n"},
	{"drops continuation", "r = a,\n  b,\n\tc\nz = 1\n", "r", "x", "r = x\nz = 1\n"},
	{"orphan stays with its line", "o = y\n#r =\n  a\n", "r", "x", "o = y\n#r =\n  a\nr = x\n"},
	{"no final newline, append", "a = 1", "r", "x", "a = 1\nr = x\n"},
	{"no final newline, blank end", "a = 1\n  ", "r", "x", "a = 1\n  \nr = x\n"},
	{"no final newline, comment", "a = 1\n#c", "r", "x", "a = 1\n#c\nr = x\n"},
	{"no final newline, replace", "a = 1\nr = y", "r", "x", "a = 1\nr = x"},
	{"no final newline, comments", "r = y\n#c\n  z", "r", "x", "#c\nr = x"},
	{"no final newline, blank lines", "r = y\n\n \n  z", "r", "x", "\n \nr = x"},
	{"comments that end otherwise", "r = y\n#c\n  z\r\na = 1\n", "r", "x",
		"#c\nr = x\r\na = 1\n"},
	{"comments that end otherwise, CR", "r = y\n#c\r\n\n  z\r\r\n", "r", "x",
		"#c\r\n\nr = x\r\r\n"},
	{"CRLF, append", "a = 1\r\nb = 2\r\n", "r", "x", "a = 1\r\nb = 2\r\nr = x\r\n"},
	{"CRLF, replace", "r = 1\r\nb = 2\r\n", "r", "x", "r = x\r\nb = 2\r\n"},
	{"CRLF, no final newline", "a = 1\r\nb = 2", "r", "x", "a = 1\r\nb = 2\r\nr = x\r\n"},
	{"CRLF, a lone CR at the end", "a = 1\r\nb = 2\r", "r", "x",
		"a = 1\r\nb = 2\r\r\nr = x\r\n"},
	{"a lone CR at the end", "a = 1\nb = 2\r", "r", "x", "a = 1\nb = 2\r\nr = x\n"},
	{"CRLF, replace with comment", "r = 1,\r\n#c\r\n 2\r\nb = 2\r\n", "r", "x",
		"r = x\r\n#c\r\nb = 2\r\n"},
	{"one CRLF among LF, append", "a = 1\r\nb = 2\nc = 3\n", "r", "x",
		"a = 1\r\nb = 2\nc = 3\nr = x\n"},
	{"one CRLF among LF, replace", "a = 1\r\nb = 2\nc = 3\n", "a", "x",
		"a = x\r\nb = 2\nc = 3\n"},
	{"indented only", " r = 1\n", "r", "x", " r = 1\nr = x\n"},
	{"unset", "a = 1\nr = x\nb = 2\n", "r", NULL, "a = 1\n#relaycon: r = x\nb = 2\n"},
	{"unset duplicates", "r = x\na = 1\nr = y,\n# c\n z\n", "r", NULL,
		"#relaycon: r = x\na = 1\n#relaycon: r = y,\n# c\n#relaycon:  z\n"},
	{"unset twins", "r = x\na = 1\nr = x\n", "r", NULL,
		"#relaycon: r = x\na = 1\n#relaycon: r = x\n"},
	{"unset beside an old mark", "#relaycon: r = x\na = 1\nr = x\n", "r", NULL,
		"#relaycon: r = x\na = 1\n#relaycon2: r = x\n"},
	{"unset at the end", "a = 1\nr = x", "r", NULL, "a = 1\n#relaycon: r = x"},
	{"unset CRLF", "r = x\r\na = 1\r\n", "r", NULL, "#relaycon: r = x\r\na = 1\r\n"},
};

static void test_edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		const char *name = edits[i].name;
		struct maincf *cf = parse_text(edits[i].input);
		struct hunk hunk = {0};

		edit(cf, edits[i].parameter, edits[i].value, &hunk);
		assert_bytes(name, cf, edits[i].output, strlen(edits[i].output));
		const char *now = maincf_value(cf, edits[i].parameter);
		assert_true(edits[i].value ? strcmp(now, edits[i].value) == 0 : !now);

		/* The hunk alone must do, in another process, from the bytes of the file. */
		struct maincf *again = parse_text(edits[i].output);
		struct hunk copy;
		hunk_copy(&copy, &hunk);
		assert_int_equal(maincf_restore(again, &copy, false), HUNK_RESTORED);
		assert_bytes(name, again, edits[i].input, strlen(edits[i].input));
		assert_int_equal(maincf_restore(again, &copy, false), HUNK_UNCHANGED);
		assert_bytes(name, again, edits[i].input, strlen(edits[i].input));
		maincf_free(again);
		maincf_free(cf);
		hunk_free(&hunk);
		hunk_free(&copy);
	}
}

static void test_nothing_to_do(void **state)
{
	static const char text[] = "r = a,  b\n\tc\n# x\ne =\n";
	struct maincf *cf = parse_text(text);
	struct error error = {0};
	bool changed = true;

	(void)state;
	assert_true(maincf_set(cf, "r", "a, b c", NULL, &changed, &error));
	assert_false(changed);
	assert_true(maincf_set(cf, "e", "", NULL, &changed, &error));
	assert_false(changed);
	assert_true(maincf_unset(cf, "none", NULL, &changed, &error));
	assert_false(changed);
	assert_false(maincf_remove(cf, "none"));
	assert_bytes("nothing", cf, text, strlen(text));
	maincf_free(cf);
}

static void test_bad_names_and_values(void **state)
{
	static const char *const names[] = {"", "a b", "a=b", "#a", "a\n", "a\vb"};
	static const char *const values[] = {"a\nb = c", "a\n b", " a", "a ", "a\r", "\n", "\t"};
	struct maincf *cf = parse_text("a = 1\n");
	bool changed;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct error error = {0};
		assert_false(maincf_set(cf, names[i], "x", NULL, &changed, &error));
		assert_int_equal(error.code, ERROR_DATA);
		assert_false(maincf_unset(cf, names[i], NULL, &changed, &error));
	}
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct error error = {0};
		assert_false(maincf_set(cf, "a", values[i], NULL, &changed, &error));
		assert_int_equal(error.code, ERROR_DATA);
	}
	assert_bytes("untouched", cf, "a = 1\n", 6);
	maincf_free(cf);
}

static void test_remove(void **state)
{
	struct maincf *cf = parse_text("r = 1\na = 2\nr = x,\n# c\n  y\nb = 3\nr = z");

	(void)state;
	assert_true(maincf_remove(cf, "r"));
	assert_bytes("remove", cf, "a = 2\n# c\nb = 3\n", 16);
	maincf_free(cf);
}

/* --- somebody else was here ---------------------------------------------------------------------- */

/* We edit `original`, somebody makes `between` of the result, we restore. */
static const struct {
	const char *name, *original, *parameter, *value, *between;
	enum hunk_restore result;
	const char *restored;
	const char *forced; /* NULL: the same, with the same result */
} meetings[] = {
	{"lines before and after", "r = 1\n", "r", "x", "# n\na = 1\nr = x\nb = 2\n", HUNK_RESTORED,
		"# n\na = 1\nr = 1\nb = 2\n", NULL},
	{"appended, then more", "a = 1\n", "r", "x", "a = 1\nr = x\nb = 2\n", HUNK_RESTORED,
		"a = 1\nb = 2\n", NULL},
	{"no final newline, then more", "a = 1", "r", "x", "a = 1\nr = x\nb = 2\n", HUNK_RESTORED,
		"a = 1\nb = 2\n", NULL},
	{"line moved", "r = 1,\n  2\na = 1\n", "r", "x", "a = 1\nr = x\n", HUNK_RESTORED,
		"a = 1\nr = 1,\n  2\n", NULL},
	{"shrunk", "a = 1\nb = 2\nr = 3\nc = 4\n", "r", "x", "r = x\n", HUNK_RESTORED, "r = 3\n",
		NULL},
	{"written another way", "r = 1,\n# c\n  2\na = 1\n", "r", "x", "r=x\n# d\na = 1\n",
		HUNK_RESTORED, "r = 1,\n  2\n# d\na = 1\n", NULL},
	{"comment put inside", "r = 1\n", "r", "x y", "r = x\n# new\n  y\n", HUNK_RESTORED,
		"r = 1\n", NULL},
	{"newlines converted", "r = 1\na = 2\n", "r", "x", "r = x\r\na = 2\r\n", HUNK_RESTORED,
		"r = 1\r\na = 2\r\n", NULL},
	{"final newline added", "a = 1\nr = 1", "r", "x", "a = 1\nr = x\n", HUNK_RESTORED,
		"a = 1\nr = 1\n", NULL},
	{"value changed", "r = 1\n", "r", "x", "a = 1\nr = z\n", HUNK_CHANGED, "a = 1\nr = z\n",
		"a = 1\nr = 1\n"},
	{"appended value changed", "a = 1\n", "r", "x", "a = 1\nr = z\n", HUNK_CHANGED,
		"a = 1\nr = z\n", "a = 1\n"},
	{"value continued", "r = 1\n", "r", "x", "r = x\n  z\n", HUNK_CHANGED, "r = x\n  z\n",
		"r = 1\n"},
	{"overruled", "r = 1\n", "r", "x", "r = x\nr = z\n", HUNK_CHANGED, "r = x\nr = z\n",
		"r = 1\n"},
	{"appended, overruled", "a = 1\n", "r", "x", "a = 1\nr = x\nr = z\n", HUNK_CHANGED,
		"a = 1\nr = x\nr = z\n", "a = 1\n"},
	{"duplicate before", "a = 1\n", "r", "x", "r = z\na = 1\nr = x\n", HUNK_RESTORED,
		"r = z\na = 1\n", "a = 1\n"},
	{"appended twice", "a = 1\n", "r", "x", "a = 1\nr = x\nb = 2\nr = x\n", HUNK_RESTORED,
		"a = 1\nb = 2\n", NULL},
	{"line taken out", "a = 1\nr = 1\n", "r", "x", "a = 1\n", HUNK_CHANGED, "a = 1\n",
		"a = 1\nr = 1\n"},
	{"appended line taken out", "a = 1\n", "r", "x", "a = 1\n", HUNK_UNCHANGED, "a = 1\n",
		NULL},
	{"put back by hand", "a = 1\nr = 1\n", "r", "x", "a = 1\nr=1\n", HUNK_UNCHANGED,
		"a = 1\nr=1\n", NULL},
	{"similar names", "a = 1\n", "r", "x", "a = 1\nr = x\nrr = x\n#r = x\n", HUNK_RESTORED,
		"a = 1\nrr = x\n#r = x\n", NULL},
	{"unset, lines between", "r = 1\nr = 2\n", "r", NULL,
		"#relaycon: r = 1\nb = 1\n#relaycon: r = 2\n", HUNK_RESTORED,
		"r = 1\nb = 1\nr = 2\n", NULL},
	{"unset, moved", "r = 1\na = 2\n", "r", NULL, "a = 2\n#relaycon: r = 1\n", HUNK_RESTORED,
		"a = 2\nr = 1\n", NULL},
	{"unset, then set by somebody", "r = 1\n", "r", NULL, "#relaycon: r = 1\nr = z\n",
		HUNK_CHANGED, "#relaycon: r = 1\nr = z\n", "r = 1\n"},
	{"unset, then gone", "r = 1\na = 2\n", "r", NULL, "a = 2\n", HUNK_CHANGED, "a = 2\n",
		"a = 2\nr = 1\n"},
	{"unset, one of two gone", "r = 1\nr = 2\n", "r", NULL, "#relaycon: r = 2\n", HUNK_RESTORED,
		"r = 2\n", NULL},
	{"unset, put back by hand", "r = 1\n", "r", NULL, "r = 1\n", HUNK_UNCHANGED, "r = 1\n",
		NULL},
};

static void test_meetings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
		const char *name = meetings[i].name;
		const char *forced = meetings[i].forced ? meetings[i].forced : meetings[i].restored;
		struct maincf *cf = parse_text(meetings[i].original);
		struct maincf *left = parse_text(meetings[i].between);
		struct maincf *taken = parse_text(meetings[i].between);
		struct hunk hunk = {0};

		edit(cf, meetings[i].parameter, meetings[i].value, &hunk);
		enum hunk_restore result = maincf_restore(left, &hunk, false);
		if (result != meetings[i].result)
			fail_msg("%s: result %d", name, (int)result);
		assert_bytes(name, left, meetings[i].restored, strlen(meetings[i].restored));
		result = maincf_restore(taken, &hunk, true);
		if (result !=
			(meetings[i].result == HUNK_CHANGED ? HUNK_RESTORED : meetings[i].result))
			fail_msg("%s, forced: result %d", name, (int)result);
		assert_bytes(name, taken, forced, strlen(forced));
		hunk_free(&hunk);
		maincf_free(cf);
		maincf_free(left);
		maincf_free(taken);
	}
}

static void test_damaged_hunk(void **state)
{
	static const struct {
		const char *before, *after;
		bool existed;
	} hunks[] = {
		{"r = 1\nrelayhost = evil\n", "r = x\n", true},
		{"junk\n", "r = x\n", true},
		{"r = 1\n", "junk", true},
		{"r = 1\n", "", true},
		{"", "", false},
		{"", "r = x\n", true},
		{"r = 1\n", "r = x\n", false},
		{"r = 1\n", "#r = 1\n", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof hunks / sizeof *hunks; i++) {
		struct maincf *cf = parse_text("r = x\n");
		struct hunk hunk = {.key = text_dup("r"), .existed = hunks[i].existed};

		strbuf_adds(&hunk.before, hunks[i].before);
		strbuf_adds(&hunk.after, hunks[i].after);
		assert_int_equal(maincf_restore(cf, &hunk, false), HUNK_CHANGED);
		assert_bytes("damaged", cf, "r = x\n", 6);
		hunk_free(&hunk);
		maincf_free(cf);
	}
}

/* A hunk whose last newline was lost where it was kept: the next line stays a line of its own. */
static void test_hunk_without_newline(void **state)
{
	struct maincf *cf = parse_text("r = x\nb = 2\n");
	struct hunk hunk = {.key = text_dup("r"), .existed = true};

	(void)state;
	strbuf_adds(&hunk.before, "r = 1");
	strbuf_adds(&hunk.after, "r = x\n");
	assert_int_equal(maincf_restore(cf, &hunk, false), HUNK_RESTORED);
	assert_bytes("without newline", cf, "r = 1\nb = 2\n", 12);
	hunk_free(&hunk);
	maincf_free(cf);
}

/* --- every order --------------------------------------------------------------------------------- */

static void test_every_order(void **state)
{
	static const char *const files[] = {
		"a = 1",
		"a = 1\n",
		"a = 1\r\nb = 2",
		"a = 1\nb = 2\r",
		"r = 1",
		"s = 1\nr = 1\nu = 2",
		"u = 1\r\n# c\r\n  2\r\nu = 3\r\nr = 4",
		"",
	};
	static const struct {
		const char *name, *value;
	} wishes[HUNKS] = {{"r", "x"}, {"s", ""}, {"t", "y z"}, {"u", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct maincf *cf = parse_text(files[i]);
		struct hunk hunks[HUNKS] = {{0}};

		for (size_t w = 0; w < HUNKS; w++) {
			bool unset = !wishes[w].value && maincf_value(cf, wishes[w].name);
			edit(cf, wishes[w].name, unset ? NULL : "v", &hunks[w]);
		}
		for (unsigned order = 0; order < 24; order++) {
			struct maincf *back = parse(maincf_bytes(cf)->data, maincf_bytes(cf)->len);
			restore_in_order(back, hunks, order);
			assert_bytes("every order", back, files[i], strlen(files[i]));
			maincf_free(back);
		}
		for (size_t w = 0; w < HUNKS; w++)
			hunk_free(&hunks[w]);
		maincf_free(cf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_long_value),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_nothing_to_do),
		cmocka_unit_test(test_bad_names_and_values),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_meetings),
		cmocka_unit_test(test_damaged_hunk),
		cmocka_unit_test(test_hunk_without_newline),
		cmocka_unit_test(test_every_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
