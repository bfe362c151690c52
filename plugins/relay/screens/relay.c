/*
 * relay.c: one relay: what it is, who goes to it, and what can be done with it.
 */
#include "../setup.h"
#include "../testing.h"
#include "screens.h"
#include "words.h"

enum action { EDIT, TEST, DEFAULT, FAILOVER, REWRITE, PROVIDER, RENAME, REMOVE, ACTIONS };

static const struct console_item actions[ACTIONS] = {
	[EDIT] = {N_("Edit"), N_("Server, login and password, with a test first")},
	[TEST] = {N_("Test"), N_("Step by step, with the stored password")},
	[DEFAULT] = {N_("Make default"), N_("Mail without a route goes to it")},
	[FAILOVER] = {N_("Failover"), N_("Which relays take over, in which order")},
	[REWRITE] = {N_("Sender rewriting"), N_("For a provider that takes only your own senders")},
	[PROVIDER] = {N_("Other provider"), N_("Another server under this name")},
	[RENAME] = {N_("Rename"), N_("Routes and failover keep leading to it")},
	[REMOVE] = {N_("Remove"), N_("And its stored password")},
};

static void add_use(const struct settings *settings, const struct relay *relay, struct strbuf *out)
{
	enum { SHOWN = 3 };
	size_t count = 0;

	strbuf_adds(out, _("Takes: "));
	if (text_equal(settings->default_relay, relay->name)) {
		strbuf_adds(out, _("all mail without a route"));
		count++;
	}
	for (size_t i = 0; i < settings->route_count; i++) {
		const struct route *route = &settings->routes[i];

		if (!text_equal(route->relay, relay->name) || count++ >= SHOWN)
			continue;
		strbuf_adds(out, count > 1 ? "; " : "");
		words_route(route->kind, route->pattern, out);
	}
	if (count > SHOWN)
		strbuf_addf(out, _(" and %zu more"), count - SHOWN);
	strbuf_adds(out, count ? "\n" : _("nothing; no route leads to it\n"));
}

static void add_fallback_of(
	const struct settings *settings, const struct relay *relay, struct strbuf *out)
{
	enum { SHOWN = 5 };
	const char **names = mem_calloc(settings->relay_count, sizeof *names);
	size_t count = 0;

	for (size_t i = 0; i < settings->relay_count; i++)
		for (size_t f = 0; f < settings->relays[i].fallback_count; f++)
			if (text_equal(settings->relays[i].fallbacks[f], relay->name))
				names[count++] = settings->relays[i].name;
	if (count) {
		strbuf_adds(out, _("Takes over from: "));
		words_list(names, count, SHOWN, out);
		strbuf_addc(out, '\n');
	}
	free(names);
}

static void describe(const struct settings *settings, const struct relay *relay, struct strbuf *out)
{
	relay_describe(relay, out);
	strbuf_addc(out, '\n');
	add_use(settings, relay, out);
	add_fallback_of(settings, relay, out);
	if (relay->fallback_count) {
		strbuf_adds(out, _("Falls back to: "));
		words_list((const char *const *)relay->fallbacks, relay->fallback_count,
			relay->fallback_count, out);
		strbuf_addc(out, '\n');
	}
	if (relay->sender_rewrite)
		strbuf_addf(out, _("Senders of other domains become: %s\n"), relay->sender_rewrite);
}

static enum console_answer edit(const struct console_host *host, const struct relay *relay)
{
	char *name = text_dup(relay->name);
	char *provider = text_dup(relay->provider);
	const struct setup setup = {.name = name};
	enum console_answer answer = setup_run(host, provider, &setup);

	free(name);
	free(provider);
	return answer;
}

static enum console_answer other_provider(
	const struct console_host *host, const struct relay *relay)
{
	char *name = text_dup(relay->name);
	char *now = text_dup(relay->provider);
	char *title = text_format(_("Relay %s"), name);
	const struct setup setup = {.name = name};
	enum console_answer answer;

	do {
		char *provider = NULL;

		answer = screen_provider(host, title, now, &provider);
		if (answer != CONSOLE_OK)
			break;
		answer = setup_run(host, provider, &setup);
		free(provider);
	} while (answer == CONSOLE_BACK);
	free(name);
	free(now);
	free(title);
	return answer;
}

static enum console_answer test(struct work *work, const struct relay *relay)
{
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;

	if (!testing_show(work, relay, &answer, &error))
		work_fail(work->host, &error);
	return answer;
}

static enum console_answer act(struct work *work, const struct relay *relay, enum action action)
{
	switch (action) {
	case EDIT:
		return edit(work->host, relay);
	case TEST:
		return test(work, relay);
	case DEFAULT:
		return screen_default(work, relay->name);
	case FAILOVER:
		return screen_failover(work, relay);
	case REWRITE:
		return screen_rewrite(work, relay);
	case PROVIDER:
		return other_provider(work->host, relay);
	case RENAME:
		return screen_rename(work, relay);
	case REMOVE:
		return screen_remove_relay(work, relay);
	case ACTIONS:
		break;
	}
	return CONSOLE_BACK;
}

static enum console_answer run_menu(struct work *work, const struct relay *relay, size_t *chosen)
{
	const struct settings *settings = &work->status.settings;
	struct console_item items[ACTIONS];
	enum action meant[ACTIONS];
	char *title = text_format(_("Relay %s"), relay->name);
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer;
	size_t count = 0;

	for (size_t i = 0; i < ACTIONS; i++) {
		if (i == DEFAULT && text_equal(settings->default_relay, relay->name))
			continue;
		if (i == FAILOVER && settings->relay_count < 2)
			continue;
		items[count].title = _(actions[i].title);
		items[count].summary = _(actions[i].summary);
		meant[count++] = (enum action)i;
	}
	describe(settings, relay, &text);
	const struct console_menu menu = {
		.title = title,
		.text = text.data,
		.items = items,
		.count = count,
	};

	answer = work->host->menu(work->host, &menu, chosen);
	free(title);
	strbuf_free(&text);
	if (answer == CONSOLE_OK && act(work, relay, meant[*chosen]) == CONSOLE_GONE)
		return CONSOLE_GONE;
	return answer;
}

enum console_answer screen_relay(const struct console_host *host, const char *name)
{
	enum console_answer answer = CONSOLE_OK;
	size_t chosen = 0;

	while (answer == CONSOLE_OK) {
		const struct relay *relay = NULL;
		struct work work = {0};
		struct error error = {0};

		if (!work_open(&work, host, WORK_RECOVER, &error)) {
			work_fail(host, &error);
			answer = CONSOLE_BACK;
		} else {
			relay = settings_relay(&work.status.settings, name);
			/* Renamed or removed: back to the list, where it has its place. */
			answer = relay ? run_menu(&work, relay, &chosen) : CONSOLE_BACK;
		}
		work_close(&work);
	}
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}
