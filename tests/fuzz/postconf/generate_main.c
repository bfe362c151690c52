#include <stdlib.h>
#include <string.h>

#include "generate_parts.h"

/* Names that relaycon writes, so that they are met often. */
static const char *const favourites[] = {"relayhost", "mydestination", "smtp_tls_policy_maps",
	"smtp_sasl_auth_enable", "smtp_sasl_password_maps", "smtp_tls_CAfile", "default_transport",
	"sender_dependent_relayhost_maps"};
static const char *const odd_names[] = {"a", "my_own", "a.b", "relayhosts", "Relayhost", "1",
	"\xc3\xa4", "\xff", "-", "+x", "a#b", "'", "\"q\"", "{", "}", "$x", "%s", "\\", "a/b",
	"a:b", "[h]", "\x01", "\x7f", "x{y}", "\xc2\xa0n", "virtual_alias_map", "dash-ed", "&;|"};
static const char *const blanks[] = {
	"", " ", " ", " ", "  ", "\t", " \t ", "\r", "\v", "\f ", " \v\r"};

char *generate_name(struct dice *dice, const struct stock *stock)
{
	switch (dice_pick(dice, 8)) {
	case 0:
	case 1:
		return text_dup(ANY(dice, favourites));
	case 2:
	case 3:
		return text_dup(ANY(dice, odd_names));
	case 4:
		return text_format("own_%zu", dice_pick(dice, 6));
	default:
		return text_dup(stock->known[dice_pick(dice, stock->known_count)]);
	}
}

static void add_word(struct strbuf *out, struct dice *dice)
{
	static const char *const words[] = {"a", "b,", "[h.test]:587,", "#b", "# c", "=",
		"==", "yes", "no", "$mydomain", "$own_1", "${own_2}", "$(own_3)", "$$",
		"${own_4?{a}:{b}}", "${own_5:c}", "\"q w\"", "\\", "{", "}", "{ a = b }",
		"{{x}, {y}}", "inline:{ a=b, { c = d e } }", "\xc3\xa4", "\xff", "\xc2\xa0", "x=y",
		"10.0.0.0/8", "hash:/etc/x", "static:z", "%s%n", "\x01", "\x1b[0m", "\x7f", "\\n",
		"a\rb", "a\vb", "\xe2\x80\xae", "*", "!", ";"};

	strbuf_adds(out, ANY(dice, words));
}

static void add_words(struct strbuf *out, struct dice *dice)
{
	for (size_t words = dice_pick(dice, 5); words > 0; words--) {
		strbuf_adds(out, ANY(dice, blanks));
		add_word(out, dice);
	}
	if (dice_once_in(dice, 800)) {
		size_t len = 100000 + dice_pick(dice, 30000);
		for (size_t i = 0; i < len; i++)
			strbuf_addc(out, i % 11 ? 'x' : ' ');
		strbuf_addc(out, 'y');
	}
}

char *generate_value(struct dice *dice)
{
	struct strbuf out = STRBUF_INIT;
	size_t start = 0;

	strbuf_reset(&out);
	add_words(&out, dice);
	while (out.len > 0 && strchr(" \t\n\v\f\r", out.data[out.len - 1]))
		strbuf_splice(&out, out.len - 1, out.len, NULL, 0);
	start = strspn(out.data, " \t\n\v\f\r");
	strbuf_splice(&out, 0, start, NULL, 0);
	return strbuf_detach(&out);
}

/* "name = value" or one that is none, with what continues it. */
static void add_entry(struct strbuf *out, struct dice *dice, const struct stock *stock, bool tame)
{
	char *name = generate_name(dice, stock);

	strbuf_adds(out, name);
	free(name);
	strbuf_adds(out, ANY(dice, blanks));
	if (dice_once_in(dice, 20)) {
		strbuf_adds(out, parts_newline(dice));
		if (dice_once_in(dice, 2))
			parts_add_filler(out, dice);
		strbuf_adds(out, parts_indent(dice));
	}
	if (tame || !dice_once_in(dice, 40))
		strbuf_addc(out, '=');
	add_words(out, dice);
	strbuf_adds(out, parts_newline(dice));
	while (dice_once_in(dice, 4)) {
		while (dice_once_in(dice, 3))
			parts_add_filler(out, dice);
		strbuf_adds(out, parts_indent(dice));
		add_words(out, dice);
		strbuf_adds(out, parts_newline(dice));
	}
}

static void add_grammar(
	struct strbuf *out, struct dice *dice, const struct stock *stock, size_t lines)
{
	bool tame = !dice_once_in(dice, 6);

	if (dice_once_in(dice, 8))
		strbuf_adds(out, "  stray = 1\n");
	for (; lines > 0; lines--) {
		if (dice_once_in(dice, 4))
			parts_add_filler(out, dice);
		else if (dice_once_in(dice, 30))
			strbuf_adds(out, "smtpd_restriction_classes = own_0, own_1\n");
		else
			add_entry(out, dice, stock, tame);
	}
}

/* Of the bytes that mean something, and now and then the start of an entry. */
static void add_soup(struct strbuf *out, struct dice *dice)
{
	static const char *const bits[] = {" ", " ", "\t", "\n", "\n", "\n ", "\n\t", "\r", "\r\n",
		"\v", "\f", "#", "\n#", "=", "a", "b",
		"\na=", "\nb =", "\nrelayhost =", "\nown_1 = ", "$a", "{", "}", ","};

	strbuf_adds(out, dice_once_in(dice, 2) ? "a =" : "#");
	for (size_t bit = dice_pick(dice, 120); bit > 0; bit--) {
		const char *text = ANY(dice, bits);
		size_t end = out->len;
		strbuf_adds(out, text);
		/* Left alone, hardly any of it would have its '='. */
		if (out->data[end] != '\n' && end > 0 && out->data[end - 1] == '\n' &&
			!strchr(" \t\r\v\f#", *text) && !dice_once_in(dice, 100))
			strbuf_splice(out, end, end, "c=", 2);
	}
}

void generate_main(struct strbuf *out, struct dice *dice, const struct stock *stock)
{
	size_t kind = dice_pick(dice, 1000);

	strbuf_reset(out);
	if (kind < 550) {
		add_grammar(out, dice, stock, dice_pick(dice, 16));
	} else if (kind < 750) {
		const struct strbuf *file = &stock->files[dice_pick(dice, stock->file_count)];
		strbuf_add(out, file->data, file->len);
		parts_mutate(out, dice);
	} else if (kind < 995) {
		add_soup(out, dice);
	} else {
		add_grammar(out, dice, stock, 1000 + dice_pick(dice, 3000));
	}
	if (dice_once_in(dice, 12))
		parts_mutate(out, dice);
	parts_finish(out, dice);
}
