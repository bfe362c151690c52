#include "changing.h"

#include "json.h"
#include "review.h"
#include "testing.h"

/* One relay to be tested, and all that its test needs. */
struct candidate {
	struct preset preset;
	bool has_preset;
	struct secret stored;
	const struct secret *password;
};

struct run {
	const struct changing *changing;
	const struct console_host *host;
	struct settings after;
	struct plan plan;
	struct strbuf diff;
	/* The same number of each. */
	struct candidate *candidates;
	struct testing *testings;
	struct probe_report *reports;
	struct json_test *tests;
	size_t count;
	bool tested;
};

/* Do both reach the same server in the same way, with the same login? */
static bool same_server(const struct relay *a, const struct relay *b)
{
	return text_equal(a->host, b->host) && a->port == b->port && a->tls == b->tls &&
	       a->verify == b->verify && text_equal(a->fingerprint, b->fingerprint) &&
	       text_equal(a->ca_file, b->ca_file) && text_equal(a->login, b->login);
}

static const struct secret *given_password(const struct changing *changing, const char *name)
{
	for (size_t i = 0; i < changing->password_count; i++)
		if (strcmp(changing->passwords[i].relay, name) == 0)
			return changing->passwords[i].password;
	return NULL;
}

static bool is_new(const struct changing *changing, const struct relay *relay)
{
	const struct settings *before = &changing->work->status.settings;
	const struct secret *given = given_password(changing, relay->name);

	if (text_equal(changing->always, relay->name) || (given && !secret_is_empty(given)))
		return true;
	for (size_t i = 0; i < before->relay_count; i++)
		if (same_server(&before->relays[i], relay))
			return false;
	return true;
}

/* --- testing ------------------------------------------------------------------------------------- */

static bool add_candidate(struct run *run, const struct relay *relay, struct error *error)
{
	const struct changing *changing = run->changing;
	struct site *site = &changing->work->site;
	struct candidate *candidate = &run->candidates[run->count];
	const struct secret *given = given_password(changing, relay->name);
	bool found = false;

	candidate->has_preset = preset_of_relay(
		&candidate->preset, run->host->folders(run->host, "providers"), relay);
	if (relay->login && given && !secret_is_empty(given)) {
		candidate->password = given;
	} else if (relay->login) {
		if (!secret_init(&candidate->stored, error) ||
			!plan_stored_password(site, relay, &found, &candidate->stored, error))
			return false;
		candidate->password = &candidate->stored;
	}
	run->testings[run->count] = (struct testing){
		.host = run->host,
		.postfix = &site->postfix,
		.site = site,
		.relay = relay,
		.password = candidate->password,
		.preset = candidate->has_preset ? &candidate->preset : NULL,
		.allow_unencrypted_login = changing->allow_unencrypted_login,
	};
	run->tests[run->count] = (struct json_test){relay->name, &run->reports[run->count]};
	run->count++;
	return true;
}

static bool test(struct run *run, struct error *error)
{
	size_t room = run->after.relay_count + 1;
	bool ok = true;

	run->candidates = mem_calloc(room, sizeof *run->candidates);
	run->testings = mem_calloc(room, sizeof *run->testings);
	run->reports = mem_calloc(room, sizeof *run->reports);
	run->tests = mem_calloc(room, sizeof *run->tests);
	for (size_t i = 0; ok && i < run->after.relay_count; i++)
		if (is_new(run->changing, &run->after.relays[i]))
			ok = add_candidate(run, &run->after.relays[i], error);
	ok = ok && testing_many(run->testings, run->count, run->reports, error);
	run->tested = ok;
	return ok;
}

static const struct json_test *first_failure(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (!run->tests[i].report->ok)
			return &run->tests[i];
	return NULL;
}

/* --- telling ------------------------------------------------------------------------------------- */

static void say(struct run *run, const char *result, const char *diff, const char *sentence)
{
	const struct json_change change = {
		.result = result,
		.tests = run->tests,
		.test_count = run->tested ? run->count : 0,
		.warnings = &run->plan.warnings,
		.import = run->changing->import,
		.diff = diff,
	};
	struct strbuf text = STRBUF_INIT;

	if (run->host->json) {
		json_print_change(run->host, &change);
		return;
	}
	review_add_lines(&text, _("Warning: "), &run->plan.warnings);
	review_print(run->host, &text, result, diff, sentence);
	strbuf_free(&text);
}

/* A line for each that failed, where there were several. */
static void explain(const struct run *run, const struct json_test *failed, struct strbuf *text)
{
	if (run->count == 1) {
		testing_steps(failed->report, text);
		return;
	}
	for (size_t i = 0; i < run->count; i++)
		strbuf_addf(text, "%s: %s%s%s\n", run->tests[i].name,
			run->reports[i].ok ? _("ok") : _("failed"), run->reports[i].ok ? "" : ", ",
			run->reports[i].ok ? "" : run->reports[i].explanation);
}

/* The test failed: its exit code, its words, and nothing written. */
static int test_failed(struct run *run, const struct json_test *failed)
{
	const struct console_host *host = run->host;
	const struct probe_report *report = failed->report;
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	/* To stop one is to stop all. */
	bool stopped = report->cause == PROBE_CAUSE_CANCELLED;

	if (run->after.relay_count > 1 && !stopped)
		error_set(
			&error, report->code, _("Relay %s: %s"), failed->name, report->explanation);
	else
		error_set(&error, report->code, "%s", report->explanation);
	error_advise(&error, "%s", report->advice);
	if (host->json) {
		const struct json_change change = {
			.result = "failed",
			.tests = run->tests,
			.test_count = run->count,
			.warnings = &run->plan.warnings,
			.import = run->changing->import,
			.error = &error,
		};

		json_print_change(host, &change);
		return (int)error.code;
	}
	if (run->count == 1 || !stopped)
		explain(run, failed, &text);
	/* At a terminal the steps have been seen already. */
	if (!host->terminal && text.len)
		host->note(host, text.data);
	strbuf_reset(&text);
	strbuf_addf(&text, _("%s Nothing was changed."), error.message);
	host->fail(host, (int)error.code, text.data, error.advice[0] ? error.advice : NULL);
	strbuf_free(&text);
	return (int)error.code;
}

/* --- doing --------------------------------------------------------------------------------------- */

/* Only a record; the relays work without it. The default relay's is the one that is shown. */
static void remember(struct run *run)
{
	const struct relay *shown = settings_default(&run->after);
	struct error ignored = {0};

	for (size_t i = 0; run->tested && i < run->count; i++)
		if (run->testings[i].relay == shown && !last_test_save(&run->changing->work->site,
							       shown, &run->reports[i], &ignored))
			run->host->note(run->host, ignored.message);
}

static bool commit(struct run *run, struct error *error)
{
	const struct changing *changing = run->changing;
	struct change_result result = {0};
	char *sentence;

	if (!work_commit(changing->work, &run->plan, changing->action, &result, error))
		return false;
	remember(run);
	char *outcome = review_outcome(&result);
	sentence = text_format("%s %s", changing->done, outcome);
	free(outcome);
	say(run, "changed", run->diff.data ? run->diff.data : "", sentence);
	free(sentence);
	return true;
}

static bool take_steps(struct run *run, int *code, struct error *error)
{
	const struct changing *changing = run->changing;
	struct work *work = changing->work;

	if (!work_plan_edit(work, changing->edit, changing->context, changing->passwords,
		    changing->password_count, &run->plan, error))
		return false;
	if (run->plan.count == 0) {
		say(run, "unchanged", "", changing->unchanged);
		return true;
	}
	/* The diff costs a child, and is shown only so. */
	if ((changing->dry_run || run->host->json) && !plan_diff(&run->plan, &run->diff, error))
		return false;
	if (changing->dry_run) {
		say(run, "planned", run->diff.data, "");
		return true;
	}
	settings_copy(&run->after, &work->status.settings);
	if (!changing->edit(&run->after, changing->context, error) ||
		(!changing->no_test && !test(run, error)))
		return false;
	const struct json_test *failed = first_failure(run);

	if (!failed)
		return commit(run, error);
	*code = test_failed(run, failed);
	return true;
}

bool changing_run(const struct changing *changing, int *code, struct error *error)
{
	struct run run = {.changing = changing, .host = changing->work->host};
	bool ok = take_steps(&run, code, error);

	for (size_t i = 0; i < run.count; i++) {
		secret_free(&run.candidates[i].stored);
		preset_free(&run.candidates[i].preset);
	}
	free(run.candidates);
	free(run.testings);
	free(run.reports);
	free(run.tests);
	strbuf_free(&run.diff);
	plan_free(&run.plan);
	settings_free(&run.after);
	return ok;
}

int changing_command(const struct console_host *host, const struct console_call *call,
	changing_words *words, const struct changing *change)
{
	struct changing changing = *change;
	struct error error = {0};
	struct work work;
	int code = ERROR_NONE;

	if (!work_open(&work, host, WORK_RECOVER, &error))
		return work_fail(host, &error);
	char *done = words(&work.status.settings, changing.context);

	changing.work = &work;
	changing.done = done;
	changing.dry_run = call->option(call, "dry-run") != NULL;
	changing.no_test = true;
	if (!changing_run(&changing, &code, &error))
		code = work_fail(host, &error);
	free(done);
	work_close(&work);
	return code;
}
