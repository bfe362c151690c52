#include "postfix_scratch.h"

#include "postfix/mastercf.h"

static struct scratch scratch;

static const char debian[] = "# Postfix master process configuration file.\n"
			     "smtp      inet  n       -       y       -       -       smtpd\n"
			     "#smtp      inet  n       -       y       -       1       postscreen\n"
			     "#submission inet n       -       y       -       -       smtpd\n"
			     "#  -o syslog_name=postfix/submission\n"
			     "pickup    unix  n       -       y       60      1       pickup\n"
			     "qmgr      unix  n       -       n       300     1       qmgr\n"
			     "tlsmgr    unix  -       -       y       1000?   1       tlsmgr\n"
			     "smtp      unix  -       -       y       -       -       smtp\n"
			     "relay     unix  -       -       y       -       -       smtp\n"
			     "        -o syslog_name=postfix/$service_name\n"
			     "#       -o smtp_helo_timeout=5 -o smtp_connect_timeout=5\n"
			     "maildrop  unix  -       n       n       -       -       pipe\n"
			     "  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\n";

static struct mastercf *parse(const char *text)
{
	struct error error = {0};
	struct mastercf *cf = mastercf_parse("master.cf", text, strlen(text), &error);

	if (!cf)
		fail_msg("%s", error.message);
	return cf;
}

static void assert_bytes(const char *name, const struct mastercf *cf, const char *want)
{
	if (strcmp(mastercf_bytes(cf)->data, want) != 0)
		fail_msg("%s: is\n<<%s>>\nwant\n<<%s>>", name, mastercf_bytes(cf)->data, want);
}

/* --- reading ------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *input, *key;
	enum mastercf_field field;
	const char *value; /* NULL: no such service */
} reads[] = {
	{"stock", debian, "smtp/unix", MASTERCF_COMMAND, "smtp"},
	{"same name, other type", debian, "smtp/inet", MASTERCF_COMMAND, "smtpd"},
	{"chroot", debian, "qmgr/unix", MASTERCF_CHROOT, "n"},
	{"wakeup", debian, "tlsmgr/unix", MASTERCF_WAKEUP, "1000?"},
	{"max processes", debian, "pickup/unix", MASTERCF_MAXPROC, "1"},
	{"private", debian, "smtp/inet", MASTERCF_PRIVATE, "n"},
	{"unprivileged", debian, "maildrop/unix", MASTERCF_UNPRIV, "n"},
	{"name", debian, "relay/unix", MASTERCF_NAME, "relay"},
	{"type", debian, "relay/unix", MASTERCF_TYPE, "unix"},
	{"continued", debian, "relay/unix", MASTERCF_COMMAND,
		"smtp -o syslog_name=postfix/$service_name"},
	{"arguments", debian, "maildrop/unix", MASTERCF_COMMAND,
		"pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}"},
	{"commented out", debian, "submission/inet", MASTERCF_NAME, NULL},
	{"last duplicate", "x unix - - y - - smtp\nx unix - - n - - lmtp\n", "x/unix",
		MASTERCF_COMMAND, "lmtp"},
	{"braces", "x unix - - y - - smtp -o { a = b  c } -v\n", "x/unix", MASTERCF_COMMAND,
		"smtp -o { a = b  c } -v"},
	{"nested braces", "x unix - - y - - smtp -o {a = ${b?{c d}}}\n", "x/unix", MASTERCF_COMMAND,
		"smtp -o {a = ${b?{c d}}}"},
	{"comment inside", "x unix - - y - - smtp\n# c\n\n  -v\n", "x/unix", MASTERCF_COMMAND,
		"smtp -v"},
	{"fields on the next line", "x\n unix - - y - -\n smtp\n", "x/unix", MASTERCF_COMMAND,
		"smtp"},
	{"CRLF", "x unix - - y - - smtp\r\n  -v\r\n", "x/unix", MASTERCF_COMMAND, "smtp -v"},
	{"indented at the start", " x unix - - y - - smtp\n", "x/unix", MASTERCF_NAME, NULL},
	{"no final newline", "x unix - - y - - smtp", "x/unix", MASTERCF_COMMAND, "smtp"},
	{"inet with address", "[::1]:10025 inet n - n - 10 smtpd\n", "[::1]:10025/inet",
		MASTERCF_MAXPROC, "10"},
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		struct mastercf *cf = parse(reads[i].input);
		struct strbuf out = STRBUF_INIT;
		bool found = mastercf_field(cf, reads[i].key, reads[i].field, &out);

		assert_int_equal(found, mastercf_has(cf, reads[i].key));
		if (found != (reads[i].value != NULL) ||
			(found && strcmp(out.data, reads[i].value) != 0))
			fail_msg("%s: %s", reads[i].name, found ? out.data : "not found");
		assert_bytes(reads[i].name, cf, reads[i].input);
		strbuf_free(&out);
		mastercf_free(cf);
	}
}

/* What Postfix would refuse: postconf -M here and now, master(8) where `later`. */
static const struct {
	const char *input, *says;
	bool later;
} refusals[] = {
	{"x unix - - y -\n", "line 1: bad field count", false},
	{"a unix - - y - - smtp\n\nx\n", "line 3: bad field count", false},
	{"x udp - - y - - smtp\n", "line 1: invalid type field", false},
	{"x unix maybe - y - - smtp\n", "invalid private field", false},
	{"x unix - yes y - - smtp\n", "invalid unprivileged field", false},
	{"x unix - - Y - - smtp\n", "invalid chroot field", false},
	{"x unix - - y 1m - smtp\n", "invalid wakeup field", false},
	{"x unix - - y 1?? - smtp\n", "invalid wakeup field", false},
	{"x unix - - y - many smtp\n", "invalid process limit field", false},
	{"x inet - - y - - smtpd\n", "inet service cannot be private", true},
	{"x unix - - y - - -\n", "invalid command field", true},
	{"{a b} unix - - y - - smtp\n", "invalid service field", true},
	{"x unix - - y - - smtp -o { a = b\n", "missing '}'", true},
	{"x unix - - y - - smtp -o { a = b }c\n", "text after it", true},
};

static void test_refuse(void **state)
{
	enum { COUNT = sizeof refusals / sizeof *refusals };
	struct child children[COUNT] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct error error = {0};
		char *dir = text_format("%s/%zu", scratch.dir, i);
		char *file = text_format("%zu/master.cf", i);
		char *main_cf = text_format("%zu/main.cf", i);
		const char *const argv[] = {"postconf", "-c", dir, "-M", NULL};

		assert_null(mastercf_parse(
			"/x/master.cf", refusals[i].input, strlen(refusals[i].input), &error));
		assert_int_equal(error.code, ERROR_CONFIG);
		if (!strstr(error.message, refusals[i].says) ||
			!strstr(error.message, "/x/master.cf"))
			fail_msg("%s: %s", refusals[i].input, error.message);
		assert_int_equal(mkdir(dir, 0755), 0);
		scratch_write(&scratch, file, refusals[i].input, strlen(refusals[i].input));
		scratch_write(&scratch, main_cf, "", 0);
		assert_true(child_start(&children[i], argv, NULL, NULL, &error));
		free(dir);
		free(file);
		free(main_cf);
	}
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(child_wait(&children[i], 20000, NULL));
		if ((children[i].status == 0) != refusals[i].later)
			fail_msg("%s: postconf -M: %s", refusals[i].input, children[i].err.data);
		child_free(&children[i]);
	}
}

/* --- edits and the way back ---------------------------------------------------------------------- */

#define OURS "relaycon-tls unix - - y - - smtp\n  -o smtp_tls_wrappermode=yes"

static const struct {
	const char *name, *input, *key, *line, *output; /* line NULL: unset */
} edits[] = {
	{"append", debian, "relaycon-tls/unix", OURS, NULL},
	{"append to CRLF", "a unix - - y - - smtp\r\n", "relaycon-tls/unix", OURS,
		"a unix - - y - - smtp\r\nrelaycon-tls unix - - y - - smtp\r\n"
		"  -o smtp_tls_wrappermode=yes\r\n"},
	{"append, no final newline", "a unix - - y - - smtp", "b/unix", "b unix - - y - - smtp",
		"a unix - - y - - smtp\nb unix - - y - - smtp\n"},
	{"replace", "a unix - - y - - smtp\n  -v\n# c\n  -v\nb unix - - y - - smtp\n", "a/unix",
		"a unix - - n - - smtp\n  -D",
		"a unix - - n - - smtp\n  -D\n# c\nb unix - - y - - smtp\n"},
	{"replace the last duplicate", "a unix - - y - - x\na unix - - y - - y\n", "a/unix",
		"a unix - - y - - z", "a unix - - y - - x\na unix - - y - - z\n"},
	{"unset", "a unix - - y - - x\n  -o { b = c }\nb unix - - y - - y\n", "a/unix", NULL,
		"#relaycon: a unix - - y - - x\n#relaycon:   -o { b = c }\nb unix - - y - - y\n"},
};

static void test_edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct mastercf *cf = parse(edits[i].input);
		struct error error = {0};
		struct hunk hunk = {0};
		bool changed = false;

		if (!edits[i].line)
			assert_true(mastercf_unset(cf, edits[i].key, &hunk));
		else if (!mastercf_set(cf, edits[i].key, edits[i].line, &hunk, &changed, &error))
			fail_msg("%s: %s", edits[i].name, error.message);
		assert_int_equal(changed, edits[i].line != NULL);
		assert_string_equal(hunk.key, edits[i].key);
		if (edits[i].output) {
			assert_bytes(edits[i].name, cf, edits[i].output);
		} else {
			char *want = text_format("%s%s\n", edits[i].input, edits[i].line);
			assert_bytes(edits[i].name, cf, want);
			free(want);
		}
		if (edits[i].line) {
			assert_true(mastercf_set(
				cf, edits[i].key, edits[i].line, NULL, &changed, &error));
			assert_false(changed);
		}
		assert_int_equal(mastercf_restore(cf, &hunk, false), HUNK_RESTORED);
		assert_bytes(edits[i].name, cf, edits[i].input);
		assert_int_equal(mastercf_restore(cf, &hunk, false), HUNK_UNCHANGED);
		hunk_free(&hunk);
		mastercf_free(cf);
	}
}

static void test_reads_so_already(void **state)
{
	struct mastercf *cf = parse(debian);
	struct error error = {0};
	bool changed = true;

	(void)state;
	assert_true(mastercf_set(cf, "relay/unix",
		"relay unix - - y - - smtp -o syslog_name=postfix/$service_name", NULL, &changed,
		&error));
	assert_false(changed);
	assert_bytes("untouched", cf, debian);
	assert_false(mastercf_unset(cf, "none/unix", NULL));
	mastercf_free(cf);
}

static void test_bad_lines(void **state)
{
	static const char *const lines[] = {"", "x", "y unix - - y - - smtp",
		"x inet n - y - - smtpd", "x unix - - y - - smtp\n",
		"x unix - - y - - smtp\ny unix - - y - - smtp", " x unix - - y - - smtp",
		"# c\nx unix - - y - - smtp", "x unix - - y - - smtp\n# c",
		"x unix - - y - - smtp\r", "x unix - - y - - smtp ", "x unix - - y - -\n\n  smtp",
		"x unix - - y - -\n# c\n  smtp", "x unix - - y - - smtp -o {a"};
	struct mastercf *cf = parse(debian);
	bool changed;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct error error = {0};
		if (mastercf_set(cf, "x/unix", lines[i], NULL, &changed, &error))
			fail_msg("taken: %s", lines[i]);
		assert_int_equal(error.code, ERROR_DATA);
	}
	assert_bytes("untouched", cf, debian);
	mastercf_free(cf);
}

static const struct {
	const char *name, *between;
	enum hunk_restore result;
	const char *restored, *forced;
} meetings[] = {
	{"more after ours", "a unix - - y - - x\n" OURS "\nb unix - - y - - y\n", HUNK_RESTORED,
		"a unix - - y - - x\nb unix - - y - - y\n",
		"a unix - - y - - x\nb unix - - y - - y\n"},
	{"aligned",
		"a unix - - y - - x\nrelaycon-tls  unix  -  -  y  -  -  smtp -o\n"
		"   smtp_tls_wrappermode=yes\n",
		HUNK_RESTORED, "a unix - - y - - x\n", "a unix - - y - - x\n"},
	{"option added", "a unix - - y - - x\n" OURS "\n  -v\n", HUNK_CHANGED,
		"a unix - - y - - x\n" OURS "\n  -v\n", "a unix - - y - - x\n"},
	{"gone", "a unix - - y - - x\n", HUNK_UNCHANGED, "a unix - - y - - x\n",
		"a unix - - y - - x\n"},
};

static void test_meetings(void **state)
{
	struct mastercf *cf = parse("a unix - - y - - x\n");
	struct error error = {0};
	struct hunk hunk = {0};
	bool changed;

	(void)state;
	assert_true(mastercf_set(cf, "relaycon-tls/unix", OURS, &hunk, &changed, &error));
	for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
		struct mastercf *left = parse(meetings[i].between);
		struct mastercf *taken = parse(meetings[i].between);

		assert_int_equal(mastercf_restore(left, &hunk, false), meetings[i].result);
		assert_bytes(meetings[i].name, left, meetings[i].restored);
		assert_int_equal(mastercf_restore(taken, &hunk, true),
			meetings[i].result == HUNK_CHANGED ? HUNK_RESTORED : meetings[i].result);
		assert_bytes(meetings[i].name, taken, meetings[i].forced);
		mastercf_free(left);
		mastercf_free(taken);
	}
	hunk_free(&hunk);
	mastercf_free(cf);
}

/* Postfix reads our line, and only that is new. */
static void test_against_postfix(void **state)
{
	struct mastercf *cf = parse(debian);
	const char *const argv[] = {"postconf", "-c", scratch.dir, "-M", NULL};
	struct child before, after;
	struct error error = {0};
	bool changed;

	(void)state;
	scratch_write(&scratch, "main.cf", "", 0);
	scratch_write(&scratch, "master.cf", debian, strlen(debian));
	assert_int_equal(scratch_run(&before, argv), 0);
	assert_true(mastercf_set(cf, "relaycon-tls/unix", OURS, NULL, &changed, &error));
	scratch_write(&scratch, "master.cf", mastercf_bytes(cf)->data, mastercf_bytes(cf)->len);
	assert_int_equal(scratch_run(&after, argv), 0);
	assert_true(after.out.len > before.out.len);
	assert_memory_equal(before.out.data, after.out.data, before.out.len);
	assert_non_null(strstr(after.out.data + before.out.len, "relaycon-tls unix"));
	assert_non_null(strstr(after.out.data + before.out.len, "-o smtp_tls_wrappermode=yes"));
	child_free(&before);
	child_free(&after);
	mastercf_free(cf);
}

static int make_scratch(void **state)
{
	(void)state;
	scratch_make(&scratch);
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
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_reads_so_already),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_meetings),
		cmocka_unit_test(test_against_postfix),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
