/*
 * rows.h: the lines of the screen "Relays and routes": the default relay, the other relays, the routes in
 * the order in which they count, all other mail, and what can be done.
 *
 * Many relays or routes are not lines of their own but one line that leads to a search: the screen is the
 * same, and as quick, with 100,000 routes.
 */
#ifndef RELAY_SCREENS_ROWS_H
#define RELAY_SCREENS_ROWS_H

#include "../work.h"

enum row_kind {
	ROW_RELAY,     /* index: in settings->relays */
	ROW_RELAYS,    /* find one of many */
	ROW_ROUTE,     /* index: in settings->routes */
	ROW_ROUTES,    /* find one of many */
	ROW_ALL_OTHER, /* mail without a route */
	ROW_ADD_RELAY,
	ROW_ADD_ROUTE,
	ROW_WHO,
	ROW_TEST_ALL,
};

enum { ROWS_RELAYS_MAX = 30, ROWS_ROUTES_MAX = 100 };

struct rows {
	struct console_item *items;
	struct row {
		enum row_kind kind;
		size_t index;
		char *title; /* the item's texts */
		char *summary;
	} * rows;
	size_t count;
};

void rows_make(struct rows *rows, const struct settings *settings);
/* The routes that hold the word in their pattern or relay's name, in their order, ROWS_ROUTES_MAX of them at
 * most; *found: how many there are. */
void rows_find(struct rows *rows, const struct settings *settings, const char *word, size_t *found);
void rows_free(struct rows *rows); /* safe on a zeroed struct */

/* The text above them. */
void rows_text(const struct work *work, struct strbuf *out);

#endif
