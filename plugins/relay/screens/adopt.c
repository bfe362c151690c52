/* adopt.c: the relay that somebody else set up on this machine becomes relaycon's (screens.h). */
#include "../import_report.h"
#include "../testing.h"
#include "apply.h"
#include "screens.h"

struct run {
	struct work *work;
	struct import import;
	const struct relay *relay;
	struct preset preset;
	bool has_preset;
	struct probe_report report;
};

static bool read_relay(struct run *run, struct error *error)
{
	const struct console_host *host = run->work->host;
	const struct import_options options = {.folders = host->folders(host, "providers")};

	if (!import_postfix(&run->import, &run->work->site, &options, error))
		return false;
	run->relay = settings_default(&run->import.settings);
	if (run->import.without_login.len) {
		error_set(error, ERROR_DATA,
			_("Postfix is set up to log in at %s, but no login was found for it."),
			run->relay->host);
		return error_advise(error,
			_("Set the relay up anew, with its login: as its provider, or as Custom. "
			  "Deconfigure then puts back what is here now."));
	}
	run->has_preset =
		preset_of_relay(&run->preset, host->folders(host, "providers"), run->relay);
	return true;
}

static enum console_answer explain(const struct run *run)
{
	const struct console_host *host = run->work->host;
	struct strbuf text = STRBUF_INIT;
	size_t button = 0;

	import_report(&run->import, &text);
	const struct console_page page = {
		.title = _("Take it over"),
		.intro = _("This is what was found, and what becomes of it."),
		.text = text.data,
		.buttons = {_("Test and review")},
	};
	enum console_answer answer = host->page(host, &page, &button);

	strbuf_free(&text);
	return answer;
}

/* CONSOLE_OK: it passed. What went wrong has been read. */
static enum console_answer test(struct run *run)
{
	struct work *work = run->work;
	const struct console_host *host = work->host;
	const struct testing testing = {
		.host = host,
		.postfix = &work->site.postfix,
		.site = &work->site,
		.relay = run->relay,
		.password = import_password(&run->import, run->relay->name),
		.preset = run->has_preset ? &run->preset : NULL,
	};
	const struct probe_report *report = &run->report;
	struct error error = {0};
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer = CONSOLE_BACK;
	size_t button = 0;

	if (!testing_run(&testing, &run->report, &error)) {
		work_fail(host, &error);
		return CONSOLE_BACK;
	}
	if (report->ok)
		return CONSOLE_OK;
	if (report->cause == PROBE_CAUSE_CANCELLED)
		return CONSOLE_BACK;
	strbuf_addf(&text, _("%s\nNothing was changed.\n"), report->explanation);
	if (report->advice[0])
		strbuf_addf(&text, _("\nWhat to do: %s\n"), report->advice);
	strbuf_adds(&text, _("\nThe steps taken:\n"));
	testing_steps(report, &text);
	const struct console_page page = {.title = _("The test failed"), .text = text.data};

	if (host->page(host, &page, &button) == CONSOLE_GONE)
		answer = CONSOLE_GONE;
	strbuf_free(&text);
	return answer;
}

static enum console_answer change(struct run *run)
{
	const struct plan_password password = {
		run->relay->name, import_password(&run->import, run->relay->name)};
	const struct apply apply = {
		.edit = import_put_default,
		.context = &run->import,
		.passwords = &password,
		.password_count = 1,
		.title = _("Take it over"),
		.intro = _("The test passed. Deconfigure will put back what is here now."),
		.action = "import confconsole",
		.done = _("The relay is relaycon's now."),
	};

	switch (apply_run(run->work, &apply, NULL, 0)) {
	case APPLY_DONE:
		testing_remember(run->work, run->relay, &run->report);
		return CONSOLE_OK;
	case APPLY_GONE:
		return CONSOLE_GONE;
	default:
		return CONSOLE_BACK;
	}
}

enum console_answer screen_adopt(struct work *work)
{
	struct run run = {.work = work};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;

	if (!read_relay(&run, &error)) {
		work_fail(work->host, &error);
	} else {
		answer = explain(&run);
		if (answer == CONSOLE_OK)
			answer = test(&run);
		if (answer == CONSOLE_OK)
			answer = change(&run);
	}
	import_free(&run.import);
	preset_free(&run.preset);
	return answer;
}
