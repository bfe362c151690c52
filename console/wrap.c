/*
 * wrap.c: the part of text.h that knows characters: decoding, columns, cleaning, wrapping.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

size_t text_decode(const char *s, uint32_t *point)
{
	const unsigned char *p = (const unsigned char *)s;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = *p < 0x80   ? 1
		     : *p < 0xc2 ? 0
		     : *p < 0xe0 ? 2
		     : *p < 0xf0 ? 3
		     : *p < 0xf5 ? 4
				 : 0;
	uint32_t value;

	if (len == 1) {
		*point = *p;
		return 1;
	}
	*point = 0xfffd;
	if (!len)
		return 1;
	value = *p & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 1;
	*point = value;
	return len;
}

int text_width(uint32_t point)
{
	if (point < 0x20 || point == 0x7f)
		return 0;
	if (point < 0x7f)
		return 1;
	int width = wcwidth((wchar_t)point);

	return width < 0 ? 1 : width;
}

size_t text_columns(const char *text)
{
	size_t columns = 0;
	uint32_t point;

	while (*text) {
		text += text_decode(text, &point);
		columns += (size_t)text_width(point);
	}
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t at = 0, used = 0;
	uint32_t point;

	while (text[at]) {
		size_t len = text_decode(text + at, &point);

		used += (size_t)text_width(point);
		if (used > columns)
			break;
		at += len;
	}
	return at;
}

/* Zero width, direction and invisible marks, with which text can be made to look like another: what
 * Unicode calls default ignorable, and C1 controls, line separators and annotations. */
static bool is_invisible(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x80, 0x9f},
		{0xad, 0xad},
		{0x34f, 0x34f},
		{0x61c, 0x61c},
		{0x115f, 0x1160},
		{0x17b4, 0x17b5},
		{0x180b, 0x180f},
		{0x200b, 0x200f},
		{0x2028, 0x202e},
		{0x2060, 0x206f},
		{0x3164, 0x3164},
		{0xfe00, 0xfe0f},
		{0xfeff, 0xfeff},
		{0xffa0, 0xffa0},
		{0xfff0, 0xfffb},
		{0x1bca0, 0x1bca3},
		{0x1d173, 0x1d17a},
		{0xe0000, 0x10ffff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

static const char *ascii_for(uint32_t point)
{
	static const struct {
		uint32_t point;
		const char *ascii;
	} table[] = {
		{0xa0, " "},
		{0x2010, "-"},
		{0x2011, "-"},
		{0x2012, "-"},
		{0x2013, "-"},
		{0x2014, "-"},
		{0x2018, "'"},
		{0x2019, "'"},
		{0x201c, "\""},
		{0x201d, "\""},
		{0x2022, "*"},
		{0x2026, "..."},
		{0x2190, "<-"},
		{0x2192, "->"},
		{0x2713, "+"},
		{0x2717, "x"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].point == point)
			return table[i].ascii;
	return "?";
}

static char *clean(const char *text, bool one_line, bool utf8)
{
	struct text_sum out = {0};
	uint32_t point;
	size_t len, column = 0;

	for (; text && *text; text += len) {
		len = text_decode(text, &point);
		if (point == '\n') {
			text_adds(&out, one_line ? " " : "\n");
			column = 0;
			continue;
		}
		size_t before = out.len;

		if (point == '\t')
			text_add(&out, "        ", one_line ? 1 : 8 - column % 8);
		else if (point == 0xfffd)
			text_adds(&out, "?");
		else if (point < 0x20 || point == 0x7f || is_invisible(point))
			continue;
		else if (point < 0x7f || utf8)
			text_add(&out, text, len);
		else
			text_adds(&out, ascii_for(point));
		column += text_columns(out.data + before);
	}
	text_adds(&out, "");
	return out.data;
}

char *text_clean(const char *text)
{
	return clean(text, false, text_utf8_locale());
}

char *text_clean_line(const char *text)
{
	return clean(text, true, text_utf8_locale());
}

char *text_clean_utf8(const char *text)
{
	return clean(text, false, true);
}

char *text_shorten(const char *line, size_t columns)
{
	if (text_columns(line) <= columns)
		return text_copy(line);
	if (columns < 4)
		return text_copy_len(line, text_fit(line, columns));
	return text_make("%.*s...", (int)text_fit(line, columns - 3), line);
}

/* One line, not longer than the columns unless it has no blank to break at. */
static void wrap_line(struct text_list *lines, const char *line, size_t len, size_t columns)
{
	size_t indent = strspn(line, " ");
	char *rest = text_copy_len(line, len);
	const char *p = rest;

	if (indent > columns / 2 || indent >= len)
		indent = 0;
	/* "- item" continues below its second word. */
	if (indent < len && (line[indent] == '-' || line[indent] == '*') && line[indent + 1] == ' ')
		indent += 2;
	/* The widest character fits into what is left of a line, so that none is ever cut in two. */
	if (indent + 2 > columns)
		indent = 0;
	for (bool first = true;; first = false) {
		size_t room = first ? columns : columns - indent;
		size_t fit = text_fit(p, room), cut = fit;

		if (p[fit]) {
			while (cut > 0 && p[cut] != ' ')
				cut--;
			if (cut <= (first ? indent : 0))
				cut = fit;
		}
		text_list_take(lines, first ? text_copy_len(p, cut)
					    : text_make("%*s%.*s", (int)indent, "", (int)cut, p));
		p += cut;
		p += strspn(p, " ");
		if (!*p)
			break;
	}
	free(rest);
}

void text_wrap(struct text_list *lines, const char *text, size_t columns, bool preformatted)
{
	char *shown = text_clean(text);
	const char *p = shown;

	while (*p) {
		size_t len = strcspn(p, "\n");

		if (preformatted || columns < 4)
			text_list_take(lines, text_copy_len(p, len));
		else
			wrap_line(lines, p, len, columns);
		p += len;
		if (*p)
			p++;
	}
	free(shown);
}
