#include "interim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/strbuf.h"

struct key {
	const char *bytes; /* in the table: it may be a secret one */
	size_t len;
};

static struct key key_of(const char *line, size_t len)
{
	size_t end = 0;

	while (end < len && !strchr(" \t\r\n", line[end]))
		end++;
	return (struct key){line, end};
}

/* With the lines that continue it. */
static size_t entry_length(const char *bytes, size_t len)
{
	size_t end = 0;

	do {
		const char *newline = memchr(bytes + end, '\n', len - end);
		end = newline ? (size_t)(newline - bytes) + 1 : len;
	} while (end < len && (bytes[end] == ' ' || bytes[end] == '\t'));
	return end;
}

/* Postfix compares them in lower case. */
static int by_key(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order = strncasecmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* A key for each entry, sorted; caller frees. */
static struct key *keys_of(const char *bytes, size_t len, size_t *count)
{
	struct key *keys = mem_calloc(1, sizeof *keys);
	size_t room = 1;

	for (*count = 0; len > 0; ++*count) {
		size_t entry = entry_length(bytes, len);
		if (*count == room)
			keys = mem_realloc_array(keys, room *= 2, sizeof *keys);
		keys[*count] = key_of(bytes, entry);
		bytes += entry;
		len -= entry;
	}
	qsort(keys, *count, sizeof *keys, by_key);
	return keys;
}

/* The next entry of `bytes` that is not among the keys; 0: there is none. *skipped: what is before it. */
static size_t next_missing(
	const char *bytes, size_t len, const struct key *keys, size_t count, size_t *skipped)
{
	*skipped = 0;
	while (*skipped < len) {
		size_t entry = entry_length(bytes + *skipped, len - *skipped);
		struct key key = key_of(bytes + *skipped, entry);
		if (!bsearch(&key, keys, count, sizeof *keys, by_key))
			return entry;
		*skipped += entry;
	}
	return 0;
}

bool interim_is_needed(const char *before, size_t before_len, const char *after, size_t after_len)
{
	size_t count, skipped;
	struct key *keys = keys_of(after, after_len, &count);
	bool needed = next_missing(before, before_len, keys, count, &skipped) > 0;

	free(keys);
	return needed;
}

static size_t add(char *to, size_t at, const char *bytes, size_t len)
{
	if (len == 0)
		return at;
	memcpy(to + at, bytes, len);
	at += len;
	if (to[at - 1] != '\n')
		to[at++] = '\n';
	return at;
}

size_t interim_join(
	char *to, const char *before, size_t before_len, const char *after, size_t after_len)
{
	size_t count, skipped, entry, at = add(to, 0, after, after_len);
	struct key *keys = keys_of(after, after_len, &count);

	while ((entry = next_missing(before, before_len, keys, count, &skipped)) > 0) {
		at = add(to, at, before + skipped, entry);
		before += skipped + entry;
		before_len -= skipped + entry;
	}
	free(keys);
	to[at] = '\0';
	return at;
}
