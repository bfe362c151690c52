/*
 * edits.h: the promises of maincf.h and mastercf.h, checked alike for both files.
 *
 *   read      every byte is kept; refused files come with an error
 *   edit      reads back as asked; every other key keeps its value; every byte outside of the span
 *             stays; doing it again changes nothing
 *   restore   from the file read anew, in either order: the very bytes; twice changes nothing; what
 *             somebody else wrote ahead stays, with force as without
 */
#ifndef FUZZ_EDITS_H
#define FUZZ_EDITS_H

#include "postfix/hunk.h"
#include "promises.h"

/* One of the two files, as functions on an untyped pointer. */
struct edits_kind {
	void *(*parse)(const char *bytes, size_t len, struct error *error);
	void (*free)(void *cf);
	const struct strbuf *(*bytes)(const void *cf);
	/* Values of all keys, one "key<TAB>value" a line in the order of first appearance; NUL for a
	 * newline cannot happen. Keys for which `but` says so are left out. */
	void (*values)(const void *cf, const char *but, struct strbuf *out);
	/* Applies one line of the input; *key (caller frees) is whom it is about. False: not an edit that
	 * the file takes. */
	bool (*edit)(void *cf, const char *line, char **key, struct hunk *hunk, bool *changed);
	/* Does the key read as the line wants it? */
	bool (*reads)(const void *cf, const char *line);
	bool (*unsets)(const char *line);
	enum hunk_restore (*restore)(void *cf, const struct hunk *hunk, bool force);
	const char *ahead; /* a line that somebody else may write, and its key */
	const char *ahead_key;
};

static inline bool edits_same(const struct strbuf *a, const struct strbuf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static inline void edits_copy(struct strbuf *to, const struct strbuf *from)
{
	strbuf_reset(to);
	strbuf_add(to, from->data, from->len);
}

static inline void *edits_again(const struct edits_kind *kind, const struct strbuf *bytes)
{
	void *cf = kind->parse(bytes->data, bytes->len, NULL);

	PROMISE(cf, "what was written cannot be read");
	return cf;
}

/* Only the hunk's span differs (set: one span; unset: the file only grew). */
static inline void edits_promise_span(
	const struct strbuf *old, const struct strbuf *new, const struct hunk *hunk, bool unset)
{
	size_t head = 0, tail = 0;
	size_t least = old->len < new->len ? old->len : new->len;

	while (head < least && old->data[head] == new->data[head])
		head++;
	while (tail < least && old->data[old->len - 1 - tail] == new->data[new->len - 1 - tail])
		tail++;
	if (unset)
		PROMISE(new->len >= old->len, "commenting out lost bytes");
	else if (!hunk->existed)
		PROMISE(head == old->len, "appending changed what stood there");
	else
		PROMISE(head + tail >= old->len - hunk->before.len,
			"bytes outside the span changed");
}

static inline bool edits_apply(const struct edits_kind *kind, void *cf, const char *line,
	const char *not_key, struct hunk *hunk)
{
	struct strbuf old = STRBUF_INIT, before = STRBUF_INIT, after = STRBUF_INIT;
	struct hunk none = {0};
	char *key = NULL;
	bool changed = false;

	edits_copy(&old, kind->bytes(cf));
	if (not_key) {
		/* A second edit of the same key belongs to the same hunk; baseline.h merges them. */
		void *trial = edits_again(kind, &old);
		(void)kind->edit(trial, line, &key, &none, &changed);
		bool same = key && strcmp(key, not_key) == 0;
		hunk_free(&none);
		kind->free(trial);
		free(key);
		key = NULL;
		changed = false;
		if (same)
			goto out;
	}
	bool taken = kind->edit(cf, line, &key, hunk, &changed);
	if (!taken || !changed) {
		PROMISE(edits_same(&old, kind->bytes(cf)), "changed without saying so");
		changed = false;
		goto out;
	}
	void *was = edits_again(kind, &old);
	void *again = edits_again(kind, kind->bytes(cf));
	kind->values(was, key, &before);
	kind->values(again, key, &after);
	PROMISE(edits_same(&before, &after), "another value changed:\n%s\n%s", before.data,
		after.data);
	PROMISE(kind->reads(cf, line) && kind->reads(again, line), "reads otherwise: %s", line);
	edits_promise_span(&old, kind->bytes(cf), hunk, kind->unsets(line));
	char *same_key = NULL;
	bool changes_again = true;
	PROMISE(kind->edit(again, line, &same_key, &none, &changes_again) && !changes_again,
		"the second time changes something: %s", line);
	free(same_key);
	kind->free(was);
	kind->free(again);
out:
	free(key);
	strbuf_free(&old);
	strbuf_free(&before);
	strbuf_free(&after);
	return changed;
}

static inline void edits_promise_restore(const struct edits_kind *kind, const struct strbuf *edited,
	const struct strbuf *original, const struct hunk *first, const struct hunk *second,
	bool ahead, bool force)
{
	struct strbuf now = STRBUF_INIT, want = STRBUF_INIT;
	const struct hunk *order[] = {first, second};

	strbuf_reset(&now);
	strbuf_reset(&want);
	if (ahead) {
		strbuf_adds(&now, kind->ahead);
		strbuf_adds(&want, kind->ahead);
	}
	strbuf_add(&now, edited->data, edited->len);
	strbuf_add(&want, original->data, original->len);
	void *cf = kind->parse(now.data, now.len, NULL);
	/* An indented line at the top, ignored until now, continues theirs. */
	PROMISE(cf || ahead, "what was written cannot be read");
	for (size_t i = 0; cf && i < 2; i++) {
		if (!order[i])
			continue;
		enum hunk_restore result = kind->restore(cf, order[i], force);
		PROMISE(result == HUNK_RESTORED, "restoring %s gives %d", order[i]->key,
			(int)result);
	}
	PROMISE(!cf || edits_same(kind->bytes(cf), &want), "restored otherwise: \"%s\", not \"%s\"",
		kind->bytes(cf)->data, want.data);
	for (size_t i = 0; cf && i < 2; i++)
		PROMISE(!order[i] || kind->restore(cf, order[i], false) == HUNK_UNCHANGED,
			"restored twice");
	kind->free(cf);
	strbuf_free(&now);
	strbuf_free(&want);
}

static inline void edits_check(const struct edits_kind *kind, struct fuzz_input input)
{
	char *lines[2] = {fuzz_line(&input, NULL), fuzz_line(&input, NULL)};
	struct strbuf original = STRBUF_INIT;
	struct error error = {0};
	struct hunk hunks[2] = {{0}};
	char *key = NULL;

	strbuf_reset(&original);
	strbuf_add(&original, input.bytes, input.len);
	void *cf = kind->parse(original.data, original.len, &error);
	if (!cf) {
		promise_error(&error);
		goto out;
	}
	PROMISE(edits_same(kind->bytes(cf), &original), "reading changed the bytes");
	const struct hunk *first = NULL, *second = NULL;
	if (edits_apply(kind, cf, lines[0], NULL, &hunks[0])) {
		first = &hunks[0];
		key = text_dup(first->key);
	}
	if (edits_apply(kind, cf, lines[1], key, &hunks[1]))
		second = &hunks[1];
	for (int force = 0; force < 2; force++) {
		for (int ahead = 0; ahead < 2; ahead++) {
			if (ahead && ((first && !strcmp(first->key, kind->ahead_key)) ||
					     (second && !strcmp(second->key, kind->ahead_key))))
				continue;
			edits_promise_restore(
				kind, kind->bytes(cf), &original, first, second, ahead, force);
			edits_promise_restore(
				kind, kind->bytes(cf), &original, second, first, ahead, force);
		}
	}
	kind->free(cf);
out:
	for (size_t i = 0; i < 2; i++) {
		hunk_free(&hunks[i]);
		free(lines[i]);
	}
	free(key);
	strbuf_free(&original);
}

#endif
