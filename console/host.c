#include "host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "i18n.h"
#include "signals.h"

bool host_locate(struct host *host, char *why, size_t size)
{
	char path[PATH_MAX];

	/* Where the program lies, not what it was called by: argv[0] and PATH are the caller's. */
	if (!realpath("/proc/self/exe", path)) {
		snprintf(why, size, _("cannot find where the program lies: %s"), strerror(errno));
		return false;
	}
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	host->module_folder = text_make("%s/lib/relaycon", path);
	host->share_folder = text_make("%s/share/relaycon", path);
	host->locale_folder = text_make("%s/share/locale", path);
	host->modules.folder = host->module_folder;
	return true;
}

static bool begin_change(const struct console_host *face)
{
	(void)face;
	return signals_hold();
}

static const char *option_value(const struct console_host *face, const char *name)
{
	const struct option_text *option = catalogue_option(&host_of(face)->catalogue, name);

	return option ? option->value : NULL;
}

static const char *const *folders(const struct console_host *face, const char *name)
{
	static const char *const none[] = {NULL};
	const struct folder *folder = catalogue_folder(&host_of(face)->catalogue, name);

	return folder ? (const char *const *)folder->paths.items : none;
}

void host_init(struct host *host, enum console_mode mode)
{
	char machine[HOST_NAME_MAX + 1] = "";

	gethostname(machine, sizeof(machine) - 1);
	free(host->machine);
	host->machine = text_clean_line(machine);
	host->face.abi = CONSOLE_ABI;
	host->face.mode = mode;
	host->face.terminal =
		isatty(STDIN_FILENO) && (mode == CONSOLE_PLAIN || isatty(STDERR_FILENO));
	host->face.privileged = geteuid() == 0;
	host->face.begin_change = begin_change;
	host->face.option = option_value;
	host->face.folders = folders;
	host->face.audit = audit_log;
	host->face.self = host;
}

void host_free(struct host *host)
{
	progress_free(&host->progress);
	catalogue_free(&host->catalogue);
	modules_free(&host->modules);
	free(host->machine);
	free(host->module_folder);
	free(host->share_folder);
	free(host->locale_folder);
	*host = (struct host){0};
}

const struct console_driver *host_driver(
	struct host *host, const struct entry *entry, const char **why)
{
	*why = entry->problem;
	if (entry->problem || !entry->driver)
		return NULL;
	return module_driver(&host->modules, entry->module, entry->driver, why);
}
