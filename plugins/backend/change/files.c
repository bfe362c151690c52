/* files.c: edit_plan (edit.h): which files change, how, and in which order. */
#include "edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/i18n.h"
#include "../postfix/map.h"
#include "interim.h"

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

static bool secret_interim(struct plan_file *file, struct error *error)
{
	const struct secret_table *before = &file->secret_before, *after = &file->secret_after;

	if (!interim_is_needed(before->bytes, before->len, after->bytes, after->len))
		return true;
	if (!secret_table_init(&file->secret_interim, before->len + after->len + 3, error))
		return false;
	struct secret_table *mid = &file->secret_interim;
	mid->len = interim_join(mid->bytes, before->bytes, before->len, after->bytes, after->len);
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

/* --- tables -------------------------------------------------------------------------------------- */

static const struct edit_file *table_at(const struct edit *edit, const char *path)
{
	for (size_t i = 0; i < edit->table_count; i++)
		if (strcmp(edit->tables[i].path, path) == 0)
			return &edit->tables[i];
	return NULL;
}

/* A policy that loses entries has both for as long as main.cf or master.cf may still lead to the old
 * ones. */
static void bridge_policy(struct plan_file *file)
{
	const struct strbuf *before = &file->before, *after = &file->after;

	if (!file->existed ||
		!interim_is_needed(before->data, before->len, after->data, after->len))
		return;
	char *mid = mem_calloc(before->len + after->len + 3, 1);
	strbuf_add(&file->interim, mid,
		interim_join(mid, before->data, before->len, after->data, after->len));
	file->has_interim = true;
	free(mid);
}

/* Built anew where its text changes. */
static void add_map(const struct edit *edit, struct plan *plan, const struct wanted_table *table,
	const char *path, bool text_changes)
{
	char *built = text_format("%s%s", path, map_ending(table->built));
	bool exists = table_at(edit, built) != NULL;

	if (!exists || text_changes) {
		struct plan_file *file = append(plan, PLAN_MAP, built);
		file->existed = exists;
		file->mode = 0644;
		file->map_type = table->built;
		strbuf_add(&file->after, table->text.data, table->text.len);
	}
	free(built);
}

static void add_table(const struct edit *edit, struct plan *plan, const struct wanted_table *table)
{
	char *path = ours_path(edit->site, table->name);
	const struct edit_file *there = table_at(edit, path);
	const struct edit_file missing = {.path = path};
	struct plan_file *file =
		add_text(plan, table->kind == WANTED_ROUTES ? PLAN_ROUTES : PLAN_TABLE,
			there ? there : &missing, &table->text, 0644);
	bool changes = file != NULL;

	if (file && table->kind == WANTED_POLICY)
		bridge_policy(file);
	if (table->built)
		add_map(edit, plan, table, path, changes);
	free(path);
}

static bool is_wanted(const struct wanted *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->table_count; i++) {
		const struct wanted_table *table = &wanted->tables[i];
		size_t len = strlen(table->name);
		if (strncmp(name, table->name, len) == 0 &&
			(name[len] == '\0' ||
				(table->built &&
					strcmp(name + len, map_ending(table->built)) == 0)))
			return true;
	}
	return false;
}

/* Tables of ours that are not wanted; what postmap once made of one may hold secrets, and is not even
 * looked at. */
static void add_unwanted(
	const struct edit *edit, struct plan *plan, const struct wanted *wanted, bool built)
{
	for (size_t i = 0; i < edit->table_count; i++) {
		const struct edit_file *from = &edit->tables[i];
		const char *name = strrchr(from->path, '/') + 1;
		bool is_built;
		(void)ours_is_table(name, &is_built);
		if (is_built != built || is_wanted(wanted, name))
			continue;
		if (built) {
			struct plan_file *file = append(plan, PLAN_LEFTOVER, from->path);
			file->existed = true;
			file->remove = true;
		} else {
			add_text(plan, PLAN_TABLE, from, NULL, 0644);
		}
	}
}

/* --- master.cf ----------------------------------------------------------------------------------- */

/* Are there services that main.cf is going to name? Those that are changed come first where they have all
 * that a relay needs (routed mode). That of the simple mode rests on main.cf, and must not take the place
 * of the other before main.cf has changed: mail would go out without login and TLS demands. */
static bool has_new_services(const struct edit *edit)
{
	struct mastercf *old = mastercf_parse(edit->site->master_cf, edit->master_file.bytes.data,
		edit->master_file.bytes.len, NULL);
	bool found = false;

	for (size_t i = 0; old && !found && i < mastercf_count(edit->master); i++) {
		const char *key = mastercf_key(edit->master, i);
		const char *was = mastercf_value(old, key);
		const char *is = mastercf_value(edit->master, key);
		found = !was || (strcmp(was, is) != 0 && strstr(is, "smtp_tls_policy_maps="));
	}
	mastercf_free(old);
	return found;
}

static void add_master(struct edit *edit, struct plan *plan)
{
	struct plan_file *file = add_text(
		plan, PLAN_MASTER_CF, &edit->master_file, mastercf_bytes(edit->master), 0644);

	if (file)
		file->comes_first = has_new_services(edit);
}

/* --- the order ----------------------------------------------------------------------------------- */

/* What main.cf is going to name comes before it, what it names no longer after it. Tables of routes
 * name services of master.cf, and hold with main.cf: services come before both, or go after both. Our
 * own state at the end (its folders together, plan files of one folder beside each other). */
static int rank(const struct plan_file *file)
{
	switch (file->kind) {
	case PLAN_SECRET_TABLE:
	case PLAN_TABLE:
		/* With an interim version, which goes ahead of everything, this is the end of it. */
		return file->remove || file->has_interim ? 40 : 0;
	case PLAN_MASTER_CF:
		return file->comes_first ? 10 : 30;
	case PLAN_ROUTES:
	case PLAN_MAP:
		return 15;
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
	add_master(edit, plan);
	for (size_t i = 0; i < wanted->table_count; i++)
		add_table(edit, plan, &wanted->tables[i]);
	add_unwanted(edit, plan, wanted, false);
	if (!add_secret(edit, plan, secret, error))
		return false;
	if (plan->count > 0)
		add_unwanted(edit, plan, wanted, true);
	plan->needs_reload = plan->count > 0;
	add_state(edit, plan, settings);
	sort(plan);
	plan->check_service = text_dup(wanted->check_services);
	strbuf_add(&plan->kept, edit->kept.data, edit->kept.len);
	return true;
}
