#include "module.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "text.h"
#include "trust.h"

struct module_slot {
	char *name;
	const struct console_module *table; /* NULL: not usable */
	char *problem;
	struct text_list notes; /* reasons handed out about its drivers */
};

static const struct console_module *load(
	const char *folder, const char *path, const char *name, char **problem)
{
	char why[512];

	/* Nobody can put another file there between this and the loading but who can write the folder,
	 * which is looked at, or one above it, where the program itself lies. */
	if (!trust_path(path, why, sizeof(why)) || !trust_libraries(folder, why, sizeof(why))) {
		*problem = text_make(_("module %s is not loaded: %s"), name, why);
		return NULL;
	}
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle) {
		*problem = text_make(_("module %s cannot be loaded: %s"), name, dlerror());
		return NULL;
	}
	const struct console_module *table = dlsym(handle, CONSOLE_MODULE_SYMBOL);

	if (!table) {
		*problem = text_make(_("module %s is not a module of relaycon: it exports no %s"),
			path, CONSOLE_MODULE_SYMBOL);
	} else if (table->abi != CONSOLE_ABI) {
		*problem =
			text_make(_("module %s was built for version %u of the driver interface; "
				    "this relaycon has version %u: install both from one release"),
				path, table->abi, CONSOLE_ABI);
	} else if (table->size != sizeof(*table)) {
		*problem = text_make(
			_("module %s has a table of %zu bytes; this relaycon expects %zu: "
			  "install both from one release"),
			path, table->size, sizeof(*table));
	} else {
		return table;
	}
	dlclose(handle);
	return NULL;
}

static struct module_slot *slot_of(struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (!strcmp(modules->slots[i].name, name))
			return &modules->slots[i];
	modules->slots = mem_grow(modules->slots, modules->count + 1, sizeof(*modules->slots));
	struct module_slot *slot = &modules->slots[modules->count++];
	char *path = text_make("%s/%s.so", modules->folder, name);

	*slot = (struct module_slot){.name = text_copy(name)};
	slot->table = load(modules->folder, path, name, &slot->problem);
	free(path);
	return slot;
}

const struct console_driver *module_driver(
	struct modules *modules, const char *module, const char *driver, const char **why)
{
	struct module_slot *slot = slot_of(modules, module);

	*why = slot->problem;
	if (!slot->table)
		return NULL;
	for (size_t i = 0; i < slot->table->driver_count; i++)
		if (!strcmp(slot->table->drivers[i].name, driver))
			return &slot->table->drivers[i];
	text_list_take(
		&slot->notes, text_make(_("module %s has no driver \"%s\""), module, driver));
	*why = slot->notes.items[slot->notes.count - 1];
	return NULL;
}

void modules_free(struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		free(modules->slots[i].name);
		free(modules->slots[i].problem);
		text_list_free(&modules->slots[i].notes);
	}
	free(modules->slots);
	modules->slots = NULL;
	modules->count = 0;
}
