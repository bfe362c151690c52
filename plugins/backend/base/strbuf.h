/*
 * strbuf.h: a growing run of bytes; the one string type.
 *
 * Invariants: data is never NULL after any strbuf_ call, data[len] is NUL and not counted in len,
 * data may hold NUL bytes itself. A zeroed struct is an empty buffer. Not for secrets (secret.h):
 * growing leaves copies behind. Memory exhaustion ends the process, with words: there is no way on from
 * it. What must not be ended in its midst reserves its memory first.
 */
#ifndef RELAY_STRBUF_H
#define RELAY_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"

struct strbuf {
	char *data;
	size_t len;
	size_t cap;
};

#define STRBUF_INIT                                                                                \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

void strbuf_free(struct strbuf *buf); /* safe on a zeroed struct; leaves it zeroed */
void strbuf_reset(struct strbuf *buf);
void strbuf_grow(struct strbuf *buf, size_t extra);
void strbuf_add(struct strbuf *buf, const void *bytes, size_t len);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addc(struct strbuf *buf, char c);
void strbuf_addf(struct strbuf *buf, const char *format, ...) PRINTFLIKE(2, 3);
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args) PRINTFLIKE(2, 0);
/* Replaces the bytes [start, end) by the given ones. start <= end <= len is asserted. */
void strbuf_splice(struct strbuf *buf, size_t start, size_t end, const void *bytes, size_t len);
/* The text, now the caller's to free(); the buffer is empty afterwards. Never NULL. */
char *strbuf_detach(struct strbuf *buf);

/* So much more can be had from now on, in small pieces, by whatever thread. */
bool mem_reserve(size_t bytes);
/* "Out of memory" to standard error, and exit code 71. */
_Noreturn void mem_exhausted(void);
/* Plain heap helpers that end the process when memory is exhausted. text_dup(NULL) is NULL. */
void *mem_calloc(size_t count, size_t size);
void *mem_realloc_array(void *old, size_t count, size_t size);
char *text_dup(const char *text);
char *text_dup_len(const char *text, size_t len);
char *text_format(const char *format, ...) PRINTFLIKE(1, 2);
/* Frees *text and replaces it by a copy of value (NULL allowed). */
void text_replace(char **text, const char *value);
bool text_equal(const char *a, const char *b); /* two NULLs are equal */

#endif
