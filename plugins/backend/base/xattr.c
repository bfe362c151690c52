#include "xattr.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "i18n.h"
#include "strbuf.h"

static bool stays_behind(const char *name)
{
	return text_equal(name, "security.ima") || text_equal(name, "security.evm");
}

static bool copy_one(int from, int to, const char *name, char *value)
{
	ssize_t len = fgetxattr(from, name, value, XATTR_SIZE_MAX);

	if (len < 0)
		return errno == ENODATA;
	if (fsetxattr(to, name, value, (size_t)len, 0) == 0)
		return true;
	return strncmp(name, "security.", strlen("security.")) == 0 &&
	       (errno == EPERM || errno == EACCES || errno == ENOTSUP);
}

bool xattr_copy(int from, int to, const char *path, struct error *error)
{
	bool ok = true;
	ssize_t len = flistxattr(from, NULL, 0);

	if (len == 0 || (len < 0 && errno == ENOTSUP))
		return true;
	char *names = mem_calloc(XATTR_LIST_MAX + 1, 1);
	char *value = mem_calloc(XATTR_SIZE_MAX, 1);
	len = flistxattr(from, names, XATTR_LIST_MAX);
	if (len < 0)
		ok = error_errno(error, ERROR_IO, errno,
			_("Cannot list the extended attributes of %s"), path);
	for (char *name = names; ok && name < names + len; name += strlen(name) + 1) {
		if (stays_behind(name) || copy_one(from, to, name, value))
			continue;
		ok = error_errno(error, ERROR_IO, errno,
			_("Cannot carry the extended attribute %s of %s over to its new version"),
			name, path);
	}
	free(value);
	free(names);
	return ok;
}
