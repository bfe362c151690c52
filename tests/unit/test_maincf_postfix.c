/* maincf.h against postconf(1), over a corpus and generated files, and restores to the byte. */
#include "maincf_cases.h"

#include <glob.h>

#define CORPUS "tests/corpus/*.cf"

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
	for (unsigned i = 0; i < 300; i++) {
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
	assert_true(same > 300);
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
		cmocka_unit_test(test_reads_against_postfix),
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_generated),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
