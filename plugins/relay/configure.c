/*
 * configure.c: the command `configure`: options -> plan -> (nothing to do?) -> test -> commit.
 *
 * What is configured already is "unchanged": not even the test is run, and no file is touched. A
 * dry run sends nothing either; `relaycon test` with the same options is the test.
 */
#include "drivers.h"
#include "json.h"
#include "options.h"
#include "review.h"
#include "testing.h"

struct run {
	const struct console_host *host;
	struct options options;
	struct work work;
	struct secret password;
	bool typed;
	struct plan plan;
	struct probe_report report;
	bool tested;
};

static void say(struct run *run, const char *result, const char *diff, const char *sentence)
{
	const struct console_host *host = run->host;
	struct strbuf text = STRBUF_INIT;

	if (host->json) {
		json_print_configure(
			host, result, run->tested ? &run->report : NULL, &run->plan.warnings, diff);
		return;
	}
	review_add_lines(&text, _("Warning: "), &run->plan.warnings);
	review_print(host, &text, result, diff, sentence);
	strbuf_free(&text);
}

/* The test failed: its exit code, its words, and nothing written. */
static int test_failed(struct run *run)
{
	const struct console_host *host = run->host;
	struct strbuf text = STRBUF_INIT;
	int code = (int)run->report.code;

	if (host->json) {
		json_print_configure(host, "failed", &run->report, &run->plan.warnings, "");
		return code;
	}
	testing_steps(&run->report, &text);
	if (!host->terminal)
		host->note(host, text.data);
	strbuf_reset(&text);
	strbuf_addf(&text, _("%s Nothing was changed."), run->report.explanation);
	host->fail(host, code, text.data, run->report.advice[0] ? run->report.advice : NULL);
	strbuf_free(&text);
	return code;
}

static bool test(struct run *run, struct error *error)
{
	const struct testing testing = {
		.host = run->host,
		.postfix = &run->work.site.postfix,
		.site = &run->work.site,
		.relay = &run->options.relay,
		.password = run->options.relay.login ? &run->password : NULL,
		.preset = run->options.has_preset ? &run->options.preset : NULL,
		.allow_unencrypted_login = run->options.allow_unencrypted,
	};

	run->tested = true;
	return testing_run(&testing, &run->report, error);
}

static bool apply(struct run *run, const char *diff, struct error *error)
{
	struct change_result result = {0};
	struct strbuf relay = STRBUF_INIT;
	struct error ignored = {0};
	char *sentence;

	if (!work_commit(&run->work, &run->plan, "configure", &result, error))
		return false;
	/* Only a record; the relay works without it. */
	if (run->tested &&
		!last_test_save(&run->work.site, &run->options.relay, &run->report, &ignored))
		run->host->note(run->host, ignored.message);
	relay_describe(&run->options.relay, &relay);
	sentence = text_format(_("mail goes through %s. %s"), relay.data, review_outcome(&result));
	say(run, "changed", diff, sentence);
	free(sentence);
	strbuf_free(&relay);
	return true;
}

/* *code: the exit code where this was no error of its own. */
static bool run_all(
	struct run *run, const struct console_call *call, int *code, struct error *error)
{
	bool dry_run = call->option(call, "dry-run") != NULL;
	bool no_test = call->option(call, "no-test") != NULL;
	struct strbuf diff = STRBUF_INIT;
	bool ok = false;

	if (!options_read(&run->options, run->host, call, NULL, false, error) ||
		!work_open(&run->work, run->host, WORK_RECOVER, error) ||
		!options_password(&run->options, run->host, &run->work.site, &run->password,
			&run->typed, error) ||
		!work_plan(&run->work, &run->options.relay, run->typed ? &run->password : NULL,
			&run->plan, error))
		goto out;
	if (run->plan.count == 0) {
		say(run, "unchanged", "",
			_("this is what is configured already; no file was touched."));
		ok = true;
		goto out;
	}
	/* The diff costs a child, and is shown only so. */
	if ((dry_run || run->host->json) && !plan_diff(&run->plan, &diff, error))
		goto out;
	if (dry_run) {
		say(run, "planned", diff.data, "");
		ok = true;
		goto out;
	}
	if (!no_test) {
		if (!test(run, error))
			goto out;
		if (!run->report.ok) {
			*code = test_failed(run);
			ok = true;
			goto out;
		}
	}
	ok = apply(run, diff.data ? diff.data : "", error);
out:
	strbuf_free(&diff);
	return ok;
}

static int run_configure(const struct console_host *host, const struct console_call *call)
{
	struct run run = {.host = host};
	struct error error = {0};
	int code = ERROR_NONE;

	if (!run_all(&run, call, &code, &error))
		code = work_fail(host, &error);
	plan_free(&run.plan);
	secret_free(&run.password);
	work_close(&run.work);
	options_free(&run.options);
	return code;
}

const struct console_command command_configure = {
	.word = "configure",
	.arguments = N_("PROVIDER|custom"),
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = N_("Set a mail relay up: test it, and write only if the test passes"),
	.options = options_table,
	.option_count = OPTIONS_ALL,
	.run = run_configure,
};
