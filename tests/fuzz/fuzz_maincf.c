/*
 * fuzz_maincf.c: main.cf, attacked in the promises of edits.h ("every byte we were not asked to
 * change stays") and of maincf.h.
 *
 * Input: two lines of edits, then the file. "name value" sets, "name" unsets.
 */
#include "edits.h"
#include "postfix/maincf.h"

static void *parse(const char *bytes, size_t len, struct error *error)
{
	return maincf_parse("main.cf", bytes, len, error);
}

static void free_cf(void *cf)
{
	maincf_free(cf);
}

static const struct strbuf *bytes_of(const void *cf)
{
	return maincf_bytes(cf);
}

static void values(const void *cf, const char *but, struct strbuf *out)
{
	strbuf_reset(out);
	for (size_t i = 0; i < maincf_count(cf); i++) {
		const char *name = maincf_name(cf, i);
		if (strcmp(name, but) != 0)
			strbuf_addf(out, "%s\t%s\n", name, maincf_value(cf, name));
	}
}

static bool edit(void *cf, const char *line, char **key, struct hunk *hunk, bool *changed)
{
	size_t len = strcspn(line, " ");
	struct error error = {0};

	*key = text_dup_len(line, len);
	bool ok = line[len] ? maincf_set(cf, *key, line + len + 1, hunk, changed, &error)
			    : maincf_unset(cf, *key, hunk, changed, &error);
	/* Names come from us, and stand in messages as they are. */
	if (!ok && promises_utf8(line, strlen(line)))
		promise_error(&error);
	return ok;
}

static bool reads(const void *cf, const char *line)
{
	size_t len = strcspn(line, " ");
	char *name = text_dup_len(line, len);
	const char *value = maincf_value(cf, name);

	free(name);
	return line[len] ? value && strcmp(value, line + len + 1) == 0 : !value;
}

static bool unsets(const char *line)
{
	return !strchr(line, ' ');
}

static enum hunk_restore restore(void *cf, const struct hunk *hunk, bool force)
{
	return maincf_restore(cf, hunk, force);
}

static const struct edits_kind kind = {parse, free_cf, bytes_of, values, edit, reads, unsets,
	restore, "somebody_else = 1\n", "somebody_else"};

/* maincf_remove takes every line of the parameter and nothing of another. */
static void remove_each(const char *bytes, size_t len)
{
	struct maincf *cf = maincf_parse("main.cf", bytes, len, NULL);
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;

	while (cf && maincf_count(cf) > 0) {
		char *name = text_dup(maincf_name(cf, maincf_count(cf) / 2));
		values(cf, name, &before);
		PROMISE(maincf_remove(cf, name) && !maincf_value(cf, name), "still there: %s",
			name);
		values(cf, name, &after);
		PROMISE(edits_same(&before, &after), "removing %s changed another", name);
		free(name);
	}
	maincf_free(cf);
	strbuf_free(&before);
	strbuf_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};

	edits_check(&kind, input);
	free(fuzz_line(&input, NULL));
	free(fuzz_line(&input, NULL));
	remove_each(input.bytes, input.len);
	return 0;
}
