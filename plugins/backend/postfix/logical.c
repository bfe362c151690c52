#include "logical.h"

#include <string.h>

bool logical_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where the physical line that begins at `start` ends: after its newline, or at the end. */
static size_t line_end(const char *bytes, size_t len, size_t start)
{
	const char *newline = memchr(bytes + start, '\n', len - start);

	return newline ? (size_t)(newline - bytes) + 1 : len;
}

/* Blank, or a comment. */
static bool is_ignored(const char *bytes, size_t start, size_t end)
{
	while (start < end && logical_is_space(bytes[start]))
		start++;
	return start == end || bytes[start] == '#';
}

void logical_start(struct logical_reader *reader, const char *bytes, size_t len)
{
	*reader = (struct logical_reader){bytes, len, 0, 0};
}

/* Any logical line, those that Postfix warns of and ignores among them. */
static bool next_line(struct logical_reader *reader, struct logical_line *line)
{
	bool found = false;

	while (reader->offset < reader->len) {
		size_t start = reader->offset;
		size_t end = line_end(reader->bytes, reader->len, start);

		if (!is_ignored(reader->bytes, start, end)) {
			if (found && !logical_is_space(reader->bytes[start]))
				break;
			if (!found) {
				line->start = start;
				line->number = reader->lines + 1;
			}
			line->end = end;
			found = true;
		}
		reader->offset = end;
		reader->lines++;
	}
	return found;
}

bool logical_next(struct logical_reader *reader, struct logical_line *line)
{
	while (next_line(reader, line)) {
		if (!logical_is_space(reader->bytes[line->start]))
			return true;
	}
	return false;
}

void logical_add_part(struct strbuf *out, const char *span, size_t len, enum logical_part part)
{
	for (size_t start = 0, end; start < len; start = end) {
		end = line_end(span, len, start);
		if (is_ignored(span, start, end) == (part == LOGICAL_COMMENTS))
			strbuf_add(out, span + start, end - start);
	}
}

size_t logical_join_into(char *to, const char *span, size_t len)
{
	size_t joined = 0;

	for (size_t start = 0, end; start < len; start = end) {
		end = line_end(span, len, start);
		if (is_ignored(span, start, end))
			continue;
		size_t text = end - start - (span[end - 1] == '\n');
		memcpy(to + joined, span + start, text);
		joined += text;
	}
	return joined;
}

void logical_join(struct strbuf *out, const char *span, size_t len)
{
	strbuf_grow(out, len);
	out->len += logical_join_into(out->data + out->len, span, len);
	out->data[out->len] = '\0';
}

void logical_comment_out(struct strbuf *out, const char *span, size_t len, const char *mark)
{
	for (size_t start = 0, end; start < len; start = end) {
		end = line_end(span, len, start);
		if (!is_ignored(span, start, end))
			strbuf_adds(out, mark);
		strbuf_add(out, span + start, end - start);
	}
}

size_t logical_eol(const char *bytes, size_t len)
{
	if (len == 0 || bytes[len - 1] != '\n')
		return 0;
	return len > 1 && bytes[len - 2] == '\r' ? 2 : 1;
}

size_t logical_tail(const char *bytes, size_t len)
{
	size_t start = len - (len > 0 && bytes[len - 1] == '\n');

	while (start > 0 && bytes[start - 1] == '\r')
		start--;
	return len - start;
}

const char *logical_eol_style(const char *bytes, size_t len)
{
	size_t lines = 0, crlf = 0;

	for (size_t start = 0, end; start < len; start = end) {
		end = line_end(bytes, len, start);
		size_t eol = logical_eol(bytes + start, end - start);
		lines += eol > 0;
		crlf += eol == 2;
	}
	return crlf * 2 > lines ? "\r\n" : "\n";
}
