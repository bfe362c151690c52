/* baseline.c: lossless, ordered, and noticed when damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "change/baseline.h"

static struct hunk hunk_of(const char *key, const char *before, const char *after)
{
	struct hunk hunk = {.key = text_dup(key), .existed = before != NULL};

	strbuf_reset(&hunk.before);
	strbuf_reset(&hunk.after);
	strbuf_adds(&hunk.before, before ? before : "");
	strbuf_adds(&hunk.after, after);
	return hunk;
}

static void remember(struct baseline_file *file, const char *key, const char *before,
	const char *after, bool newline_added)
{
	struct hunk hunk = hunk_of(key, before, after);

	hunk.newline_added = newline_added;
	baseline_remember(file, &hunk);
	hunk_free(&hunk);
}

static void every_byte_survives(void **state)
{
	(void)state;
	struct baseline baseline = {0}, again;
	struct strbuf text = STRBUF_INIT;
	struct hunk hunk = hunk_of("relayhost", "", "relayhost = x\n");

	for (int byte = 0; byte < 256; byte++)
		strbuf_addc(&hunk.before, (char)byte);
	baseline_remember(&baseline.main, &hunk);
	remember(&baseline.master, "relaycon-tls/unix", NULL, "relaycon-tls unix\n", false);
	baseline.main.hunks[0].kept = true;
	baseline_format(&baseline, &text);
	assert_true(baseline_parse(&again, "x", text.data, text.len, NULL));
	assert_int_equal(again.main.count, 1);
	assert_int_equal(again.master.count, 1);
	const struct hunk *read = &again.main.hunks[0].hunk;
	assert_int_equal(read->before.len, 256);
	assert_memory_equal(read->before.data, hunk.before.data, 256);
	assert_string_equal(read->after.data, "relayhost = x\n");
	assert_true(read->existed);
	assert_true(again.main.hunks[0].kept);
	assert_false(again.master.hunks[0].hunk.existed);
	hunk_free(&hunk);
	baseline_free(&baseline);
	baseline_free(&again);
	strbuf_free(&text);
}

static void first_touch_keeps_the_original(void **state)
{
	(void)state;
	struct baseline baseline = {0};

	remember(&baseline.main, "relayhost", "relayhost =\n", "relayhost = a\n", false);
	remember(&baseline.main, "relayhost", "relayhost = a\n", "relayhost = b\n", false);
	assert_int_equal(baseline.main.count, 1);
	const struct hunk *hunk = baseline_find(&baseline.main, "relayhost");
	assert_string_equal(hunk->before.data, "relayhost =\n");
	assert_string_equal(hunk->after.data, "relayhost = b\n");
	assert_null(baseline_find(&baseline.main, "smtp_tls_CAfile"));
	baseline.main.hunks[0].kept = true;
	assert_null(baseline_find(&baseline.main, "relayhost"));
	baseline_free(&baseline);
}

/* Deconfigure after a second configure left the comment twice: in the original that came back, and
 * where the first edit had put it. */
static void later_edits_keep_the_comments_beside_ours(void **state)
{
	static const struct {
		const char *before, *first, *was, *second, *after;
	} cases[] = {
		{"r = a,\n# c\n b\n", "r = x\n# c\n", "r = x\n", "r = y\n", "r = y\n# c\n"},
		{"r = a,\r\n#c\r\n b\r\n", "r = x\r\n#c\r\n", "r = x\r\n", "r = y\r\n",
			"r = y\r\n#c\r\n"},
		{"r = a\n# c\n b", "# c\nr = x", "r = x", "r = y", "# c\nr = y"},
		{"r = a\n# c\n b", "# c\nr = x", "r = x\n", "r = y\n", "# c\nr = y"},
		{"r = a\n#r = x\n b\n", "r = x\n#r = x\n", "r = x\n", "r = y\n", "r = y\n#r = x\n"},
		/* Somebody else wrote it in another way meanwhile. */
		{"r = a\n", "r = x\n", "r =  x\n", "r = y\n", "r = y\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct baseline baseline = {0};

		remember(&baseline.main, "r", cases[i].before, cases[i].first, false);
		remember(&baseline.main, "r", cases[i].was, cases[i].second, false);
		const struct hunk *hunk = baseline_find(&baseline.main, "r");
		assert_string_equal(hunk->before.data, cases[i].before);
		assert_string_equal(hunk->after.data, cases[i].after);
		baseline_free(&baseline);
	}
}

static void newline_goes_to_later_appends(void **state)
{
	(void)state;
	struct baseline baseline = {0};

	remember(&baseline.main, "a", NULL, "a = 1\n", true);
	remember(&baseline.main, "b", NULL, "b = 1\n", false);
	remember(&baseline.main, "c", "c = 0\n", "c = 1\n", false);
	assert_true(baseline.main.hunks[1].hunk.newline_added);
	assert_false(baseline.main.hunks[2].hunk.newline_added);
	baseline_free(&baseline);
}

static void damage_is_noticed(void **state)
{
	(void)state;
	struct baseline baseline = {0}, again;
	struct strbuf text = STRBUF_INIT;

	remember(&baseline.main, "relayhost", "relayhost = \xfc\n", "relayhost = a\n", false);
	baseline_format(&baseline, &text);
	assert_true(baseline_parse(&again, "x", text.data, text.len, NULL));
	baseline_free(&again);

	for (size_t len = 0; len + 1 < text.len; len++) {
		struct error error = {0};
		assert_false(baseline_parse(&again, "the-file", text.data, len, &error));
		assert_int_equal(error.code, ERROR_DATA);
		assert_non_null(strstr(error.message, "the-file"));
	}
	/* One bit anywhere: either it is refused, or it did not change what is read. */
	for (size_t i = 0; i < text.len; i++) {
		struct strbuf same = STRBUF_INIT;
		text.data[i] = (char)(text.data[i] ^ 1);
		if (baseline_parse(&again, "x", text.data, text.len, NULL)) {
			text.data[i] = (char)(text.data[i] ^ 1);
			baseline_format(&again, &same);
			assert_string_equal(same.data, text.data);
			text.data[i] = (char)(text.data[i] ^ 1);
			baseline_free(&again);
		}
		text.data[i] = (char)(text.data[i] ^ 1);
		strbuf_free(&same);
	}
	baseline_free(&baseline);
	strbuf_free(&text);
}

static void refused_words(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *says;
	} cases[] = {
		{"empty", "", "not complete JSON"},
		{"not JSON", "hello", "not complete JSON"},
		{"an array", "[]", "not complete JSON"},
		{"nothing in it", "{}", "missing"},
		{"a newer one", "{\"version\":2,\"sha256\":\"\",\"baseline\":{}}", "version 2"},
		{"wrong sum", "{\"version\":1,\"sha256\":\"00\",\"baseline\":{}}", "checksum"},
		{"right sum, no files",
			"{\"version\":1,\"sha256\":"
			"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
			"\"baseline\":{}}",
			"cannot be understood"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct baseline baseline;
		struct error error = {0};
		assert_false(baseline_parse(
			&baseline, "x", cases[i].text, strlen(cases[i].text), &error));
		if (!strstr(error.message, cases[i].says))
			fail_msg("%s: %s", cases[i].name, error.message);
		assert_true(error.advice[0] != '\0');
	}
}

/* Its lines came into this machine's main.cf where they happened to fit. */
static void another_machines_is_refused(void **state)
{
	(void)state;
	struct baseline baseline = {0}, read = {0};
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};

	baseline_set_owner(&baseline, "/no/such/../postfix");
	baseline_format(&baseline, &text);
	assert_true(baseline_parse(&read, "b", text.data, text.len, &error));
	assert_true(baseline_check_owner(&read, "b", "/no/such/../postfix", &error));
	assert_false(baseline_check_owner(&read, "b", "/etc/postfix", &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.message, "another Postfix"));
	baseline_free(&read);
	baseline_free(&baseline);
	strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_survives),
		cmocka_unit_test(first_touch_keeps_the_original),
		cmocka_unit_test(later_edits_keep_the_comments_beside_ours),
		cmocka_unit_test(newline_goes_to_later_appends),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(refused_words),
		cmocka_unit_test(another_machines_is_refused),
	};

	return cmocka_run_group_tests_name("baseline", tests, NULL, NULL);
}
