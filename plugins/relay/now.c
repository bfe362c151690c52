#include "now.h"

#include <time.h>

enum { QUEUE_LIMIT = 1000, DRIFT_SHOWN = 5, BRIEF_EXPLANATION = 120 };

static void add_provider(const struct work *work, const struct relay *relay, struct strbuf *out)
{
	const char *const *folders = work->host->folders(work->host, "providers");
	struct preset preset = {0};
	struct error error = {0};

	if (!relay->provider || strcmp(relay->provider, RELAY_CUSTOM) == 0)
		return;
	/* The file may be gone since; its id still says something. */
	if (preset_load(&preset, folders, relay->provider, &error))
		strbuf_addf(out, " (%s)", preset.name);
	else
		strbuf_addf(out, " (%s)", relay->provider);
	preset_free(&preset);
}

static void add_relay(const struct work *work, const struct relay *relay, struct strbuf *out)
{
	strbuf_addf(out, _("Mail goes: through %s port %u"), relay->host, relay->port);
	add_provider(work, relay, out);
	strbuf_addf(out, _("\nProtection: %s"), relay_tls_title(relay->tls));
	if (relay_tls_is_encrypted(relay->tls))
		strbuf_addf(out, "; %s", relay_verify_brief(relay->verify));
	if (relay->login)
		strbuf_addf(out, _("\nLogin: %s\n"), relay->login);
	else
		strbuf_adds(out, _("\nLogin: none\n"));
}

/* What else there is besides one relay for everything. */
static void add_others(
	const struct settings *settings, const struct relay *relay, bool brief, struct strbuf *out)
{
	if (!brief && relay && relay->fallback_count > 0) {
		strbuf_adds(out, _("Failover: "));
		for (size_t i = 0; i < relay->fallback_count; i++)
			strbuf_addf(out, "%s%s", i ? ", " : "", relay->fallbacks[i]);
		strbuf_addc(out, '\n');
	}
	if (!brief && relay && relay->sender_rewrite)
		strbuf_addf(out, _("Foreign senders: become %s\n"), relay->sender_rewrite);
	if (settings->relay_count > 1 || settings->route_count > 0)
		strbuf_addf(out, _("Relays: %zu; routes: %zu\n"), settings->relay_count,
			settings->route_count);
}

static void add_mode(const struct work *work, bool brief, struct strbuf *out)
{
	const struct status *status = &work->status;
	const struct relay *relay = settings_default(&status->settings);

	if (status->mode == STATUS_RELAY) {
		if (relay)
			add_relay(work, relay, out);
		else
			strbuf_adds(out,
				_("Mail goes: directly to the recipients' servers, but for what "
				  "has a route\n"));
		add_others(&status->settings, relay, brief, out);
	} else if (status->mode == STATUS_DIRECT) {
		strbuf_adds(out, _("Mail goes: directly to the recipients' servers (no relay)\n"));
		if (status->settings.relay_count > 0)
			strbuf_addf(out, _("Relays: %zu, none of them in use\n"),
				status->settings.relay_count);
	} else if (!work->host->privileged) {
		/* Our settings are closed to other users: whose relay it is cannot be said. */
		strbuf_addf(out, _("Mail goes: through %s (more is shown to root only)\n"),
			status->foreign_relayhost ? status->foreign_relayhost : _("a relay"));
	} else {
		strbuf_addf(out,
			_("Mail goes: through %s, set up by someone else, not by relaycon\n"),
			status->foreign_relayhost ? status->foreign_relayhost : _("a relay"));
		if (status->foreign_protection && *status->foreign_protection)
			strbuf_addf(out, _("Protection: smtp_tls_security_level = %s\n"),
				status->foreign_protection);
	}
}

static void add_postfix(const struct work *work, struct strbuf *out)
{
	const struct postfix *postfix = &work->site.postfix;
	struct postfix_queue queue = {0};
	struct error error = {0};

	/* Postfix lets no other user see either. */
	if (!work->host->privileged && !work->status.running) {
		strbuf_addf(out, _("Postfix: %s (root sees whether it runs, and the queue)\n"),
			postfix->version);
		return;
	}
	strbuf_addf(out, "Postfix: %s, %s\n", postfix->version,
		work->status.running ? _("running")
				     : _("not running; mail waits until it is started"));
	if (!postfix_queue_count(postfix, QUEUE_LIMIT, &queue, &error)) {
		strbuf_addf(out, _("Queue: not readable (%s)\n"), error.message);
		return;
	}
	strbuf_addf(out,
		queue.more ? _("Queue: %lu incoming, %lu active, %lu deferred or more\n")
			   : _("Queue: %lu incoming, %lu active, %lu deferred\n"),
		queue.incoming + queue.maildrop, queue.active, queue.deferred);
}

static void add_last_test(const struct work *work, bool brief, struct strbuf *out)
{
	const struct relay *relay = settings_default(&work->status.settings);
	struct last_test test = {0};
	struct tm tm = {0};
	char when[32] = "";

	last_test_load(&work->site, &test);
	if (!test.known) {
		if (relay)
			strbuf_adds(out, _("Last test: none yet\n"));
		return;
	}
	if (localtime_r(&test.when, &tm))
		(void)strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
	const char *result = test.ok ? _("ok") : _("failed");

	if (relay && strcmp(relay->host, test.host) == 0 && relay->port == test.port)
		strbuf_addf(out, _("Last test: %s, %s"), when, result);
	else
		strbuf_addf(out, _("Last test: %s, %s, of %s port %u"), when, result, test.host,
			test.port);
	if (!test.ok) {
		char words[BRIEF_EXPLANATION];

		text_clean_into(words, sizeof words, test.explanation, strlen(test.explanation));
		strbuf_addf(out, ": %s", brief ? words : test.explanation);
	}
	strbuf_addc(out, '\n');
}

static void add_drift(const struct status *status, bool brief, struct strbuf *out)
{
	size_t shown = brief ? 1 : DRIFT_SHOWN;

	if (brief && status->drift_count > 1) {
		strbuf_addf(out, _("Changed since by someone else: %s and %zu more\n"),
			status->drift[0].parameter, status->drift_count - 1);
		return;
	}
	for (size_t i = 0; i < status->drift_count && i < shown; i++) {
		const struct status_drift *drift = &status->drift[i];

		if (brief)
			strbuf_addf(
				out, _("Changed since by someone else: %s\n"), drift->parameter);
		else if (drift->found)
			strbuf_addf(out,
				_("Changed since by someone else: %s is now \"%s\"; relaycon had "
				  "set \"%s\"\n"),
				drift->parameter, drift->found, drift->wanted ? drift->wanted : "");
		else
			strbuf_addf(out,
				_("Changed since by someone else: %s is gone; relaycon had set "
				  "\"%s\"\n"),
				drift->parameter, drift->wanted ? drift->wanted : "");
	}
	if (status->drift_count > shown)
		strbuf_addf(out, _("... and %zu more such changes\n"), status->drift_count - shown);
}

static void add_warnings(const struct status *status, bool brief, struct strbuf *out)
{
	const char *line = status->warnings.len ? status->warnings.data : "";

	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len)
			strbuf_addf(out, _("Warning: %.*s\n"), (int)len, line);
		line += len;
		line += *line == '\n';
		if (brief && *line) {
			strbuf_adds(out, _("... more by the command \"relaycon status\"\n"));
			return;
		}
	}
}

void now_text(const struct work *work, bool brief, struct strbuf *out)
{
	add_mode(work, brief, out);
	add_postfix(work, out);
	add_last_test(work, brief, out);
	if (work->status.interrupted)
		strbuf_adds(
			out, _("Interrupted: a change was not completed; the next change, as root, "
			       "finishes or undoes it\n"));
	add_drift(&work->status, brief, out);
	add_warnings(&work->status, brief, out);
}

enum console_answer now_page(const struct console_host *host, const char *title, const char *done)
{
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	struct work work;
	enum console_answer answer;
	size_t button = 0;

	strbuf_addf(&text, "%s\n\n", done);
	if (work_open(&work, host, WORK_LOOK, &error)) {
		now_text(&work, false, &text);
		work_close(&work);
	} else {
		strbuf_addf(&text, _("What is true now could not be read: %s\n%s\n"), error.message,
			error.advice);
	}
	const struct console_page page = {.title = title, .text = text.data};

	answer = host->page(host, &page, &button);
	strbuf_free(&text);
	return answer;
}

enum console_answer now_unchanged(const struct console_host *host)
{
	return now_page(host, _("Nothing to change"),
		_("This is what is configured already; no file was touched."));
}
