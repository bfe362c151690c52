#include "mastercf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "entries.h"
#include "logical.h"

/* An entry's value is its fields, one blank between them. */
struct mastercf {
	struct entries entries;
};

#define BLANKS " \t\r\n"

/* Postfix's mystrtokq(3): the next field, white space inside braces being part of it. */
static bool next_field(const char **text, const char **field, size_t *len)
{
	const char *start = *text + strspn(*text, BLANKS);
	const char *end = start;
	int level = 0;

	for (; *end && (level > 0 || !strchr(BLANKS, *end)); end++) {
		if (*end == '{')
			level++;
		else if (*end == '}' && level > 0)
			level--;
	}
	*text = end;
	*field = start;
	*len = (size_t)(end - start);
	return *len > 0;
}

static bool is_one_of(const char *field, const char *const list[])
{
	for (; *list; list++) {
		if (strcmp(field, *list) == 0)
			return true;
	}
	return false;
}

static bool is_number(const char *field, size_t len)
{
	return len > 0 && strspn(field, "0123456789") == len;
}

static bool field_is_valid(enum mastercf_field which, const char *field)
{
	static const char *const types[] = {"unix", "inet", "fifo", "pass", "unix-dgram", NULL};
	static const char *const answers[] = {"y", "n", "-", NULL};
	size_t len = strlen(field);

	switch (which) {
	case MASTERCF_NAME: /* master(8) knows braces only among the arguments */
		return !strpbrk(field, BLANKS);
	case MASTERCF_TYPE:
		return is_one_of(field, types);
	case MASTERCF_PRIVATE:
	case MASTERCF_UNPRIV:
	case MASTERCF_CHROOT:
		return is_one_of(field, answers);
	case MASTERCF_WAKEUP:
		if (len > 1 && field[len - 1] == '?')
			len--;
		return strcmp(field, "-") == 0 || is_number(field, len);
	case MASTERCF_MAXPROC:
		return strcmp(field, "-") == 0 || is_number(field, len);
	case MASTERCF_COMMAND:
		return strcmp(field, "-") != 0;
	default:
		return true;
	}
}

/* An argument that starts with a brace must end with its partner. */
static bool braces_match(const char *field, size_t len)
{
	int level = 0;

	if (len == 0 || field[0] != '{')
		return true;
	for (size_t i = 0; i < len; i++) {
		level += (field[i] == '{') - (field[i] == '}');
		if (level == 0)
			return i == len - 1;
	}
	return false;
}

static bool split_service(const char *text, char **key, char **value, struct strbuf *why)
{
	static const char *const names[] = {"service", "type", "private", "unprivileged", "chroot",
		"wakeup", "process limit", "command"};
	struct strbuf joined = STRBUF_INIT;
	char *first[MASTERCF_COMMAND + 1] = {NULL};
	size_t count = 0, len;
	const char *field;

	while (why->len == 0 && next_field(&text, &field, &len)) {
		if (!braces_match(field, len))
			strbuf_adds(why, "missing '}' or text after it");
		if (count <= MASTERCF_COMMAND) {
			first[count] = text_dup_len(field, len);
			if (!field_is_valid((enum mastercf_field)count, first[count]))
				strbuf_addf(why, "invalid %s field", names[count]);
		}
		if (count++ > 0)
			strbuf_addc(&joined, ' ');
		strbuf_add(&joined, field, len);
	}
	bool whole = first[MASTERCF_TYPE] && first[MASTERCF_PRIVATE] && first[MASTERCF_COMMAND];
	if (why->len == 0 && !whole)
		strbuf_adds(why, "bad field count");
	if (whole && why->len == 0 && strcmp(first[MASTERCF_TYPE], "inet") == 0 &&
		strcmp(first[MASTERCF_PRIVATE], "n") != 0)
		strbuf_adds(why, "inet service cannot be private");
	if (why->len == 0) {
		*key = text_format("%s/%s", first[MASTERCF_NAME], first[MASTERCF_TYPE]);
		*value = strbuf_detach(&joined);
	}
	for (size_t i = 0; i <= MASTERCF_COMMAND; i++)
		free(first[i]);
	strbuf_free(&joined);
	return why->len == 0;
}

struct mastercf *mastercf_parse(
	const char *path, const char *bytes, size_t len, struct error *error)
{
	struct mastercf *cf = mem_calloc(1, sizeof *cf);

	if (entries_load(&cf->entries, split_service, path, bytes, len, error))
		return cf;
	free(cf);
	return NULL;
}

void mastercf_free(struct mastercf *cf)
{
	if (cf)
		entries_free(&cf->entries);
	free(cf);
}

const struct strbuf *mastercf_bytes(const struct mastercf *cf)
{
	return &cf->entries.bytes;
}

size_t mastercf_count(const struct mastercf *cf)
{
	return cf->entries.count;
}

const char *mastercf_key(const struct mastercf *cf, size_t index)
{
	return index < cf->entries.count ? cf->entries.list[index].key : NULL;
}

bool mastercf_has(const struct mastercf *cf, const char *key)
{
	return entries_last(&cf->entries, key) != NULL;
}

bool mastercf_field(
	const struct mastercf *cf, const char *key, enum mastercf_field field, struct strbuf *out)
{
	const struct entry *entry = entries_last(&cf->entries, key);

	assert(field < MASTERCF_FIELDS);
	if (!entry)
		return false;
	const char *text = entry->value, *start = text;
	size_t len = 0;
	for (int i = 0; i <= (int)field; i++)
		(void)next_field(&text, &start, &len);
	if (field == MASTERCF_COMMAND)
		len = strlen(start);
	strbuf_add(out, start, len);
	return true;
}

const char *mastercf_value(const struct mastercf *cf, const char *key)
{
	const struct entry *entry = entries_last(&cf->entries, key);

	return entry ? entry->value : NULL;
}

bool mastercf_set(struct mastercf *cf, const char *key, const char *line, struct hunk *hunk,
	bool *changed, struct error *error)
{
	struct entries wish;
	struct strbuf comments = STRBUF_INIT;

	if (!entries_load(&wish, split_service, "master.cf", line, strlen(line), error)) {
		if (error)
			error->code = ERROR_DATA;
		return false;
	}
	/* What is no text of the service would stay behind when it is taken out again. */
	logical_add_part(&comments, line, strlen(line), LOGICAL_COMMENTS);
	bool fits = wish.count == 1 && comments.len == 0 && strcmp(wish.list[0].key, key) == 0 &&
		    wish.list[0].start == 0 && wish.list[0].end == strlen(line) &&
		    !logical_is_space(line[strlen(line) - 1]);
	if (fits) {
		const struct entry *now = entries_last(&cf->entries, key);
		*changed = !now || !entries_value_equal(now->value, wish.list[0].value);
		if (*changed)
			entries_set(&cf->entries, key, line, hunk);
	} else {
		char shown[200];
		text_clean_into(shown, sizeof shown, line, strlen(line));
		error_set(error, ERROR_DATA,
			_("\"%s\" is not one line of master.cf for the service %s."), shown, key);
	}
	strbuf_free(&comments);
	entries_free(&wish);
	return fits;
}

bool mastercf_unset(struct mastercf *cf, const char *key, struct hunk *hunk)
{
	if (!mastercf_has(cf, key))
		return false;
	entries_unset(&cf->entries, key, hunk);
	return true;
}

enum hunk_restore mastercf_restore(struct mastercf *cf, const struct hunk *hunk, bool force)
{
	return entries_restore(&cf->entries, hunk, force);
}
