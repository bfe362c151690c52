#include "generate_parts.h"

#include <string.h>

const char *parts_indent(struct dice *dice)
{
	static const char *const indents[] = {" ", " ", "\t", "    ", "\v", "\f", "\r", " \t \v"};

	return ANY(dice, indents);
}

const char *parts_newline(struct dice *dice)
{
	static const char *const newlines[] = {
		"\n", "\n", "\n", "\n", "\n", "\r\n", " \n", "\t\r\n", "\r\r\n", "\v\n"};

	return ANY(dice, newlines);
}

void parts_add_filler(struct strbuf *out, struct dice *dice)
{
	static const char *const fillers[] = {"", "", "#", "# comment", " # indented", "\t#x = y",
		" ", "\t \t", "\r", "\v", "\f", "#relaycon: relayhost = a", "#\xff\xfe", "# a \\",
		"#relayhost =", "#relaycon2: x"};

	strbuf_adds(out, ANY(dice, fillers));
	strbuf_adds(out, parts_newline(dice));
}

/* The line that holds this byte. */
static void line_at(const struct strbuf *bytes, size_t at, size_t *start, size_t *end)
{
	*start = at;
	while (*start > 0 && bytes->data[*start - 1] != '\n')
		--*start;
	const char *newline = memchr(bytes->data + at, '\n', bytes->len - at);
	*end = newline ? (size_t)(newline - bytes->data) + 1 : bytes->len;
}

static void mutate_once(struct strbuf *bytes, struct dice *dice)
{
	static const char special[] = " \t\r\n\v\f#={}$\\\"a\xff\0";
	size_t at = dice_pick(dice, bytes->len), start, end;
	char byte = special[dice_pick(dice, sizeof special - 1)];
	struct strbuf line = STRBUF_INIT;

	line_at(bytes, at, &start, &end);
	strbuf_add(&line, bytes->data + start, end - start);
	switch (dice_pick(dice, 8)) {
	case 0:
		strbuf_splice(bytes, start, end, NULL, 0);
		break;
	case 1:
	case 2: /* the line once more, elsewhere or just there */
		if (dice_once_in(dice, 2))
			line_at(bytes, dice_pick(dice, bytes->len), &start, &end);
		strbuf_splice(bytes, start, start, line.data, line.len);
		break;
	case 3:
		strbuf_splice(bytes, at, at + 1, NULL, 0);
		break;
	case 4:
		strbuf_splice(bytes, at, at + 1, &byte, 1);
		break;
	case 5:
		strbuf_splice(bytes, at, at, &byte, 1);
		break;
	case 6: /* the line continues the one before */
		strbuf_splice(bytes, start, start, parts_indent(dice), 1);
		break;
	default:
		strbuf_reset(&line);
		parts_add_filler(&line, dice);
		strbuf_splice(bytes, start, start, line.data, line.len);
	}
	strbuf_free(&line);
}

void parts_mutate(struct strbuf *bytes, struct dice *dice)
{
	for (size_t times = 1 + dice_pick(dice, 12); times > 0 && bytes->len > 0; times--)
		mutate_once(bytes, dice);
}

static void make_crlf(struct strbuf *bytes)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_reset(&out);
	for (size_t i = 0; i < bytes->len; i++) {
		if (bytes->data[i] == '\n')
			strbuf_addc(&out, '\r');
		strbuf_addc(&out, bytes->data[i]);
	}
	strbuf_free(bytes);
	*bytes = out;
}

void parts_finish(struct strbuf *bytes, struct dice *dice)
{
	if (dice_once_in(dice, 12))
		make_crlf(bytes);
	if (dice_once_in(dice, 40))
		strbuf_splice(bytes, 0, 0, "\xef\xbb\xbf", 3);
	if (bytes->len > 0 && dice_once_in(dice, 25)) {
		size_t at = dice_pick(dice, bytes->len);
		strbuf_splice(bytes, at, at, "", 1);
	}
	while (bytes->len > 0 && bytes->data[bytes->len - 1] == '\n' && dice_once_in(dice, 4))
		strbuf_splice(bytes, bytes->len - 1, bytes->len, NULL, 0);
}
