/*
 * configure.c: the command `configure`: the default relay, said whole. `relay set default` is the same.
 */
#include "drivers.h"
#include "options.h"
#include "set.h"

static int run_configure(const struct console_host *host, const struct console_call *call)
{
	return set_relay(host, call, "configure", RELAY_DEFAULT_NAME, call->arguments[0]);
}

const struct console_command command_configure = {
	.word = "configure",
	.arguments = N_("PROVIDER|custom"),
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = N_("Set a mail relay up: test it, and write only if the test passes"),
	.options = options_table,
	.option_count = OPTIONS_ALL,
	.run = run_configure,
};
