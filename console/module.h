/*
 * module.h: modules, loaded when one of their drivers is first needed.
 *
 * A module is NAME.so in the module folder, never anything else. Before it is loaded its file and
 * folder must be beyond suspicion (trust.h); then its ABI version and size must be ours. A module
 * that fails stays out, with the reason, and is not tried again. What is loaded stays loaded.
 */
#ifndef CONSOLE_MODULE_H
#define CONSOLE_MODULE_H

#include <stdbool.h>

#include "console.h"

struct module_slot;

struct modules {
	const char *folder; /* the caller's */
	struct module_slot *slots;
	size_t count;
};

/* NULL: *why says which module or driver and why; it lives as long as the modules. */
const struct console_driver *module_driver(
	struct modules *modules, const char *module, const char *driver, const char **why);
void modules_free(struct modules *modules);

#endif
