/*
 * custom.c: the drivers of the entries that set the default relay up: a provider's, and "Custom".
 */
#include "drivers.h"
#include "setup.h"

enum console_answer driver_preset(
	const struct console_host *host, const struct console_entry *entry)
{
	return setup_run(host, entry->id, NULL);
}

enum console_answer driver_custom(
	const struct console_host *host, const struct console_entry *entry)
{
	(void)entry;
	return setup_run(host, RELAY_CUSTOM, NULL);
}
