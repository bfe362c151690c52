/*
 * drivers.h: what module.c lists: the drivers of relay.so and the commands that they serve.
 *
 *   driver       screen                                   commands
 *   preset       a provider: form, test, review, apply    -
 *   custom       any other relay, the same way            configure
 *   relays       several relays, failover, routes         -
 *   relay        -                                        relay
 *   route        -                                        route
 *   export       -                                        export
 *   apply        -                                        apply
 *   import       -                                        import
 *   test         tests the configured relay               test
 *   deconfigure  takes everything back                    deconfigure
 *   status       the panel of the home screen             status
 *   providers    -                                        providers
 */
#ifndef RELAY_DRIVERS_H
#define RELAY_DRIVERS_H

#include "../../console/console.h"

/* In a console_command: its table of options, or of the commands below it. */
#define DRIVER_OPTIONS(table) .options = (table), .option_count = sizeof(table) / sizeof *(table)
#define DRIVER_PARTS(table) .parts = (table), .part_count = sizeof(table) / sizeof *(table)

enum console_answer driver_preset(
	const struct console_host *host, const struct console_entry *entry);
enum console_answer driver_custom(
	const struct console_host *host, const struct console_entry *entry);
enum console_answer driver_relays(
	const struct console_host *host, const struct console_entry *entry);
enum console_answer driver_test(const struct console_host *host, const struct console_entry *entry);
enum console_answer driver_deconfigure(
	const struct console_host *host, const struct console_entry *entry);
void driver_status(const struct console_host *host, char *text, size_t size);

extern const struct console_command command_configure;
extern const struct console_command command_relay;
extern const struct console_command command_route;
extern const struct console_command command_export;
extern const struct console_command command_apply;
extern const struct console_command command_import;
extern const struct console_command command_test;
extern const struct console_command command_deconfigure;
extern const struct console_command command_status;
extern const struct console_command command_providers;

#endif
