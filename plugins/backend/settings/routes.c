/* routes.c: the routes of the settings (settings.h): a sorted array, so that 100,000 are looked up in no
 * time. */
#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "../base/text.h"

enum { SHOWN_MAX = 120 };

void routes_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->route_count; i++) {
		free(settings->routes[i].pattern);
		free(settings->routes[i].relay);
	}
	free(settings->routes);
	settings->routes = NULL;
	settings->route_count = 0;
}

/* Room for one more. There is always room up to the next power of two, without a field that says so. */
static void grow(struct settings *settings)
{
	size_t count = settings->route_count;

	if ((count & (count - 1)) == 0)
		settings->routes = mem_realloc_array(
			settings->routes, count ? 2 * count : 1, sizeof *settings->routes);
}

void routes_append(struct settings *settings, struct route route)
{
	grow(settings);
	settings->routes[settings->route_count++] = route;
}

void routes_copy(struct settings *to, const struct settings *from)
{
	for (size_t i = 0; i < from->route_count; i++) {
		const struct route *route = &from->routes[i];
		routes_append(to, (struct route){.kind = route->kind,
					  .pattern = text_dup(route->pattern),
					  .relay = text_dup(route->relay)});
	}
}

bool routes_equal(const struct settings *a, const struct settings *b)
{
	if (a->route_count != b->route_count)
		return false;
	for (size_t i = 0; i < a->route_count; i++)
		if (route_compare(&a->routes[i], &b->routes[i]) != 0 ||
			!text_equal(a->routes[i].relay, b->routes[i].relay))
			return false;
	return true;
}

int route_compare(const struct route *a, const struct route *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->pattern, b->pattern);
}

/* Where this pattern is, or belongs. */
static size_t place(const struct settings *settings, enum route_kind kind, const char *pattern)
{
	const struct route wanted = {.kind = kind, .pattern = (char *)pattern};
	size_t low = 0, high = settings->route_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (route_compare(&settings->routes[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct route *find(
	const struct settings *settings, enum route_kind kind, const char *pattern)
{
	size_t at = place(settings, kind, pattern);

	if (at == settings->route_count || settings->routes[at].kind != kind ||
		strcmp(settings->routes[at].pattern, pattern) != 0)
		return NULL;
	return &settings->routes[at];
}

const struct route *settings_route(
	const struct settings *settings, enum route_kind kind, const char *pattern)
{
	return find(settings, kind, pattern);
}

bool settings_add_route(struct settings *settings, enum route_kind kind, const char *pattern,
	const char *relay, struct error *error)
{
	const struct route *there = find(settings, kind, pattern);

	if (!text_equal(relay, RELAY_DIRECT) && !settings_need_relay(settings, relay, error))
		return false;
	if (there && text_equal(there->relay, relay))
		return true;
	if (there) {
		error_set(error, ERROR_USAGE,
			kind == ROUTE_SENDER ? _("The sender %s has a route already: to %s.")
					     : _("The recipient %s has a route already: to %s."),
			pattern, there->relay);
		return error_advise(error, _("Remove that one first."));
	}
	struct route route = {.kind = kind, .pattern = text_dup(pattern), .relay = text_dup(relay)};
	size_t at = place(settings, kind, pattern);
	grow(settings);
	struct route *slot = &settings->routes[at];
	memmove(slot + 1, slot, (settings->route_count++ - at) * sizeof *slot);
	*slot = route;
	return true;
}

static bool no_such_route(enum route_kind kind, const char *pattern, struct error *error)
{
	char shown[SHOWN_MAX];

	text_clean_into(shown, sizeof shown, pattern, strlen(pattern));
	error_set(error, ERROR_USAGE,
		kind == ROUTE_SENDER ? _("The sender %s has no route.")
				     : _("The recipient %s has no route."),
		shown);
	return error_advise(error, _("\"relaycon route list\" shows those that there are."));
}

bool settings_remove_route(
	struct settings *settings, enum route_kind kind, const char *pattern, struct error *error)
{
	struct route *route = find(settings, kind, pattern);

	if (!route)
		return no_such_route(kind, pattern, error);
	free(route->pattern);
	free(route->relay);
	size_t at = (size_t)(route - settings->routes);
	memmove(route, route + 1, (--settings->route_count - at) * sizeof *route);
	return true;
}
