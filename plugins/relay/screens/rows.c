#include "rows.h"

#include "pick.h"
#include "words.h"

/* What the title column of a menu shows of a title. */
enum { TITLE_ROOM = 30 };

/* Takes both texts over. */
static void add(struct rows *rows, enum row_kind kind, size_t index, char *title, char *summary)
{
	size_t at = rows->count++;

	rows->items = mem_realloc_array(rows->items, rows->count, sizeof *rows->items);
	rows->rows = mem_realloc_array(rows->rows, rows->count, sizeof *rows->rows);
	rows->items[at] = (struct console_item){.title = title, .summary = summary};
	rows->rows[at] =
		(struct row){.kind = kind, .index = index, .title = title, .summary = summary};
}

static void add_words(struct rows *rows, enum row_kind kind, const char *title, const char *summary)
{
	add(rows, kind, 0, text_dup(title), text_dup(summary));
}

static void add_relay(struct rows *rows, const struct settings *settings, size_t index)
{
	struct strbuf words = STRBUF_INIT;

	words_relay(&settings->relays[index], &words);
	add(rows, ROW_RELAY, index, text_format(_("Relay %s"), settings->relays[index].name),
		strbuf_detach(&words));
}

static void add_relays(struct rows *rows, const struct settings *settings)
{
	const struct relay *first = settings_default(settings);

	if (first)
		add_relay(rows, settings, (size_t)(first - settings->relays));
	if (settings->relay_count > ROWS_RELAYS_MAX) {
		add(rows, ROW_RELAYS, 0, text_dup(_("Find a relay")),
			text_format(
				_("one of %zu, by name, server or login"), settings->relay_count));
		return;
	}
	for (size_t i = 0; i < settings->relay_count; i++)
		if (&settings->relays[i] != first)
			add_relay(rows, settings, i);
}

static void add_route(struct rows *rows, const struct settings *settings, size_t index)
{
	const struct route *route = &settings->routes[index];
	struct strbuf title = STRBUF_INIT;
	struct strbuf summary = STRBUF_INIT;

	words_route(route->kind, route->pattern, &title);
	/* A pattern that is cut in its column stands whole behind the relay's name. */
	if (title.len > TITLE_ROOM) {
		strbuf_addf(&summary, "-> %s (%s)", route->relay, route->pattern);
	} else {
		strbuf_adds(&summary, "-> ");
		words_target(settings, route->relay, &summary);
	}
	add(rows, ROW_ROUTE, index, strbuf_detach(&title), strbuf_detach(&summary));
}

static bool is_found(const struct route *route, const char *word)
{
	return pick_holds(route->pattern, word) || pick_holds(route->relay, word);
}

void rows_find(struct rows *rows, const struct settings *settings, const char *word, size_t *found)
{
	*found = 0;
	for (unsigned r = 0; r < ROUTE_RANKS; r++) {
		for (size_t i = 0; i < settings->route_count; i++) {
			if (route_rank(&settings->routes[i]) != r ||
				!is_found(&settings->routes[i], word))
				continue;
			if ((*found)++ < ROWS_ROUTES_MAX)
				add_route(rows, settings, i);
		}
	}
}

static void add_routes(struct rows *rows, const struct settings *settings)
{
	size_t found;

	if (settings->route_count > ROWS_ROUTES_MAX)
		add(rows, ROW_ROUTES, 0, text_dup(_("Find a route")),
			text_format(_("one of %zu, by address, domain or relay"),
				settings->route_count));
	else
		rows_find(rows, settings, "", &found);
}

static void add_all_other(struct rows *rows, const struct settings *settings)
{
	struct strbuf summary = STRBUF_INIT;

	strbuf_adds(&summary, "-> ");
	words_target(settings, settings->default_relay, &summary);
	add(rows, ROW_ALL_OTHER, 0,
		text_dup(settings->route_count ? _("All other mail") : _("All mail")),
		strbuf_detach(&summary));
}

void rows_make(struct rows *rows, const struct settings *settings)
{
	*rows = (struct rows){0};
	add_relays(rows, settings);
	add_routes(rows, settings);
	if (settings->relay_count)
		add_all_other(rows, settings);
	add_words(rows, ROW_ADD_RELAY, _("Add a relay"), _("A provider's, or any other server"));
	if (!settings->relay_count)
		return;
	add_words(rows, ROW_ADD_ROUTE, _("Add a route"), _("Some mail takes another way"));
	add_words(rows, ROW_WHO, _("Who takes it?"), _("Ask which way a mail would go"));
	if (settings->relay_count > 1)
		add_words(rows, ROW_TEST_ALL, _("Test all"), _("All relays side by side"));
}

void rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->rows[i].title);
		free(rows->rows[i].summary);
	}
	free(rows->items);
	free(rows->rows);
	*rows = (struct rows){0};
}

void rows_text(const struct work *work, struct strbuf *out)
{
	const struct settings *settings = &work->status.settings;

	if (!settings->relay_count && work->status.mode == STATUS_FOREIGN)
		strbuf_addf(out,
			_("A relay is set up (%s), but not by relaycon. What is added here takes "
			  "its place."),
			work->status.foreign_relayhost ? work->status.foreign_relayhost : "");
	else if (!settings->relay_count)
		strbuf_adds(out, _("No relay is set up: mail goes directly to the recipients' "
				   "servers."));
	else if (!settings->route_count)
		strbuf_adds(out, _("All mail goes one way. Routes let some of it go another way."));
	else
		strbuf_adds(out, _("Mail takes the first way below that fits. Enter on a line "
				   "changes it."));
}
