#include "strbuf.h"

#include <assert.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

/* The largest threshold that mallopt(3) takes. */
enum { MMAP_NEVER = 4 * 1024 * 1024 * (int)sizeof(long) };

void strbuf_free(struct strbuf *buf)
{
	free(buf->data);
	*buf = (struct strbuf)STRBUF_INIT;
}

void strbuf_reset(struct strbuf *buf)
{
	strbuf_grow(buf, 0);
	buf->len = 0;
	buf->data[0] = '\0';
}

void strbuf_grow(struct strbuf *buf, size_t extra)
{
	size_t need = buf->len + extra + 1;

	assert(need > buf->len);
	if (need <= buf->cap)
		return;
	size_t cap = buf->cap ? buf->cap : 64;
	while (cap < need)
		cap += cap / 2 + 16;
	buf->data = mem_realloc_array(buf->data, cap, 1);
	if (buf->cap == 0)
		buf->data[0] = '\0';
	buf->cap = cap;
}

void strbuf_add(struct strbuf *buf, const void *bytes, size_t len)
{
	strbuf_grow(buf, len);
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void strbuf_adds(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void strbuf_addc(struct strbuf *buf, char c)
{
	strbuf_add(buf, &c, 1);
}

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	assert(len >= 0);
	strbuf_grow(buf, (size_t)len);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
	va_end(again);
	buf->len += (size_t)len;
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(buf, format, args);
	va_end(args);
}

void strbuf_splice(struct strbuf *buf, size_t start, size_t end, const void *bytes, size_t len)
{
	assert(start <= end && end <= buf->len);
	strbuf_grow(buf, len);
	memmove(buf->data + start + len, buf->data + end, buf->len - end);
	if (len > 0)
		memcpy(buf->data + start, bytes, len);
	buf->len = buf->len - (end - start) + len;
	buf->data[buf->len] = '\0';
}

char *strbuf_detach(struct strbuf *buf)
{
	strbuf_grow(buf, 0);
	char *data = buf->data;
	*buf = (struct strbuf)STRBUF_INIT;
	return data;
}

/* Before there are threads: each would have an arena of its own, and no use of the reserve. */
__attribute__((constructor)) static void mem_share_arena(void)
{
	(void)mallopt(M_ARENA_MAX, 1);
}

bool mem_reserve(size_t bytes)
{
	/* From the heap itself, which is to grow now and not to shrink when this is freed. */
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_NEVER);
	(void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
	void *memory = malloc(bytes);

	/* Else the compiler leaves both calls out. */
	__asm__ volatile("" : : "r"(memory) : "memory");
	free(memory);
	return memory != NULL;
}

void mem_exhausted(void)
{
	static const char words[] = "relaycon: out of memory\n";

	/* Without any: stdio may want some. */
	if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
		(void)0;
	_exit(ERROR_SYSTEM);
}

void *mem_calloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		mem_exhausted();
	return memory;
}

void *mem_realloc_array(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count ? count : 1, size ? size : 1);

	if (!memory)
		mem_exhausted();
	return memory;
}

char *text_dup(const char *text)
{
	return text ? text_dup_len(text, strlen(text)) : NULL;
}

char *text_dup_len(const char *text, size_t len)
{
	char *copy = mem_calloc(len + 1, 1);

	memcpy(copy, text, len);
	return copy;
}

char *text_format(const char *format, ...)
{
	struct strbuf buf = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&buf, format, args);
	va_end(args);
	return strbuf_detach(&buf);
}

void text_replace(char **text, const char *value)
{
	char *copy = text_dup(value);

	free(*text);
	*text = copy;
}

bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}
