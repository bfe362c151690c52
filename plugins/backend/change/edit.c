#include "edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "arrange.h"
#include "lock.h"

enum { SHOWN_MAX = 160 };

/* --- reading ------------------------------------------------------------------------------------- */

/* An administrator may have made main.cf a symlink; what we write is where it ends. */
static bool read_resolved(struct edit_file *file, const char *path, struct error *error)
{
	file->path = file_resolve(path, error);
	if (!file->path)
		return false;
	/* Our temporary file goes beside it. */
	char *folder = file_folder(file->path);
	bool ok = file_check_ownership(folder, error) && file_check_way(folder, error);
	free(folder);
	file->exists = true;
	return ok && file_read(&file->bytes, file->path, FILE_MAX, NULL, error);
}

static bool read_own(struct edit_file *file, const char *path, struct error *error)
{
	file->path = text_dup(path);
	return file_read(&file->bytes, path, FILE_MAX, &file->exists, error);
}

static void file_free(struct edit_file *file)
{
	free(file->path);
	strbuf_free(&file->bytes);
}

static bool read_tables(struct edit *edit, const struct site *site, struct error *error)
{
	struct ours ours;
	bool ok = true, built;

	if (!ours_tables(&ours, site, error))
		return false;
	edit->tables = mem_calloc(ours.count + 1, sizeof *edit->tables);
	for (size_t i = 0; ok && i < ours.count; i++) {
		char *path = ours_path(site, ours.names[i]);
		struct stat st;
		bool there = lstat(path, &st) == 0;
		(void)ours_is_table(ours.names[i], &built);
		if (!there && errno != ENOENT) {
			ok = error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
		} else if (there && strcmp(path, site->credentials) != 0 &&
			   !(built && S_ISDIR(st.st_mode))) {
			struct edit_file *file = &edit->tables[edit->table_count++];
			if (built)
				*file = (struct edit_file){.path = text_dup(path), .exists = true};
			else
				ok = read_own(file, path, error);
		}
		free(path);
	}
	ours_free(&ours);
	return ok;
}

static bool read_all(struct edit *edit, const struct site *site, struct error *error)
{
	struct stat st;

	*edit = (struct edit){.site = site};
	strbuf_reset(&edit->kept);
	if (!read_resolved(&edit->main_file, site->main_cf, error) ||
		!read_resolved(&edit->master_file, site->master_cf, error) ||
		!read_tables(edit, site, error) ||
		!read_own(&edit->settings_file, site->settings_file, error) ||
		!secret_table_load(
			&edit->credentials, site->credentials, &edit->credentials_exist, error))
		goto fail;
	edit->credentials_open =
		edit->credentials_exist &&
		(lstat(site->credentials, &st) != 0 || !S_ISREG(st.st_mode) ||
			(st.st_mode & 077) != 0 || (st.st_uid != 0 && st.st_uid != geteuid()));
	edit->baseline_file.path = text_dup(site->baseline_file);
	if (!baseline_load(&edit->baseline, site->baseline_file, &edit->baseline_file.bytes,
		    &edit->baseline_file.exists, error) ||
		!baseline_check_owner(
			&edit->baseline, site->baseline_file, site->postfix.config_dir, error))
		goto fail;
	edit->main = maincf_parse(
		site->main_cf, edit->main_file.bytes.data, edit->main_file.bytes.len, error);
	if (!edit->main)
		goto fail;
	edit->master = mastercf_parse(
		site->master_cf, edit->master_file.bytes.data, edit->master_file.bytes.len, error);
	if (!edit->master)
		goto fail;
	return true;
fail:
	edit_close(edit);
	return false;
}

bool edit_open(struct edit *edit, const struct site *site, struct error *error)
{
	long long mark = lock_mark(site);
	struct error local;

	if (mark < 0)
		return lock_refuse(site, error);
	bool ok = read_all(edit, site, error);
	/* Whatever it looked like: half of it may be from before another's change, and half from after. */
	if (lock_mark_holds(site, mark, &local))
		return ok;
	if (ok)
		edit_close(edit);
	if (error)
		*error = local;
	return false;
}

void edit_close(struct edit *edit)
{
	file_free(&edit->main_file);
	file_free(&edit->master_file);
	for (size_t i = 0; i < edit->table_count; i++)
		file_free(&edit->tables[i]);
	free(edit->tables);
	file_free(&edit->settings_file);
	file_free(&edit->baseline_file);
	maincf_free(edit->main);
	mastercf_free(edit->master);
	baseline_free(&edit->baseline);
	secret_table_free(&edit->credentials);
	strbuf_free(&edit->kept);
	*edit = (struct edit){0};
}

struct view edit_view(const struct edit *edit, const struct settings *settings)
{
	return (struct view){.site = edit->site,
		.settings = settings,
		.baseline = &edit->baseline,
		.main = edit->main,
		.master = edit->master};
}

/* --- giving back --------------------------------------------------------------------------------- */

static void say_kept(struct edit *edit, const char *name, const char *value, const char *why)
{
	char shown[SHOWN_MAX];

	if (strstr(name, "password"))
		text_clean_into(shown, sizeof shown, "...", 3);
	else
		text_clean_into(shown, sizeof shown, value ? value : "", value ? strlen(value) : 0);
	strbuf_addf(&edit->kept, "%s = %s: %s\n", name, shown, why);
}

/* Someone changed a parameter of ours, but what it says now still leads to a table or service of
 * ours that is about to go: Postfix would defer all mail over it. Only that part is taken out. */
static bool cut_references(struct edit *edit, const char *name, bool *restore, struct error *error)
{
	const char *now = maincf_value(edit->main, name);
	char *rest = NULL;
	bool ok = true, changed;

	*restore = now && ours_is_transport(now);
	if (now && ours_cut_all(edit->site, now, &rest))
		ok = maincf_set(edit->main, name, rest, NULL, &changed, error);
	free(rest);
	return ok;
}

static bool give_back(struct edit *edit, size_t index, bool force, struct error *error)
{
	struct baseline_hunk *entry = &edit->baseline.main.hunks[index];
	enum hunk_restore result = maincf_restore(edit->main, &entry->hunk, force);
	bool restore = false;

	if (result == HUNK_CHANGED) {
		if (!cut_references(edit, entry->hunk.key, &restore, error))
			return false;
		if (restore)
			result = maincf_restore(edit->main, &entry->hunk, true);
	}
	if (result == HUNK_CHANGED) {
		say_kept(edit, entry->hunk.key, maincf_value(edit->main, entry->hunk.key),
			_("someone else changed it since, so it stays as it is"));
		entry->kept = true;
	} else {
		baseline_forget(&edit->baseline.main, index);
	}
	return true;
}

static bool give_back_unwanted(
	struct edit *edit, const struct wanted *wanted, bool force, struct error *error)
{
	struct baseline_file *file = &edit->baseline.main;

	for (size_t i = file->count; i > 0; i--) {
		const struct baseline_hunk *entry = &file->hunks[i - 1];
		bool ours = !wanted_value(wanted, entry->hunk.key);
		if (entry->kept && !force && ours)
			say_kept(edit, entry->hunk.key, maincf_value(edit->main, entry->hunk.key),
				_("someone else changed it since, so it stays as it is"));
		else if (ours && !give_back(edit, i - 1, force, error))
			return false;
	}
	return true;
}

static void give_back_services(struct edit *edit, const struct wanted *wanted, bool force)
{
	struct baseline_file *file = &edit->baseline.master;

	for (size_t i = file->count; i > 0; i--) {
		struct baseline_hunk *entry = &file->hunks[i - 1];
		if ((entry->kept && !force) || wanted_service(wanted, entry->hunk.key))
			continue;
		if (mastercf_restore(edit->master, &entry->hunk, force) != HUNK_CHANGED) {
			baseline_forget(file, i - 1);
			continue;
		}
		entry->kept = true;
		strbuf_addf(&edit->kept, "master.cf, %s: %s\n", entry->hunk.key,
			_("someone else changed it since, so it stays as it is"));
	}
}

/* --- setting ------------------------------------------------------------------------------------- */

/* What an earlier Deconfigure left to someone else is theirs: a new baseline for it begins here. */
static void drop_kept(struct baseline_file *file, const char *key)
{
	for (size_t i = file->count; i > 0; i--)
		if (file->hunks[i - 1].kept && strcmp(file->hunks[i - 1].hunk.key, key) == 0)
			baseline_forget(file, i - 1);
}

static bool set_parameter(
	struct edit *edit, const struct wanted_parameter *parameter, struct error *error)
{
	struct hunk hunk = {0};
	bool changed = false;

	drop_kept(&edit->baseline.main, parameter->name);
	if (!maincf_set(edit->main, parameter->name, parameter->value, &hunk, &changed, error))
		return false;
	if (changed)
		baseline_remember(&edit->baseline.main, &hunk);
	hunk_free(&hunk);
	return true;
}

static bool set_service(
	struct edit *edit, const struct wanted_service *service, struct error *error)
{
	struct hunk hunk = {0};
	bool changed = false;

	drop_kept(&edit->baseline.master, service->key);
	if (!mastercf_set(edit->master, service->key, service->line, &hunk, &changed, error))
		return false;
	if (changed)
		baseline_remember(&edit->baseline.master, &hunk);
	hunk_free(&hunk);
	return true;
}

bool edit_apply(struct edit *edit, const struct wanted *wanted, bool force, struct error *error)
{
	if (!give_back_unwanted(edit, wanted, force, error))
		return false;
	give_back_services(edit, wanted, force);
	for (size_t i = 0; i < wanted->count; i++)
		if (!set_parameter(edit, &wanted->parameters[i], error))
			return false;
	for (size_t i = 0; i < wanted->service_count; i++)
		if (!set_service(edit, &wanted->services[i], error))
			return false;
	return arrange(edit, wanted, error);
}
