#include "passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../postfix/lookup.h"
#include "../postfix/table.h"
#include "../postfix/words.h"

enum { ASK_TIMEOUT_MS = 15000, SHOWN_MAX = 200 };

/* Types whose table is a file that postmap made of a text of the same name. */
static const struct {
	const char *type;
	const char *suffix;
} indexed[] = {{"hash", ".db"}, {"btree", ".db"}, {"lmdb", ".lmdb"}, {"cdb", ".cdb"},
	{"dbm", ".pag"}, {"sdbm", ".pag"}};

void password_entry_free(struct password_entry *entry)
{
	free(entry->login);
	free(entry->table);
	secret_free(&entry->password);
	*entry = (struct password_entry){0};
}

/* "login:password"; the value may lie in the entry's own password. */
static bool take_value(struct password_entry *entry, const char *bytes, size_t len,
	const char *table, struct error *error)
{
	const char *colon = memchr(bytes, ':', len);
	size_t login = colon ? (size_t)(colon - bytes) : len;
	size_t skip = login + (colon != NULL);

	entry->login = text_dup_len(bytes, login);
	entry->table = text_dup(table);
	return secret_set(&entry->password, bytes + skip, len - skip, error);
}

/* --- tables within main.cf ----------------------------------------------------------------------- */

static bool is_key(const char *text, size_t len, const char *const keys[])
{
	for (size_t i = 0; keys[i]; i++)
		if (strlen(keys[i]) == len && strncasecmp(text, keys[i], len) == 0)
			return true;
	return false;
}

/* "{ key = value, { key = va lue } }" (DATABASE_README, inline:). */
static bool find_inline(struct password_entry *entry, const char *text, const char *const keys[],
	struct error *error)
{
	size_t len = strlen(text);
	char *inner, *word;
	bool ok = true;

	if (len < 2 || text[0] != '{' || text[len - 1] != '}')
		return true;
	inner = text_dup_len(text + 1, len - 2);
	const char *at = inner;
	while (ok && !entry->login && (word = lookup_next_word(&at))) {
		size_t size = strlen(word);
		char *from = word, *equals;
		if (size > 1 && word[0] == '{' && word[size - 1] == '}') {
			word[size - 1] = '\0';
			from = word + 1 + strspn(word + 1, " \t");
		}
		equals = strchr(from, '=');
		if (equals) {
			char *end = equals, *value = equals + 1 + strspn(equals + 1, " \t");
			size_t value_len = strlen(value);
			while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
				end--;
			while (value_len > 0 &&
				(value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
				value_len--;
			if (is_key(from, (size_t)(end - from), keys))
				ok = take_value(entry, value, value_len, "inline:", error);
		}
		explicit_bzero(word, size);
		free(word);
	}
	explicit_bzero(inner, len - 2);
	free(inner);
	return ok;
}

/* --- tables in files ----------------------------------------------------------------------------- */

static bool find_text(struct password_entry *entry, const char *table, const char *path,
	const char *const keys[], struct error *error)
{
	struct secret_table text = {0};
	bool exists, found = false;
	bool ok = secret_table_load(&text, path, &exists, error);

	for (size_t i = 0; ok && !found && keys[i]; i++) {
		ok = secret_init(&entry->password, error) &&
		     secret_table_find(
			     &text, keys[i], &found, &entry->login, &entry->password, error);
		if (ok && !found)
			secret_free(&entry->password);
	}
	if (ok && found)
		entry->table = text_dup(table);
	secret_table_free(&text);
	return ok;
}

/* --- postmap ------------------------------------------------------------------------------------- */

/* What the child prints, to its end, into memory that nobody else sees. */
static bool collect(struct child *child, struct secret *answer, struct error *error)
{
	long deadline = clock_ms() + ASK_TIMEOUT_MS;
	size_t len = 0;

	if (!secret_init(answer, error))
		return false;
	for (;;) {
		struct pollfd fd = {.fd = child->out_fd, .events = POLLIN};
		long left = deadline - clock_ms();
		ssize_t got = 0;

		if (left <= 0 || len == SECRET_MAX)
			return error_set(error, ERROR_UNAVAILABLE,
				_("The program %s gave no usable answer within %d seconds."),
				child->name, ASK_TIMEOUT_MS / 1000);
		if (poll(&fd, 1, (int)left) <= 0)
			continue;
		got = read(child->out_fd, secret_memory(answer) + len, SECRET_MAX - len);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	secret_update(answer);
	return true;
}

static bool ask(const struct postfix *postfix, const char *table, const char *key,
	struct password_entry *entry, struct error *error)
{
	char *program = text_format("%s/postmap", postfix->command_dir);
	const char *const argv[] = {program, "-c", postfix->config_dir, "-q", key, table, NULL};
	struct secret answer = {0};
	struct child child = {0};
	char words[WORDS_SIZE];
	bool ok;

	ok = child_start(&child, argv, NULL, NULL, error) && collect(&child, &answer, error) &&
	     child_wait(&child, ASK_TIMEOUT_MS, error);
	if (ok && child.status == 0) {
		size_t len = secret_length(&answer);
		const char *bytes = secret_bytes(&answer);
		while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
			len--;
		ok = take_value(entry, bytes, len, table, error);
	} else if (ok) {
		/* Not found: 1, and at most a warning. */
		words_of(&child, words);
		ok = child.status == 1 && !strstr(child.err.data, "fatal: ") &&
		     !strstr(child.err.data, "error: ");
		if (!ok)
			error_set(error, ERROR_CONFIG, _("Postfix cannot read its table %s: %s"),
				table, words);
	}
	secret_free(&answer);
	child_free(&child);
	free(program);
	return ok;
}

static bool ask_all(const struct postfix *postfix, const char *table, const char *const keys[],
	struct password_entry *entry, struct error *error)
{
	for (size_t i = 0; keys[i] && !entry->login; i++)
		if (!ask(postfix, table, keys[i], entry, error))
			return false;
	return true;
}

static bool find_indexed(const struct postfix *postfix, const char *table, const char *path,
	const char *suffix, const char *const keys[], struct password_entry *entry,
	struct error *error)
{
	char *index = text_format("%s%s", path, suffix);
	bool there = access(index, F_OK) == 0;
	bool ok = !there || ask_all(postfix, table, keys, entry, error);

	if (ok && !entry->login) {
		ok = find_text(entry, table, path, keys, error);
		entry->from_text = entry->login != NULL;
	}
	free(index);
	return ok;
}

/* --- one of the list ----------------------------------------------------------------------------- */

static bool find_in(const struct postfix *postfix, const char *table, const char *const keys[],
	struct password_entry *entry, struct error *error)
{
	const char *proxy = "proxy:";
	const char *plain =
		strncmp(table, proxy, strlen(proxy)) == 0 ? table + strlen(proxy) : table;
	const char *colon = strchr(plain, ':');
	size_t type = colon ? (size_t)(colon - plain) : 0;

	if (!colon)
		return true;
	if (type == strlen("static") && strncmp(plain, "static", type) == 0) {
		size_t len = strlen(colon + 1);
		bool braces = len > 1 && colon[1] == '{' && colon[len] == '}';
		const char *value = colon + 1 + braces;
		len -= braces ? 2u : 0;
		while (len > 0 && value[0] == ' ' && braces)
			value++, len--;
		while (len > 0 && value[len - 1] == ' ' && braces)
			len--;
		return take_value(entry, value, len, "static:", error);
	}
	if (type == strlen("inline") && strncmp(plain, "inline", type) == 0)
		return find_inline(entry, colon + 1, keys, error);
	if (type == strlen("texthash") && strncmp(plain, "texthash", type) == 0)
		return find_text(entry, table, colon + 1, keys, error);
	for (size_t i = 0; i < sizeof indexed / sizeof *indexed; i++)
		if (type == strlen(indexed[i].type) && strncmp(plain, indexed[i].type, type) == 0)
			return find_indexed(
				postfix, table, colon + 1, indexed[i].suffix, keys, entry, error);
	return ask_all(postfix, table, keys, entry, error);
}

bool password_find(const struct postfix *postfix, const char *maps, const char *const keys[],
	struct password_entry *entry, struct error *error)
{
	const char *at = maps;
	bool ok = true;
	char *table;

	*entry = (struct password_entry){0};
	while (ok && !entry->login && (table = lookup_next_word(&at))) {
		ok = find_in(postfix, table, keys, entry, error);
		explicit_bzero(table, strlen(table));
		free(table);
	}
	if (!ok)
		password_entry_free(entry);
	return ok;
}
