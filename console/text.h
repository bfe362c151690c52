/*
 * text.h: words and lines of the host: heap helpers, UTF-8, cleaning, wrapping, spelling.
 *
 * Not for secrets. The heap helpers end the process when memory is exhausted; results are the caller's to
 * free(). Text that comes from drivers is UTF-8 and may quote a server or a log: it passes through
 * text_clean() before it reaches a terminal.
 */
#ifndef CONSOLE_TEXT_H
#define CONSOLE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSOLE_PRINTF(text_at, first) __attribute__((format(printf, text_at, first)))

void *mem_zero(size_t count, size_t size);
/* Grows to count elements. */
void *mem_grow(void *old, size_t count, size_t size);
char *text_copy(const char *text); /* NULL gives NULL */
char *text_copy_len(const char *text, size_t len);
char *text_make(const char *format, ...) CONSOLE_PRINTF(1, 2);
char *text_make_args(const char *format, va_list args) CONSOLE_PRINTF(1, 0);

/* Lines or words; items[count] is NULL. Zeroed is empty. */
struct text_list {
	char **items;
	size_t count;
};
void text_list_free(struct text_list *list);
void text_list_take(struct text_list *list, char *item); /* owns item from now on */
bool text_list_has(const struct text_list *list, const char *word);
/* "a, b c" -> a, b, c: words between commas and blanks. */
void text_list_split(struct text_list *list, const char *words);

/* A text that grows. Zeroed is empty; data is NULL then. */
struct text_sum {
	char *data;
	size_t len;
	size_t cap;
};
void text_add(struct text_sum *sum, const char *bytes, size_t len);
void text_adds(struct text_sum *sum, const char *text);
void text_addf(struct text_sum *sum, const char *format, ...) CONSOLE_PRINTF(2, 3);

/* Is the locale's character set UTF-8? Otherwise only ASCII is shown. */
bool text_utf8_locale(void);

/* One character at s (not at its NUL): its length in bytes and code point. A byte that is not
 * valid UTF-8 is one character, U+FFFD. */
size_t text_decode(const char *s, uint32_t *point);
int text_width(uint32_t point);        /* columns: 0, 1 or 2 */
size_t text_columns(const char *text); /* of a line */
/* Bytes of the longest beginning of text that fits into that many columns. */
size_t text_fit(const char *text, size_t columns);

/* What a terminal may be shown: '\n' stays, a tab becomes blanks, other controls, zero-width and
 * direction marks vanish, what is not valid becomes '?'; ASCII look-alikes outside UTF-8 locales.
 * text_clean_line: newlines become blanks as well. NULL gives "". */
char *text_clean(const char *text);
char *text_clean_line(const char *text);
char *text_clean_utf8(const char *text); /* whatever the locale: for JSON */
/* Shortened to columns, with "..." at the end if something is left out. */
char *text_shorten(const char *line, size_t columns);

/* Lines of at most that many columns, cleaned. Wrapped at blanks; a line keeps its indentation.
 * Preformatted: lines as they are, however long. */
void text_wrap(struct text_list *lines, const char *text, size_t columns, bool preformatted);

/* The word of the list that was probably meant; NULL when none is near. */
const char *text_nearest(const char *word, const char *const *list, size_t count);
/* Letters, digits, '-' and '_' only, and not empty: a name that cannot leave its folder. */
bool text_is_name(const char *word);

#endif
