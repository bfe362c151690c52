#include "strays.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/strbuf.h"
#include "confirm.h"
#include "ours.h"
#include "step.h"

/* Looks at the strays beside a target; true ends the round. */
typedef bool look_at(const char *target);

static const char *const backed_up[] = {"main.cf", "master.cf"};

static bool clear_staged(const char *target)
{
	steps_clear_strays(target);
	return false;
}

static bool clear_saved(const char *target)
{
	file_replace_clear(target);
	return false;
}

/* Beside the tables, whichever they are: their folder is looked through. */
static bool any_beside_tables(const struct site *site, look_at *look)
{
	struct ours ours;
	bool found = false;

	if (!ours_tables(&ours, site, NULL))
		return false;
	for (size_t i = 0; !found && i < ours.count; i++) {
		char *path = ours_path(site, ours.names[i]);
		found = look(path);
		free(path);
	}
	ours_free(&ours);
	return found;
}

static bool any_staged(const struct site *site, look_at *look)
{
	char *main_cf = file_resolve(site->main_cf, NULL);
	char *master_cf = file_resolve(site->master_cf, NULL);
	const char *const paths[] = {main_cf, master_cf, site->settings_file, site->baseline_file};
	bool found = false;

	for (size_t i = 0; !found && i < sizeof paths / sizeof *paths; i++)
		found = paths[i] && look(paths[i]);
	free(main_cf);
	free(master_cf);
	return found || any_beside_tables(site, look);
}

/* STATE_DIR/backup/TIME/, of which there is one for each --remove-foreign. `look` sees both files of
 * each, and then `look_folder` the folder. */
static bool any_in_backups(const struct site *site, look_at *look, look_at *look_folder)
{
	char *backup = text_format("%s/backup", site->state_dir);
	DIR *folder = opendir(backup);
	const struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		char *path = text_format("%s/%s", backup, entry->d_name);
		for (size_t i = 0; !found && i < sizeof backed_up / sizeof *backed_up; i++) {
			char *file = text_format("%s/%s", path, backed_up[i]);
			found = look(file);
			free(file);
		}
		found = found || look_folder(path);
		free(path);
	}
	if (folder)
		closedir(folder);
	free(backup);
	return found;
}

/* Made for a change that did not come to stand. */
static bool is_bare(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry = NULL;

	while (folder && (entry = readdir(folder)) && entry->d_name[0] == '.' &&
		(strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
		;
	if (folder)
		closedir(folder);
	return folder && !entry;
}

/* It stays where anything is in it. */
static bool clear_bare(const char *folder)
{
	rmdir(folder);
	return false;
}

static bool any_saved(const struct site *site, look_at *look)
{
	char *instance = text_format("%s/instance", site->state_dir);
	bool found = look(site->journal_file) || look(site->last_test_file) || look(instance);

	free(instance);
	return found;
}

bool strays_exist(const struct site *site)
{
	return any_staged(site, steps_has_strays) ||
	       any_in_backups(site, steps_has_strays, is_bare) ||
	       any_saved(site, file_replace_was_cut) || confirm_scratch_exists(site);
}

bool strays_clear(const struct site *site)
{
	any_staged(site, clear_staged);
	any_in_backups(site, clear_staged, clear_bare);
	any_saved(site, clear_saved);
	confirm_clear_scratch(site);
	return !strays_exist(site);
}
