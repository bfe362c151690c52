#include "lines.h"

#include <stdlib.h>
#include <string.h>

struct line {
	const char *bytes;
	size_t len;
	size_t entry; /* which entry it is text of, from 1; 0: somebody else's */
};

struct lines {
	struct line *list;
	size_t count;
	char **keys; /* of entry 1, 2, ... */
	size_t entries;
	size_t last; /* the last entry of the key that was asked for; 0: there is none */
};

static const char spaces[] = " \t\n\v\f\r";

static bool is_space(char c)
{
	return c && strchr(spaces, c);
}

/* "name", or "service/type"; what comes before the first NUL counts. */
static char *key_of(enum lines_kind kind, const char *text)
{
	if (kind == LINES_MAIN)
		return text_dup_len(text, strcspn(text, " \t\n\v\f\r="));
	size_t service = strcspn(text, " \t\r\n");
	const char *type = text + service + strspn(text + service, " \t\r\n");
	return text_format("%.*s/%.*s", (int)service, text, (int)strcspn(type, " \t\r\n"), type);
}

static void read_lines(
	struct lines *lines, enum lines_kind kind, const struct strbuf *bytes, const char *key)
{
	size_t cap = 1;
	bool ignoring = true; /* what continues an indented line is ignored with it */
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < bytes->len; i++)
		cap += bytes->data[i] == '\n';
	*lines = (struct lines){.list = mem_calloc(cap, sizeof *lines->list)};
	lines->keys = mem_calloc(cap, sizeof *lines->keys);
	for (size_t at = 0; at < bytes->len;) {
		struct line *line = &lines->list[lines->count++];
		const char *start = bytes->data + at;
		const char *newline = memchr(start, '\n', bytes->len - at);
		size_t first = 0;

		*line = (struct line){
			start, newline ? (size_t)(newline - start) + 1 : bytes->len - at, 0};
		at += line->len;
		while (first < line->len && is_space(start[first]))
			first++;
		if (first == line->len || start[first] == '#')
			continue;
		if (first == 0) {
			ignoring = false;
			lines->entries++;
		}
		line->entry = ignoring ? 0 : lines->entries;
	}
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->list[i];
		if (!line->entry)
			continue;
		if (i == 0 || !lines->keys[line->entry - 1])
			strbuf_reset(&text);
		strbuf_add(&text, line->bytes, line->len - (line->bytes[line->len - 1] == '\n'));
		free(lines->keys[line->entry - 1]);
		lines->keys[line->entry - 1] = key_of(kind, text.data);
	}
	strbuf_free(&text);
	for (size_t i = 0; i < lines->entries; i++) {
		if (strcmp(lines->keys[i], key) == 0)
			lines->last = i + 1;
	}
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->entries; i++)
		free(lines->keys[i]);
	free(lines->keys);
	free(lines->list);
}

/* --- walking over the bytes after the edit -------------------------------------------------------- */

struct walk {
	const char *at, *end;
};

static bool step(struct walk *walk, const char *bytes, size_t len)
{
	if ((size_t)(walk->end - walk->at) < len || memcmp(walk->at, bytes, len) != 0)
		return false;
	walk->at += len;
	return true;
}

static bool step_newline(struct walk *walk)
{
	const char *at = walk->at;

	while (at < walk->end && *at == '\r')
		at++;
	if (at == walk->end || *at != '\n')
		return false;
	walk->at = at + 1;
	return true;
}

/* Our own text; its newlines may be written as CR LF. */
static bool step_own(struct walk *walk, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n' ? !step_newline(walk) : !step(walk, text, 1))
			return false;
	}
	return true;
}

static bool at_end(const struct walk *walk)
{
	return walk->at == walk->end;
}

static bool step_to_end(struct walk *walk)
{
	while (walk->at < walk->end && *walk->at == '\r')
		walk->at++;
	return at_end(walk);
}

static bool refuse(struct strbuf *why, const char *edit, const char *key, const char *what)
{
	strbuf_addf(why, "%s %s: %s", edit, key, what);
	return false;
}

/* --- the edits ------------------------------------------------------------------------------------ */

static bool check_append(struct walk walk, const struct strbuf *before, const char *key,
	const char *text, struct strbuf *why)
{
	if (!step(&walk, before->data, before->len))
		return refuse(why, "append", key, "what stood there before has changed");
	if (before->len > 0 && before->data[before->len - 1] != '\n' && !step_newline(&walk))
		return refuse(why, "append", key, "the last line was not ended first");
	if (!step_own(&walk, text) || !step_newline(&walk) || !at_end(&walk))
		return refuse(why, "append", key, "the text is not there");
	return true;
}

/* The text stands for the old one's first line of text, or for its last, and ends as its last did. */
static bool step_replaced(
	const struct lines *lines, struct walk walk, const char *text, bool at_first)
{
	size_t place = lines->count, last = 0;

	for (size_t i = 0; i < lines->count; i++) {
		if (lines->list[i].entry != lines->last)
			continue;
		last = i;
		if (place == lines->count || !at_first)
			place = i;
	}
	bool open_end = lines->list[last].bytes[lines->list[last].len - 1] != '\n';
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->list[i];

		if (line->entry != lines->last && !step(&walk, line->bytes, line->len))
			return false;
		if (i == place && (!step_own(&walk, text) ||
					  !(open_end ? step_to_end(&walk) : step_newline(&walk))))
			return false;
	}
	return at_end(&walk);
}

static bool check_replace(const struct lines *lines, struct walk walk, const char *key,
	const char *text, struct strbuf *why)
{
	return step_replaced(lines, walk, text, true) || step_replaced(lines, walk, text, false) ||
	       refuse(why, "set", key,
		       "the text is not there, or a byte of another line has changed");
}

bool lines_check_set(enum lines_kind kind, const struct strbuf *before, const struct strbuf *after,
	const char *key, const char *text, struct strbuf *why)
{
	struct walk walk = {after->data, after->data + after->len};
	struct lines lines;

	read_lines(&lines, kind, before, key);
	bool ok = lines.last ? check_replace(&lines, walk, key, text, why)
			     : check_append(walk, before, key, text, why);
	free_lines(&lines);
	return ok;
}

static bool is_of(const struct lines *lines, const struct line *line, const char *key)
{
	return line->entry && strcmp(lines->keys[line->entry - 1], key) == 0;
}

static bool step_mark(struct walk *walk)
{
	if (!step(walk, "#relaycon", 9))
		return false;
	while (walk->at < walk->end && *walk->at >= '0' && *walk->at <= '9')
		walk->at++;
	return step(walk, ": ", 2);
}

bool lines_check_unset(enum lines_kind kind, const struct strbuf *before,
	const struct strbuf *after, const char *key, struct strbuf *why)
{
	struct walk walk = {after->data, after->data + after->len};
	struct lines lines;
	bool ok = true;

	read_lines(&lines, kind, before, key);
	for (size_t i = 0; ok && i < lines.count; i++) {
		const struct line *line = &lines.list[i];
		if (is_of(&lines, line, key) && !step_mark(&walk))
			ok = refuse(why, "unset", key, "a line is not commented out");
		else if (!step(&walk, line->bytes, line->len))
			ok = refuse(why, "unset", key, "a byte of a line has changed");
	}
	if (ok && !at_end(&walk))
		ok = refuse(why, "unset", key, "there is more than was there before");
	free_lines(&lines);
	return ok;
}

bool lines_check_remove(enum lines_kind kind, const struct strbuf *before,
	const struct strbuf *after, const char *key, struct strbuf *why)
{
	struct walk walk = {after->data, after->data + after->len};
	struct lines lines;
	bool ok = true;

	read_lines(&lines, kind, before, key);
	for (size_t i = 0; ok && i < lines.count; i++) {
		const struct line *line = &lines.list[i];
		if (!is_of(&lines, line, key) && !step(&walk, line->bytes, line->len))
			ok = refuse(why, "remove", key, "a byte of another line has changed");
	}
	if (ok && !at_end(&walk))
		ok = refuse(why, "remove", key, "it is not gone, or there is more than before");
	free_lines(&lines);
	return ok;
}
