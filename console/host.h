/*
 * host.h: the host's own state behind the table that drivers see, and who fills the table.
 *
 *   screen.h   full screen        plain.h   numbered questions       command.h   command line
 *
 * host_of() gets from the table to the state.
 */
#ifndef CONSOLE_HOST_H
#define CONSOLE_HOST_H

#include "catalogue.h"
#include "console.h"
#include "module.h"
#include "progress.h"

struct host {
	struct console_host face;
	struct catalogue catalogue;
	struct modules modules;
	const char *name; /* the running program's name, for usage lines */
	char *machine;    /* this machine's name */
	char *module_folder;
	char *share_folder;
	char *locale_folder;
	const char *own_folder; /* the administrator's */
	const char *command;    /* the command word being run, for errors; NULL: none */
	struct progress progress;
};

static inline struct host *host_of(const struct console_host *face)
{
	return face->self;
}

/* The folders, from where the program itself lies. False: why. */
bool host_locate(struct host *host, char *why, size_t size);
/* Fills what is the same in every mode. May be called again for another mode. */
void host_init(struct host *host, enum console_mode mode);
void host_free(struct host *host); /* leaves it zeroed */

/* The driver of an entry, its module loaded where need be. NULL: *why, valid as long as the host. */
const struct console_driver *host_driver(
	struct host *host, const struct entry *entry, const char **why);

#endif
