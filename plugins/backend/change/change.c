#include "change.h"

#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "confirm.h"
#include "edited.h"
#include "hop.h"
#include "journal.h"
#include "lock.h"
#include "meanwhile.h"
#include "orphans.h"
#include "step.h"

static bool same_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool still_as_planned(const struct plan_file *file, struct error *error)
{
	bool exists = false, same;

	/* Made by postmap, of a text that is looked at itself. */
	if (file->kind == PLAN_LEFTOVER || file->kind == PLAN_MAP)
		return true;
	if (file->kind == PLAN_SECRET_TABLE) {
		struct secret_table now = {0};
		if (!secret_table_load(&now, file->path, &exists, error))
			return false;
		same = same_bytes(
			now.bytes, now.len, file->secret_before.bytes, file->secret_before.len);
		secret_table_free(&now);
	} else {
		struct strbuf now = STRBUF_INIT;
		if (!file_read(&now, file->path, FILE_MAX, &exists, error)) {
			strbuf_free(&now);
			return false;
		}
		same = same_bytes(now.data, now.len, file->before.data, file->before.len);
		strbuf_free(&now);
	}
	return (exists == file->existed && same) || edited_before(file->path, error);
}

/* master.cf before and after; NULL where it does not change. */
struct masters {
	struct mastercf *before, *after;
};

static void masters_of(struct masters *masters, const struct plan *plan)
{
	*masters = (struct masters){0};
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_file *file = &plan->files[i];
		if (file->kind != PLAN_MASTER_CF)
			continue;
		masters->before =
			mastercf_parse(file->path, file->before.data, file->before.len, NULL);
		masters->after =
			mastercf_parse(file->path, file->after.data, file->after.len, NULL);
	}
}

static void masters_free(struct masters *masters)
{
	mastercf_free(masters->before);
	mastercf_free(masters->after);
}

/* It was free when the plan was made, which may be a while ago. */
static bool ports_are_free(const struct plan *plan, struct error *error)
{
	struct masters masters;
	unsigned taken = 0;

	masters_of(&masters, plan);
	if (masters.before && masters.after)
		taken = hop_port_taken(masters.before, masters.after);
	masters_free(&masters);
	if (taken == 0)
		return true;
	error_set(error, ERROR_BUSY,
		_("Port %u of this machine, which Postfix was to hand mail on through, was taken "
		  "by "
		  "another program meanwhile. Nothing was done."),
		taken);
	return error_advise(error, _("Try again: another port will be chosen."));
}

/* While the journal still stands, so that recovery does it as well. */
static void requeue_orphans(
	const struct site *site, const struct plan *plan, struct change_result *result)
{
	struct masters masters;

	masters_of(&masters, plan);
	if (masters.before && masters.after && orphans_possible(masters.before, masters.after))
		result->left_waiting = !orphans_requeue(site, &result->requeued, NULL);
	masters_free(&masters);
}

static bool touches_postfix(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->files[i].kind == PLAN_MAIN_CF || plan->files[i].kind == PLAN_MASTER_CF)
			return true;
	return false;
}

/* Puts the old files back, and Postfix back on them. The reason for it stays in *error. */
static void take_back(
	const struct site *site, struct journal *journal, bool reload, struct error *error)
{
	struct error failed = {0};

	/* Where the journal stays, the next start tries again. */
	bool undone = steps_undo(&journal->steps, &failed);
	if (!undone)
		error_append(
			error, _("And the files could not all be put back: %s"), failed.message);
	else if (reload && !postfix_reload(&site->postfix, &failed))
		error_append(
			error, _("The old configuration was put back, but: %s"), failed.message);
	else if (reload)
		error_append(error,
			_("The old configuration was put back and Postfix reloaded; deliveries may "
			  "pause for up to a minute."));
	else
		error_append(error, "%s", _("Everything was put back as it was."));
	if (undone && !journal_drop(site, &failed) && journal_exists(site))
		error_append(error, _("But: %s"), failed.message);
	if (journal->steps.aside)
		error_append(error, "%s",
			_("What somebody else edited meanwhile is kept beside it, as "
			  "NAME.relaycon-edited."));
}

struct staged {
	const struct site *site;
	const struct steps *steps;
	const struct plan *plan;
};

static bool validate_meanwhile(void *context, struct error *error)
{
	const struct staged *staged = context;

	return confirm_staged(staged->site, staged->steps, staged->plan, error);
}

/* Postfix reads the staged files while the disk takes them and the journal. A journal of files that
 * were only staged does no harm: undoing it changes nothing. */
static bool prepare(const struct site *site, const struct plan *plan, struct journal *journal,
	struct error *error)
{
	bool validate = touches_postfix(plan);
	struct staged staged = {site, &journal->steps, plan};
	struct meanwhile validated;

	if (validate)
		meanwhile_start(&validated, validate_meanwhile, &staged);
	bool ok = steps_sync_staged(&journal->steps, error) && journal_write(site, journal, error);
	if (validate)
		ok = meanwhile_finish(&validated, error) && ok;
	if (!ok && steps_undo(&journal->steps, NULL))
		(void)!journal_drop(site, NULL);
	return ok;
}

/* That the journal is gone counts, not that the disk knows it yet: should a power cut bring it back,
 * recovery finds a change that is done and confirms it once more. */
static bool make_final(const struct site *site, struct error *error)
{
	struct error failed;

	if (journal_drop(site, &failed) || !journal_exists(site))
		return true;
	*error = failed;
	return false;
}

/* Postfix works with it, and nobody saved one of its files meanwhile; where somebody did, that is told
 * rather than what it led to. */
static bool confirm(
	const struct site *site, struct journal *journal, bool reload, struct error *error)
{
	bool works = confirm_live(site, &journal->steps, reload, journal->service, error);

	return steps_left_alone(&journal->steps, error) && works;
}

static bool commit_staged(const struct site *site, const struct plan *plan, struct journal *journal,
	struct change_result *result, struct error *error)
{
	bool reload = false, renamed = false;

	/* Postfix must not go on with what it has in memory because we could not see it running. */
	if (!journal->reload || postfix_find_running(&site->postfix, &reload, error))
		renamed = steps_apply(&journal->steps, error);
	bool confirmed = renamed && confirm(site, journal, reload, error);
	if (confirmed)
		requeue_orphans(site, plan, result);
	if (!confirmed || !make_final(site, error)) {
		take_back(site, journal, reload && renamed, error);
		return false;
	}
	/* From here on the change stands: what is left to do is tidying. */
	steps_forget(&journal->steps);
	result->changed = true;
	result->reloaded = reload;
	result->own_only = !journal->reload;
	return true;
}

/* Memory that runs out ends the process, which must not happen half-way. */
static bool reserve_memory(const struct plan *plan, struct error *error)
{
	size_t bytes = CHANGE_MEMORY;

	/* Each is read, parsed and compared, some in two versions at a time. */
	for (size_t i = 0; i < plan->count; i++)
		bytes += 8 * (plan->files[i].before.len + plan->files[i].after.len);
	return mem_reserve(bytes) ||
	       error_set(error, ERROR_SYSTEM,
		       _("There is not enough memory for the change. Nothing was changed."));
}

bool change_commit(const struct site *site, const struct plan *plan, struct change_result *result,
	struct error *error)
{
	struct lock lock = LOCK_INIT;
	struct journal journal = {0};
	struct error local;
	bool ok = false;

	*result = (struct change_result){0};
	if (plan->count == 0)
		return true;
	if (!error)
		error = &local;
	if (!reserve_memory(plan, error) || !site_prepare_state(site, error) ||
		!lock_take(&lock, site, error))
		goto out;
	if (journal_exists(site)) {
		error_set(error, ERROR_BUSY,
			_("An earlier change of relaycon was interrupted and must be finished or "
			  "undone first."));
		error_advise(error, _("Start relaycon again: it does so by itself."));
		goto out;
	}
	if (touches_postfix(plan) && !lock_take_postfix(&lock, site, error))
		goto out;
	for (size_t i = 0; i < plan->count; i++)
		if (!still_as_planned(&plan->files[i], error))
			goto out;
	if (!ports_are_free(plan, error) || !steps_stage(&journal.steps, plan, error))
		goto out;
	journal.reload = plan->needs_reload;
	journal.service = text_dup(plan->check_service);
	journal.summary = text_dup(plan->summary);
	ok = prepare(site, plan, &journal, error) &&
	     commit_staged(site, plan, &journal, result, error);
out:
	journal_free(&journal);
	lock_release(&lock);
	return ok;
}
