/*
 * list.c: the driver of the entry "Relays and routes": the list, and where each of its lines leads.
 */
#include "../drivers.h"
#include "pick.h"
#include "rows.h"
#include "screens.h"

static const char *list_help(void)
{
	return _("Relays: servers that take mail on, each with its own server, security and login. "
		 "The default relay comes first.\n\n"
		 "Routes: mail from a sender or to a recipient goes to the relay that is named, or "
		 "directly. They stand in the order in which they count: a recipient's address, a "
		 "recipient's domain, a sender's address, a sender's domain; then all other mail. "
		 "Within a kind the order does not matter, as no mail fits two of them.\n\n"
		 "Failover: a relay can name others that take over when it cannot be reached, "
		 "refuses the login or shows a bad certificate.\n\n"
		 "Nothing is changed before you have seen the exact changes and chosen Apply.");
}

static enum console_answer run_row(struct work *work, const struct row *row);

static enum console_answer tell_none(const struct console_host *host)
{
	const struct console_page page = {
		.title = _("Find a route"),
		.text = _("No route holds that in its address, domain or relay."),
	};
	size_t button = 0;

	return host->page(host, &page, &button) == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}

/* CONSOLE_BACK: another word. */
static enum console_answer choose_found(struct work *work, const char *word)
{
	const struct console_host *host = work->host;
	struct rows rows = {0};
	size_t found = 0;
	size_t chosen = 0;
	enum console_answer answer;
	char *text;

	rows_find(&rows, &work->status.settings, word, &found);
	if (!found) {
		answer = tell_none(host) == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_BACK;
		rows_free(&rows);
		return answer;
	}
	text = found > rows.count
		       ? text_format(_("The first %zu of %zu routes that hold \"%s\". A longer "
				       "word finds fewer."),
				 rows.count, found, word)
		       : text_format(
				 _("Routes that hold \"%s\", in the order in which they count."),
				 word);
	const struct console_menu menu = {
		.title = _("Find a route"),
		.text = text,
		.items = rows.items,
		.count = rows.count,
	};

	answer = host->menu(host, &menu, &chosen);
	if (answer == CONSOLE_OK)
		answer = run_row(work, &rows.rows[chosen]);
	free(text);
	rows_free(&rows);
	return answer;
}

static enum console_answer find_route(struct work *work)
{
	char *text = text_format(_("There are %zu routes. Type a part of an address, a domain or a "
				   "relay's name."),
		work->status.settings.route_count);
	char word[PICK_WORD] = "";
	enum console_answer answer;

	do {
		answer = pick_word(work->host, _("Find a route"), text, word);
		if (answer != CONSOLE_OK)
			break;
		answer = choose_found(work, word);
	} while (answer == CONSOLE_BACK);
	free(text);
	return answer;
}

static enum console_answer find_relay(struct work *work)
{
	const struct pick pick = {
		.title = _("Find a relay"),
		.text = _("Which relay?"),
		.settings = &work->status.settings,
	};
	char *name = NULL;
	enum console_answer answer = pick_relay(work->host, &pick, &name);

	if (answer == CONSOLE_OK)
		answer = screen_relay(work->host, name);
	free(name);
	return answer;
}

static enum console_answer run_row(struct work *work, const struct row *row)
{
	const struct settings *settings = &work->status.settings;
	enum console_answer answer = CONSOLE_BACK;
	char *name;

	switch (row->kind) {
	case ROW_RELAY:
		name = text_dup(settings->relays[row->index].name);
		answer = screen_relay(work->host, name);
		free(name);
		break;
	case ROW_RELAYS:
		answer = find_relay(work);
		break;
	case ROW_ROUTE:
		answer = screen_route(work, &settings->routes[row->index]);
		break;
	case ROW_ROUTES:
		answer = find_route(work);
		break;
	case ROW_ALL_OTHER:
		answer = screen_default(work, NULL);
		break;
	case ROW_ADD_RELAY:
		answer = screen_add_relay(work->host);
		break;
	case ROW_ADD_ROUTE:
		answer = screen_route(work, NULL);
		break;
	case ROW_WHO:
		answer = screen_who(work);
		break;
	case ROW_TEST_ALL:
		answer = screen_test_all(work);
		break;
	}
	return answer;
}

static enum console_answer run_list(struct work *work, size_t *chosen)
{
	const struct console_host *host = work->host;
	struct strbuf text = STRBUF_INIT;
	struct rows rows;
	enum console_answer answer;

	rows_make(&rows, &work->status.settings);
	rows_text(work, &text);
	const struct console_menu menu = {
		.title = _("Relays and routes"),
		.text = text.data,
		.help = list_help(),
		.items = rows.items,
		.count = rows.count,
	};

	if (*chosen >= rows.count)
		*chosen = 0;
	answer = host->menu(host, &menu, chosen);
	if (answer == CONSOLE_OK && run_row(work, &rows.rows[*chosen]) == CONSOLE_GONE)
		answer = CONSOLE_GONE;
	rows_free(&rows);
	strbuf_free(&text);
	return answer;
}

enum console_answer driver_relays(
	const struct console_host *host, const struct console_entry *entry)
{
	enum console_answer answer = CONSOLE_OK;
	size_t chosen = 0;

	(void)entry;
	while (answer == CONSOLE_OK) {
		struct work work = {0};
		struct error error = {0};

		if (work_open(&work, host, WORK_RECOVER, &error)) {
			answer = run_list(&work, &chosen);
		} else {
			work_fail(host, &error);
			answer = CONSOLE_BACK;
		}
		work_close(&work);
	}
	return answer;
}
