#include "environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* PATH: for a postconf in none of the usual places, and only by absolute folders. */
static const char *const kept[] = {"TERM", "COLORTERM", "NO_COLOR", "LINES", "COLUMNS", "PATH",
	"MAIL_CONFIG", "SUDO_USER", "CREDENTIALS_DIRECTORY", NULL};
/* The name of a locale is none of a folder; nor is that of a time zone one outside of zoneinfo. */
static const char *const names[] = {"LANG", "LANGUAGE", NULL};
/* Of the running user's own, where that is not root: root's may be somebody else's. */
static const char *const own[] = {"HOME", "TERMINFO", "TERMINFO_DIRS", NULL};
/* Of test builds: read by their run-time library before we could. */
static const char *const sanitizers[] = {"ASAN_", "UBSAN_", "LSAN_", NULL};

static bool is_one_of(const char *const list[], const char *name, size_t len)
{
	for (size_t i = 0; list[i]; i++)
		if (strlen(list[i]) == len && !strncmp(list[i], name, len))
			return true;
	return false;
}

static bool is_kept(const char *name, size_t len, const char *value)
{
	if (is_one_of(kept, name, len) || (geteuid() != 0 && is_one_of(own, name, len)))
		return true;
	if (is_one_of(names, name, len) || !strncmp(name, "LC_", strlen("LC_")))
		return !strchr(value, '/') && !strchr(value, '%');
	if (len == 2 && !strncmp(name, "TZ", len))
		return *value != '/' && *value != ':' && !strstr(value, "..");
	for (size_t i = 0; sanitizers[i]; i++)
		if (!strncmp(name, sanitizers[i], strlen(sanitizers[i])))
			return true;
	return false;
}

void environment_clean(void)
{
	size_t at = 0;

	while (environ && environ[at]) {
		size_t len = strcspn(environ[at], "=");

		if (environ[at][len] && is_kept(environ[at], len, environ[at] + len + 1)) {
			at++;
			continue;
		}
		char *name = text_copy_len(environ[at], len);

		/* What has no name, or no value, unsetenv() does not know. */
		if (!len || !environ[at][len] || unsetenv(name)) {
			for (size_t i = at; environ[i]; i++)
				environ[i] = environ[i + 1];
		}
		free(name);
	}
}
