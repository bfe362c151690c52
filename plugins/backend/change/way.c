#include "way.h"

#include <stdlib.h>
#include <string.h>

#include "../postfix/table.h"

/* --- next hops ----------------------------------------------------------------------------------- */

static void name_nexthops(struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		const struct relay *relay = ways->list[i].relay;
		ways->list[i].nexthop = table_nexthop(
			relay->host, relay->port, relay->place > 1 ? relay->place - 1 : 0);
	}
}

/* --- which of them are used ---------------------------------------------------------------------- */

struct way *ways_find(const struct ways *ways, const char *relay)
{
	const struct relay *found = relay ? relay_index_find(&ways->index, relay) : NULL;

	return found ? &ways->list[found - ways->list[0].relay] : NULL;
}

static void mark_used(struct ways *ways, const struct settings *settings)
{
	struct way *way = ways_find(ways, settings->default_relay);

	if (way)
		way->entry = true;
	for (size_t i = 0; i < settings->route_count; i++)
		if ((way = ways_find(ways, settings->routes[i].relay)))
			way->entry = true;
	for (size_t i = 0; i < ways->count; i++) {
		const struct relay *relay = ways->list[i].relay;
		if (!ways->list[i].entry)
			continue;
		ways->list[i].used = true;
		for (size_t k = 0; k < relay->fallback_count; k++)
			if ((way = ways_find(ways, relay->fallbacks[k])))
				way->used = true;
	}
}

static enum wanted_mode mode_of(const struct settings *settings)
{
	const struct relay *relay = settings_default(settings);

	if (settings->route_count > 0 ||
		(relay && (relay->fallback_count > 0 || relay->sender_rewrite)))
		return WANTED_ROUTED;
	return relay ? WANTED_SIMPLE : WANTED_DIRECT;
}

/* --- groups -------------------------------------------------------------------------------------- */

static bool verifies_name(const struct relay *relay)
{
	return relay_verification(relay) == RELAY_VERIFY_NAME;
}

static size_t group_of(struct ways *ways, const struct relay *relay)
{
	const bool implicit = relay->tls == RELAY_TLS_IMPLICIT;
	const bool clear_login = relay->login && relay->tls == RELAY_TLS_NONE;
	const char *ca_file = verifies_name(relay) ? relay->ca_file : NULL;
	size_t ca_number = 0, known = 0;

	for (size_t i = 0; i < ways->group_count; i++) {
		const struct way_group *group = &ways->groups[i];
		if (ca_file && text_equal(group->ca_file, ca_file))
			ca_number = group->ca_number;
		if (group->ca_number > known)
			known = group->ca_number;
		if (group->implicit == implicit && group->clear_login == clear_login &&
			text_equal(group->ca_file, ca_file))
			return i;
	}
	ways->groups = mem_realloc_array(ways->groups, ways->group_count + 1, sizeof *ways->groups);
	struct way_group *group = &ways->groups[ways->group_count];
	*group = (struct way_group){
		.implicit = implicit, .clear_login = clear_login, .ca_file = ca_file};
	if (ca_file)
		group->ca_number = ca_number ? ca_number : known + 1;
	const char *base = implicit ? "relaycon-tls" : clear_login ? "relaycon-clear" : "relaycon";
	group->service =
		group->ca_number ? text_format("%s-ca%zu", base, group->ca_number) : text_dup(base);
	return ways->group_count++;
}

static void make_groups(struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		const struct relay *relay = ways->list[i].relay;
		if (!ways->list[i].used)
			continue;
		ways->list[i].group = group_of(ways, relay);
		struct way_group *group = &ways->groups[ways->list[i].group];
		enum relay_verify verify = relay_verification(relay);
		group->login |= relay->login != NULL;
		group->name |= verify == RELAY_VERIFY_NAME;
		group->dane |= verify == RELAY_VERIFY_DANE;
		group->fingerprint |= verify == RELAY_VERIFY_FINGERPRINT;
	}
}

/* --- all of it ----------------------------------------------------------------------------------- */

void ways_init(struct ways *ways, const struct settings *settings)
{
	*ways = (struct ways){.mode = mode_of(settings), .count = settings->relay_count};
	ways->list = mem_calloc(ways->count + 1, sizeof *ways->list);
	for (size_t i = 0; i < ways->count; i++)
		ways->list[i].relay = &settings->relays[i];
	relay_index_init(&ways->index, settings);
	name_nexthops(ways);
	mark_used(ways, settings);
	make_groups(ways);
}

void ways_free(struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		free(ways->list[i].nexthop);
		free(ways->list[i].transport);
	}
	for (size_t i = 0; i < ways->group_count; i++)
		free(ways->groups[i].service);
	free(ways->list);
	free(ways->groups);
	relay_index_free(&ways->index);
	*ways = (struct ways){0};
}
