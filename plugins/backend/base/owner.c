/* owner.c: whom a folder or file belongs to, and who else could put another in its place (file.h). */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "i18n.h"

static bool check_stat(const struct stat *st, const char *path, struct error *error)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error_set(error, ERROR_DENIED,
			_("%s belongs to user number %lu; it has to belong to root or to the user "
			  "who runs this."),
			path, (unsigned long)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		error_set(error, ERROR_DENIED, _("%s can be written by other users (mode %04o)."),
			path, (unsigned)st->st_mode & 07777);
		return error_advise(error, _("Take that right away: chmod go-w %s"), path);
	}
	return true;
}

static bool sync_above(const char *path, struct error *error)
{
	char *above = file_folder(path);
	bool ok = file_sync(above, error);

	free(above);
	return ok;
}

bool file_make_private_folder(const char *path, mode_t mode, struct error *error)
{
	struct stat st;
	bool ok = false;
	bool made = mkdir(path, mode & 0700) == 0;

	if (!made && errno != EEXIST)
		return error_errno(error, ERROR_IO, errno, _("Cannot make the folder %s"), path);
	/* What is synced inside it later is of no use where the folder itself is gone. */
	if (made && !sync_above(path, error))
		return false;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return error_set(error, ERROR_DENIED,
			_("%s is not a folder (a symbolic link is not accepted here)."), path);
	if (fd < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot open the folder %s"), path);
	if (made && fchmod(fd, mode) < 0)
		error_errno(error, ERROR_IO, errno, _("Cannot set the mode of %s"), path);
	else if (fstat(fd, &st) < 0)
		error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
	else
		ok = check_stat(&st, path, error);
	close(fd);
	return ok;
}

bool file_check_private_folder(const char *path, struct error *error)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno == ENOENT || errno == EACCES)
			return true;
		return error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
	}
	if (!S_ISDIR(st.st_mode))
		return error_set(error, ERROR_DENIED,
			_("%s is not a folder (a symbolic link is not accepted here)."), path);
	return check_stat(&st, path, error);
}

bool file_check_ownership(const char *path, struct error *error)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
	return check_stat(&st, path, error);
}

/* A folder on the way: in a sticky one (/tmp) others can neither rename nor remove what is not theirs. */
static bool check_on_the_way(const char *path, struct error *error)
{
	struct stat st;

	/* The link itself may be somebody's, and lead elsewhere the next time. */
	if (lstat(path, &st) < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
	if (S_ISLNK(st.st_mode)) {
		if (st.st_uid != 0 && st.st_uid != geteuid())
			return check_stat(&st, path, error);
		if (stat(path, &st) < 0)
			return error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
	}
	if (st.st_mode & S_ISVTX)
		st.st_mode &= ~(mode_t)(S_IWGRP | S_IWOTH);
	return check_stat(&st, path, error);
}

static bool check_all_above(const char *path, struct error *error)
{
	char *above = file_folder(path);
	bool ok = check_on_the_way(above, error) &&
		  (strcmp(above, "/") == 0 || check_all_above(above, error));

	free(above);
	return ok;
}

bool file_check_way(const char *path, struct error *error)
{
	char *real = realpath(path, NULL);
	bool ok = check_all_above(path, error) && (!real || check_all_above(real, error));

	free(real);
	return ok;
}
