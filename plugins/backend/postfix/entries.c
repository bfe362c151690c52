#include "entries.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "logical.h"

/* What is put before a line that is taken out of use; a number follows when it is not unique. */
#define MARK "#relaycon"

static void free_list(struct entry *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].key);
		free(list[i].value);
	}
	free(list);
}

void entries_free(struct entries *entries)
{
	free_list(entries->list, entries->count);
	strbuf_free(&entries->bytes);
	*entries = (struct entries){0};
}

static void cannot_read(struct error *error, const char *path, unsigned line, const char *why,
	const struct strbuf *text)
{
	char shown[200];

	text_clean_into(shown, sizeof shown, text->data, text->len);
	error_set(error, ERROR_CONFIG, _("Postfix cannot use %s, line %u: %s: \"%s\""), path, line,
		why, shown);
	error_advise(error, _("Correct this line of %s and try again; nothing was changed."), path);
}

/* Reads the bytes anew into the list. On failure the old list stays. */
static bool read_list(struct entries *entries, const char *path, struct error *error)
{
	struct entry *list = NULL;
	size_t count = 0, cap = 0;
	struct strbuf text = STRBUF_INIT, why = STRBUF_INIT;
	struct logical_reader reader;
	struct logical_line line;
	bool ok = true;

	strbuf_reset(&text);
	logical_start(&reader, entries->bytes.data, entries->bytes.len);
	while (ok && logical_next(&reader, &line)) {
		if (count == cap) {
			cap = cap ? cap * 2 : 64;
			list = mem_realloc_array(list, cap, sizeof *list);
		}
		struct entry *entry = &list[count];
		*entry = (struct entry){line.start, line.end, NULL, NULL};
		strbuf_reset(&text);
		logical_join(&text, entries->bytes.data + line.start, line.end - line.start);
		ok = entries->split(text.data, &entry->key, &entry->value, &why);
		if (ok)
			count++;
		else
			cannot_read(error, path, line.number, why.data, &text);
	}
	if (ok) {
		free_list(entries->list, entries->count);
		entries->list = list;
		entries->count = count;
	} else {
		free_list(list, count);
	}
	strbuf_free(&text);
	strbuf_free(&why);
	return ok;
}

bool entries_load(struct entries *entries, entry_split *split, const char *path, const char *bytes,
	size_t len, struct error *error)
{
	*entries = (struct entries){.split = split};
	strbuf_add(&entries->bytes, bytes, len);
	if (read_list(entries, path, error))
		return true;
	entries_free(entries);
	return false;
}

const struct entry *entries_last(const struct entries *entries, const char *key)
{
	for (size_t i = entries->count; i > 0; i--) {
		if (strcmp(entries->list[i - 1].key, key) == 0)
			return &entries->list[i - 1];
	}
	return NULL;
}

bool entries_splice(
	struct entries *entries, size_t start, size_t end, const void *bytes, size_t len)
{
	struct strbuf old = entries->bytes;

	entries->bytes = (struct strbuf)STRBUF_INIT;
	strbuf_add(&entries->bytes, old.data, start);
	strbuf_add(&entries->bytes, bytes, len);
	strbuf_add(&entries->bytes, old.data + end, old.len - end);
	if (read_list(entries, "", NULL)) {
		strbuf_free(&old);
		return true;
	}
	strbuf_free(&entries->bytes);
	entries->bytes = old;
	return false;
}

/* For our own edits, whose result is readable by construction. */
static void splice(struct entries *entries, size_t start, size_t end, const struct strbuf *bytes)
{
	bool ok = entries_splice(entries, start, end, bytes->data, bytes->len);

	assert(ok);
	(void)ok;
}

/* One entry at the end, in whole lines after whole lines: the list grows by it, and nothing is read
 * again. Hundreds of services come one after the other. */
static void add_at_end(struct entries *entries, const struct strbuf *lines)
{
	struct entries added;
	size_t start = entries->bytes.len;
	bool ok = entries_load(&added, entries->split, "", lines->data, lines->len, NULL);

	assert(ok && added.count == 1);
	(void)ok;
	strbuf_add(&entries->bytes, lines->data, lines->len);
	entries->list = mem_realloc_array(entries->list, entries->count + 1, sizeof *entries->list);
	struct entry *entry = &entries->list[entries->count++];
	*entry = added.list[0];
	entry->start += start;
	entry->end += start;
	added.count = 0;
	entries_free(&added);
}

/* The text with each "\n" as this file writes it. */
static void add_lines(struct strbuf *out, const char *text, const char *eol)
{
	for (; *text; text++) {
		if (*text == '\n')
			strbuf_adds(out, eol);
		else
			strbuf_addc(out, *text);
	}
}

static void keep(struct hunk *hunk, const char *key, bool existed, bool newline_added,
	const struct strbuf *before, const struct strbuf *after)
{
	if (!hunk)
		return;
	*hunk = (struct hunk){text_dup(key), existed, STRBUF_INIT, STRBUF_INIT, newline_added};
	strbuf_add(&hunk->before, before->data, before->len);
	strbuf_add(&hunk->after, after->data, after->len);
}

static void append(struct entries *entries, const char *key, const char *text, struct hunk *hunk)
{
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT, added = STRBUF_INIT;
	size_t len = entries->bytes.len;
	const char *eol = entries->newline_added ? entries->newline_added
						 : logical_eol_style(entries->bytes.data, len);

	if (len > 0 && entries->bytes.data[len - 1] != '\n') {
		entries->newline_added = eol;
		strbuf_adds(&added, eol);
	}
	strbuf_reset(&before);
	add_lines(&after, text, eol);
	strbuf_adds(&after, eol);
	strbuf_add(&added, after.data, after.len);
	if (len > 0 && entries->bytes.data[len - 1] == '\n')
		add_at_end(entries, &after);
	else
		splice(entries, len, len, &added);
	keep(hunk, key, false, entries->newline_added != NULL, &before, &after);
	strbuf_free(&before);
	strbuf_free(&after);
	strbuf_free(&added);
}

static bool same_tail(const struct strbuf *a, const struct strbuf *b)
{
	size_t len = logical_tail(a->data, a->len);

	return len == logical_tail(b->data, b->len) &&
	       memcmp(a->data + a->len - len, b->data + b->len - len, len) == 0;
}

void entries_set(struct entries *entries, const char *key, const char *text, struct hunk *hunk)
{
	const struct entry *entry = entries_last(entries, key);

	if (!entry) {
		append(entries, key, text, hunk);
		return;
	}

	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT, comments = STRBUF_INIT;
	size_t start = entry->start, end = entry->end;

	strbuf_add(&before, entries->bytes.data + start, end - start);
	const struct strbuf *like =
		memchr(before.data, '\n', before.len) ? &before : &entries->bytes;
	const char *eol = logical_eol_style(like->data, like->len);
	strbuf_reset(&comments);
	logical_add_part(&comments, before.data, before.len, LOGICAL_COMMENTS);
	/* What takes the old line's place ends as that did. Comments that end in another way (always, where
	 * the file ends without newline) keep their end, and so come before our line. */
	bool ours_first = comments.len > 0 && same_tail(&comments, &before);
	if (ours_first) {
		add_lines(&after, text, eol);
		strbuf_adds(&after, eol);
		strbuf_add(&after, comments.data, comments.len);
	} else {
		size_t tail = logical_tail(before.data, before.len);
		strbuf_add(&after, comments.data, comments.len);
		add_lines(&after, text, eol);
		strbuf_add(&after, before.data + before.len - tail, tail);
	}
	splice(entries, start, end, &after);
	keep(hunk, key, true, false, &before, &after);
	strbuf_free(&before);
	strbuf_free(&after);
	strbuf_free(&comments);
}

void entries_unset(struct entries *entries, const char *key, struct hunk *hunk)
{
	struct strbuf mark = STRBUF_INIT, before = STRBUF_INIT, after = STRBUF_INIT;
	struct strbuf all = STRBUF_INIT;
	size_t at = 0;

	/* Commented-out lines of an earlier time must not be taken for these. */
	for (unsigned n = 1;
		n == 1 || memmem(entries->bytes.data, entries->bytes.len, mark.data, mark.len);
		n++) {
		strbuf_reset(&mark);
		strbuf_adds(&mark, MARK);
		if (n > 1)
			strbuf_addf(&mark, "%u", n);
		strbuf_addf(&mark, ": %s", key);
	}
	strbuf_splice(&mark, mark.len - strlen(key), mark.len, NULL, 0);

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->list[i];
		const char *span = entries->bytes.data + entry->start;

		if (strcmp(entry->key, key) != 0)
			continue;
		strbuf_add(&all, entries->bytes.data + at, entry->start - at);
		strbuf_add(&before, span, entry->end - entry->start);
		logical_comment_out(&after, span, entry->end - entry->start, mark.data);
		logical_comment_out(&all, span, entry->end - entry->start, mark.data);
		at = entry->end;
	}
	strbuf_add(&all, entries->bytes.data + at, entries->bytes.len - at);
	splice(entries, 0, entries->bytes.len, &all);
	keep(hunk, key, true, false, &before, &after);
	strbuf_free(&mark);
	strbuf_free(&before);
	strbuf_free(&after);
	strbuf_free(&all);
}

void entries_remove(struct entries *entries, const char *key)
{
	const struct entry *entry;

	while ((entry = entries_last(entries, key))) {
		struct strbuf left = STRBUF_INIT;

		strbuf_reset(&left);
		logical_add_part(&left, entries->bytes.data + entry->start,
			entry->end - entry->start, LOGICAL_COMMENTS);
		splice(entries, entry->start, entry->end, &left);
		strbuf_free(&left);
	}
}

static size_t fold_space(const char **text)
{
	size_t len = strspn(*text, " \t\r\n");

	*text += len;
	return len;
}

bool entries_value_equal(const char *a, const char *b)
{
	fold_space(&a);
	fold_space(&b);
	for (;;) {
		bool space_a = fold_space(&a) > 0, space_b = fold_space(&b) > 0;

		if (!*a || !*b)
			return *a == *b;
		if (space_a != space_b || *a != *b)
			return false;
		a++;
		b++;
	}
}
