#include "postfix_scratch.h"

#include <glob.h>

#include "postfix/maincf.h"

#define CORPUS "tests/corpus/*.cf"

static struct maincf *parse(const char *bytes, size_t len)
{
	struct error error = {0};
	struct maincf *cf = maincf_parse("main.cf", bytes, len, &error);

	if (!cf)
		fail_msg("%s", error.message);
	return cf;
}

static struct maincf *parse_text(const char *text)
{
	return parse(text, strlen(text));
}

static void assert_bytes(const char *name, const struct maincf *cf, const char *want, size_t len)
{
	const struct strbuf *is = maincf_bytes(cf);

	if (is->len != len || memcmp(is->data, want, len) != 0)
		fail_msg("%s: is\n<<%s>>\nwant\n<<%s>>", name, is->data, want);
}

/* --- reading ------------------------------------------------------------------------------------- */

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
	{"no final newline, comments", "r = y\n#c\n  z", "r", "x", "r = x\n#c"},
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

static void edit(struct maincf *cf, const char *name, const char *value, struct hunk *hunk)
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

/* --- every order --------------------------------------------------------------------------------- */

enum { HUNKS = 4 };

static void restore_in_order(struct maincf *cf, const struct hunk *hunks, unsigned order)
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

/* --- Postfix is the judge ------------------------------------------------------------------------ */

static struct scratch scratch;

/* One file that we and Postfix read. Postfix sleeps for a second before it ends with a fatal error,
 * so several are under way at a time. */
struct comparison {
	char *name;
	struct maincf *cf;
	struct error error;
	struct child child;
};

enum { BATCH = 24 };
static struct comparison batch[BATCH];
static size_t batched;

static size_t finish(struct comparison *c)
{
	size_t same = 0;
	struct error error;

	if (!child_wait(&c->child, 20000, &error))
		fail_msg("%s: %s", c->name, error.message);
	if (!c->cf) {
		const char *line = strstr(c->error.message, "line ");
		char *number = text_dup_len(line, strcspn(line, ":"));
		if (c->child.status == 0 || !strstr(c->child.err.data, "fatal:") ||
			!strstr(c->child.err.data, number))
			fail_msg("%s: we say %s; postconf says %s", c->name, c->error.message,
				c->child.err.data);
		free(number);
	} else if (c->child.status != 0) {
		fail_msg("%s: postconf refuses it: %s", c->name, c->child.err.data);
	}
	for (size_t i = 0; c->cf && i < maincf_count(c->cf); i++) {
		const char *parameter = maincf_name(c->cf, i);
		const char *ours = maincf_value(c->cf, parameter);
		char *value = scratch_output_value(&c->child.out, parameter);

		if (value && strcmp(parameter, "config_directory") != 0) {
			if (!maincf_value_equal(value, ours))
				fail_msg("%s: %s is \"%s\" for us, \"%s\" for Postfix", c->name,
					parameter, ours, value);
			same++;
		}
		free(value);
	}
	child_free(&c->child);
	maincf_free(c->cf);
	free(c->name);
	return same;
}

static size_t finish_all(void)
{
	size_t same = 0;

	for (size_t i = 0; i < batched; i++)
		same += finish(&batch[i]);
	batched = 0;
	return same;
}

/* What Postfix prints for every name in the file, and what it calls fatal, against what we read.
 * Returns how many values of this or earlier files were compared. */
static size_t compare(const char *name, const char *bytes, size_t len)
{
	size_t same = batched == BATCH ? finish_all() : 0;
	struct comparison *c = &batch[batched];
	struct error error;

	*c = (struct comparison){.name = text_dup(name)};
	char *dir = text_format("%s/%zu", scratch.dir, batched++);
	char *file = text_format("%s/main.cf", dir + strlen(scratch.dir) + 1);
	(void)mkdir(dir, 0755);
	scratch_write(&scratch, file, bytes, len);
	c->cf = maincf_parse("main.cf", bytes, len, &c->error);

	size_t count = c->cf ? maincf_count(c->cf) : 0, argc = 0;
	const char **argv = mem_calloc(count + 5, sizeof *argv);
	argv[argc++] = "postconf";
	argv[argc++] = "-c";
	argv[argc++] = dir;
	for (size_t i = 0; i < count; i++)
		argv[argc++] = maincf_name(c->cf, i);
	if (count == 0)
		argv[argc++] = "-n";
	if (!child_start(&c->child, argv, NULL, NULL, &error))
		fail_msg("%s", error.message);
	free(argv);
	free(dir);
	free(file);
	return same;
}

static void test_reads_against_postfix(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
		compare(reads[i].name, reads[i].input, reads[i].len);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		/* Postfix counts newlines, so a last line without one has the number before. */
		if (refusals[i].input[refusals[i].len - 1] == '\n')
			compare(refusals[i].name, refusals[i].input, refusals[i].len);
	}
	finish_all();
}

/* postconf -n must print nothing that we do not see. */
static void compare_all_set(const char *name, const struct maincf *cf)
{
	const char *const argv[] = {"postconf", "-c", scratch.dir, "-n", NULL};
	struct child child;

	scratch_write(&scratch, "main.cf", maincf_bytes(cf)->data, maincf_bytes(cf)->len);
	assert_int_equal(scratch_run(&child, argv), 0);
	for (char *line = child.out.data; *line; line = strchr(line, '\n') + 1) {
		char *parameter = text_dup_len(line, strcspn(line, " "));
		if (strcmp(parameter, "config_directory") != 0 && !maincf_value(cf, parameter))
			fail_msg("%s: we do not see %s", name, parameter);
		free(parameter);
	}
	child_free(&child);
}

static void edit_and_restore(const char *name, const char *bytes, size_t len, unsigned order)
{
	static const char *const names[HUNKS] = {
		"relayhost", "smtp_sasl_auth_enable", "mydestination", "header_size_limit"};
	struct maincf *cf = parse(bytes, len);
	struct hunk hunks[HUNKS] = {{0}};

	for (size_t i = 0; i < HUNKS; i++) {
		bool unset = (order >> i & 1) && maincf_value(cf, names[i]);
		edit(cf, names[i], unset ? NULL : "ours $x", &hunks[i]);
	}
	/* A line of somebody else's before some other. */
	static const char theirs[] = "their_line = 1\n  2\n";
	struct strbuf text = STRBUF_INIT;
	strbuf_add(&text, maincf_bytes(cf)->data, maincf_bytes(cf)->len);
	strbuf_splice(&text, 0, 0, theirs, strlen(theirs));
	struct maincf *met = parse(text.data, text.len);

	restore_in_order(cf, hunks, order);
	assert_bytes(name, cf, bytes, len);
	restore_in_order(met, hunks, order / 2);
	const struct strbuf *now = maincf_bytes(met);
	if (now->len != len + strlen(theirs) || memcmp(now->data, theirs, strlen(theirs)) != 0 ||
		memcmp(now->data + strlen(theirs), bytes, len) != 0)
		fail_msg("%s: not restored beside another's line", name);
	strbuf_free(&text);
	maincf_free(met);
	maincf_free(cf);
	for (size_t i = 0; i < HUNKS; i++)
		hunk_free(&hunks[i]);
}

static void test_corpus(void **state)
{
	glob_t files;
	size_t refused = 0, same = 0;

	(void)state;
	assert_int_equal(glob(CORPUS, 0, NULL, &files), 0);
	assert_int_equal(files.gl_pathc, 24);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i];
		struct strbuf bytes = STRBUF_INIT;
		struct error error = {0};

		assert_true(file_read(&bytes, path, FILE_MAX, NULL, &error));
		same += compare(path, bytes.data, bytes.len);
		struct maincf *cf = maincf_parse(path, bytes.data, bytes.len, &error);
		if (cf) {
			compare_all_set(path, cf);
			for (unsigned order = 0; order < 24; order++)
				edit_and_restore(path, bytes.data, bytes.len, order);
		}
		refused += cf == NULL;
		maincf_free(cf);
		strbuf_free(&bytes);
	}
	same += finish_all();
	globfree(&files);
	assert_int_equal(refused, 2);
	printf("corpus: %zu parameters read as Postfix does\n", same);
	assert_true(same > 500);
}

/* --- generated files ----------------------------------------------------------------------------- */

static uint64_t seed;

static unsigned pick(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static void add_any(struct strbuf *out, const char *const list[], unsigned count)
{
	strbuf_adds(out, list[pick(count)]);
}
#define ADD_ANY(out, list) add_any(out, list, sizeof list / sizeof *list)

static void generate(struct strbuf *out, bool may_be_bad)
{
	static const char *const names[] = {"relayhost", "myorigin", "mydestination", "mynetworks",
		"smtp_tls_security_level", "smtp_sasl_auth_enable", "header_size_limit",
		"smtp_tls_CApath", "relayhosts", "my_own", "smtp_sasl_type", "smtp_tls_CAfile"};
	static const char *const blanks[] = {
		"", " ", "  ", "\t", " \t ", "\r", "\v", "\f ", " \v\r"};
	static const char *const indents[] = {" ", "\t", "\v", "\f", "\r", "    "};
	static const char *const words[] = {"a", "[h.test]:587,", "#b", "=", "$mail_name",
		"\"q w\"", "\\", "{ a = b }", "\xc3\xa4", "\xff", "\xc2\xa0", "x=y", "10.0.0.0/8"};
	static const char *const ends[] = {"\n", "\n", "\n", "\r\n", " \n", "\t\r\n"};
	unsigned lines = 1 + pick(14);

	strbuf_reset(out);
	if (may_be_bad && pick(12) == 0)
		strbuf_adds(out, "\xef\xbb\xbf");
	else if (pick(8) == 0)
		strbuf_adds(out, "  indented = 1\n");
	else
		strbuf_adds(out, "# first\n");
	for (unsigned i = 0; i < lines; i++) {
		unsigned kind = pick(20);
		if (kind < 9) {
			ADD_ANY(out, names);
			ADD_ANY(out, blanks);
			if (pick(12) == 0)
				strbuf_adds(out, "\n ");
			if (!may_be_bad || pick(60) > 0)
				strbuf_addc(out, '=');
		} else if (kind < 13) {
			ADD_ANY(out, blanks);
			strbuf_addc(out, '#');
		} else if (kind < 15 || i == 0) {
			ADD_ANY(out, blanks);
			ADD_ANY(out, ends);
			continue;
		} else {
			ADD_ANY(out, indents);
		}
		for (unsigned w = pick(4); w > 0; w--) {
			ADD_ANY(out, blanks);
			ADD_ANY(out, words);
		}
		if (may_be_bad && pick(40) == 0)
			strbuf_addc(out, '\0');
		ADD_ANY(out, ends);
	}
	/* Without final newline, where Postfix's line numbers are still ours. */
	if (!may_be_bad && pick(4) == 0)
		strbuf_splice(out, out->len - 1, out->len, NULL, 0);
}

static void test_generated(void **state)
{
	struct strbuf file = STRBUF_INIT;
	const char *given = getenv("RELAYCON_SEED");
	size_t same = 0;

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("seed %llu (RELAYCON_SEED)\n", (unsigned long long)seed);
	for (unsigned i = 0; i < 400; i++) {
		generate(&file, i < 2 * BATCH);
		char *name = text_format("generated file %u", i);
		same += compare(name, file.data, file.len);
		free(name);
	}
	same += finish_all();
	for (unsigned i = 0; i < 3000; i++) {
		generate(&file, i % 2 == 0);
		struct maincf *cf = maincf_parse("main.cf", file.data, file.len, NULL);
		char *name = text_format("generated file %u, edited", i);
		if (cf)
			edit_and_restore(name, file.data, file.len, pick(24));
		free(name);
		maincf_free(cf);
	}
	printf("generated: %zu parameters read as Postfix does\n", same);
	assert_true(same > 400);
	strbuf_free(&file);
}

static int make_scratch(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_write(&scratch, "master.cf", "", 0);
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
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
		cmocka_unit_test(test_every_order),
		cmocka_unit_test(test_reads_against_postfix),
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_generated),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
