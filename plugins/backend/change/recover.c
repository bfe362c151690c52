/* recover.c: change_recover and change_is_interrupted (change.h): after a kill or a power cut. */
#include "change.h"

#include "../base/i18n.h"
#include "confirm.h"
#include "journal.h"
#include "lock.h"
#include "orphans.h"
#include "step.h"
#include "strays.h"

bool change_is_interrupted(const struct site *site)
{
	return (journal_exists(site) || lock_has_words(site) || strays_exist(site)) &&
	       !lock_is_held(site);
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
	size_t requeued;

	bool good = postfix_validate(&site->postfix, site->postfix.config_dir, &refused) &&
		    confirm_live(site, &journal->steps, running, journal->service, &refused);
	if (!good && steps_can_undo(&journal->steps))
		return undo(site, journal, running, what, error);
	/* Nothing to go back to: the change had been confirmed before, and stands. */
	*what = CHANGE_FINISHED;
	(void)!orphans_requeue(site, &requeued, NULL);
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
	if (!journal_exists(site) && !change_is_interrupted(site))
		return true;
	if (!mem_reserve(CHANGE_MEMORY))
		return error_set(error, ERROR_SYSTEM,
			_("A change was interrupted, and there is not enough memory to finish or "
			  "undo it."));
	/* Where the state folder itself did not survive there is still the other one to clear. */
	if (!site_prepare_state(site, error) || !lock_take(&lock, site, error) ||
		!lock_take_postfix(&lock, site, error))
		goto out;
	if (journal_exists(site)) {
		if (!journal_read(&journal, site, error))
			goto out;
		bool running = false;
		if (journal.reload && !postfix_find_running(&site->postfix, &running, error))
			goto out;
		ok = steps_are_done(&journal.steps) ? finish(site, &journal, running, what, error)
						    : undo(site, &journal, running, what, error);
		if (!ok)
			goto out;
	}
	(void)strays_clear(site);
	ok = true;
out:
	journal_free(&journal);
	lock_release(&lock);
	return ok;
}

long long change_mark(const struct site *site)
{
	return lock_mark(site);
}

bool change_mark_holds(const struct site *site, long long mark, struct error *error)
{
	return lock_mark_holds(site, mark, error);
}
