/*
 * promises.h: promises that many functions of the backend make.
 */
#ifndef FUZZ_PROMISES_H
#define FUZZ_PROMISES_H

#include "base/error.h"
#include "base/text.h"
#include "fuzz.h"

/* What a terminal may never be shown, written down here once more, apart from the code under test. */
static inline bool promises_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f || c == 0x61c ||
	       c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || (c >= 0xd800 && c < 0xe000) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c < 0xe1000) || c > 0x10ffff;
}

/* The length of the character at s, 0: not UTF-8 (RFC 3629). */
static inline size_t promises_decode(const char *s, size_t len, uint32_t *point)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t need = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (need == 0 || need > len || p[0] > 0xf4)
		return 0;
	*point = need == 1 ? p[0] : p[0] & (0x7fu >> need);
	for (size_t i = 1; i < need; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (p[i] & 0x3fu);
	}
	if ((need == 3 && *point < 0x800) || (need == 4 && *point < 0x10000) || *point > 0x10ffff ||
		(*point >= 0xd800 && *point < 0xe000))
		return 0;
	return need;
}

static inline bool promises_utf8(const char *text, size_t len)
{
	uint32_t point;

	for (size_t at = 0, used; at < len; at += used) {
		used = promises_decode(text + at, len - at, &point);
		if (used == 0)
			return false;
	}
	return true;
}

/* `but`: characters that are allowed all the same ("\n\t"). */
static inline void promise_clean(const char *text, size_t len, const char *but)
{
	uint32_t point = 0;

	for (size_t at = 0, used; at < len; at += used) {
		used = promises_decode(text + at, len - at, &point);
		PROMISE(used > 0, "not UTF-8 at %zu: \"%s\"", at, text);
		PROMISE(!promises_hidden(point) ||
				(point && point < 128 && strchr(but, (int)point)),
			"U+%04X at %zu", (unsigned)point, at);
	}
}

static inline void promise_error(const struct error *error)
{
	PROMISE(error->code != ERROR_NONE, "failed without a code");
	PROMISE(error->message[0], "failed without a word");
	PROMISE(promises_utf8(error->message, strlen(error->message)), "message: %s",
		error->message);
	PROMISE(promises_utf8(error->advice, strlen(error->advice)), "advice: %s", error->advice);
}

#endif
