/*
 * screen_escape.c: control sequences as in ECMA-48, read to their end.
 */
#include "screen_escape.h"

#include <string.h>

enum {
	PARAMETERS = 16,     /* what a key has at most; longer ones are no key */
	SEQUENCE_MAX = 4096, /* an answer of the terminal that never ends is none */
	BELL = 7,
	ESCAPE = 27,
};

/* CSI parameters, then the final byte; SS3 has the final byte alone. */
static const struct {
	const char *spelling;
	enum screen_key_code code;
} keys[] = {
	{"A", SCREEN_UP},
	{"B", SCREEN_DOWN},
	{"C", SCREEN_RIGHT},
	{"D", SCREEN_LEFT},
	{"H", SCREEN_HOME},
	{"F", SCREEN_END},
	{"M", SCREEN_ENTER}, /* SS3 only: the keypad's; CSI M is a mouse report */
	{"P", SCREEN_HELP},
	{"Q", SCREEN_SHOW},
	{"Z", SCREEN_BACKTAB},
	{"1~", SCREEN_HOME},
	{"3~", SCREEN_DELETE},
	{"4~", SCREEN_END},
	{"5~", SCREEN_PAGE_UP},
	{"6~", SCREEN_PAGE_DOWN},
	{"7~", SCREEN_HOME},
	{"8~", SCREEN_END},
	{"11~", SCREEN_HELP},
	{"12~", SCREEN_SHOW},
	{"[A", SCREEN_HELP}, /* the Linux console's */
	{"[B", SCREEN_SHOW},
};

static enum screen_key_code key_of(const char *spelling)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i].spelling, spelling))
			return keys[i].code;
	return SCREEN_NONE;
}

static void pass_over(const struct screen_input *input, int bytes)
{
	while (bytes-- > 0 && input->next(true) >= 0)
		;
}

static enum screen_key_code control_sequence(const struct screen_input *input)
{
	char spelling[PARAMETERS + 2] = "";
	size_t length = 0;

	for (size_t read = 0; read < SEQUENCE_MAX; read++) {
		int c = input->next(true);

		if (c < 0)
			return SCREEN_NONE;
		if (c < ' ' || c > '~') { /* broken off by another key */
			input->back(c);
			return SCREEN_NONE;
		}
		if (length < PARAMETERS)
			spelling[length++] = (char)c;
		else
			length = PARAMETERS + 1;
		if (c == '[' && read == 0)
			continue;
		if (c >= '@')
			break;
	}
	if (length > PARAMETERS)
		return SCREEN_NONE;
	if (!strcmp(spelling, "M")) {
		pass_over(input, 3);
		return SCREEN_NONE;
	}
	return key_of(spelling);
}

/* An operating system command, a device control string and the like: up to BEL or ESC \. */
static void text_sequence(const struct screen_input *input)
{
	for (size_t read = 0; read < SEQUENCE_MAX; read++) {
		int c = input->next(true);

		if (c < 0 || c == BELL)
			return;
		if (c == ESCAPE) {
			pass_over(input, 1);
			return;
		}
	}
}

enum screen_key_code screen_escape(const struct screen_input *input)
{
	char final[2] = "";
	/* curses has waited for it already. */
	int c = input->next(false);

	if (c < 0)
		return SCREEN_ESC;
	switch (c) {
	case '[':
		return control_sequence(input);
	case 'O':
		c = input->next(true);
		if (c < ' ' || c > '~') {
			if (c >= 0)
				input->back(c);
			return SCREEN_NONE;
		}
		final[0] = (char)c;
		return key_of(final);
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		text_sequence(input);
		return SCREEN_NONE;
	default:
		break;
	}
	/* Alt and a letter is no key of ours. ESC and Enter in one packet are two keys. */
	if (c >= ' ' && c < 127)
		return SCREEN_NONE;
	input->back(c);
	return SCREEN_ESC;
}
