/*
 * test.c: the entry "Test", and what it shares with the command (test_command.c): the relay that is
 * configured is tested with its stored password, which only root can read. Nothing is changed.
 */
#include "drivers.h"
#include "testing.h"

const struct relay *testing_configured(const struct work *work, struct error *error)
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

void testing_remember(
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

bool testing_show(struct work *work, const struct relay *relay, enum console_answer *answer,
	struct error *error)
{
	const struct console_host *host = work->host;
	const struct relay *usual = settings_default(&work->status.settings);
	bool is_default = usual && text_equal(usual->name, relay->name);
	struct secret password = {0};
	struct preset preset = {0};
	struct probe_report report;
	bool found = false;
	bool known = false;
	bool ok = false;

	if (!secret_init(&password, error))
		return false;
	if (relay->login && !plan_stored_password(&work->site, relay, &found, &password, error))
		goto out;
	known = preset_of_relay(&preset, host->folders(host, "providers"), relay);
	const struct testing testing = {
		.host = host,
		.postfix = &work->site.postfix,
		/* What is true in main.cf for the default relay need not be for another. */
		.site = is_default ? NULL : &work->site,
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
	if (is_default)
		testing_remember(work, relay, &report);
	*answer = report.cause == PROBE_CAUSE_CANCELLED ? CONSOLE_BACK
							: show_result(host, relay, &report);
out:
	secret_free(&password);
	preset_free(&preset);
	return ok;
}

/* The configured relay with its stored password, on the screen. */
static bool run_entry(struct work *work, enum console_answer *answer, struct error *error)
{
	const struct relay *relay = testing_configured(work, error);

	return relay && testing_show(work, relay, answer, error);
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
