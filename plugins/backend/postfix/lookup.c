#include "lookup.h"

#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "words.h"

enum { SHOWN_MAX = 2000, LIST_FILE_MAX = 1 << 20 };

void lookup_hit_free(struct lookup_hit *hit)
{
	free(hit->table);
	free(hit->key);
	free(hit->value);
	*hit = (struct lookup_hit){0};
}

char *lookup_next_word(const char **at)
{
	static const char separators[] = ", \t\r\n";
	const char *start;
	int depth = 0;

	*at += strspn(*at, separators);
	if (!**at)
		return NULL;
	for (start = *at; **at && (depth > 0 || !strchr(separators, **at)); ++*at) {
		if (**at == '{')
			depth++;
		else if (**at == '}' && depth > 0)
			depth--;
	}
	return text_dup_len(start, (size_t)(*at - start));
}

/* "type:name", and not a name or an address that has a colon. */
static bool is_table(const char *word)
{
	const char *colon = strchr(word, ':');

	return colon && colon > word && word[0] != '[' && word[0] != '/';
}

static bool has_patterns(const char *table)
{
	static const char *const types[] = {"regexp:", "pcre:", "cidr:", NULL};
	const char *type = strncmp(table, "proxy:", 6) == 0 ? table + 6 : table;

	for (size_t i = 0; types[i]; i++)
		if (strncmp(type, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

static char *cleaned(const char *text, size_t len)
{
	struct strbuf clean = STRBUF_INIT;

	text_clean(&clean, text, len, SHOWN_MAX);
	return strbuf_detach(&clean);
}

/* postmap(1): 0 and the value; 1 and nothing where there is none, or with its reason. */
static bool read_answer(const struct child *child, const char *table, const char *key,
	struct lookup_hit *hit, struct error *error)
{
	if (child->status == 0) {
		*hit = (struct lookup_hit){.table = cleaned(table, strlen(table)),
			.key = cleaned(key, strlen(key)),
			.value = cleaned(child->out.data, child->out.len)};
		return true;
	}
	if (child->status == 1 && !strstr(child->err.data, "fatal: ") &&
		!strstr(child->err.data, "error: "))
		return true;
	char words[WORDS_SIZE];
	words_of(child, words);
	char *name = cleaned(table, strlen(table));
	error_set(error, ERROR_CONFIG, _("Postfix's table %.200s cannot be asked: %s"), name,
		words[0] ? words : _("postmap gave no reason"));
	free(name);
	return error_advise(
		error, _("Mail that needs this table waits in the queue until it can be read."));
}

static bool ask(const struct postfix *postfix, const char *table, const char *key,
	struct lookup_hit *hit, struct error *error)
{
	char *program = text_format("%s/postmap", postfix->command_dir);
	const char *const argv[] = {program, "-c", postfix->config_dir, "-q", key, table, NULL};
	struct child child = {0};
	bool ok = child_run(&child, argv, CHILD_TIMEOUT_MS, error) &&
		  read_answer(&child, table, key, hit, error);

	child_free(&child);
	free(program);
	return ok;
}

bool lookup_maps(const struct postfix *postfix, const char *maps, const char *key, bool partial,
	struct lookup_hit *hit, struct error *error)
{
	const char *at = maps;
	bool ok = true;
	char *table;

	*hit = (struct lookup_hit){0};
	while (ok && !hit->table && (table = lookup_next_word(&at))) {
		if (is_table(table) && !(partial && has_patterns(table)))
			ok = ask(postfix, table, key, hit, error);
		free(table);
	}
	return ok;
}

/* --- lists of domains ---------------------------------------------------------------------------- */

static bool names_domain(const char *name, const char *domain, bool subdomains)
{
	size_t len = strlen(name), domain_len = strlen(domain);

	if (strcasecmp(name, domain) == 0)
		return true;
	if (len >= domain_len || len == 0 || strcasecmp(domain + domain_len - len, name) != 0)
		return false;
	return name[0] == '.' ? !subdomains : subdomains && domain[domain_len - len - 1] == '.';
}

/* The domain; and its parents, which stand there as such (subdomains) or with a dot before them. */
static bool in_table(const struct postfix *postfix, const char *table, const char *domain,
	bool subdomains, bool *found, struct error *error)
{
	bool ok = true;

	for (const char *key = domain; ok && key && *key && !*found;) {
		struct lookup_hit hit = {0};

		ok = lookup_maps(postfix, table, key, key != domain, &hit, error);
		*found = hit.table != NULL;
		lookup_hit_free(&hit);
		key = strchr(key + 1, '.');
		if (key && subdomains)
			key++;
	}
	return ok;
}

static bool in_list(const struct postfix *postfix, const char *list, const char *domain,
	bool subdomains, unsigned depth, bool *found, struct error *error);

static bool in_file(const struct postfix *postfix, const char *path, const char *domain,
	bool subdomains, unsigned depth, bool *found, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT, words = STRBUF_INIT;
	bool exists = false, ok;

	ok = file_read(&bytes, path, LIST_FILE_MAX, &exists, error);
	if (ok && !exists)
		ok = error_set(error, ERROR_CONFIG,
			_("Postfix's list of domains %.200s is missing."), path);
	strbuf_reset(&words);
	for (const char *line = bytes.data; ok && line && *line;) {
		size_t len = strcspn(line, "\n");

		if (line[0] != '#')
			strbuf_addf(&words, "%.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
	ok = ok && in_list(postfix, words.data, domain, subdomains, depth, found, error);
	strbuf_free(&words);
	strbuf_free(&bytes);
	return ok;
}

static bool in_list(const struct postfix *postfix, const char *list, const char *domain,
	bool subdomains, unsigned depth, bool *found, struct error *error)
{
	enum { DEPTH_MAX = 4 };
	const char *at = list;
	bool ok = true, done = false;
	char *word;

	*found = false;
	while (ok && !done && (word = lookup_next_word(&at))) {
		const char *name = word;
		bool negated = false, matches = false;

		for (; *name == '!'; name++)
			negated = !negated;
		if (name[0] == '/' && depth < DEPTH_MAX)
			ok = in_file(postfix, name, domain, subdomains, depth + 1, &matches, error);
		else if (is_table(name))
			ok = in_table(postfix, name, domain, subdomains, &matches, error);
		else
			matches = names_domain(name, domain, subdomains);
		done = ok && matches;
		if (done)
			*found = !negated;
		free(word);
	}
	return ok;
}

bool lookup_domain(const struct postfix *postfix, const char *list, const char *domain,
	bool subdomains, bool *found, struct error *error)
{
	return in_list(postfix, list, domain, subdomains, 0, found, error);
}
