/*
 * failover.c: which relays take over from one, in which order: a list in which each can be moved or
 * taken out, and one more put in. Nothing of it counts before it was reviewed and applied.
 */
#include <stdint.h>

#include "apply.h"
#include "pick.h"
#include "screens.h"
#include "words.h"

enum { OWN_ITEMS = 2 };
enum move { EARLIER, LATER, TAKE_OUT };

struct failover {
	struct work *work;
	struct settings settings; /* as the screen began */
	struct relay relay;       /* with the list as it shall be */
	bool changed;
};

static bool edit_fallbacks(struct settings *settings, const void *context, struct error *error)
{
	const struct failover *failover = context;
	const struct relay *now = settings_relay(settings, failover->relay.name);
	struct relay relay = {0};

	if (!now)
		return error_set(error, ERROR_USAGE, _("There is no relay %s any more."),
			failover->relay.name);
	relay_copy(&relay, now);
	for (size_t i = 0; i < relay.fallback_count; i++)
		free(relay.fallbacks[i]);
	relay.fallback_count = 0;
	for (size_t i = 0; i < failover->relay.fallback_count; i++)
		relay_add_fallback(&relay, failover->relay.fallbacks[i]);
	settings_put_relay(settings, &relay);
	relay_free(&relay);
	return true;
}

static enum apply_answer apply(struct failover *failover)
{
	struct strbuf intro = STRBUF_INIT;
	const struct relay *relay = &failover->relay;
	enum apply_answer answer;

	strbuf_adds(&intro, relay->name);
	for (size_t i = 0; i < relay->fallback_count; i++)
		strbuf_addf(&intro, _(", else %s"), relay->fallbacks[i]);
	if (!relay->fallback_count)
		strbuf_adds(&intro, _(" falls back to no other relay; mail waits for it."));
	const struct apply plan = {
		.edit = edit_fallbacks,
		.context = failover,
		.title = _("Review"),
		.intro = intro.data,
		.action = "relay set",
		.done = _("The new order is in use."),
	};

	answer = apply_run(failover->work, &plan, NULL, 0);
	strbuf_free(&intro);
	return answer;
}

static void swap(struct relay *relay, size_t a, size_t b)
{
	char *name = relay->fallbacks[a];

	relay->fallbacks[a] = relay->fallbacks[b];
	relay->fallbacks[b] = name;
}

static void take_out(struct relay *relay, size_t at)
{
	free(relay->fallbacks[at]);
	relay->fallback_count--;
	for (size_t i = at; i < relay->fallback_count; i++)
		relay->fallbacks[i] = relay->fallbacks[i + 1];
}

/* *at follows the one that was moved. */
static enum console_answer run_move(struct failover *failover, size_t *at)
{
	const struct console_host *host = failover->work->host;
	struct relay *relay = &failover->relay;
	struct console_item items[3] = {0};
	enum move moves[3];
	char *title = text_format(_("%s takes over from %s"), relay->fallbacks[*at], relay->name);
	enum console_answer answer;
	size_t chosen = 0;
	size_t count = 0;

	if (*at > 0) {
		items[count].title = _("Earlier");
		moves[count++] = EARLIER;
	}
	if (*at + 1 < relay->fallback_count) {
		items[count].title = _("Later");
		moves[count++] = LATER;
	}
	items[count].title = _("Take it out");
	moves[count++] = TAKE_OUT;
	const struct console_menu menu = {
		.title = title,
		.items = items,
		.count = count,
	};

	answer = host->menu(host, &menu, &chosen);
	free(title);
	if (answer != CONSOLE_OK)
		return answer;
	failover->changed = true;
	if (moves[chosen] == EARLIER) {
		swap(relay, *at, *at - 1);
		(*at)--;
	} else if (moves[chosen] == LATER) {
		swap(relay, *at, *at + 1);
		(*at)++;
	} else {
		take_out(relay, *at);
	}
	return CONSOLE_OK;
}

static enum console_answer run_add(struct failover *failover)
{
	const struct relay *relay = &failover->relay;
	const char **skip = mem_calloc(relay->fallback_count + 1, sizeof *skip);
	char *name = NULL;
	enum console_answer answer;

	skip[0] = relay->name;
	for (size_t i = 0; i < relay->fallback_count; i++)
		skip[i + 1] = relay->fallbacks[i];
	const struct pick pick = {
		.title = _("Another relay to fall back to"),
		.text = _("Which relay takes over when those before it cannot take mail?"),
		.settings = &failover->settings,
		.skip = skip,
		.skip_count = relay->fallback_count + 1,
	};

	answer = pick_relay(failover->work->host, &pick, &name);
	if (answer == CONSOLE_OK) {
		relay_add_fallback(&failover->relay, name);
		failover->changed = true;
	}
	free(name);
	free(skip);
	return answer;
}

/* CONSOLE_BACK: leave without it. */
static enum console_answer leave(struct failover *failover)
{
	const struct console_page page = {
		.title = _("Failover"),
		.text = _("Throw away the new order?"),
		.buttons = {_("Keep editing"), _("Throw away")},
	};
	enum console_answer answer;
	size_t button = 0;

	if (!failover->changed)
		return CONSOLE_BACK;
	answer = failover->work->host->page(failover->work->host, &page, &button);
	if (answer == CONSOLE_GONE)
		return answer;
	return answer == CONSOLE_OK && button == 1 ? CONSOLE_BACK : CONSOLE_OK;
}

/* The list as a menu; what follows the relays in it is ours. */
struct order {
	struct console_item *items;
	struct strbuf *titles;
	struct strbuf *summaries;
	size_t listed;
	size_t count;
	size_t add; /* where "Add" stands; count when it does not */
	size_t review;
};

static void order_make(struct order *order, const struct failover *failover)
{
	const struct relay *relay = &failover->relay;

	*order = (struct order){.listed = relay->fallback_count, .count = relay->fallback_count};
	order->items = mem_calloc(order->listed + OWN_ITEMS, sizeof *order->items);
	order->titles = mem_calloc(order->listed + 1, sizeof *order->titles);
	order->summaries = mem_calloc(order->listed + 1, sizeof *order->summaries);
	for (size_t i = 0; i < order->listed; i++) {
		const struct relay *other =
			settings_relay(&failover->settings, relay->fallbacks[i]);

		strbuf_addf(&order->titles[i], "%zu. %s", i + 1, relay->fallbacks[i]);
		if (other)
			words_server(other, &order->summaries[i]);
		order->items[i].title = order->titles[i].data;
		order->items[i].summary = order->summaries[i].data;
	}
	order->add = order->review = SIZE_MAX;
	if (order->listed + 1 < failover->settings.relay_count) {
		order->add = order->count++;
		order->items[order->add].title = _("Add");
		order->items[order->add].summary = _("Another relay, at the end");
	}
	if (failover->changed) {
		order->review = order->count++;
		order->items[order->review].title = _("Review");
		order->items[order->review].summary = _("See what will change, then apply it");
	}
}

static void order_free(struct order *order)
{
	for (size_t i = 0; i < order->listed; i++) {
		strbuf_free(&order->titles[i]);
		strbuf_free(&order->summaries[i]);
	}
	free(order->titles);
	free(order->summaries);
	free(order->items);
}

static enum console_answer show_order(const struct failover *failover, size_t *chosen,
	size_t *listed, size_t *add, size_t *review)
{
	const struct console_host *host = failover->work->host;
	char *title = text_format(_("Failover of %s"), failover->relay.name);
	struct order order;
	enum console_answer answer;

	order_make(&order, failover);
	const struct console_menu menu = {
		.title = title,
		.text = _("When this relay cannot be reached, refuses the login or shows a bad "
			  "certificate, the next in the list takes over. A recipient that it "
			  "refuses is refused. Enter on a line moves it."),
		.items = order.items,
		.count = order.count,
	};

	answer = host->menu(host, &menu, chosen);
	*listed = order.listed;
	*add = order.add;
	*review = order.review;
	order_free(&order);
	free(title);
	return answer;
}

/* One turn of the list. CONSOLE_BACK: it is over and nothing was applied; *applied: it was. */
static enum console_answer run_order(struct failover *failover, size_t *chosen, bool *applied)
{
	size_t listed, add, review;
	enum console_answer answer = show_order(failover, chosen, &listed, &add, &review);

	if (answer == CONSOLE_BACK)
		return leave(failover);
	if (answer == CONSOLE_GONE)
		return answer;
	if (*chosen < listed) {
		answer = run_move(failover, chosen);
	} else if (*chosen == add) {
		answer = run_add(failover);
		/* What comes next is the review, mostly. */
		if (answer == CONSOLE_OK)
			*chosen = SIZE_MAX;
	} else if (*chosen == review) {
		enum apply_answer done = apply(failover);

		*applied = done == APPLY_DONE;
		answer = done == APPLY_GONE ? CONSOLE_GONE : CONSOLE_OK;
	}
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}

enum console_answer screen_failover(struct work *work, const struct relay *relay)
{
	struct failover failover = {.work = work};
	enum console_answer answer = CONSOLE_OK;
	bool applied = false;
	size_t chosen = 0;

	/* Of its own: what is true may be read anew for the review. */
	settings_copy(&failover.settings, &work->status.settings);
	relay_copy(&failover.relay, relay);
	while (answer == CONSOLE_OK && !applied)
		answer = run_order(&failover, &chosen, &applied);
	relay_free(&failover.relay);
	settings_free(&failover.settings);
	return answer;
}
