#include "trust.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "i18n.h"

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

bool trust_path(const char *path, char *why, size_t size)
{
	char real[PATH_MAX];

	if (!realpath(path, real)) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!trust_one(real, false, why, size))
		return false;
	char *slash = strrchr(real, '/');

	if (!slash || slash == real)
		return true;
	*slash = '\0';
	return trust_one(real, true, why, size);
}
