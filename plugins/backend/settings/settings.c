/* settings.c: the relays of the settings (settings.h): kept in the order in which they came. */
#include "settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "routes.h"

enum {
	NAME_MAX_BYTES = 40, /* "[relay NAME]" has to fit libinih's 49 */
	NAMED_MAX = 4,       /* of those that stand in the way of a removal */
	SHOWN_MAX = 80,
};

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->relay_count; i++)
		relay_free(&settings->relays[i]);
	free(settings->relays);
	free(settings->default_relay);
	routes_free(settings);
	*settings = (struct settings){0};
}

void settings_copy(struct settings *to, const struct settings *from)
{
	*to = (struct settings){.default_relay = text_dup(from->default_relay),
		.relays = mem_calloc(from->relay_count, sizeof *to->relays),
		.relay_count = from->relay_count};
	for (size_t i = 0; i < from->relay_count; i++)
		relay_copy(&to->relays[i], &from->relays[i]);
	routes_copy(to, from);
}

bool settings_equal(const struct settings *a, const struct settings *b)
{
	if (a->relay_count != b->relay_count || !text_equal(a->default_relay, b->default_relay))
		return false;
	for (size_t i = 0; i < a->relay_count; i++)
		if (!relay_equal(&a->relays[i], &b->relays[i]))
			return false;
	return routes_equal(a, b);
}

static struct relay *find(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->relay_count; i++)
		if (text_equal(settings->relays[i].name, name))
			return &settings->relays[i];
	return NULL;
}

const struct relay *settings_relay(const struct settings *settings, const char *name)
{
	return find(settings, name);
}

const struct relay *settings_default(const struct settings *settings)
{
	return settings->default_relay ? settings_relay(settings, settings->default_relay) : NULL;
}

static int compare_relays(const void *a, const void *b)
{
	const struct relay_entry *one = a, *other = b;

	return strcmp(one->relay->name, other->relay->name);
}

void relay_index_init(struct relay_index *index, const struct settings *settings)
{
	*index = (struct relay_index){
		.sorted = mem_calloc(settings->relay_count, sizeof *index->sorted),
		.count = settings->relay_count};
	for (size_t i = 0; i < index->count; i++)
		index->sorted[i].relay = &settings->relays[i];
	if (index->count > 0)
		qsort(index->sorted, index->count, sizeof *index->sorted, compare_relays);
}

void relay_index_free(struct relay_index *index)
{
	free(index->sorted);
	*index = (struct relay_index){0};
}

const struct relay *relay_index_find(const struct relay_index *index, const char *name)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(index->sorted[middle].relay->name, name);
		if (order == 0)
			return index->sorted[middle].relay;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void settings_put_relay(struct settings *settings, const struct relay *relay)
{
	struct relay copy;

	/* Copied first: relay may be the very one that is replaced. */
	relay_copy(&copy, relay);
	struct relay *at = find(settings, copy.name);
	if (at) {
		/* A place is one at that server. */
		if (at->port != copy.port || !text_equal(at->host, copy.host))
			copy.place = 0;
		relay_free(at);
	} else {
		settings->relays = mem_realloc_array(
			settings->relays, settings->relay_count + 1, sizeof *settings->relays);
		at = &settings->relays[settings->relay_count++];
	}
	*at = copy;
}

bool settings_check_name(const char *name, struct error *error)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t len = name ? strlen(name) : 0;
	char shown[SHOWN_MAX];

	if (text_equal(name, RELAY_DIRECT))
		return error_set(error, ERROR_DATA,
			_("A relay cannot be named \"%s\": that word means no relay."), name);
	if (len > 0 && len <= NAME_MAX_BYTES && strspn(name, allowed) == len &&
		isalnum((unsigned char)name[0]))
		return true;
	text_clean_into(shown, sizeof shown, name ? name : "", len);
	error_set(error, ERROR_DATA, _("\"%s\" is no name for a relay."), shown);
	return error_advise(error,
		_("A name has 1 to %d small letters, digits, dots or hyphens, and begins with a "
		  "letter or digit."),
		NAME_MAX_BYTES);
}

const char *settings_nearest(const struct settings *settings, const char *name, bool or_direct)
{
	const char **names = mem_calloc(settings->relay_count + 2, sizeof *names);
	const char *nearest;

	for (size_t i = 0; i < settings->relay_count; i++)
		names[i] = settings->relays[i].name;
	if (or_direct)
		names[settings->relay_count] = RELAY_DIRECT;
	nearest = text_nearest(name, names);
	free(names);
	return nearest;
}

static bool no_such_relay(const struct settings *settings, const char *name, struct error *error)
{
	const char *nearest = settings_nearest(settings, name, false);
	char shown[SHOWN_MAX];

	text_clean_into(shown, sizeof shown, name, strlen(name));
	error_set(error, ERROR_USAGE, _("There is no relay \"%s\"."), shown);
	if (nearest)
		error_advise(error, _("Did you mean \"%s\"?"), nearest);
	return false;
}

const struct relay *settings_need_relay(
	const struct settings *settings, const char *name, struct error *error)
{
	const struct relay *relay = find(settings, name);

	if (!relay)
		no_such_relay(settings, name, error);
	return relay;
}

/* Who names the relay: a few of them in words. */
struct users {
	struct strbuf words;
	size_t count;
};

static const char *next_user(struct users *users)
{
	users->count++;
	return users->words.len > 0 ? ", " : "";
}

static void find_users(const struct settings *settings, const char *name, struct users *users)
{
	strbuf_reset(&users->words);
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];
		for (size_t j = 0; j < relay->fallback_count; j++) {
			if (text_equal(relay->name, name) || !text_equal(relay->fallbacks[j], name))
				continue;
			const char *comma = next_user(users);
			if (users->count <= NAMED_MAX)
				strbuf_addf(&users->words, _("%sthe relay %s (falls back to it)"),
					comma, relay->name);
		}
	}
	for (size_t i = 0; i < settings->route_count; i++) {
		const struct route *route = &settings->routes[i];
		if (!text_equal(route->relay, name))
			continue;
		const char *comma = next_user(users);
		if (users->count <= NAMED_MAX)
			strbuf_addf(&users->words,
				route->kind == ROUTE_SENDER ? _("%sthe route of sender %s")
							    : _("%sthe route of recipient %s"),
				comma, route->pattern);
	}
	if (users->count > NAMED_MAX)
		strbuf_addf(&users->words, _(" and %zu more"), users->count - NAMED_MAX);
}

bool settings_remove_relay(struct settings *settings, const char *name, struct error *error)
{
	struct relay *relay = find(settings, name);
	struct users users = {0};

	if (!relay)
		return no_such_relay(settings, name, error);
	find_users(settings, name, &users);
	if (users.count > 0) {
		error_set(error, ERROR_USAGE, _("The relay %s is still needed: %s."), name,
			users.words.data);
		error_advise(error, _("Let these lead to another relay, or remove them, first."));
	}
	strbuf_free(&users.words);
	if (users.count > 0)
		return false;
	if (text_equal(settings->default_relay, name))
		settings_set_default(settings, NULL);
	relay_free(relay);
	size_t at = (size_t)(relay - settings->relays);
	memmove(relay, relay + 1, (--settings->relay_count - at) * sizeof *relay);
	return true;
}

static bool is_taken(const struct settings *settings, const char *name, struct error *error)
{
	error_set(error, ERROR_USAGE, _("There is a relay %s already."), name);
	if (settings->default_relay)
		error_append(error, _("The default relay is %s."), settings->default_relay);
	return error_advise(error,
		_("Give %s another name first, or remove it: \"relaycon relay rename %s NEW\"."),
		name, name);
}

bool settings_rename_relay(
	struct settings *settings, const char *name, const char *new_name, struct error *error)
{
	struct relay *relay = find(settings, name);

	if (!relay)
		return no_such_relay(settings, name, error);
	if (!settings_check_name(new_name, error))
		return false;
	if (text_equal(name, new_name))
		return true;
	if (settings_relay(settings, new_name))
		return is_taken(settings, new_name, error);
	/* The names given may be the very strings that are replaced here. */
	char *from = text_dup(name), *to = text_dup(new_name);
	for (size_t i = 0; i < settings->relay_count; i++)
		for (size_t j = 0; j < settings->relays[i].fallback_count; j++)
			if (text_equal(settings->relays[i].fallbacks[j], from))
				text_replace(&settings->relays[i].fallbacks[j], to);
	for (size_t i = 0; i < settings->route_count; i++)
		if (text_equal(settings->routes[i].relay, from))
			text_replace(&settings->routes[i].relay, to);
	if (text_equal(settings->default_relay, from))
		settings_set_default(settings, to);
	text_replace(&relay->name, to);
	free(from);
	free(to);
	return true;
}

void settings_set_default(struct settings *settings, const char *name)
{
	text_replace(&settings->default_relay, name);
}
