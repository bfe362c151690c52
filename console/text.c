#include "text.h"

#include <ctype.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* Without any more of it: stdio may want some. */
static _Noreturn void exhausted(void)
{
	static const char words[] = "relaycon: out of memory\n";

	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		(void)0;
	_exit(EX_OSERR);
}

void *mem_zero(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		exhausted();
	return memory;
}

void *mem_grow(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count ? count : 1, size);

	if (!memory)
		exhausted();
	return memory;
}

char *text_copy(const char *text)
{
	return text ? text_copy_len(text, strlen(text)) : NULL;
}

char *text_copy_len(const char *text, size_t len)
{
	char *copy = mem_zero(len + 1, 1);

	memcpy(copy, text, len);
	return copy;
}

char *text_make_args(const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		exhausted();
	return text;
}

char *text_make(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = text_make_args(format, args);

	va_end(args);
	return text;
}

void text_list_free(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list){0};
}

void text_list_take(struct text_list *list, char *item)
{
	list->items = mem_grow(list->items, list->count + 2, sizeof(*list->items));
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}

bool text_list_has(const struct text_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i], word))
			return true;
	return false;
}

void text_list_split(struct text_list *list, const char *words)
{
	const char *separators = ", \t\r\n";

	for (const char *p = words; *p;) {
		p += strspn(p, separators);
		size_t len = strcspn(p, separators);

		if (len)
			text_list_take(list, text_copy_len(p, len));
		p += len;
	}
}

void text_add(struct text_sum *sum, const char *bytes, size_t len)
{
	if (sum->len + len + 1 > sum->cap) {
		sum->cap = (sum->len + len + 1) * 2;
		sum->data = mem_grow(sum->data, sum->cap, 1);
	}
	if (len)
		memcpy(sum->data + sum->len, bytes, len);
	sum->len += len;
	sum->data[sum->len] = '\0';
}

void text_adds(struct text_sum *sum, const char *text)
{
	text_add(sum, text, strlen(text));
}

void text_addf(struct text_sum *sum, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = text_make_args(format, args);

	va_end(args);
	text_adds(sum, text);
	free(text);
}

bool text_utf8_locale(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

const char *text_nearest(const char *word, const char *const *list, size_t count)
{
	enum { LONGEST = 40 };
	size_t len = strlen(word), best = 4;
	const char *nearest = NULL;

	if (len > LONGEST)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		/* Levenshtein's distance, one row at a time. */
		size_t row[LONGEST + 1];

		for (size_t x = 0; x <= len; x++)
			row[x] = x;
		for (const char *c = list[i]; *c; c++) {
			size_t diagonal = row[0];

			row[0]++;
			for (size_t x = 1; x <= len; x++) {
				size_t change = diagonal + (word[x - 1] != *c);

				diagonal = row[x];
				if (row[x - 1] + 1 < change)
					change = row[x - 1] + 1;
				if (row[x] + 1 < change)
					change = row[x] + 1;
				row[x] = change;
			}
		}
		/* The beginning of a longer word counts as near. */
		if (len >= 3 && !strncmp(word, list[i], len) && row[len] > 1)
			row[len] = 1;
		if (row[len] < best && row[len] * 2 <= strlen(list[i]) + 1) {
			best = row[len];
			nearest = list[i];
		}
	}
	return nearest;
}

bool text_is_name(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && *word != '-' && *word != '_')
			return false;
	return true;
}
