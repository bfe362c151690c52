/*
 * setup.h: a relay set up from its beginning: the provider's warning, its region, then the common flow; a
 * custom one goes by the flow alone.
 *
 *   [warning] -> [region] -> flow      Back goes one step back; what was thrown away is gone
 */
#ifndef RELAY_SETUP_H
#define RELAY_SETUP_H

#include "../../console/console.h"
#include "../backend/relay_api.h"

/* One of several relays. */
struct setup {
	const char *name;
	bool make_default; /* false: which one is the default stays */
};

/* provider: an id, or RELAY_CUSTOM. setup NULL: the default relay. CONSOLE_OK: applied, or nothing to
 * change; CONSOLE_BACK: the user went back, or it failed and the user has read why. */
enum console_answer setup_run(
	const struct console_host *host, const char *provider, const struct setup *setup);

#endif
