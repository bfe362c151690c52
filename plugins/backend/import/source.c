#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "../base/text.h"
#include "../postfix/logical.h"

enum { SHOWN_MAX = 200 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

bool span_is(struct span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

bool span_has(struct span span, char c)
{
	return span.len > 0 && memchr(span.at, c, span.len) != NULL;
}

char *span_text(struct span span)
{
	return text_dup_len(span.at, span.len);
}

void span_show(struct span span, struct strbuf *out)
{
	text_clean(out, span.at, span.len, SHOWN_MAX);
}

static struct span trimmed(struct span span)
{
	while (span.len > 0 && logical_is_space(*span.at)) {
		span.at++;
		span.len--;
	}
	while (span.len > 0 && logical_is_space(span.at[span.len - 1]))
		span.len--;
	return span;
}

static bool readable(struct span span)
{
	for (size_t i = 0; i < span.len; i++)
		if (((unsigned char)span.at[i] < ' ' && span.at[i] != '\t') || span.at[i] == 127)
			return false;
	return text_is_utf8(span.at, span.len);
}

static void add_line(struct source *source, struct span physical, unsigned number)
{
	struct source_line line = {.number = number, .text = trimmed(physical)};

	if (line.text.len == 0 || *line.text.at == '#')
		return;
	line.indented = logical_is_space(*physical.at);
	line.readable = readable(line.text);
	line.key = line.text;
	for (line.key.len = 0; line.key.len < line.text.len; line.key.len++)
		if (logical_is_space(line.text.at[line.key.len]))
			break;
	line.value =
		trimmed((struct span){line.text.at + line.key.len, line.text.len - line.key.len});
	source->lines = mem_realloc_array(source->lines, source->count + 1, sizeof *source->lines);
	source->lines[source->count++] = line;
}

bool source_read(struct source *source, const char *path, struct error *error)
{
	*source = (struct source){0};
	if (!secret_table_load(&source->bytes, path, &source->exists, error))
		return false;
	const char *at = source->bytes.bytes, *end = at + source->bytes.len;
	size_t mark = sizeof byte_order_mark - 1;

	if (source->bytes.len >= mark && memcmp(at, byte_order_mark, mark) == 0)
		at += mark;
	for (unsigned number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		if (stop > at)
			add_line(source, (struct span){at, (size_t)(stop - at)}, number);
		at = stop + (newline != NULL);
	}
	return true;
}

void source_free(struct source *source)
{
	free(source->lines);
	secret_table_free(&source->bytes);
	*source = (struct source){0};
}
