/*
 * fuzz_mastercf.c: master.cf, attacked in the promises of edits.h and of mastercf.h.
 *
 * Input: two lines of edits, then the file. A line of master.cf sets its service ('|' stands for a
 * newline), "name/type" alone unsets it.
 */
#include "edits.h"
#include "postfix/logical.h"
#include "postfix/mastercf.h"

static void *parse(const char *bytes, size_t len, struct error *error)
{
	return mastercf_parse("master.cf", bytes, len, error);
}

static void free_cf(void *cf)
{
	mastercf_free(cf);
}

static const struct strbuf *bytes_of(const void *cf)
{
	return mastercf_bytes(cf);
}

static const char blanks[] = " \t\r\n";

/* "name/type" of a line of master.cf. */
static char *key_of(const char *line)
{
	const char *name = line + strspn(line, blanks);
	size_t name_len = strcspn(name, blanks);
	const char *type = name + name_len + strspn(name + name_len, blanks);

	return text_format("%.*s/%.*s", (int)name_len, name, (int)strcspn(type, blanks), type);
}

/* A brace within a field that is never closed holds the CR with which a line is ended where the file
 * ends its lines so. */
static void trim_return(struct strbuf *text)
{
	while (text->len > 0 && text->data[text->len - 1] == '\r')
		strbuf_splice(text, text->len - 1, text->len, NULL, 0);
}

static void values(const void *cf, const char *but, struct strbuf *out)
{
	const struct strbuf *bytes = mastercf_bytes(cf);
	struct logical_reader reader;
	struct logical_line line;
	struct strbuf text = STRBUF_INIT;

	strbuf_reset(out);
	logical_start(&reader, bytes->data, bytes->len);
	while (logical_next(&reader, &line)) {
		strbuf_reset(&text);
		logical_join(&text, bytes->data + line.start, line.end - line.start);
		char *key = key_of(text.data);
		if (strcmp(key, but) != 0) {
			strbuf_addf(out, "%s", key);
			for (int i = 0; mastercf_has(cf, key) && i < MASTERCF_FIELDS; i++) {
				strbuf_addc(out, '\t');
				PROMISE(mastercf_field(cf, key, (enum mastercf_field)i, out),
					"no field of %s", key);
			}
			trim_return(out);
			strbuf_addc(out, '\n');
		}
		free(key);
	}
	strbuf_free(&text);
}

static bool unsets(const char *line)
{
	return !strpbrk(line, blanks);
}

static char *service(const char *line)
{
	char *text = text_dup(line);

	for (char *at = text; *at; at++)
		if (*at == '|')
			*at = '\n';
	return text;
}

static bool edit(void *cf, const char *line, char **key, struct hunk *hunk, bool *changed)
{
	struct error error = {0};

	if (unsets(line)) {
		*key = text_dup(line);
		*changed = mastercf_unset(cf, *key, hunk);
		return true;
	}
	char *text = service(line);
	*key = key_of(text);
	bool ok = mastercf_set(cf, *key, text, hunk, changed, &error);
	/* Names come from us, and stand in messages as they are. */
	if (!ok && promises_utf8(line, strlen(line)))
		promise_error(&error);
	free(text);
	return ok;
}

/* Every field as it stands in the line. */
static bool reads(const void *cf, const char *line)
{
	struct strbuf command = STRBUF_INIT;
	char *text = service(line), *key = key_of(text);
	bool as_asked = !mastercf_has(cf, line);

	if (!unsets(line)) {
		struct mastercf *alone = mastercf_parse("line", text, strlen(text), NULL);
		struct strbuf want = STRBUF_INIT;
		as_asked = alone && mastercf_field(cf, key, MASTERCF_COMMAND, &command) &&
			   mastercf_field(alone, key, MASTERCF_COMMAND, &want);
		trim_return(&command);
		trim_return(&want);
		as_asked = as_asked && edits_same(&command, &want);
		strbuf_free(&want);
		mastercf_free(alone);
	}
	strbuf_free(&command);
	free(text);
	free(key);
	return as_asked;
}

static enum hunk_restore restore(void *cf, const struct hunk *hunk, bool force)
{
	return mastercf_restore(cf, hunk, force);
}

static const struct edits_kind kind = {parse, free_cf, bytes_of, values, edit, reads, unsets,
	restore, "somebody-else unix - - y - - smtp\n", "somebody-else/unix"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	edits_check(&kind, (struct fuzz_input){(const char *)data, size});
	return 0;
}
