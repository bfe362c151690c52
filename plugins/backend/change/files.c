/* files.c: edit_plan (edit.h): which files change, how, and in which order. */
#include "edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/i18n.h"

static struct plan_file *append(struct plan *plan, enum plan_file_kind kind, const char *path)
{
	plan->files = mem_realloc_array(plan->files, plan->count + 1, sizeof *plan->files);
	struct plan_file *file = &plan->files[plan->count++];

	*file = (struct plan_file){.kind = kind, .path = text_dup(path)};
	strbuf_reset(&file->before);
	strbuf_reset(&file->after);
	return file;
}

static bool same(const struct strbuf *a, const struct strbuf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* after NULL: the file goes. Nothing is added where nothing changes. */
static struct plan_file *add_text(struct plan *plan, enum plan_file_kind kind,
	const struct edit_file *from, const struct strbuf *after, mode_t mode)
{
	if (after ? from->exists && same(&from->bytes, after) : !from->exists)
		return NULL;
	struct plan_file *file = append(plan, kind, from->path);
	file->existed = from->exists;
	file->mode = mode;
	file->remove = !after;
	strbuf_add(&file->before, from->bytes.data, from->bytes.len);
	if (after)
		strbuf_add(&file->after, after->data, after->len);
	return file;
}

/* --- credentials --------------------------------------------------------------------------------- */

/* A line's key with the blank after it. */
static size_t key_length(const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len);

	return blank ? (size_t)(blank - line) + 1 : len;
}

static size_t line_length(const char *bytes, size_t len)
{
	const char *newline = memchr(bytes, '\n', len);

	return newline ? (size_t)(newline - bytes) + 1 : len;
}

static bool holds_key(const char *bytes, size_t len, const char *key, size_t key_len)
{
	while (len > 0) {
		size_t line = line_length(bytes, len);
		if (line >= key_len && memcmp(bytes, key, key_len) == 0)
			return true;
		bytes += line;
		len -= line;
	}
	return false;
}

/* Does `after` lack a key of `before`? Only then is there anything to bridge. */
static bool loses_keys(const char *before, size_t before_len, const char *after, size_t after_len)
{
	while (before_len > 0) {
		size_t line = line_length(before, before_len);
		if (!holds_key(after, after_len, before, key_length(before, line)))
			return true;
		before += line;
		before_len -= line;
	}
	return false;
}

/* The new entries first, as the first of two alike is the one that Postfix goes by. */
static bool secret_interim(struct plan_file *file, struct error *error)
{
	const struct secret_table *before = &file->secret_before, *after = &file->secret_after;

	if (!loses_keys(before->bytes, before->len, after->bytes, after->len))
		return true;
	if (!secret_table_init(&file->secret_interim, before->len + after->len + 2, error))
		return false;
	struct secret_table *mid = &file->secret_interim;
	memcpy(mid->bytes, after->bytes, after->len);
	memcpy(mid->bytes + after->len, before->bytes, before->len);
	mid->len = before->len + after->len;
	mid->bytes[mid->len] = '\0';
	file->has_interim = true;
	return true;
}

static bool add_secret(
	struct edit *edit, struct plan *plan, struct secret_table *secret, struct error *error)
{
	bool wanted = secret && secret->len > 0;

	if (!wanted && !edit->credentials_exist)
		return true;
	if (wanted && edit->credentials_exist && !edit->credentials_open &&
		secret->len == edit->credentials.len &&
		memcmp(secret->bytes, edit->credentials.bytes, secret->len) == 0)
		return true;
	struct plan_file *file = append(plan, PLAN_SECRET_TABLE, edit->site->credentials);
	file->existed = edit->credentials_exist;
	file->mode = 0600;
	file->remove = !wanted;
	file->secret_before = edit->credentials;
	edit->credentials = (struct secret_table){0};
	if (!wanted)
		return true;
	file->secret_after = *secret;
	*secret = (struct secret_table){0};
	return !file->existed || secret_interim(file, error);
}

/* What postmap once made of a table of ours holds its secrets too, and would be kept on being. */
static void add_leftovers(struct plan *plan, const char *table)
{
	static const char *const endings[] = {".db", ".lmdb"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char *path = text_format("%s%s", table, endings[i]);
		struct stat st;
		if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
			struct plan_file *file = append(plan, PLAN_LEFTOVER, path);
			file->existed = true;
			file->remove = true;
		}
		free(path);
	}
}

/* --- the order ----------------------------------------------------------------------------------- */

/* What main.cf is going to name comes before it, what it names no longer after it, our own state at
 * the end (its folders together, plan files of one folder beside each other). */
static int rank(const struct plan_file *file)
{
	switch (file->kind) {
	case PLAN_SECRET_TABLE:
	case PLAN_TABLE:
		/* With an interim version, which goes ahead of everything, this is the end of it. */
		return file->remove || file->has_interim ? 40 : 0;
	case PLAN_MASTER_CF:
		return file->after.len < file->before.len ? 30 : 10;
	case PLAN_MAIN_CF:
		return 20;
	case PLAN_LEFTOVER:
		return 41;
	case PLAN_STATE:
		break;
	}
	return 50;
}

static void sort(struct plan *plan)
{
	for (size_t i = 1; i < plan->count; i++) {
		struct plan_file file = plan->files[i];
		size_t at = i;
		for (; at > 0 && rank(&plan->files[at - 1]) > rank(&file); at--)
			plan->files[at] = plan->files[at - 1];
		plan->files[at] = file;
	}
}

static void add_policy(struct edit *edit, struct plan *plan, const struct wanted *wanted)
{
	const struct strbuf *after = wanted->policy.len > 0 ? &wanted->policy : NULL;
	struct plan_file *file = add_text(plan, PLAN_TABLE, &edit->policy_file, after, 0644);

	if (!file || !after || !file->existed ||
		!loses_keys(file->before.data, file->before.len, after->data, after->len))
		return;
	strbuf_add(&file->interim, after->data, after->len);
	strbuf_add(&file->interim, file->before.data, file->before.len);
	file->has_interim = true;
}

static void add_state(struct edit *edit, struct plan *plan, const struct settings *settings)
{
	struct strbuf text = STRBUF_INIT;

	if (settings)
		settings_format(settings, &text);
	add_text(plan, PLAN_STATE, &edit->settings_file, settings ? &text : NULL, 0600);
	strbuf_reset(&text);
	bool empty = baseline_is_empty(&edit->baseline);
	if (!empty) {
		baseline_set_owner(&edit->baseline, edit->site->postfix.config_dir);
		baseline_format(&edit->baseline, &text);
	}
	add_text(plan, PLAN_STATE, &edit->baseline_file, empty ? NULL : &text, 0600);
	strbuf_free(&text);
}

bool edit_plan(struct edit *edit, struct plan *plan, const struct wanted *wanted,
	struct secret_table *secret, const struct settings *settings, struct error *error)
{
	assert(plan->count == 0);
	add_text(plan, PLAN_MAIN_CF, &edit->main_file, maincf_bytes(edit->main), 0644);
	add_text(plan, PLAN_MASTER_CF, &edit->master_file, mastercf_bytes(edit->master), 0644);
	add_policy(edit, plan, wanted);
	if (!add_secret(edit, plan, secret, error))
		return false;
	if (plan->count > 0) {
		add_leftovers(plan, edit->site->credentials);
		add_leftovers(plan, edit->site->tls_policy);
	}
	plan->needs_reload = plan->count > 0;
	add_state(edit, plan, settings);
	sort(plan);
	plan->check_service = text_dup(wanted->check_service);
	strbuf_add(&plan->kept, edit->kept.data, edit->kept.len);
	return true;
}
