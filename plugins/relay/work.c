#include "work.h"

#include <time.h>

/* One list for one postconf call: the three lists merged, each name once. */
static const char **merge_parameters(void)
{
	const char *const *const lists[] = {
		plan_parameters, status_parameters, probe_client_parameters};
	size_t room = 1;
	size_t count = 0;
	const char **names;

	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		for (size_t i = 0; lists[l][i]; i++)
			room++;
	names = mem_calloc(room, sizeof *names);
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
		for (size_t i = 0; lists[l][i]; i++) {
			size_t n = 0;

			while (n < count && strcmp(names[n], lists[l][i]) != 0)
				n++;
			if (n == count)
				names[count++] = lists[l][i];
		}
	}
	return names;
}

static bool open_site(struct work *work, struct error *error)
{
	const struct console_host *host = work->host;
	const char **names = merge_parameters();
	bool ok = site_open(&work->site, host->option(host, "postfix-config"),
		host->option(host, "state-dir"), names, error);

	free(names);
	return ok;
}

static bool begin_change(const struct console_host *host, struct error *error)
{
	return host->begin_change(host) ||
	       error_set(error, ERROR_CANCELLED, _("Stopped. Nothing was changed."));
}

static void tell_recovered(const struct console_host *host, enum change_recovery what)
{
	const char *words =
		what == CHANGE_FINISHED
			? _("An earlier change had been interrupted after its files were ready. "
			    "It was finished: the new files are in place.")
		: what == CHANGE_UNDONE_ASIDE
			? _("An earlier change had been interrupted, and somebody edited Postfix's "
			    "files after that. It was undone: all files are as they were before "
			    "it. The edited version is kept beside its file, as "
			    "NAME.relaycon-edited: take from it what is still wanted.")
			: _("An earlier change had been interrupted. It was undone: all files are "
			    "as they were before it.");

	host->audit(host, "recover", "interrupted change",
		what == CHANGE_FINISHED ? "finished" : "undone", "ok");
	if (host->mode == CONSOLE_COMMAND) {
		host->note(host, words);
	} else {
		const struct console_page page = {
			.title = _("An interrupted change"),
			.text = words,
		};
		size_t button = 0;

		/* The page only tells; a hang-up shows at the next question. */
		(void)host->page(host, &page, &button);
	}
}

static void tell_failed(const struct console_host *host, const struct error *error)
{
	struct strbuf result = STRBUF_INIT;

	strbuf_addf(&result, "failed: %s", error->message);
	host->audit(host, "recover", "interrupted change", "", result.data);
	strbuf_free(&result);
}

static bool open_once(struct work *work, const struct console_host *host, enum work_start start,
	struct error *error)
{
	enum change_recovery what = CHANGE_NOTHING_TO_RECOVER;

	memset(work, 0, sizeof *work);
	work->host = host;
	if (!open_site(work, error))
		return false;
	if (start == WORK_RECOVER && host->privileged && change_is_interrupted(&work->site)) {
		if (!begin_change(host, error))
			return false;
		if (!change_recover(&work->site, &what, error)) {
			tell_failed(host, error);
			return false;
		}
		if (what != CHANGE_NOTHING_TO_RECOVER) {
			tell_recovered(host, what);
			/* The values at hand are those of the files as they were a moment ago. */
			site_close(&work->site);
			if (!open_site(work, error))
				return false;
		}
	}
	return status_read(&work->status, &work->site, error);
}

static long long now(void)
{
	struct timespec time;

	/* The clock that files get their times from. */
	clock_gettime(CLOCK_REALTIME_COARSE, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Beside another relaycon's change it is read again: what is from before it does not go together
 * with what is from after. One that takes long is not waited for: what is found is told. */
bool work_open(struct work *work, const struct console_host *host, enum work_start start,
	struct error *error)
{
	enum { TRIES = 20, PAUSE_NS = 25000000 };
	static const struct timespec pause = {.tv_nsec = PAUSE_NS};

	for (int i = 1;; i++) {
		long long began = now();
		bool ok = open_once(work, host, start, error);
		work->mark = work->site.lock_file ? change_mark(&work->site) : 0;
		bool alone = work->mark >= 0 && work->mark < began;
		if (ok && (alone || i == TRIES))
			return true;
		work_close(work);
		if (alone || i == TRIES)
			return false;
		nanosleep(&pause, NULL);
	}
}

void work_close(struct work *work)
{
	status_free(&work->status);
	site_close(&work->site);

	memset(work, 0, sizeof *work);
}

/* Somebody is going to see the plan before it is applied: made from what is true now, it says all
 * that there is to say. */
static bool look_again(struct work *work, struct error *error)
{
	struct work fresh;

	if (!work_open(&fresh, work->host, WORK_LOOK, error))
		return false;
	work_close(work);
	*work = fresh;
	return true;
}

bool work_still_true(struct work *work, struct error *error)
{
	if (change_mark_holds(&work->site, work->mark, error))
		return true;
	if (work->host->mode == CONSOLE_COMMAND || change_mark(&work->site) < 0)
		return false;
	return look_again(work, error);
}

/* The note of what was set up is gone. A change that rests on it would take away the relays that are not in
 * it; one that says which relay there is to be, or that there is to be none, does not. */
static bool rests_on_lost(
	const struct work *work, const struct settings *after, struct error *error)
{
	bool none = after->relay_count == 0 && after->route_count == 0;

	if (!work->status.settings_lost || after->default_relay || none)
		return true;
	error_set(error, ERROR_DATA,
		_("relaycon has set up a relay here, but %s, where it is noted, is gone: this "
		  "change "
		  "would take the relay away."),
		work->site.settings_file);
	return error_advise(error,
		_("Put the file back from a backup of the machine; or set all of it up anew with "
		  "\"relaycon apply FILE\"; or run \"relaycon deconfigure\" first."));
}

bool work_plan_edit(struct work *work, work_edit *edit, const void *context,
	const struct plan_password *passwords, size_t password_count, struct plan *plan,
	struct error *error)
{
	struct settings settings = {0};
	bool ok;

	if (!work_still_true(work, error))
		return false;
	settings_copy(&settings, &work->status.settings);
	ok = edit(&settings, context, error) && settings_check(&settings, error) &&
	     rests_on_lost(work, &settings, error) &&
	     plan_configure(plan, &work->site, &settings, passwords, password_count, error);
	settings_free(&settings);
	return ok;
}

/* What the mail does now, in one line without secrets, for the audit. */
static void describe(const struct work *work, struct strbuf *out)
{
	const struct relay *relay = settings_default(&work->status.settings);

	switch (work->status.mode) {
	case STATUS_RELAY:
		if (relay)
			relay_describe(relay, out);
		else
			strbuf_adds(out, "relay");
		break;
	case STATUS_FOREIGN:
		strbuf_addf(out, "foreign %s",
			work->status.foreign_relayhost ? work->status.foreign_relayhost : "");
		break;
	case STATUS_DIRECT:
		strbuf_adds(out, "direct");
		break;
	}
}

bool work_commit(struct work *work, const struct plan *plan, const char *action,
	struct change_result *result, struct error *error)
{
	const struct console_host *host = work->host;
	struct strbuf from = STRBUF_INIT;
	struct strbuf outcome = STRBUF_INIT;
	bool ok;

	if (!begin_change(host, error))
		return false;
	describe(work, &from);
	ok = change_commit(&work->site, plan, result, error);
	work->mark = change_mark(&work->site);
	if (ok)
		strbuf_adds(&outcome, "ok");
	else
		strbuf_addf(&outcome, "failed: %s", error->message);
	host->audit(
		host, action, from.data, plan->summary ? plan->summary : "direct", outcome.data);
	strbuf_free(&from);
	strbuf_free(&outcome);
	return ok;
}

int work_fail(const struct console_host *host, const struct error *error)
{
	return host->fail(
		host, error->code, error->message, error->advice[0] ? error->advice : NULL);
}

int work_show(const struct console_host *host, work_document *document, work_words *words)
{
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	struct work work;

	if (!work_open(&work, host, WORK_RECOVER, &error))
		return work_fail(host, &error);
	if (host->json) {
		document(host, &work);
	} else {
		strbuf_reset(&text);
		words(&work, &text);
		host->print(host, text.data);
	}
	strbuf_free(&text);
	work_close(&work);
	return ERROR_NONE;
}
