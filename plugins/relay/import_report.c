#include "import_report.h"

#include <string.h>

#include "review.h"

enum { ROUTES_SHOWN = 40 };

static const char *mark(enum import_fate fate)
{
	switch (fate) {
	case IMPORT_TAKEN:
		return _("taken");
	case IMPORT_CHANGED:
		return _("taken, but changed");
	default:
		return _("NOT TAKEN");
	}
}

static void add_line(const struct import_line *line, struct strbuf *out)
{
	strbuf_addf(out, "  ");
	if (line->number)
		strbuf_addf(out, _("line %u: "), line->number);
	strbuf_addf(out, "%s\n      %s: %s\n", line->text, mark(line->fate), line->words);
}

static void add_relays(const struct import *import, struct strbuf *out)
{
	const struct settings *settings = &import->settings;

	if (settings->relay_count == 0)
		return;
	strbuf_adds(out, _("Relays:\n"));
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];

		strbuf_addf(out, "  %s: ", relay->name);
		relay_describe(relay, out);
		if (strcmp(relay->provider, RELAY_CUSTOM) != 0)
			strbuf_addf(out, " (%s)", relay->provider);
		strbuf_addc(out, '\n');
	}
}

static void add_routes(const struct import *import, struct strbuf *out)
{
	const struct settings *settings = &import->settings;

	if (settings->route_count == 0)
		return;
	strbuf_adds(out, _("Routes of senders:\n"));
	for (size_t i = 0; i < settings->route_count && i < ROUTES_SHOWN; i++)
		strbuf_addf(out, "  %s -> %s\n", settings->routes[i].pattern,
			settings->routes[i].relay);
	if (settings->route_count > ROUTES_SHOWN)
		strbuf_addf(out, _("  and %zu more\n"), settings->route_count - ROUTES_SHOWN);
}

void import_report(const struct import *import, struct strbuf *out)
{
	const char *file = NULL;

	for (size_t i = 0; i < import->line_count; i++) {
		const struct import_line *line = &import->lines[i];

		if (!file || strcmp(file, line->file) != 0)
			strbuf_addf(out, "%s:\n", line->file);
		file = line->file;
		add_line(line, out);
	}
	review_add_lines(out, _("Note: "), &import->remarks);
	add_relays(import, out);
	add_routes(import, out);
}

bool import_put_default(struct settings *settings, const void *context, struct error *error)
{
	const struct import *import = context;
	const struct relay *relay = settings_default(&import->settings);

	(void)error;
	if (relay) {
		settings_put_relay(settings, relay);
		settings_set_default(settings, relay->name);
	}
	return true;
}

bool import_check_logins(const struct import *import, struct error *error)
{
	const struct strbuf *missing = &import->without_login;

	if (missing->len == 0)
		return true;
	error_set(error, ERROR_DATA, _("No login was found for: %.*s."), (int)missing->len - 1,
		missing->data);
	return error_advise(error,
		_("Add its login to what is imported, or say --no-auth if the relay takes mail "
		  "without one."));
}
