/*
 * set.h: one relay set by a command's options: configure (the relay "default") and relay set.
 *
 * A provider (or "custom") says the whole relay anew, but for what no provider knows: fallbacks and the
 * rewritten sender stay, unless their options are given. Without one, the relay of that name stays as it
 * is but for what the options say.
 */
#ifndef RELAY_SET_H
#define RELAY_SET_H

#include "../../console/console.h"

/* action: for the audit line. provider: NULL: none is named. Gives the exit code. */
int set_relay(const struct console_host *host, const struct console_call *call, const char *action,
	const char *name, const char *provider);

#endif
