/* routes.h: the routes of the settings, for settings.c and settings_file.c; what others call of routes.c is in
 * settings.h. */
#ifndef RELAY_ROUTES_H
#define RELAY_ROUTES_H

#include "settings.h"

void routes_free(struct settings *settings);
void routes_copy(struct settings *to, const struct settings *from); /* which has none yet */
bool routes_equal(const struct settings *a, const struct settings *b);
/* <0, 0, >0: the order that they are kept in. */
int route_compare(const struct route *a, const struct route *b);
/* Appends, taking the strings over; whoever does it keeps the order. */
void routes_append(struct settings *settings, struct route route);

#endif
