#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "i18n.h"
#include "text.h"

static bool trust_one(const char *path, bool folder, char *why, size_t size)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return false;
	}
	if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode)) {
		snprintf(why, size, folder ? _("%s is not a folder") : _("%s is not a file"), path);
		return false;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		snprintf(why, size,
			_("%s belongs to user %u; it must belong to root, or others could decide "
			  "what runs here (chown root)"),
			path, (unsigned)st.st_uid);
		return false;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		snprintf(why, size,
			_("%s can be written by others, who could decide what runs here "
			  "(chmod go-w)"),
			path);
		return false;
	}
	return true;
}

static bool trust_folder_of(char *path, char *why, size_t size)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return true;
	*slash = '\0';
	bool ok = trust_one(path, true, why, size);

	*slash = '/';
	return ok;
}

bool trust_path(const char *path, char *why, size_t size)
{
	char real[PATH_MAX], named[PATH_MAX];

	if (!realpath(path, real)) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return false;
	}
	/* Where it is a link: who could put another in its place? */
	snprintf(named, sizeof(named), "%s", path);
	return trust_one(real, false, why, size) && trust_folder_of(real, why, size) &&
	       trust_folder_of(named, why, size);
}

bool trust_libraries(const char *folder, char *why, size_t size)
{
	DIR *dir = opendir(folder);
	bool ok = dir != NULL;

	if (!dir)
		snprintf(why, size, "%s: %s", folder, strerror(errno));
	for (struct dirent *entry; ok && (entry = readdir(dir));) {
		if (strncmp(entry->d_name, "lib", strlen("lib")))
			continue;
		char *path = text_make("%s/%s", folder, entry->d_name);

		ok = trust_path(path, why, size);
		free(path);
	}
	if (dir)
		closedir(dir);
	return ok;
}
