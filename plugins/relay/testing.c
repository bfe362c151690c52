#include "testing.h"

/* Which steps a kind of connection has, in their usual order. */
struct step_rule {
	enum probe_step_id id;
	bool with[RELAY_TLS_MODES]; /* starttls, implicit, opportunistic, none */
};

static const struct step_rule step_rules[] = {
	{PROBE_RESOLVE, {true, true, true, true}},
	{PROBE_CONNECT, {true, true, true, true}},
	{PROBE_TLS, {false, true, false, false}},
	{PROBE_CERTIFICATE, {false, true, false, false}},
	{PROBE_GREETING, {true, true, true, true}},
	{PROBE_EHLO, {true, true, true, true}},
	{PROBE_STARTTLS, {true, false, true, false}},
	{PROBE_CERTIFICATE, {true, false, true, false}},
	{PROBE_AUTH, {true, true, true, true}},
};

struct rows {
	const struct console_host *host;
	enum probe_step_id ids[PROBE_STEPS];
	const char *titles[PROBE_STEPS];
	enum console_step_state states[PROBE_STEPS];
	size_t count;
};

static void rows_make(struct rows *rows, const struct testing *testing)
{
	memset(rows, 0, sizeof *rows);
	rows->host = testing->host;
	for (size_t i = 0; i < sizeof step_rules / sizeof *step_rules; i++) {
		const struct step_rule *rule = &step_rules[i];

		if (!rule->with[testing->relay->tls])
			continue;
		if (rule->id == PROBE_AUTH && !testing->relay->login)
			continue;
		rows->ids[rows->count] = rule->id;
		rows->titles[rows->count] = probe_step_title(rule->id);
		rows->states[rows->count] = CONSOLE_STEP_WAITING;
		rows->count++;
	}
}

static enum console_step_state step_state(enum probe_state state)
{
	switch (state) {
	case PROBE_RUNNING:
		return CONSOLE_STEP_RUNNING;
	case PROBE_OK:
		return CONSOLE_STEP_OK;
	case PROBE_FAILED:
		break;
	}
	return CONSOLE_STEP_FAILED;
}

static bool on_progress(void *context, const struct probe_step *step)
{
	struct rows *rows = context;

	if (!step)
		return rows->host->progress_poll(rows->host);
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->ids[i] != step->id)
			continue;
		rows->states[i] = step_state(step->state);
		return rows->host->progress_step(
			rows->host, i, rows->states[i], step->ms, step->detail);
	}
	return rows->host->progress_poll(rows->host);
}

/* What was not reached, or not needed: an opportunistic relay that offers no TLS. */
static void rows_end(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->states[i] == CONSOLE_STEP_WAITING)
			(void)rows->host->progress_step(rows->host, i, CONSOLE_STEP_SKIPPED, 0, "");
	}
}

void testing_prepare(struct testing_request *request, const struct testing *testing)
{
	const struct relay *relay = testing->relay;
	const struct preset *preset = testing->preset;

	memset(request, 0, sizeof *request);
	probe_client_from_postfix(&request->client, testing->postfix);
	request->ca_file = testing->site ? plan_ca_file(testing->site, relay) : NULL;
	if (request->ca_file)
		request->client.tls_ca_file = request->ca_file;
	if (preset)
		request->other_ports = preset_other_ports(preset, relay->port);
	request->probe = (struct probe_request){
		.relay = relay,
		.password = testing->password,
		.client = &request->client,
		.allow_cleartext_login = testing->allow_unencrypted_login,
		.other_ports = request->other_ports,
		.provider_hint = preset ? preset->password_hint : NULL,
	};
}

void testing_request_free(struct testing_request *request)
{
	free(request->ca_file);
	free(request->other_ports);
	memset(request, 0, sizeof *request);
}

bool testing_run(const struct testing *testing, struct probe_report *report, struct error *error)
{
	const struct console_host *host = testing->host;
	struct console_progress progress = {0};
	struct strbuf text = STRBUF_INIT;
	struct testing_request request;
	struct rows rows;
	bool ok;

	testing_prepare(&request, testing);
	rows_make(&rows, testing);
	strbuf_adds(&text, host->mode == CONSOLE_SCREEN
				   ? _("Nothing is changed by this test. ESC stops it.")
				   : _("Nothing is changed by this test."));
	strbuf_addc(&text, '\n');
	relay_describe(testing->relay, &text);
	progress.title = _("Testing the connection");
	progress.text = text.data;
	progress.steps = rows.titles;
	progress.count = rows.count;
	memset(report, 0, sizeof *report);
	host->progress_begin(host, &progress);
	ok = probe_run(&request.probe, on_progress, &rows, report, error);
	if (ok)
		rows_end(&rows);
	host->progress_end(host);
	strbuf_free(&text);
	testing_request_free(&request);
	return ok;
}

void testing_steps(const struct probe_report *report, struct strbuf *out)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct probe_step *step = &report->steps[i];
		const char *result = step->state == PROBE_OK       ? _("ok")
				     : step->state == PROBE_FAILED ? _("failed")
								   : _("not finished");

		strbuf_addf(out, _("%s: %s, %ld ms"), probe_step_title(step->id), result, step->ms);
		if (step->detail[0])
			strbuf_addf(out, ", %s", step->detail);
		strbuf_addc(out, '\n');
	}
}

void testing_success(
	const struct relay *relay, const struct probe_report *report, struct strbuf *out)
{
	bool encrypted = report->tls_version[0], login = relay->login && report->mechanism[0];

	if (encrypted && login)
		strbuf_addf(out,
			_("Test passed: %s port %u answers, encrypted with %s, login accepted "
			  "(%s), in %ld ms.\n"),
			relay->host, relay->port, report->tls_version, report->mechanism,
			report->total_ms);
	else if (encrypted)
		strbuf_addf(out,
			_("Test passed: %s port %u answers, encrypted with %s, in %ld ms.\n"),
			relay->host, relay->port, report->tls_version, report->total_ms);
	else if (login)
		strbuf_addf(out,
			_("Test passed: %s port %u answers, not encrypted, login accepted (%s), in "
			  "%ld ms.\n"),
			relay->host, relay->port, report->mechanism, report->total_ms);
	else
		strbuf_addf(out, _("Test passed: %s port %u answers, not encrypted, in %ld ms.\n"),
			relay->host, relay->port, report->total_ms);
}

void testing_certificate(const struct probe_report *report, struct strbuf *out)
{
	strbuf_addf(out, _("Issued to: %s\n"), report->certificate_subject);
	strbuf_addf(out, _("Issued by: %s\n"), report->certificate_issuer);
	strbuf_addf(out, _("Valid until: %s\n"), report->certificate_expires);
	strbuf_addf(out, _("SHA-256: %s\n"), report->fingerprint);
}
