#include "site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"

enum { INSTANCE_MAX = 8192 };

static char *inside(const char *folder, const char *name)
{
	return text_format("%s/%s", folder, name);
}

static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : text_dup(path);
}

/* A state folder that serves another Postfix holds that one's baseline: restoring it here would
 * write one machine's lines into another's files. */
static bool check_instance(const struct site *site, struct error *error)
{
	char *path = inside(site->state_dir, "instance");
	struct strbuf recorded = STRBUF_INIT;
	struct error unreadable;
	bool exists = false;
	bool ok = true;

	if (!file_read(&recorded, path, INSTANCE_MAX, &exists, &unreadable)) {
		/* Not root: the folder is closed to us, and nothing will be written either. */
		if (unreadable.code != ERROR_DENIED) {
			if (error)
				*error = unreadable;
			ok = false;
		}
		goto out;
	}
	if (!exists)
		goto out;
	while (recorded.len > 0 && recorded.data[recorded.len - 1] == '\n')
		recorded.data[--recorded.len] = '\0';
	char *ours = absolute(site->postfix.config_dir);
	/* Never shown: it may be anything. */
	if (recorded.len == 0 || recorded.data[0] != '/' || strpbrk(recorded.data, "\n\r")) {
		error_set(error, ERROR_DATA,
			_("%s is damaged: it should name the configuration folder of the Postfix "
			  "that this state folder belongs to."),
			path);
		error_advise(
			error, _("If that is %s, remove the file: relaycon makes it anew."), ours);
		ok = false;
	} else if (strcmp(recorded.data, ours) != 0) {
		char shown[512];
		text_clean_into(shown, sizeof shown, recorded.data, recorded.len);
		error_set(error, ERROR_CONFIG,
			_("The state folder %s belongs to the Postfix in %s, not to the one in "
			  "%s."),
			site->state_dir, shown, ours);
		error_advise(
			error, _("Name another state folder with --state-dir, or the Postfix that "
				 "this one belongs to with --postfix-config."));
		ok = false;
	}
	free(ours);
out:
	strbuf_free(&recorded);
	free(path);
	return ok;
}

/* A journal names files by their whole path: the next start may come from another folder. */
static char *whole_path(const char *path)
{
	char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
	char *whole = cwd ? inside(cwd, path) : text_dup(path);

	free(cwd);
	return whole;
}

bool site_open(struct site *site, const char *config_dir, const char *state_dir,
	const char *const extra[], struct error *error)
{
	*site = (struct site){0};
	if (!postfix_open(&site->postfix, config_dir, extra, error))
		goto fail;
	const char *config = site->postfix.config_dir;
	site->state_dir = whole_path(state_dir ? state_dir : SITE_STATE_DIR);
	site->main_cf = inside(config, "main.cf");
	site->master_cf = inside(config, "master.cf");
	site->credentials = inside(config, "relaycon_sasl_passwd");
	site->tls_policy = inside(config, "relaycon_tls_policy");
	site->settings_file = inside(site->state_dir, "settings.ini");
	site->baseline_file = inside(site->state_dir, "baseline/baseline.json");
	site->journal_file = inside(site->state_dir, "journal");
	site->lock_file = inside(site->state_dir, "lock");
	site->last_test_file = inside(site->state_dir, "last-test.json");
	/* Before anything in it is believed: a journal says which files root is to rename. */
	if (!file_check_private_folder(site->state_dir, error) ||
		!file_check_way(site->state_dir, error) || !file_check_ownership(config, error) ||
		!file_check_way(config, error) || !check_instance(site, error))
		goto fail;
	return true;
fail:
	site_close(site);
	return false;
}

void site_close(struct site *site)
{
	postfix_close(&site->postfix);
	free(site->state_dir);
	free(site->main_cf);
	free(site->master_cf);
	free(site->credentials);
	free(site->tls_policy);
	free(site->settings_file);
	free(site->baseline_file);
	free(site->journal_file);
	free(site->lock_file);
	free(site->last_test_file);
	*site = (struct site){0};
}

bool site_prepare_state(const struct site *site, struct error *error)
{
	char *baseline = inside(site->state_dir, "baseline");
	char *instance = inside(site->state_dir, "instance");
	char *config = absolute(site->postfix.config_dir);
	bool ok = file_make_private_folder(site->state_dir, 0700, error) &&
		  file_make_private_folder(baseline, 0700, error);

	if (ok && access(instance, F_OK) != 0) {
		char *line = text_format("%s\n", config);
		ok = file_replace(instance, 0600, line, strlen(line), error);
		free(line);
	}
	free(config);
	free(instance);
	free(baseline);
	return ok;
}
