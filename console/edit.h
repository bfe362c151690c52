/*
 * edit.h: editing one line in place, in memory that may be locked and must not be copied.
 *
 * The value is the driver's: NUL-terminated, never longer than size - 1 bytes, always whole UTF-8
 * characters if it was so before. Bytes that fall free are zeroed. What does not fit is refused.
 */
#ifndef CONSOLE_EDIT_H
#define CONSOLE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

struct edit {
	char *value;
	size_t size;
	size_t cursor; /* in bytes; at the beginning of a character or at the end */
	size_t scroll; /* characters left of what is shown */
};

enum edit_move { EDIT_LEFT, EDIT_RIGHT, EDIT_HOME, EDIT_END };

/* True when the value was changed. */
bool edit_insert(struct edit *edit, const char *bytes);
bool edit_backspace(struct edit *edit);
bool edit_delete(struct edit *edit);
bool edit_clear(struct edit *edit);
void edit_move(struct edit *edit, enum edit_move move);

/* In characters: before the cursor, and in all. */
size_t edit_cursor(const struct edit *edit);
size_t edit_length(const struct edit *edit);
/* Moves `scroll` so that the cursor is within that many columns; gives the cursor's column there.
 * *start is the first byte to show. With one_each every character takes one column (stars). */
size_t edit_view(struct edit *edit, size_t columns, bool one_each, size_t *start);

#endif
