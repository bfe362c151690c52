#include "postconf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "postfix/entries.h"

static void give_up(const char *what, const char *on)
{
	fprintf(stderr, "differential: %s %s: %s\n", what, on, strerror(errno));
	exit(71);
}

void postconf_open(struct postconf *postconf, const char *dir)
{
	struct strbuf nothing = STRBUF_INIT;

	strbuf_reset(&nothing);
	postconf->dir = text_dup(dir);
	if (mkdir(dir, 0755) < 0)
		give_up("mkdir", dir);
	postconf_write(postconf, "main.cf", &nothing);
	postconf_write(postconf, "master.cf", &nothing);
	strbuf_free(&nothing);
}

void postconf_close(struct postconf *postconf)
{
	static const char *const files[] = {"/main.cf", "/master.cf", ""};

	for (size_t i = 0; postconf->dir && i < sizeof files / sizeof *files; i++) {
		char *path = text_format("%s%s", postconf->dir, files[i]);
		(void)remove(path);
		free(path);
	}
	free(postconf->dir);
	postconf->dir = NULL;
}

/* Written long enough ago that Postfix need not wait for it to cool down. */
void postconf_write(const struct postconf *postconf, const char *file, const struct strbuf *bytes)
{
	char *path = text_format("%s/%s", postconf->dir, file);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct timespec old[2] = {{time(NULL) - 10, 0}, {time(NULL) - 10, 0}};

	if (fd < 0 || write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len ||
		futimens(fd, old) < 0 || close(fd) < 0)
		give_up("write", path);
	free(path);
}

void postconf_start(const struct postconf *postconf, const char *option, struct child *child)
{
	const char *const argv[] = {"postconf", "-c", postconf->dir, option, NULL};
	struct error error;

	*child = (struct child){0};
	if (!child_start(child, argv, NULL, NULL, &error)) {
		fprintf(stderr, "differential: %s\n", error.message);
		exit(71);
	}
}

void postconf_wait(struct child *child)
{
	struct error error;

	if (!child_wait(child, 60000, &error) || child->truncated) {
		fprintf(stderr, "differential: %s\n",
			child->truncated ? "postconf's output is too long" : error.message);
		exit(71);
	}
}

void postconf_run(const struct postconf *postconf, const char *option, struct child *child)
{
	postconf_start(postconf, option, child);
	postconf_wait(child);
}

/* --- pairs ---------------------------------------------------------------------------------------- */

void pairs_add(struct pairs *pairs, const char *name, const char *value)
{
	if (pairs->count == pairs->cap) {
		pairs->cap = pairs->cap ? pairs->cap * 2 : 32;
		pairs->list = mem_realloc_array(pairs->list, pairs->cap, sizeof *pairs->list);
	}
	pairs->list[pairs->count++] = (struct pair){text_dup(name), text_dup(value)};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static int by_name_and_value(const void *a, const void *b)
{
	int names = by_name(a, b);

	return names ? names
		     : strcmp(((const struct pair *)a)->value, ((const struct pair *)b)->value);
}

void pairs_sort(struct pairs *pairs)
{
	if (pairs->count > 0)
		qsort(pairs->list, pairs->count, sizeof *pairs->list, by_name_and_value);
}

struct pair *pairs_find(const struct pairs *pairs, const char *name)
{
	struct pair wanted = {.name = text_dup(name)};
	struct pair *found = pairs->count ? bsearch(&wanted, pairs->list, pairs->count,
						    sizeof *pairs->list, by_name)
					  : NULL;

	free(wanted.name);
	return found;
}

void pairs_drop(struct pairs *pairs, const char *name)
{
	struct pair *pair = pairs_find(pairs, name);

	if (!pair)
		return;
	free(pair->name);
	free(pair->value);
	size_t after = pairs->count - (size_t)(pair - pairs->list) - 1;
	memmove(pair, pair + 1, after * sizeof *pair);
	pairs->count--;
}

void pairs_set(struct pairs *pairs, const char *name, const char *value)
{
	pairs_drop(pairs, name);
	pairs_add(pairs, name, value);
	pairs_sort(pairs);
}

void pairs_copy(struct pairs *to, const struct pairs *from)
{
	*to = (struct pairs){0};
	for (size_t i = 0; i < from->count; i++)
		pairs_add(to, from->list[i].name, from->list[i].value);
}

void pairs_free(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->list[i].name);
		free(pairs->list[i].value);
	}
	free(pairs->list);
	*pairs = (struct pairs){0};
}

/* --- the answer ----------------------------------------------------------------------------------- */

static bool is_own_folder(const char *name)
{
	return strcmp(name, "config_directory") == 0;
}

/* Standard output against what is expected; seen[i] says which of them was there. */
static bool check_shown(
	const struct strbuf *out, const struct pairs *expected, bool *seen, struct strbuf *why)
{
	bool ok = true;

	for (const char *line = out->data; ok && *line;) {
		size_t len = strcspn(line, "\n"), name_len = strcspn(line, " \n");
		char *name = text_dup_len(line, name_len);
		const struct pair *pair = pairs_find(expected, name);
		const char *value = line + name_len + strspn(line + name_len, " ");

		if (*value != '=') {
			strbuf_addf(why, "postconf's line cannot be read: %.*s", (int)len, line);
			ok = false;
		} else if (!is_own_folder(name)) {
			char *text = text_dup_len(value + 1, len - (size_t)(value + 1 - line));
			ok = pair && entries_value_equal(text, pair->value);
			if (!ok)
				strbuf_addf(why, "%s is \"%s\" for Postfix, \"%s\" for us", name,
					text, pair ? pair->value : "(nothing)");
			free(text);
		}
		if (ok && pair)
			seen[pair - expected->list] = true;
		free(name);
		line += len + (line[len] == '\n');
	}
	return ok;
}

/* The parameters that only warnings name, as one text each (the value is empty). */
static void read_warned(
	const struct postconf *postconf, const struct strbuf *err, struct pairs *warned)
{
	char *prefix = text_format("postconf: warning: %s/main.cf: ", postconf->dir);

	for (const char *line = err->data; *line;) {
		size_t len = strcspn(line, "\n");
		if (strncmp(line, prefix, strlen(prefix)) == 0) {
			const char *text = line + strlen(prefix);
			size_t left = len - strlen(prefix);
			static const char *const kinds[] = {
				"unused parameter: ", "read-only parameter assignment: "};
			for (size_t i = 0; i < 2; i++) {
				if (strncmp(text, kinds[i], strlen(kinds[i])) != 0)
					continue;
				char *found = text_dup_len(
					text + strlen(kinds[i]), left - strlen(kinds[i]));
				pairs_add(warned, found, "");
				free(found);
			}
		}
		line += len + (line[len] == '\n');
	}
	free(prefix);
	pairs_sort(warned);
}

static void add_unseen(struct pairs *unseen, const struct pair *pair)
{
	char *text = text_format("%s=%s", pair->name, pair->value);

	for (char *c = text; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	pairs_add(unseen, text, "");
	free(text);
}

bool postconf_agrees(const struct postconf *postconf, const struct child *answer,
	const struct pairs *expected, struct strbuf *why)
{
	bool *seen = mem_calloc(expected->count + 1, sizeof *seen);
	struct pairs warned = {0}, unseen = {0};

	bool ok = check_shown(&answer->out, expected, seen, why);
	if (ok)
		read_warned(postconf, &answer->err, &warned);
	for (size_t i = 0; ok && i < expected->count; i++) {
		if (!seen[i] && !is_own_folder(expected->list[i].name))
			add_unseen(&unseen, &expected->list[i]);
	}
	pairs_sort(&unseen);
	for (size_t i = 0; ok && (i < warned.count || i < unseen.count); i++) {
		const char *theirs = i < warned.count ? warned.list[i].name : "(nothing)";
		const char *ours = i < unseen.count ? unseen.list[i].name : "(nothing)";
		ok = strcmp(theirs, ours) == 0;
		if (!ok)
			strbuf_addf(why, "\"%s\" for Postfix, \"%s\" for us", theirs, ours);
	}
	pairs_free(&warned);
	pairs_free(&unseen);
	free(seen);
	return ok;
}
