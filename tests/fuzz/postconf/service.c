#include "service.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define SPACES " \t\n\v\f\r"

struct words {
	char **list;
	size_t count;
};

static void insert(struct words *words, size_t at, char *word)
{
	words->list = mem_realloc_array(words->list, words->count + 1, sizeof *words->list);
	memmove(words->list + at + 1, words->list + at, (words->count - at) * sizeof *words->list);
	words->list[at] = word;
	words->count++;
}

/* At white space, except inside braces. */
static void split(const char *text, struct words *words)
{
	while (*(text += strspn(text, BLANKS))) {
		size_t len = 0;
		int depth = 0;
		for (; text[len] && (depth > 0 || !strchr(BLANKS, text[len])); len++)
			depth += text[len] == '{' ? 1 : text[len] == '}' && depth > 0 ? -1 : 0;
		insert(words, words->count, text_dup_len(text, len));
		text += len;
	}
}

static char *trimmed(const char *text, size_t len)
{
	while (len > 0 && strchr(SPACES, text[len - 1]))
		len--;
	size_t start = 0;
	while (start < len && strchr(SPACES, text[start]))
		start++;
	return text_dup_len(text + start, len - start);
}

/* What follows the partner of the first brace goes with it; a brace without partner goes alone. */
static void strip_braces(char **word)
{
	size_t len = 0;
	int depth = 0;

	do
		depth += ((*word)[len] == '{') - ((*word)[len] == '}');
	while ((*word)[++len] && depth > 0);
	char *inside = trimmed(*word + 1, len - 1 - (depth == 0));
	text_replace(word, inside);
	free(inside);
}

/* "name = value"; false where it is none. */
static bool split_pair(const char *text, char **name, char **value)
{
	text += strspn(text, SPACES);
	size_t len = strcspn(text, SPACES "=");
	const char *equals = text + len + strspn(text + len, SPACES);

	if (len == 0 || *equals != '=')
		return false;
	*name = text_dup_len(text, len);
	*value = trimmed(equals + 1, strlen(equals + 1));
	return true;
}

static void normalise_pair(char **word)
{
	char *name, *value;

	if (!split_pair(*word, &name, &value))
		return;
	free(*word);
	*word = text_format("%s=%s", name, value);
	free(name);
	free(value);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && strcmp(word, "--") != 0;
}

/* -o; and "-" alone, as it happens. */
static bool takes_value(const char *word)
{
	return word[1] == 'o' || !word[1];
}

static void normalise(struct words *words)
{
	size_t i = 1;

	for (; i < words->count && is_option(words->list[i]); i++) {
		char *word = words->list[i];
		char *later = *word && word[1] ? strchr(word + 2, 'o') : NULL;

		if (later) { /* "-vo..." is "-v" "-o..." */
			insert(words, i + 1, text_format("-%s", later));
			*later = '\0';
		}
		if (!takes_value(word))
			continue;
		if (word[1] && word[2]) {
			insert(words, i + 1, text_dup(word + 2));
			word[2] = '\0';
		}
		if (i + 1 == words->count)
			continue;
		i++;
		if (words->list[i][0] == '{') {
			strip_braces(&words->list[i]);
			if (word[1])
				normalise_pair(&words->list[i]);
		}
	}
	for (; i < words->count; i++) {
		if (words->list[i][0] == '{')
			strip_braces(&words->list[i]);
	}
}

static void add_word(struct strbuf *out, const char *word, bool may_need_braces)
{
	bool braces = may_need_braces && strpbrk(word, BLANKS);

	strbuf_addf(out, braces ? "{%s}" : "%s", word);
}

static void write_command(const struct words *words, struct service_text *text)
{
	struct strbuf *out = &text->fields[MASTERCF_COMMAND];
	bool options = true;

	strbuf_adds(out, words->list[0]);
	for (size_t i = 1; i < words->count; i++) {
		const char *word = words->list[i];
		bool first = options && !is_option(word); /* never in braces */
		options = options && !first;
		strbuf_addc(out, ' ');
		add_word(out, word, !options && !first);
		if (!options || !takes_value(word) || i + 1 == words->count)
			continue;
		strbuf_addc(out, ' ');
		add_word(out, words->list[++i], true);
		char *name, *value;
		if (strcmp(word, "-o") == 0 && split_pair(words->list[i], &name, &value)) {
			pairs_set(&text->options, name, value);
			free(name);
			free(value);
		}
	}
}

void service_write(const struct mastercf *cf, const char *key, struct service_text *text)
{
	static const size_t columns[SERVICE_FIELDS] = {0, 11, 17, 25, 33, 41, 49, 57};
	struct strbuf command = STRBUF_INIT;
	struct words words = {NULL, 0};

	*text = (struct service_text){0};
	for (int i = 0; i < MASTERCF_COMMAND; i++) {
		strbuf_reset(&text->fields[i]);
		(void)mastercf_field(cf, key, (enum mastercf_field)i, &text->fields[i]);
	}
	strbuf_reset(&command);
	(void)mastercf_field(cf, key, MASTERCF_COMMAND, &command);
	split(command.data, &words);
	normalise(&words);
	write_command(&words, text);
	for (size_t i = 0; i < SERVICE_FIELDS; i++) {
		do
			strbuf_adds(&text->line, i > 0 ? " " : "");
		while (text->line.len < columns[i]);
		strbuf_adds(&text->line, text->fields[i].data);
	}
	for (size_t i = 0; i < words.count; i++)
		free(words.list[i]);
	free(words.list);
	strbuf_free(&command);
}

void service_text_free(struct service_text *text)
{
	strbuf_free(&text->line);
	for (size_t i = 0; i < SERVICE_FIELDS; i++)
		strbuf_free(&text->fields[i]);
	pairs_free(&text->options);
}
