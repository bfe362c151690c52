#include "edit.h"

#include <string.h>

#include "text.h"

static size_t length(const struct edit *edit)
{
	return strlen(edit->value);
}

static size_t previous(const struct edit *edit)
{
	size_t at = edit->cursor;

	while (at > 0 && ((unsigned char)edit->value[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t next(const struct edit *edit)
{
	uint32_t point;

	if (!edit->value[edit->cursor])
		return edit->cursor;
	return edit->cursor + text_decode(edit->value + edit->cursor, &point);
}

bool edit_insert(struct edit *edit, const char *bytes)
{
	size_t len = length(edit), more = strlen(bytes);

	if (!more || len + more >= edit->size)
		return false;
	memmove(edit->value + edit->cursor + more, edit->value + edit->cursor,
		len - edit->cursor + 1);
	memcpy(edit->value + edit->cursor, bytes, more);
	edit->cursor += more;
	return true;
}

static bool remove_bytes(struct edit *edit, size_t from, size_t to)
{
	size_t len = length(edit);

	if (from == to)
		return false;
	memmove(edit->value + from, edit->value + to, len - to + 1);
	explicit_bzero(edit->value + len - (to - from), to - from);
	edit->cursor = from;
	return true;
}

bool edit_backspace(struct edit *edit)
{
	return remove_bytes(edit, previous(edit), edit->cursor);
}

bool edit_delete(struct edit *edit)
{
	return remove_bytes(edit, edit->cursor, next(edit));
}

bool edit_clear(struct edit *edit)
{
	return remove_bytes(edit, 0, length(edit));
}

void edit_move(struct edit *edit, enum edit_move move)
{
	switch (move) {
	case EDIT_LEFT:
		edit->cursor = previous(edit);
		break;
	case EDIT_RIGHT:
		edit->cursor = next(edit);
		break;
	case EDIT_HOME:
		edit->cursor = 0;
		break;
	case EDIT_END:
		edit->cursor = length(edit);
		break;
	}
}

/* Characters in the first `end` bytes. */
static size_t characters(const char *value, size_t end)
{
	size_t count = 0;
	uint32_t point;

	for (size_t at = 0; at < end; count++)
		at += text_decode(value + at, &point);
	return count;
}

size_t edit_cursor(const struct edit *edit)
{
	return characters(edit->value, edit->cursor);
}

size_t edit_length(const struct edit *edit)
{
	return characters(edit->value, length(edit));
}

size_t edit_view(struct edit *edit, size_t columns, bool one_each, size_t *start)
{
	size_t cursor = edit_cursor(edit);
	uint32_t point;

	if (edit->scroll > cursor)
		edit->scroll = cursor;
	for (;;) {
		size_t at = 0, used = 0;

		for (size_t i = 0; i < edit->scroll; i++)
			at += text_decode(edit->value + at, &point);
		*start = at;
		while (at < edit->cursor) {
			at += text_decode(edit->value + at, &point);
			used += one_each ? 1 : (size_t)text_width(point);
		}
		if (used < columns || edit->scroll >= cursor)
			return used;
		edit->scroll++;
	}
}
