/* place.c: settings_place (settings.h): which of the relays at one server and port each of them is. */
#include <stdlib.h>
#include <string.h>

#include "settings.h"

struct seat {
	struct relay *relay;
	bool is_default;
	size_t index;
};

static int by_server(const struct relay *a, const struct relay *b)
{
	int host = strcasecmp(a->host, b->host);

	return host != 0 ? host : (a->port > b->port) - (a->port < b->port);
}

static int by_seat(const void *left, const void *right)
{
	const struct seat *a = left, *b = right;
	int server = by_server(a->relay, b->relay);

	if (server != 0)
		return server;
	if (a->is_default != b->is_default)
		return a->is_default ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* The places of one server, by number. */
struct places {
	bool *taken; /* [1 .. size - 1] */
	size_t size;
};

static bool take(struct places *places, struct relay *relay, size_t place)
{
	if (place == 0 || place >= places->size || places->taken[place])
		return false;
	places->taken[place] = true;
	relay->place = (unsigned)place;
	return true;
}

typedef bool is_same(const struct relay *a, const struct relay *b);

static bool same_login(const struct relay *a, const struct relay *b)
{
	return text_equal(a->login, b->login);
}

static bool same_name(const struct relay *a, const struct relay *b)
{
	return text_equal(a->name, b->name);
}

static void inherit(struct places *places, const struct seat *seats, size_t count,
	const struct seat *stored, size_t stored_count, is_same *same)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; seats[i].relay->place == 0 && k < stored_count; k++)
			if (same(seats[i].relay, stored[k].relay))
				(void)take(places, seats[i].relay, stored[k].relay->place);
}

static void place_at_server(const struct seat *seats, size_t count, const struct settings *stored)
{
	struct places places;
	size_t known = 0, next = 1;

	struct seat *theirs = mem_calloc(stored->relay_count + 1, sizeof *theirs);
	places.size = count + 1;
	for (size_t i = 0; i < stored->relay_count; i++)
		if (by_server(&stored->relays[i], seats[0].relay) == 0)
			theirs[known++] = (struct seat){.relay = &stored->relays[i]};
	for (size_t i = 0; i < count + known; i++) {
		const struct relay *relay = i < count ? seats[i].relay : theirs[i - count].relay;
		if (relay->place >= places.size)
			places.size = relay->place + 1;
	}
	places.size += count;
	places.taken = mem_calloc(places.size, sizeof *places.taken);
	for (size_t i = 0; i < count; i++) {
		size_t place = seats[i].relay->place;
		seats[i].relay->place = 0;
		(void)take(&places, seats[i].relay, place);
	}
	inherit(&places, seats, count, theirs, known, same_login);
	inherit(&places, seats, count, theirs, known, same_name);
	/* Nobody gets what another login had until now. */
	for (size_t i = 0; i < known; i++)
		places.taken[theirs[i].relay->place] = true;
	for (size_t i = 0; i < count; i++)
		while (seats[i].relay->place == 0)
			(void)take(&places, seats[i].relay, next++);
	free(places.taken);
	free(theirs);
}

void settings_place(struct settings *settings, const struct settings *stored)
{
	static const struct settings none = {0};
	struct seat *seats = mem_calloc(settings->relay_count + 1, sizeof *seats);
	size_t count = settings->relay_count, end;

	for (size_t i = 0; i < count; i++) {
		struct relay *relay = &settings->relays[i];
		seats[i] =
			(struct seat){relay, text_equal(relay->name, settings->default_relay), i};
	}
	qsort(seats, count, sizeof *seats, by_seat);
	for (size_t at = 0; at < count; at = end) {
		for (end = at + 1;
			end < count && by_server(seats[at].relay, seats[end].relay) == 0;)
			end++;
		place_at_server(&seats[at], end - at, stored ? stored : &none);
	}
	free(seats);
}
