/*
 * test.c: the entry "Test" and the command `test`: a relay is tested, nothing is changed.
 *
 * Without options it is the relay that is configured, with its stored password, which only root can
 * read. With a provider or --host any user can test; Postfix's own view of the world (CA file,
 * name look-up) is used where Postfix is there to be asked.
 */
#include "drivers.h"
#include "json.h"
#include "options.h"
#include "testing.h"

static const struct relay *configured_relay(const struct work *work, struct error *error)
{
	const struct relay *relay = settings_default(&work->status.settings);

	if (relay)
		return relay;
	if (!work->host->privileged) {
		error_set(error, ERROR_DENIED,
			_("Only root can test the relay that is configured, as its password is "
			  "stored for root only."));
		error_advise(
			error, _("Use sudo. Any user can test a relay that is named: relaycon test "
				 "PROVIDER, or relaycon test --host HOST."));
		return NULL;
	}
	error_set(error, ERROR_USAGE,
		work->status.mode == STATUS_FOREIGN
			? _("The relay here was not set up by relaycon, so its login is not known.")
			: _("No relay is configured, so there is none to test."));
	error_advise(error,
		work->host->mode == CONSOLE_COMMAND
			? _("Set one up first, or name one: relaycon test PROVIDER, or relaycon "
			    "test --host HOST.")
			: _("Choose a provider in the menu Mail relay, or Custom: it is tested "
			    "before anything is written."));
	return NULL;
}

static void remember(
	const struct work *work, const struct relay *relay, const struct probe_report *report)
{
	struct error error = {0};

	/* What the user stopped says nothing about the relay. */
	if (report->cause == PROBE_CAUSE_CANCELLED)
		return;
	if (!last_test_save(&work->site, relay, report, &error))
		work->host->note(work->host, error.message);
}

static enum console_answer show_result(const struct console_host *host, const struct relay *relay,
	const struct probe_report *report)
{
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer;
	size_t button = 0;

	if (report->ok) {
		testing_success(relay, report, &text);
	} else {
		strbuf_addf(&text, "%s\n", report->explanation);
		if (report->advice[0])
			strbuf_addf(&text, _("\nWhat to do: %s\n"), report->advice);
	}
	strbuf_adds(&text, _("\nThe steps taken:\n"));
	testing_steps(report, &text);
	const struct console_page page = {
		.title = report->ok ? _("The test passed") : _("The test failed"),
		.text = text.data,
	};

	answer = host->page(host, &page, &button);
	strbuf_free(&text);
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}

/* The configured relay with its stored password, on the screen. */
static bool run_entry(struct work *work, enum console_answer *answer, struct error *error)
{
	const struct console_host *host = work->host;
	const struct relay *relay = configured_relay(work, error);
	struct secret password = {0};
	struct preset preset = {0};
	struct probe_report report;
	struct error ignored = {0};
	bool found = false;
	bool known = false;
	bool ok = false;

	if (!relay || !secret_init(&password, error))
		return false;
	if (relay->login && !plan_stored_password(&work->site, relay, &found, &password, error))
		goto out;
	known = relay->provider && strcmp(relay->provider, "custom") != 0 &&
		preset_load(&preset, host->folders(host, "providers"), relay->provider, &ignored);
	const struct testing testing = {
		.host = host,
		.postfix = &work->site.postfix,
		.relay = relay,
		.password = found ? &password : NULL,
		.preset = known ? &preset : NULL,
		/* Agreed to when it was configured. */
		.allow_unencrypted_login = true,
	};

	if (!testing_run(&testing, &report, error))
		goto out;
	ok = true;
	secret_free(&password);
	remember(work, relay, &report);
	*answer = report.cause == PROBE_CAUSE_CANCELLED ? CONSOLE_BACK
							: show_result(host, relay, &report);
out:
	secret_free(&password);
	preset_free(&preset);
	return ok;
}

enum console_answer driver_test(const struct console_host *host, const struct console_entry *entry)
{
	struct work work = {0};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;

	(void)entry;
	if (!work_open(&work, host, WORK_RECOVER, &error) || !run_entry(&work, &answer, &error))
		work_fail(host, &error);
	work_close(&work);
	return answer;
}

static int say(const struct console_host *host, const struct relay *relay,
	const struct probe_report *report)
{
	struct strbuf text = STRBUF_INIT;
	int code = report->ok ? ERROR_NONE : (int)report->code;

	if (host->json) {
		json_print_test(host, report);
		return code;
	}
	/* At a terminal the steps have been seen already. */
	if (!host->terminal)
		testing_steps(report, &text);
	if (report->ok)
		testing_success(relay, report, &text);
	if (report->fingerprint[0] && relay->verify == RELAY_VERIFY_FINGERPRINT)
		testing_certificate(report, &text);
	host->print(host, text.data ? text.data : "");
	strbuf_free(&text);
	if (!report->ok)
		host->fail(
			host, code, report->explanation, report->advice[0] ? report->advice : NULL);
	return code;
}

struct run {
	const struct console_host *host;
	struct options options;
	struct work work; /* open where the configured relay is asked for */
	bool has_work;
	struct site site; /* otherwise, where it can be had: Postfix's view of the world */
	bool has_site;
	struct postfix postfix; /* or at least Postfix's settings, or nothing */
	struct secret password;
};

/* What the test goes by: Postfix as it is for the relay that is configured, as it will be for any
 * other. */
static void set_world(
	const struct run *run, const struct relay *configured, struct testing *testing)
{
	const struct site *site = run->has_work   ? &run->work.site
				  : run->has_site ? &run->site
						  : NULL;

	testing->postfix = site ? &site->postfix : &run->postfix;
	if (!configured || !relay_equal(configured, testing->relay))
		testing->site = site;
}

/* Opens what is needed, which is less where the relay is named: no state folder, no root. */
static bool open_for(struct run *run, const struct console_call *call,
	const struct relay **configured, struct error *error)
{
	const struct console_host *host = run->host;
	struct error unknown = {0};

	*configured = NULL;
	if (!options_name_a_relay(call)) {
		if (!work_open(&run->work, host, WORK_RECOVER, error))
			return false;
		run->has_work = true;
		*configured = configured_relay(&run->work, error);
		return *configured != NULL;
	}
	if (site_open(&run->site, host->option(host, "postfix-config"),
		    host->option(host, "state-dir"), probe_client_parameters, &unknown)) {
		run->has_site = true;
		return true;
	}
	if (postfix_open(&run->postfix, host->option(host, "postfix-config"),
		    probe_client_parameters, &unknown))
		return true;
	postfix_close(&run->postfix);
	memset(&run->postfix, 0, sizeof run->postfix);
	if (!host->json) {
		struct strbuf text = STRBUF_INIT;

		strbuf_addf(&text, _("Tested without Postfix's own settings: %s"), unknown.message);
		host->note(host, text.data);
		strbuf_free(&text);
	}
	return true;
}

static bool run_all(
	struct run *run, const struct console_call *call, int *code, struct error *error)
{
	struct options *options = &run->options;
	const struct relay *configured;
	struct probe_report report;
	bool typed = false;

	if (!open_for(run, call, &configured, error) ||
		!options_read(options, run->host, call, configured, true, error) ||
		!options_password(options, run->host, run->has_work ? &run->work.site : NULL,
			&run->password, &typed, error))
		return false;
	struct testing testing = {
		.host = run->host,
		.relay = &options->relay,
		.password = options->relay.login ? &run->password : NULL,
		.preset = options->has_preset ? &options->preset : NULL,
		.allow_unencrypted_login = options->allow_unencrypted,
	};

	set_world(run, configured, &testing);
	if (!testing_run(&testing, &report, error))
		return false;
	if (configured && !typed && run->host->privileged &&
		relay_equal(configured, &options->relay))
		remember(&run->work, configured, &report);
	*code = say(run->host, &options->relay, &report);
	return true;
}

static int run_test(const struct console_host *host, const struct console_call *call)
{
	struct run run = {.host = host};
	struct error error = {0};
	int code = ERROR_NONE;

	if (!run_all(&run, call, &code, &error))
		code = work_fail(host, &error);
	secret_free(&run.password);
	options_free(&run.options);
	work_close(&run.work);
	site_close(&run.site);
	postfix_close(&run.postfix);
	return code;
}

const struct console_command command_test = {
	.word = "test",
	.arguments = N_("[PROVIDER|custom]"),
	.min_arguments = 0,
	.max_arguments = 1,
	.summary =
		N_("Test a relay step by step and change nothing; the configured one by default"),
	.options = options_table,
	.option_count = OPTIONS_SHARED,
	.run = run_test,
};
