/*
 * screens.h: the screens behind the list "Relays and routes". Each works on settings as the list read them,
 * asks, shows the plan and applies it; the list reads everything anew afterwards.
 *
 *   list -> relay -> edit, test, default, failover, rewriting, provider, rename, remove
 *        -> route (add, edit, remove)     -> add a relay: provider -> name -> form, test, review
 *        -> who would take this mail?     -> test all
 *
 * All give CONSOLE_OK when something was done, CONSOLE_BACK when the user went back, CONSOLE_GONE.
 */
#ifndef RELAY_SCREENS_H
#define RELAY_SCREENS_H

#include "../work.h"

/* What can be done with one relay; stays until the user goes back or the relay has another name. */
enum console_answer screen_relay(const struct console_host *host, const char *name);
enum console_answer screen_add_relay(const struct console_host *host);
/* A provider for the relay of that name: a menu of all of them and "custom". *provider: caller frees. */
enum console_answer screen_provider(
	const struct console_host *host, const char *title, const char *now, char **provider);

enum console_answer screen_rename(struct work *work, const struct relay *relay);
enum console_answer screen_rewrite(struct work *work, const struct relay *relay);
enum console_answer screen_failover(struct work *work, const struct relay *relay);
enum console_answer screen_remove_relay(struct work *work, const struct relay *relay);
/* Mail without a route goes there from now on. NULL: asks where. */
enum console_answer screen_default(struct work *work, const char *name);

/* route NULL: a new one. */
enum console_answer screen_route(struct work *work, const struct route *route);

enum console_answer screen_who(struct work *work);
enum console_answer screen_test_all(struct work *work);

/* The relay that somebody else set up here becomes relaycon's: what it is in words -> test -> review. Reached
 * from Deconfigure, where such a relay is explained. */
enum console_answer screen_adopt(struct work *work);

#endif
