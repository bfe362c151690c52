#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#define REPLACEMENT 0xfffdu
#define ELLIPSIS "..."

/* What a language needs: Hebrew with its points and accents has three. */
enum { MARKS_MAX = 4 };

/* What moves the cursor, turns the direction of text, or takes no room: all of it can make a screen
 * say what it does not. */
static bool is_invisible(ucs4_t c)
{
	return uc_is_general_category_withtable(
		       c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs |
				  UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp) ||
	       uc_is_property_bidi_control(c) || uc_is_property_default_ignorable_code_point(c) ||
	       uc_is_property_zero_width(c);
}

static void add_character(struct strbuf *out, ucs4_t c)
{
	uint8_t encoded[6];
	int len = u8_uctomb(encoded, c, sizeof encoded);

	if (len > 0)
		strbuf_add(out, encoded, (size_t)len);
}

/* Cuts what was added since `start` to max bytes, at a character, with an ellipsis. */
static void cut(struct strbuf *out, size_t start, size_t max)
{
	size_t dots = max < strlen(ELLIPSIS) ? max : strlen(ELLIPSIS);
	size_t end = start + max - dots;

	while (end > start && ((unsigned char)out->data[end] & 0xc0) == 0x80)
		end--;
	while (end > start && out->data[end - 1] == ' ')
		end--;
	strbuf_splice(out, end, out->len, ELLIPSIS, dots);
}

/* Marks that are drawn into the character before them: enough of them reach other lines. */
static bool is_mark(ucs4_t c)
{
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me);
}

static void clean(struct strbuf *out, const char *bytes, size_t len, size_t max, bool lines)
{
	size_t start = out->len, marks = 0;
	bool gap = false;

	strbuf_grow(out, 0);
	for (size_t at = 0; at < len && out->len - start <= max;) {
		ucs4_t c;
		int used = u8_mbtouc(&c, (const uint8_t *)bytes + at, len - at);

		at += used > 0 ? (size_t)used : 1;
		if (uc_is_property_not_a_character(c))
			c = REPLACEMENT;
		marks = is_mark(c) ? marks + 1 : 0;
		if (marks > MARKS_MAX)
			continue;
		if (lines && (c == '\n' || c == '\t' || c == ' ')) {
			gap = false;
			strbuf_addc(out, (char)c);
			continue;
		}
		if (is_invisible(c) || uc_is_property_white_space(c)) {
			/* In lines a run becomes its space at once, as spaces are kept there. */
			if (lines && !gap)
				strbuf_addc(out, ' ');
			gap = true;
			continue;
		}
		if (!lines && gap && out->len > start)
			strbuf_addc(out, ' ');
		gap = false;
		add_character(out, c);
	}
	if (out->len - start > max)
		cut(out, start, max);
}

void text_clean(struct strbuf *out, const char *bytes, size_t len, size_t max)
{
	clean(out, bytes, len, max, false);
}

void text_clean_lines(struct strbuf *out, const char *bytes, size_t len, size_t max)
{
	clean(out, bytes, len, max, true);
}

void text_clean_into(char *out, size_t size, const char *bytes, size_t len)
{
	struct strbuf buf = STRBUF_INIT;

	text_clean(&buf, bytes, len, size - 1);
	memcpy(out, buf.data, buf.len + 1);
	strbuf_free(&buf);
}

bool text_is_utf8(const char *bytes, size_t len)
{
	return len == 0 || u8_check((const uint8_t *)bytes, len) == NULL;
}

bool text_to_number(const char *text, long min, long max, long *number)
{
	char *end;

	if (!text)
		return false;
	/* strtol would also take leading white space and a plus sign. */
	const char *digits = *text == '-' ? text + 1 : text;
	if (!*digits || strspn(digits, "0123456789") != strlen(digits))
		return false;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno || *end || value < min || value > max)
		return false;
	*number = value;
	return true;
}

enum { NEAR_WORD_MAX = 63, NEAR_SLIPS = 2 };

/* Levenshtein's distance between two words of at most NEAR_WORD_MAX bytes. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAR_WORD_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

const char *text_nearest(const char *word, const char *const *words)
{
	const char *nearest = NULL;
	size_t best = NEAR_SLIPS + 1;
	size_t len = strlen(word);

	if (len == 0 || len > NEAR_WORD_MAX)
		return NULL;
	for (size_t i = 0; words[i]; i++) {
		if (strlen(words[i]) > NEAR_WORD_MAX)
			continue;
		size_t slips = distance(word, words[i]);
		if (len >= 3 && slips > 1 && strncmp(word, words[i], len) == 0)
			slips = NEAR_SLIPS;
		/* Two slips in a word of three letters leave nothing of it. */
		if (slips < best && slips < len) {
			best = slips;
			nearest = words[i];
		}
	}
	return nearest;
}
