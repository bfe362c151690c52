/*
 * restore.c: entries_restore, the way back from an edit (hunk.h).
 *
 * What stands in the file now is compared with what we wrote. How the last line of it ends is left
 * out of the comparison and stays as it is: a line that was the file's last one may have been given
 * a newline, or have lost it, since.
 */
#include "entries.h"

#include <stdlib.h>
#include <string.h>

#include "logical.h"

/* Bytes without the end of their last line (logical_tail). */
struct piece {
	const char *bytes;
	size_t len;
};

static struct piece piece_of(const char *bytes, size_t len)
{
	return (struct piece){bytes, len - logical_tail(bytes, len)};
}

static bool stands_at(const struct entries *entries, size_t start, struct piece piece)
{
	const struct strbuf *bytes = &entries->bytes;

	if (piece.len > bytes->len - start ||
		memcmp(bytes->data + start, piece.bytes, piece.len) != 0)
		return false;
	size_t end = start + piece.len;
	while (end < bytes->len && bytes->data[end] == '\r')
		end++;
	return end == bytes->len || bytes->data[end] == '\n';
}

/* Whole lines that read exactly like the piece, from the start of a line. */
static bool find_piece(const struct entries *entries, struct piece piece, size_t *at)
{
	const struct strbuf *bytes = &entries->bytes;

	for (size_t start = 0; start < bytes->len;) {
		if (stands_at(entries, start, piece)) {
			*at = start;
			return true;
		}
		const char *newline = memchr(bytes->data + start, '\n', bytes->len - start);
		start = newline ? (size_t)(newline - bytes->data) + 1 : bytes->len;
	}
	return false;
}

static bool put_back(struct entries *entries, size_t start, size_t len, struct piece piece)
{
	return entries_splice(entries, start, start + len, piece.bytes, piece.len);
}

/* Deletes one entry that we appended; comments that someone wrote inside it stay. At the end of the
 * file the newline of `newline` bytes that we had to add before it goes as well. */
static void delete_entry(struct entries *entries, const struct entry *entry, size_t newline)
{
	struct strbuf left = STRBUF_INIT;
	size_t start = entry->start, end = entry->end;

	strbuf_reset(&left);
	logical_add_part(&left, entries->bytes.data + start, end - start, LOGICAL_COMMENTS);
	if (end == entries->bytes.len && left.len == 0 &&
		newline <= logical_eol(entries->bytes.data, start))
		start -= newline;
	(void)entries_splice(entries, start, end, left.data, left.len);
	strbuf_free(&left);
}

/* Deletes every entry of the key whose value is `value` (any value where it is NULL). */
static void delete_entries(struct entries *entries, const struct hunk *hunk, const char *value)
{
	size_t newline = hunk->newline_added ? logical_eol(hunk->after.data, hunk->after.len) : 0;

	for (size_t i = entries->count; i > 0; i--) {
		const struct entry *entry = &entries->list[i - 1];

		if (strcmp(entry->key, hunk->key) != 0 ||
			(value && !entries_value_equal(entry->value, value)))
			continue;
		delete_entry(entries, entry, newline);
	}
}

/* Our line, with the comments before it in hunk->after as well: where does that begin? */
static size_t start_of_ours(
	const struct entries *entries, const struct entry *entry, const struct hunk *hunk)
{
	struct logical_reader reader;
	struct logical_line line;

	logical_start(&reader, hunk->after.data, hunk->after.len);
	if (!logical_next(&reader, &line) || line.start > entry->start ||
		memcmp(entries->bytes.data + entry->start - line.start, hunk->after.data,
			line.start) != 0)
		return entry->start;
	return entry->start - line.start;
}

/* The line replaced in place: exactly where our bytes stand; where only the value is ours still
 * (someone wrote it another way) the comments that the old line held are in the file already. */
static bool replace_entry(
	struct entries *entries, const struct entry *entry, const struct hunk *hunk)
{
	struct piece after = piece_of(hunk->after.data, hunk->after.len);
	struct piece before = piece_of(hunk->before.data, hunk->before.len);
	size_t start = start_of_ours(entries, entry, hunk);
	size_t end = entry->end - logical_tail(entries->bytes.data, entry->end);

	if (stands_at(entries, start, after) && start + after.len >= end)
		return put_back(entries, start, after.len, before);

	struct strbuf text = STRBUF_INIT;
	strbuf_reset(&text);
	logical_add_part(&text, before.bytes, before.len, LOGICAL_TEXT);
	bool ok =
		put_back(entries, entry->start, end - entry->start, piece_of(text.data, text.len));
	strbuf_free(&text);
	return ok;
}

static void append_piece(struct entries *entries, struct piece piece)
{
	struct strbuf bytes = STRBUF_INIT;
	size_t len = entries->bytes.len;
	const char *eol = logical_eol_style(entries->bytes.data, len);

	strbuf_reset(&bytes);
	if (len > 0 && entries->bytes.data[len - 1] != '\n')
		strbuf_adds(&bytes, eol);
	strbuf_add(&bytes, piece.bytes, piece.len);
	strbuf_adds(&bytes, eol);
	(void)entries_splice(entries, len, len, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

/* Forced, and the value is not ours any more. The entry that holds our bytes, where there is one,
 * shows the place, and what was put after it to overrule it goes. */
static void force_set(struct entries *entries, const struct hunk *hunk)
{
	struct piece before = piece_of(hunk->before.data, hunk->before.len);
	struct piece after = piece_of(hunk->after.data, hunk->after.len);
	size_t ours = entries->count;

	for (size_t i = entries->count; i > 0 && ours == entries->count; i--) {
		const struct entry *entry = &entries->list[i - 1];
		if (strcmp(entry->key, hunk->key) == 0 &&
			stands_at(entries, start_of_ours(entries, entry, hunk), after))
			ours = i - 1;
	}
	for (size_t i = entries->count; ours < entries->count && i > ours + 1; i--) {
		if (strcmp(entries->list[i - 1].key, hunk->key) == 0)
			delete_entry(entries, &entries->list[i - 1], 0);
	}
	const struct entry *entry = entries_last(entries, hunk->key);
	if (entry)
		(void)replace_entry(entries, entry, hunk);
	else
		append_piece(entries, before);
}

static enum hunk_restore restore_set(struct entries *entries, const struct hunk *hunk,
	const char *ours, const char *original, bool force)
{
	const struct entry *now = entries_last(entries, hunk->key);
	bool is_ours = now && entries_value_equal(now->value, ours);

	if (!is_ours && (now ? original && entries_value_equal(now->value, original) : !original))
		return HUNK_UNCHANGED;
	if (!is_ours && !force)
		return HUNK_CHANGED;

	if (!original)
		delete_entries(entries, hunk, force ? NULL : ours);
	else if (!is_ours)
		force_set(entries, hunk);
	else if (!replace_entry(entries, now, hunk))
		return HUNK_CHANGED;
	return HUNK_RESTORED;
}

/* Puts every commented-out line back that is still found. Was the effective one, the last, there? */
static bool uncomment(struct entries *entries, const struct hunk *hunk, const struct entries *old,
	const char *mark)
{
	bool found = false;

	for (size_t i = 0; i < old->count; i++) {
		const struct entry *line = &old->list[i];
		const char *bytes = hunk->before.data + line->start;
		struct piece before = piece_of(bytes, line->end - line->start);
		struct strbuf commented = STRBUF_INIT;
		size_t at;

		logical_comment_out(&commented, before.bytes, before.len, mark);
		found = find_piece(entries, (struct piece){commented.data, commented.len}, &at) &&
			put_back(entries, at, commented.len, before);
		strbuf_free(&commented);
	}
	return found;
}

static enum hunk_restore restore_unset(
	struct entries *entries, const struct hunk *hunk, const struct entries *old, bool force)
{
	const struct entry *now = entries_last(entries, hunk->key);
	const struct entry *last = &old->list[old->count - 1];
	const char *colon = strstr(hunk->after.data, ": ");

	if (!colon)
		return HUNK_CHANGED;
	if (now && entries_value_equal(now->value, last->value))
		return HUNK_UNCHANGED;
	if (now && !force)
		return HUNK_CHANGED;
	if (now)
		entries_remove(entries, hunk->key);

	char *mark = text_dup_len(hunk->after.data, (size_t)(colon - hunk->after.data) + 2);
	bool found = uncomment(entries, hunk, old, mark);
	free(mark);
	if (!found && force)
		append_piece(entries,
			piece_of(hunk->before.data + last->start, last->end - last->start));
	return found || force ? HUNK_RESTORED : HUNK_CHANGED;
}

/* Are these bytes logical lines of this key and nothing else? */
static bool load_part(struct entries *part, const struct entries *entries, const char *key,
	const struct strbuf *bytes)
{
	if (!entries_load(part, entries->split, "", bytes->data, bytes->len, NULL))
		return false;
	for (size_t i = 0; i < part->count; i++) {
		if (strcmp(part->list[i].key, key) != 0)
			return false;
	}
	return true;
}

enum hunk_restore entries_restore(struct entries *entries, const struct hunk *hunk, bool force)
{
	struct entries before = {0}, after = {0};
	enum hunk_restore result = HUNK_CHANGED;

	/* A hunk that was damaged where it was kept must not get into the file. */
	if (!load_part(&before, entries, hunk->key, &hunk->before) ||
		!load_part(&after, entries, hunk->key, &hunk->after) ||
		hunk->existed != (before.count > 0))
		goto out;
	if (after.count == 0 && before.count > 0 && hunk->after.len > 0)
		result = restore_unset(entries, hunk, &before, force);
	else if (after.count == 1 && before.count <= 1)
		result = restore_set(entries, hunk, after.list[0].value,
			before.count ? before.list[0].value : NULL, force);
out:
	entries_free(&before);
	entries_free(&after);
	return result;
}
