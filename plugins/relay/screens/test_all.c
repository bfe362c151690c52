/*
 * test_all.c: all relays tested side by side, a line for each, with their stored passwords; then what became of
 * each: those that failed first, with what to do.
 */
#include "../testing.h"
#include "screens.h"
#include "words.h"

/* As many as a screen has lines for; with more relays than that, one turn follows another. */
enum { TURN = 12 };

/* What one test needs beside its relay. */
struct subject {
	struct secret password;
	struct preset preset;
	bool found; /* the password */
	bool known; /* the preset */
};

static bool subject_open(struct subject *subject, const struct work *work,
	const struct relay *relay, struct error *error)
{
	const struct console_host *host = work->host;

	if (!secret_init(&subject->password, error))
		return false;
	if (relay->login && !plan_stored_password(
				    &work->site, relay, &subject->found, &subject->password, error))
		return false;
	subject->known = preset_of_relay(&subject->preset, host->folders(host, "providers"), relay);
	return true;
}

static void subject_close(struct subject *subject)
{
	secret_free(&subject->password);
	preset_free(&subject->preset);
	memset(subject, 0, sizeof *subject);
}

/* A turn of at most TURN tests. */
static bool run_turn(struct work *work, const struct relay *relays, size_t count,
	struct probe_report *reports, struct error *error)
{
	struct subject subjects[TURN] = {0};
	struct testing testings[TURN];
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++) {
		ok = subject_open(&subjects[i], work, &relays[i], error);
		testings[i] = (struct testing){
			.host = work->host,
			.postfix = &work->site.postfix,
			.site = &work->site,
			.relay = &relays[i],
			.password = subjects[i].found ? &subjects[i].password : NULL,
			.preset = subjects[i].known ? &subjects[i].preset : NULL,
			/* Agreed to when it was set up. */
			.allow_unencrypted_login = true,
		};
	}
	ok = ok && testing_many(testings, count, reports, error);
	for (size_t i = 0; i < count; i++)
		subject_close(&subjects[i]);
	return ok;
}

static void add_failed(
	const struct relay *relay, const struct probe_report *report, struct strbuf *out)
{
	strbuf_addf(out, _("%s failed: "), relay->name);
	words_server(relay, out);
	strbuf_addf(out, "\n  %s\n", report->explanation);
	if (report->advice[0])
		strbuf_addf(out, _("  What to do: %s\n"), report->advice);
	strbuf_addc(out, '\n');
}

static void add_passed(
	const struct relay *relay, const struct probe_report *report, struct strbuf *out)
{
	strbuf_addf(out, _("%s: "), relay->name);
	words_server(relay, out);
	strbuf_addf(out, _(", %ld ms\n"), report->total_ms);
}

static enum console_answer show_results(const struct console_host *host, const struct relay *relays,
	const struct probe_report *reports, size_t count)
{
	struct strbuf text = STRBUF_INIT;
	size_t passed = 0;
	size_t failed = 0;
	enum console_answer answer;
	size_t button = 0;
	char *title;

	for (size_t i = 0; i < count; i++) {
		passed += reports[i].ok;
		if (reports[i].ok || reports[i].cause == PROBE_CAUSE_CANCELLED)
			continue;
		add_failed(&relays[i], &reports[i], &text);
		failed++;
	}
	if (failed && passed)
		strbuf_adds(&text, _("Passed:\n"));
	for (size_t i = 0; i < count; i++)
		if (reports[i].ok)
			add_passed(&relays[i], &reports[i], &text);
	if (passed + failed < count)
		strbuf_addf(&text, _("\nStopped: %zu not tested.\n"), count - passed - failed);
	title = failed ? text_format(_("%zu of %zu failed"), failed, count)
		       : text_format(_("%zu of %zu passed"), passed, count);
	const struct console_page page = {.title = title, .text = text.data};

	answer = host->page(host, &page, &button);
	strbuf_free(&text);
	free(title);
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}

static bool was_stopped(const struct probe_report *reports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (reports[i].cause == PROBE_CAUSE_CANCELLED)
			return true;
	return false;
}

enum console_answer screen_test_all(struct work *work)
{
	const struct settings *settings = &work->status.settings;
	size_t count = settings->relay_count;
	struct probe_report *reports = mem_calloc(count, sizeof *reports);
	enum console_answer answer = CONSOLE_BACK;
	struct error error = {0};
	bool ok = true;
	bool stopped = false;

	for (size_t at = 0; at < count; at += TURN) {
		size_t turn = count - at < TURN ? count - at : TURN;

		/* What comes after a turn that was stopped is not tested either. */
		if (ok && !stopped)
			ok = run_turn(work, &settings->relays[at], turn, &reports[at], &error);
		for (size_t i = at; i < at + turn && stopped; i++)
			reports[i].cause = PROBE_CAUSE_CANCELLED;
		stopped = stopped || (ok && was_stopped(&reports[at], turn));
	}
	if (ok)
		answer = show_results(work->host, settings->relays, reports, count);
	else
		work_fail(work->host, &error);
	free(reports);
	return answer;
}
