#include "confirm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../postfix/maincf.h"
#include "hop_check.h"
#include "meanwhile.h"

/* --- before -------------------------------------------------------------------------------------- */

/* What Postfix's programs look for in a configuration folder, besides the two files themselves. */
static const char *const companions[] = {
	"dynamicmaps.cf", "dynamicmaps.cf.d", "postfix-files", "postfix-files.d"};

static char *scratch_path(const struct site *site)
{
	return text_format("%s/scratch", site->state_dir);
}

bool confirm_scratch_exists(const struct site *site)
{
	char *folder = scratch_path(site);
	bool there = access(folder, F_OK) == 0;

	free(folder);
	return there;
}

void confirm_clear_scratch(const struct site *site)
{
	static const char *const names[] = {"main.cf", "master.cf"};
	char *folder = scratch_path(site);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = text_format("%s/%s", folder, names[i]);
		unlink(path);
		free(path);
	}
	for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
		char *path = text_format("%s/%s", folder, companions[i]);
		unlink(path);
		free(path);
	}
	rmdir(folder);
	free(folder);
}

static bool link_into(const char *folder, const char *name, const char *to, struct error *error)
{
	char *path = text_format("%s/%s", folder, name);
	char *absolute = realpath(to, NULL);
	bool ok = symlink(absolute ? absolute : to, path) == 0;

	if (!ok)
		error_errno(error, ERROR_IO, errno, _("Cannot make %s"), path);
	free(absolute);
	free(path);
	return ok;
}

static bool link_staged(const char *folder, const char *name, const char *path,
	const struct steps *steps, struct error *error)
{
	char *target = file_resolve(path, error);

	if (!target)
		return false;
	const char *staged = steps_staged(steps, target);
	bool ok = link_into(folder, name, staged ? staged : target, error);
	free(target);
	return ok;
}

/* Parameters that read differently in the new main.cf, with the values that it gives them. */
struct expected {
	const char **names; /* NULL-terminated; they belong to the parsed file */
	size_t count;
	struct maincf *after;
};

static void expected_free(struct expected *expected)
{
	free(expected->names);
	maincf_free(expected->after);
	*expected = (struct expected){0};
}

static bool expected_from(struct expected *expected, const struct plan *plan, struct error *error)
{
	const struct plan_file *file = NULL;

	*expected = (struct expected){0};
	for (size_t i = 0; plan && i < plan->count; i++)
		if (plan->files[i].kind == PLAN_MAIN_CF)
			file = &plan->files[i];
	if (!file)
		return true;
	struct maincf *before =
		maincf_parse(file->path, file->before.data, file->before.len, error);
	if (!before)
		return false;
	expected->after = maincf_parse(file->path, file->after.data, file->after.len, error);
	if (!expected->after) {
		maincf_free(before);
		return false;
	}
	size_t count = maincf_count(expected->after);
	expected->names = mem_calloc(count + 1, sizeof *expected->names);
	for (size_t i = 0; i < count; i++) {
		const char *name = maincf_name(expected->after, i);
		const char *old = maincf_value(before, name);
		if (!old || strcmp(old, maincf_value(expected->after, name)) != 0)
			expected->names[expected->count++] = name;
	}
	maincf_free(before);
	return true;
}

/* Whatever it is asked, postconf reads both files and refuses what postfix_validate would. */
static bool ask_staged(const struct site *site, const char *folder, const struct expected *expected,
	struct error *error)
{
	struct postfix_values values = {0};
	bool ok = true;

	if (expected->count == 0)
		return postfix_validate(&site->postfix, folder, error);
	if (!postfix_ask(&site->postfix, folder, expected->names, false, &values, error))
		return false;
	for (size_t i = 0; ok && i < expected->count; i++) {
		const char *name = expected->names[i];
		const char *found = postfix_values_get(&values, name);
		if (found && maincf_value_equal(found, maincf_value(expected->after, name)))
			continue;
		/* No values here: a parameter may hold a login. */
		ok = error_set(error, ERROR_CONFIG,
			_("Postfix would not read %s from %s as it is to be written there."), name,
			site->main_cf);
		error_advise(error, _("See what `postconf -n` says about this configuration."));
	}
	postfix_values_free(&values);
	return ok;
}

bool confirm_staged(const struct site *site, const struct steps *steps, const struct plan *plan,
	struct error *error)
{
	char *folder = scratch_path(site);
	struct expected expected;
	bool ok = false;

	if (!expected_from(&expected, plan, error))
		goto out;
	confirm_clear_scratch(site);
	if (mkdir(folder, 0700) != 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot make the folder %s"), folder);
		goto out;
	}
	if (!link_staged(folder, "main.cf", site->main_cf, steps, error) ||
		!link_staged(folder, "master.cf", site->master_cf, steps, error))
		goto out;
	for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
		char *path = text_format("%s/%s", site->postfix.config_dir, companions[i]);
		bool fine =
			access(path, F_OK) != 0 || link_into(folder, companions[i], path, error);
		free(path);
		if (!fine)
			goto out;
	}
	ok = ask_staged(site, folder, &expected, error);
out:
	expected_free(&expected);
	confirm_clear_scratch(site);
	free(folder);
	return ok;
}

/* --- after --------------------------------------------------------------------------------------- */

static bool look_at_running(const struct site *site, const char *services, struct error *error)
{
	bool ok = true;

	if (!postfix_is_running(&site->postfix)) {
		error_set(error, ERROR_CONFIG, _("Postfix stopped running when it was reloaded."));
		return error_advise(
			error, _("Its log says why (look for \"fatal\"); then start it again."));
	}
	for (const char *at = services; ok && at && *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		char *service = text_dup_len(at, len);
		ok = hop_check_is_hop(at, len) ||
		     postfix_check_delivery_agent(&site->postfix, service, error);
		free(service);
		at += len;
	}
	return ok && (!services || hop_check(site, services, error));
}

static bool sync_meanwhile(void *context, struct error *error)
{
	return steps_sync_folders(context, error);
}

bool confirm_live(const struct site *site, struct steps *steps, bool reload, const char *services,
	struct error *error)
{
	struct meanwhile synced;

	meanwhile_start(&synced, sync_meanwhile, steps);
	bool ok = !reload ||
		  (postfix_reload(&site->postfix, error) && look_at_running(site, services, error));
	return meanwhile_finish(&synced, ok ? error : NULL) && ok;
}
