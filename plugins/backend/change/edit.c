#include "edit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
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

static bool read_all(struct edit *edit, const struct site *site, struct error *error)
{
	struct stat st;

	*edit = (struct edit){.site = site};
	strbuf_reset(&edit->kept);
	if (!read_resolved(&edit->main_file, site->main_cf, error) ||
		!read_resolved(&edit->master_file, site->master_cf, error) ||
		!read_own(&edit->policy_file, site->tls_policy, error) ||
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
	file_free(&edit->policy_file);
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
	const char *const files[] = {edit->site->credentials, edit->site->tls_policy};
	size_t service = strlen(WANTED_SERVICE);
	bool ok = true;

	*restore = now && strncmp(now, WANTED_SERVICE, service) == 0 &&
		   (now[service] == '\0' || now[service] == ':');
	for (size_t i = 0; ok && now && i < sizeof files / sizeof *files; i++) {
		char *table = wanted_table(files[i]);
		char *rest = NULL;
		bool changed;
		if (wanted_without_table(now, table, &rest)) {
			ok = maincf_set(edit->main, name, rest, NULL, &changed, error);
			now = maincf_value(edit->main, name);
		}
		free(rest);
		free(table);
	}
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

static void give_back_service(struct edit *edit, bool force)
{
	struct baseline_file *file = &edit->baseline.master;

	for (size_t i = file->count; i > 0; i--) {
		struct baseline_hunk *entry = &file->hunks[i - 1];
		if (entry->kept && !force)
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

static bool set_wanted(struct edit *edit, const struct wanted *wanted, struct error *error)
{
	struct hunk hunk = {0};
	bool changed = false;

	for (size_t i = 0; i < wanted->count; i++) {
		const struct wanted_parameter *parameter = &wanted->parameters[i];
		drop_kept(&edit->baseline.main, parameter->name);
		if (!maincf_set(
			    edit->main, parameter->name, parameter->value, &hunk, &changed, error))
			return false;
		if (changed)
			baseline_remember(&edit->baseline.main, &hunk);
		hunk_free(&hunk);
		hunk = (struct hunk){0};
	}
	if (!wanted->service)
		return true;
	drop_kept(&edit->baseline.master, WANTED_SERVICE_KEY);
	if (!mastercf_set(
		    edit->master, WANTED_SERVICE_KEY, wanted->service, &hunk, &changed, error))
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
	if (!wanted->service)
		give_back_service(edit, force);
	return set_wanted(edit, wanted, error);
}

bool edit_leads_to_ours(const struct edit *edit)
{
	static const char *const lists[] = {"smtp_sasl_password_maps", "smtp_tls_policy_maps"};
	static const char *const transports[] = {"default_transport", "relay_transport"};
	const char *const files[] = {edit->site->credentials, edit->site->tls_policy};
	bool ours = false;

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const char *now = maincf_value(edit->main, lists[i]);
		char *table = wanted_table(files[i]);
		char *rest = NULL;
		ours = ours || (now && wanted_without_table(now, table, &rest));
		free(rest);
		free(table);
	}
	for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
		const char *now = maincf_value(edit->main, transports[i]);
		ours = ours || text_equal(now, WANTED_SERVICE);
	}
	return ours;
}
