/*
 * module.c: the one table that relay.so exports.
 */
#include "drivers.h"

static const struct console_driver drivers[] = {
	{"preset", driver_preset, NULL, NULL, 0},
	{"custom", driver_custom, NULL, &command_configure, 1},
	{"relays", driver_relays, NULL, NULL, 0},
	{"relay", NULL, NULL, &command_relay, 1},
	{"route", NULL, NULL, &command_route, 1},
	{"export", NULL, NULL, &command_export, 1},
	{"apply", NULL, NULL, &command_apply, 1},
	{"import", NULL, NULL, &command_import, 1},
	{"test", driver_test, NULL, &command_test, 1},
	{"deconfigure", driver_deconfigure, NULL, &command_deconfigure, 1},
	{"status", NULL, driver_status, &command_status, 1},
	{"providers", NULL, NULL, &command_providers, 1},
};

CONSOLE_EXPORT const struct console_module console_module = {
	.abi = CONSOLE_ABI,
	.size = sizeof(struct console_module),
	.name = "relay",
	.drivers = drivers,
	.driver_count = sizeof drivers / sizeof *drivers,
};
