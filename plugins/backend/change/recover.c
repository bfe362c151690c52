/* recover.c: change_recover and change_is_interrupted (change.h): after a kill or a power cut. */
#include "change.h"

#include <stdlib.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "confirm.h"
#include "journal.h"
#include "lock.h"
#include "step.h"

bool change_is_interrupted(const struct site *site)
{
	return lock_is_left_over(site) || (journal_exists(site) && !lock_is_held(site));
}

/* Without a journal nothing is half done; but staged files and second names may lie about, and
 * among them the credentials. */
static void clear_strays(const struct site *site)
{
	char *main_cf = file_resolve(site->main_cf, NULL);
	char *master_cf = file_resolve(site->master_cf, NULL);
	const char *const paths[] = {main_cf, master_cf, site->credentials, site->tls_policy,
		site->settings_file, site->baseline_file, site->journal_file};
	static const char *const leftovers[] = {"db", "lmdb"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (paths[i])
			steps_clear_strays(paths[i]);
	for (size_t i = 0; i < 2 * sizeof leftovers / sizeof *leftovers; i++) {
		char *path = text_format(
			"%s.%s", i % 2 ? site->credentials : site->tls_policy, leftovers[i / 2]);
		steps_clear_strays(path);
		free(path);
	}
	confirm_clear_scratch(site);
	free(main_cf);
	free(master_cf);
}

static bool undo(const struct site *site, struct journal *journal, bool running,
	enum change_recovery *what, struct error *error)
{
	if (!steps_undo(&journal->steps, error))
		return false;
	/* It may have been reloaded with the new files before it was cut short. Should the reload
	 * fail, the journal is still there and the next start tries again. */
	if (running && !postfix_reload(&site->postfix, error))
		return false;
	*what = journal->steps.aside ? CHANGE_UNDONE_ASIDE : CHANGE_UNDONE;
	return journal_drop(site, error);
}

static bool finish(const struct site *site, struct journal *journal, bool running,
	enum change_recovery *what, struct error *error)
{
	struct error refused;

	bool good = postfix_validate(&site->postfix, site->postfix.config_dir, &refused) &&
		    confirm_live(site, &journal->steps, running, journal->service, &refused);
	if (!good && steps_can_undo(&journal->steps))
		return undo(site, journal, running, what, error);
	/* Nothing to go back to: the change had been confirmed before, and stands. */
	*what = CHANGE_FINISHED;
	if (!journal_drop(site, error))
		return false;
	steps_forget(&journal->steps);
	return true;
}

bool change_recover(const struct site *site, enum change_recovery *what, struct error *error)
{
	struct lock lock = LOCK_INIT;
	struct journal journal = {0};
	bool ok = false;

	*what = CHANGE_NOTHING_TO_RECOVER;
	if (!journal_exists(site) && !lock_is_left_over(site))
		return true;
	if (!lock_take(&lock, site, error) || !lock_take_postfix(&lock, site, error))
		goto out;
	if (journal_exists(site)) {
		if (!journal_read(&journal, site, error))
			goto out;
		bool running = journal.reload && postfix_is_running(&site->postfix);
		ok = steps_are_done(&journal.steps) ? finish(site, &journal, running, what, error)
						    : undo(site, &journal, running, what, error);
		if (!ok)
			goto out;
	}
	clear_strays(site);
	ok = true;
out:
	journal_free(&journal);
	lock_release(&lock);
	return ok;
}
