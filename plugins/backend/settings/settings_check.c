/* settings_check.c: settings_check (settings.h): what is wrong with the settings as a whole. */
#include <string.h>

#include "../base/i18n.h"
#include "settings.h"

static bool check_fallbacks(
	const struct relay_index *index, const struct relay *relay, struct error *error)
{
	for (size_t i = 0; i < relay->fallback_count; i++) {
		const char *name = relay->fallbacks[i];
		if (text_equal(name, relay->name))
			return error_set(error, ERROR_DATA,
				_("The relay %s cannot fall back to itself."), relay->name);
		if (!relay_index_find(index, name))
			return error_set(error, ERROR_DATA,
				_("The relay %s falls back to %s, which is no relay."), relay->name,
				name);
		for (size_t j = 0; j < i; j++)
			if (text_equal(relay->fallbacks[j], name))
				return error_set(error, ERROR_DATA,
					_("The relay %s falls back to %s twice."), relay->name,
					name);
	}
	return true;
}

static bool check_relay(
	const struct relay_index *index, const struct relay *relay, struct error *error)
{
	struct error reason = {0};

	if (!relay_check_form(relay, &reason)) {
		error_set(error, reason.code, _("Relay \"%s\": %s"), relay->name ? relay->name : "",
			reason.message);
		if (reason.advice[0])
			error_advise(error, "%s", reason.advice);
		return false;
	}
	return check_fallbacks(index, relay, error);
}

static bool check_route(
	const struct relay_index *index, const struct route *route, struct error *error)
{
	if (strcmp(route->relay, RELAY_DIRECT) == 0 || relay_index_find(index, route->relay))
		return true;
	return error_set(error, ERROR_DATA,
		route->kind == ROUTE_SENDER
			? _("The route of sender %s leads to %s, which is no relay.")
			: _("The route of recipient %s leads to %s, which is no relay."),
		route->pattern, route->relay);
}

bool settings_check(const struct settings *settings, struct error *error)
{
	struct relay_index index;
	bool ok = true;

	relay_index_init(&index, settings);
	if (settings->default_relay && !relay_index_find(&index, settings->default_relay))
		ok = error_set(error, ERROR_DATA, _("The default relay, %s, is no relay."),
			settings->default_relay);
	for (size_t i = 0; ok && i < settings->relay_count; i++)
		ok = check_relay(&index, &settings->relays[i], error);
	for (size_t i = 0; ok && i < settings->route_count; i++)
		ok = check_route(&index, &settings->routes[i], error);
	relay_index_free(&index);
	return ok;
}
