/*
 * test_command.c: the command `test`: one relay, or all that are configured; nothing is changed.
 *
 *   test                    the default relay        test NAME     another one that is configured
 *   test PROVIDER, --host   any other, by anybody    test --all    all that are configured
 *
 * Options change what is tested, for once. Of a relay that is configured the stored password is used,
 * which only root can read. Postfix's own view of the world (CA file, name look-up) is used where Postfix
 * is there to be asked.
 */
#include "drivers.h"
#include "json.h"
#include "options.h"
#include "testing.h"

struct run {
	const struct console_host *host;
	struct options options;
	struct work work; /* open where a configured relay may be meant */
	bool has_work;
	struct site site; /* otherwise, where it can be had: Postfix's view of the world */
	bool has_site;
	struct postfix postfix; /* or at least Postfix's settings, or nothing */
	struct secret password;
	char *nearest; /* a relay's name, where none of the settings has the one that was given */
};

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

/* --- one ----------------------------------------------------------------------------------------- */

/* What the test goes by: Postfix as it is for the default relay, as it would be for any other. */
static void set_world(
	const struct run *run, const struct relay *configured, struct testing *testing)
{
	const struct site *site = run->has_work   ? &run->work.site
				  : run->has_site ? &run->site
						  : NULL;
	bool is_default = configured && configured == settings_default(&run->work.status.settings);

	testing->postfix = site ? &site->postfix : &run->postfix;
	if (!is_default || !relay_equal(configured, testing->relay))
		testing->site = site;
}

/* Postfix's settings, for a relay that is named; less is needed: no state folder, no root. */
static void open_site(struct run *run)
{
	const struct console_host *host = run->host;
	struct error unknown = {0};

	if (site_open(&run->site, host->option(host, "postfix-config"),
		    host->option(host, "state-dir"), probe_client_parameters, &unknown)) {
		run->has_site = true;
		return;
	}
	if (postfix_open(&run->postfix, host->option(host, "postfix-config"),
		    probe_client_parameters, &unknown))
		return;
	postfix_close(&run->postfix);
	memset(&run->postfix, 0, sizeof run->postfix);
	if (!host->json) {
		struct strbuf text = STRBUF_INIT;

		strbuf_addf(&text, _("Tested without Postfix's own settings: %s"), unknown.message);
		host->note(host, text.data);
		strbuf_free(&text);
	}
}

/* What was named is no provider either: perhaps a relay was meant. */
static void suggest_relay(const struct run *run, const char *name, struct error *error)
{
	struct preset preset = {0};
	struct error ignored = {0};

	if (run->nearest &&
		!preset_load(&preset, run->host->folders(run->host, "providers"), name, &ignored))
		error_advise(error, _("Did you mean the relay \"%s\"?"), run->nearest);
	preset_free(&preset);
}

/* A relay of the settings goes before a provider of the same name. Without root there are none. */
static const struct relay *find_named(struct run *run, const char *name)
{
	struct error ignored = {0};

	if (!name || strcmp(name, RELAY_CUSTOM) == 0 || !run->host->privileged)
		return NULL;
	if (!work_open(&run->work, run->host, WORK_RECOVER, &ignored))
		return NULL;
	const struct relay *relay = settings_relay(&run->work.status.settings, name);

	run->has_work = relay != NULL;
	if (!relay) {
		run->nearest = text_dup(settings_nearest(&run->work.status.settings, name, false));
		work_close(&run->work);
	}
	return relay;
}

static bool open_for(struct run *run, const struct console_call *call,
	const struct relay **configured, struct error *error)
{
	const char *name = call->argument_count > 0 ? call->arguments[0] : NULL;

	if (name || call->option(call, "host")) {
		*configured = find_named(run, name);
		if (!*configured)
			open_site(run);
		return true;
	}
	if (!work_open(&run->work, run->host, WORK_RECOVER, error))
		return false;
	run->has_work = true;
	*configured = testing_configured(&run->work, error);
	return *configured != NULL;
}

static bool run_one(
	struct run *run, const struct console_call *call, int *code, struct error *error)
{
	struct options *options = &run->options;
	struct options_start start = {.for_test = true};
	struct probe_report report;
	bool typed = false;

	if (!open_for(run, call, &start.configured, error))
		return false;
	if (!start.configured && call->argument_count > 0)
		start.provider = call->arguments[0];
	if (!options_read(options, run->host, call, &start, error)) {
		if (start.provider)
			suggest_relay(run, start.provider, error);
		return false;
	}
	if (!options_password(options, run->host, run->has_work ? &run->work.site : NULL,
		    &run->password, &typed, error))
		return false;
	struct testing testing = {
		.host = run->host,
		.relay = &options->relay,
		.password = options->relay.login ? &run->password : NULL,
		.preset = options->has_preset ? &options->preset : NULL,
		.allow_unencrypted_login = options->allow_unencrypted,
	};

	set_world(run, start.configured, &testing);
	if (!testing_run(&testing, &report, error))
		return false;
	if (start.configured && !testing.site && !typed && run->host->privileged)
		testing_remember(&run->work, start.configured, &report);
	*code = say(run->host, &options->relay, &report);
	return true;
}

/* --- all ----------------------------------------------------------------------------------------- */

/* One of the settings' relays: what its test needs, and its result. */
struct each {
	struct preset preset;
	bool has_preset;
	struct secret stored;
};

static int say_all(const struct console_host *host, const struct relay *relays,
	const struct probe_report *reports, size_t count)
{
	struct json_test *tests = mem_calloc(count, sizeof *tests);
	struct strbuf text = STRBUF_INIT;
	size_t failed = 0;
	int code = ERROR_NONE;

	strbuf_reset(&text);
	for (size_t i = 0; i < count; i++) {
		tests[i] = (struct json_test){relays[i].name, &reports[i]};
		strbuf_addf(&text, "%s: ", relays[i].name);
		if (reports[i].ok) {
			testing_success(&relays[i], &reports[i], &text);
			continue;
		}
		strbuf_addf(&text, _("Test failed: %s\n"), reports[i].explanation);
		if (failed++ == 0)
			code = (int)reports[i].code;
	}
	if (host->json)
		json_print_tests(host, tests, count);
	else
		host->print(host, text.data);
	if (failed > 0 && !host->json) {
		strbuf_reset(&text);
		strbuf_addf(&text, _("%zu of %zu relays failed the test."), failed, count);
		host->fail(host, code, text.data,
			_("\"relaycon test NAME\" shows the steps, and what to do."));
	}
	strbuf_free(&text);
	free(tests);
	return code;
}

static bool prepare(const struct work *work, const struct relay *relay, struct each *each,
	struct testing *testing, struct error *error)
{
	const struct console_host *host = work->host;
	bool found = false;

	if (relay->login &&
		(!secret_init(&each->stored, error) ||
			!plan_stored_password(&work->site, relay, &found, &each->stored, error)))
		return false;
	each->has_preset = preset_of_relay(&each->preset, host->folders(host, "providers"), relay);
	*testing = (struct testing){
		.host = host,
		.postfix = &work->site.postfix,
		.site = &work->site,
		.relay = relay,
		.password = found ? &each->stored : NULL,
		.preset = each->has_preset ? &each->preset : NULL,
		/* Agreed to when it was configured. */
		.allow_unencrypted_login = true,
	};
	return true;
}

static bool run_all(struct run *run, int *code, struct error *error)
{
	const struct settings *settings = &run->work.status.settings;
	const struct relay *shown;
	size_t count;

	if (!work_open(&run->work, run->host, WORK_RECOVER, error))
		return false;
	run->has_work = true;
	shown = settings_default(settings);
	count = settings->relay_count;
	if (count == 0)
		return testing_configured(&run->work, error) != NULL;

	struct each *each = mem_calloc(count, sizeof *each);
	struct testing *testings = mem_calloc(count, sizeof *testings);
	struct probe_report *reports = mem_calloc(count, sizeof *reports);
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = prepare(&run->work, &settings->relays[i], &each[i], &testings[i], error);
	ok = ok && testing_many(testings, count, reports, error);
	for (size_t i = 0; i < count; i++) {
		if (ok && &settings->relays[i] == shown)
			testing_remember(&run->work, shown, &reports[i]);
		secret_free(&each[i].stored);
		preset_free(&each[i].preset);
	}
	if (ok)
		*code = say_all(run->host, settings->relays, reports, count);
	free(reports);
	free(testings);
	free(each);
	return ok;
}

static bool check_all(const struct console_call *call, struct error *error)
{
	const char *other = call->argument_count > 0 ? call->arguments[0] : NULL;

	for (size_t i = 0; !other && i < OPTIONS_SHARED; i++)
		if (call->option(call, options_table[i].name))
			other = options_table[i].name;
	if (!other)
		return true;
	error_set(error, ERROR_USAGE,
		call->argument_count > 0 ? _("--all and \"%s\" contradict each other.")
					 : _("--all and --%s contradict each other."),
		other);
	return error_advise(error, _("--all tests each relay as it is configured."));
}

static int run_test(const struct console_host *host, const struct console_call *call)
{
	struct run run = {.host = host};
	struct error error = {0};
	int code = ERROR_NONE;
	bool ok;

	if (call->option(call, "all"))
		ok = check_all(call, &error) && run_all(&run, &code, &error);
	else
		ok = run_one(&run, call, &code, &error);
	if (!ok)
		code = work_fail(host, &error);
	free(run.nearest);
	secret_free(&run.password);
	options_free(&run.options);
	work_close(&run.work);
	site_close(&run.site);
	postfix_close(&run.postfix);
	return code;
}

static const struct console_option options[] = {
	OPTIONS_OF_A_TEST,
	{"all", NULL, N_("All relays that are configured, side by side, a line for each")},
};

const struct console_command command_test = {
	.word = "test",
	.arguments = N_("[NAME|PROVIDER|custom]"),
	.min_arguments = 0,
	.max_arguments = 1,
	.summary = N_("Test a relay step by step and change nothing; the default one if none is "
		      "named"),
	DRIVER_OPTIONS(options),
	.run = run_test,
};
