/*
 * deconfigure.c: back to what stood there before relaycon's first change; and, where someone else
 * set a relay up, the offer to take those settings out.
 *
 *   ours:    diff -> Restore            -> what is true now
 *            (kept: what someone else changed since; "Restore those too" plans again with force)
 *   foreign: explanation -> diff -> Remove (a backup is made) -> what is true now
 *                        -> Take it over (screens/adopt.c)
 *   neither: says so
 */
#include "drivers.h"
#include "json.h"
#include "now.h"
#include "review.h"
#include "screens/screens.h"

static enum console_answer tell(
	const struct console_host *host, const char *title, const char *text)
{
	const struct console_page page = {.title = title, .text = text};
	size_t button = 0;

	return host->page(host, &page, &button) == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_BACK;
}

/* The state folder was lost or put together anew: `lost` of the plan. */
static char *lost_text(const struct work *work)
{
	return text_format(
		_("relaycon set this relay up, but what stood there before is not known any more: "
		  "the record in %s is missing or incomplete. So it cannot be restored."),
		work->site.baseline_file);
}

static char *foreign_text(const struct work *work, bool lost)
{
	if (lost)
		return lost_text(work);
	return text_format(
		_("A relay is set up (%s), but not by relaycon, so relaycon has nothing to "
		  "restore."),
		work->status.foreign_relayhost ? work->status.foreign_relayhost : "");
}

static enum console_answer review_plan(
	struct work *work, struct plan *plan, const struct review *review, bool *other)
{
	enum console_answer answer = CONSOLE_BACK;
	char *done = NULL;

	switch (review_run(work, plan, review, &done)) {
	case REVIEW_APPLIED:
		/* With the passwords that it took away: the last page stays for as long as it likes. */
		plan_free(plan);
		answer = now_page(work->host, review->done_title, done);
		break;
	case REVIEW_OTHER:
		*other = true;
		break;
	case REVIEW_GONE:
		answer = CONSOLE_GONE;
		break;
	case REVIEW_BACK:
		break;
	}
	free(done);
	return answer;
}

/* The user agreed to take out what somebody else had set up, not what relaycon has since. */
static bool is_still_foreign(const struct work *work, bool lost, struct error *error)
{
	if (lost || work->status.mode == STATUS_FOREIGN)
		return true;
	error_set(error, ERROR_BUSY,
		_("The relay was changed by someone else, with relaycon, meanwhile. Nothing was "
		  "done."));
	return error_advise(error, _("Look at what changed, then try again."));
}

static enum console_answer run_foreign(
	struct work *work, bool lost, struct error *error, bool *failed)
{
	const struct console_host *host = work->host;
	struct plan plan = {0};
	enum console_answer answer;
	char *why = foreign_text(work, lost);
	char *text =
		text_format(_("%s\n\nrelaycon can take these relay settings out, so that mail goes "
			      "directly again. The files as they are now are kept in %s/backup "
			      "first. The next page shows the exact changes.%s"),
			why, work->site.state_dir,
			lost ? "" : _(" Or it takes the relay over, as it is, with its login."));
	const struct console_page page = {
		.title = lost ? _("Not restorable") : _("Set up by someone else"),
		.text = text,
		.buttons = {_("Show the changes"), lost ? NULL : _("Take it over")},
	};
	const struct review review = {
		.title = _("Remove the relay settings"),
		.done_title = _("The relay settings are removed"),
		.intro = _("This is what will change. A backup of the files is made first."),
		.apply = _("Remove"),
		.action = "remove-foreign",
	};
	size_t button = 0;
	bool other = false;

	answer = host->page(host, &page, &button);
	if (answer == CONSOLE_OK && button == 1) {
		answer = screen_adopt(work);
	} else if (answer == CONSOLE_OK) {
		*failed = !work_still_true(work, error) || !is_still_foreign(work, lost, error) ||
			  !plan_remove_foreign(&plan, &work->site, error);
		if (*failed)
			answer = CONSOLE_BACK;
		else if (plan.count == 0)
			answer = tell(host, _("Nothing to remove"),
				_("No setting was found that relaycon could take out."));
		else
			answer = review_plan(work, &plan, &review, &other);
	}
	plan_free(&plan);
	free(text);
	free(why);
	return answer;
}

static char *restore_intro(const struct plan *plan, bool force)
{
	struct strbuf text = STRBUF_INIT;

	if (plan->kept.len) {
		strbuf_adds(&text, _("Changed by someone else since, and kept as it is:\n"));
		review_add_lines(&text, "- ", &plan->kept);
	}
	if (force)
		strbuf_adds(&text, _("What someone else changed since is restored as well.\n"));
	strbuf_adds(&text, plan->count ? _("This is what will be restored:\n")
				       : _("Nothing else is left to restore.\n"));
	return strbuf_detach(&text);
}

static enum console_answer run_restore(
	struct work *work, bool force, bool *again, struct error *error, bool *failed)
{
	struct plan plan = {0};
	enum console_answer answer;
	char *intro = NULL;

	*failed = !work_still_true(work, error) ||
		  !plan_deconfigure(&plan, &work->site, force, error);
	if (*failed) {
		answer = CONSOLE_BACK;
	} else if (plan.lost || (plan.count == 0 && plan.kept.len == 0)) {
		answer = plan.lost || work->status.mode == STATUS_FOREIGN
				 ? run_foreign(work, plan.lost, error, failed)
				 : tell(work->host, _("Nothing to restore"),
					   _("relaycon has set up no relay here: there is nothing "
					     "to restore."));
	} else {
		intro = restore_intro(&plan, force);
		const struct review review = {
			.title = _("Deconfigure"),
			.done_title = _("Restored"),
			.intro = intro,
			.apply = plan.count ? _("Restore") : _("Restore those too"),
			.other = plan.count && plan.kept.len ? _("Restore those too") : NULL,
			.action = "deconfigure",
			.help = _(
				"Lines with + come back, lines with - go. Nothing has been changed "
				"yet."),
		};

		if (plan.count)
			answer = review_plan(work, &plan, &review, again);
		else {
			const struct console_page page = {
				.title = review.title,
				.text = intro,
				.buttons = {review.apply},
			};
			size_t button = 0;

			answer = work->host->page(work->host, &page, &button);
			*again = answer == CONSOLE_OK;
		}
	}
	free(intro);
	plan_free(&plan);
	return answer;
}

enum console_answer driver_deconfigure(
	const struct console_host *host, const struct console_entry *entry)
{
	struct work work = {0};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;
	bool failed = true;
	bool force = false;
	bool again;

	(void)entry;
	if (work_open(&work, host, WORK_RECOVER, &error)) {
		do {
			again = false;
			answer = run_restore(&work, force, &again, &error, &failed);
			force = true;
		} while (again && !failed);
	}
	if (failed)
		work_fail(host, &error);
	work_close(&work);
	return answer;
}

static bool has(const struct console_call *call, const char *option)
{
	return call->option(call, option) != NULL;
}

static void report(const struct console_host *host, const char *result, const struct plan *plan,
	const char *diff, const char *sentence)
{
	struct strbuf text = STRBUF_INIT;

	if (host->json) {
		json_print_deconfigure(host, result, plan, diff);
		return;
	}
	review_add_lines(&text, _("Warning: "), &plan->warnings);
	if (plan->kept.len) {
		strbuf_adds(&text,
			_("Changed by someone else since, and kept (--force restores it):\n"));
		review_add_lines(&text, "- ", &plan->kept);
	}
	review_print(host, &text, result, diff, sentence);
	strbuf_free(&text);
}

static bool make_plan(
	struct work *work, const struct console_call *call, struct plan *plan, struct error *error)
{
	bool remove = has(call, "remove-foreign");
	bool lost;

	if (!work_still_true(work, error))
		return false;
	if (remove && work->status.mode == STATUS_FOREIGN)
		return plan_remove_foreign(plan, &work->site, error);
	if (remove && work->status.mode == STATUS_DIRECT)
		return true;
	if (!plan_deconfigure(plan, &work->site, has(call, "force"), error))
		return false;
	lost = plan->lost;
	if (!remove && !lost)
		return true;
	plan_free(plan);
	if (remove && lost)
		return plan_remove_foreign(plan, &work->site, error);
	if (lost) {
		char *text = lost_text(work);

		error_set(error, ERROR_DATA, "%s", text);
		free(text);
		return error_advise(error,
			_("Put that file back from a backup of the machine; or take the relay "
			  "settings out: relaycon deconfigure --remove-foreign (the files as they "
			  "are now are kept first)."));
	}
	error_set(error, ERROR_USAGE, _("The relay here was set up by relaycon."));
	return error_advise(
		error, _("Leave out --remove-foreign to restore what was there before."));
}

static int run_deconfigure(const struct console_host *host, const struct console_call *call)
{
	bool dry_run = has(call, "dry-run");
	struct work work = {0};
	struct plan plan = {0};
	struct change_result result = {0};
	struct strbuf diff = STRBUF_INIT;
	struct error error = {0};
	char *foreign = NULL;
	char *done = NULL, *outcome = NULL;
	int code = ERROR_NONE;

	if (has(call, "force") && has(call, "remove-foreign")) {
		error_set(&error, ERROR_USAGE,
			_("--force and --remove-foreign contradict each other."));
		goto fail;
	}
	if (!work_open(&work, host, WORK_RECOVER, &error) || !make_plan(&work, call, &plan, &error))
		goto fail;
	if (plan.count == 0) {
		if (work.status.mode == STATUS_FOREIGN && plan.kept.len == 0) {
			foreign = foreign_text(&work, false);
			host->note(host, foreign);
			host->note(host, _("\"relaycon deconfigure --remove-foreign\" takes those "
					   "settings out, after a backup."));
		}
		report(host, "unchanged", &plan, "", _("there is nothing to restore."));
		goto out;
	}
	/* The diff costs a child, and is shown only so. */
	if ((dry_run || host->json) && !plan_diff(&plan, &diff, &error))
		goto fail;
	if (!dry_run && !work_commit(&work, &plan,
				has(call, "remove-foreign") ? "remove-foreign" : "deconfigure",
				&result, &error))
		goto fail;
	outcome = review_outcome(&result);
	done = has(call, "remove-foreign")
		       ? text_format(
				 _("the relay settings were taken out; a backup of the files is in "
				   "%s/backup. %s"),
				 work.site.state_dir, outcome)
		       : text_format(_("what was there before relaycon is back. %s"), outcome);
	report(host, dry_run ? "planned" : "changed", &plan, diff.data ? diff.data : "", done);
	goto out;
fail:
	code = work_fail(host, &error);
out:
	free(foreign);
	free(outcome);
	free(done);
	strbuf_free(&diff);
	plan_free(&plan);
	work_close(&work);
	return code;
}

static const struct console_option options[] = {
	{"dry-run", NULL, N_("Print what would be restored, as a diff, and change nothing")},
	{"force", NULL, N_("Also restore parameters that someone else changed since")},
	{"remove-foreign", NULL,
		N_("Take out relay settings that relaycon did not make, after a backup")},
};

const struct console_command command_deconfigure = {
	.word = "deconfigure",
	.arguments = "",
	.summary = N_("Put Postfix's files back to what they were before relaycon"),
	DRIVER_OPTIONS(options),
	.run = run_deconfigure,
};
