#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "i18n.h"
#include "xattr.h"

enum { SYMLINKS_MAX = 40 };

static bool read_whole(struct strbuf *out, int fd, const char *path, size_t max, off_t expected,
	struct error *error)
{
	/* The size is only a hint: the file may grow while it is read. */
	strbuf_grow(out, (size_t)expected + 1);
	for (;;) {
		size_t left = max - out->len + 1;
		size_t room = out->cap - out->len - 1;
		if (room == 0) {
			strbuf_grow(out, 65536);
			continue;
		}
		ssize_t got = read(fd, out->data + out->len, room < left ? room : left);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(error, ERROR_IO, errno, _("Cannot read %s"), path);
		out->len += (size_t)got;
		out->data[out->len] = '\0';
		if (got == 0)
			return true;
		if (out->len > max)
			return error_set(error, ERROR_DATA,
				_("%s is larger than %zu bytes, the most that is read."), path,
				max);
	}
}

bool file_read(struct strbuf *out, const char *path, size_t max, bool *exists, struct error *error)
{
	struct stat st;
	bool ok = false;

	strbuf_reset(out);
	if (exists)
		*exists = true;
	/* O_NONBLOCK: a FIFO put in the file's place must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* A link that leads nowhere is not the same as nothing: somebody put it there. */
	if (fd < 0 && errno == ENOENT && exists && lstat(path, &st) < 0) {
		*exists = false;
		return true;
	}
	if (fd < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot open %s"), path);
	if (fstat(fd, &st) < 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), path);
	} else if (!S_ISREG(st.st_mode)) {
		error_set(error, ERROR_DATA, _("%s is not a regular file."), path);
	} else if ((unsigned long long)st.st_size > max) {
		error_set(error, ERROR_DATA,
			_("%s is larger than %zu bytes, the most that is read."), path, max);
	} else {
		ok = read_whole(out, fd, path, max, st.st_size, error);
	}
	close(fd);
	if (!ok)
		strbuf_reset(out);
	return ok;
}

char *file_folder(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0)
		return text_dup(".");
	while (len > 1 && path[len - 1] == '/')
		len--;
	return text_dup_len(path, len);
}

char *file_resolve(const char *path, struct error *error)
{
	char target[PATH_MAX];
	char *at = text_dup(path);

	for (int i = 0; i < SYMLINKS_MAX; i++) {
		ssize_t len = readlink(at, target, sizeof target - 1);
		if (len < 0 && (errno == EINVAL || errno == ENOENT))
			return at;
		if (len < 0) {
			error_errno(error, ERROR_IO, errno, _("Cannot follow %s"), at);
			free(at);
			return NULL;
		}
		target[len] = '\0';
		char *next;
		if (target[0] == '/') {
			next = text_dup(target);
		} else {
			char *folder = file_folder(at);
			next = text_format("%s/%s", text_equal(folder, "/") ? "" : folder, target);
			free(folder);
		}
		free(at);
		at = next;
	}
	free(at);
	error_errno(error, ERROR_IO, ELOOP, _("Cannot follow %s"), path);
	return NULL;
}

/* A leftover of ours may go; anything else that stands under our name is a trap or a mistake. */
static bool remove_leftover(const char *staged, struct error *error)
{
	struct stat st;

	if (lstat(staged, &st) < 0) {
		if (errno == ENOENT)
			return true;
		return error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), staged);
	}
	if (!S_ISREG(st.st_mode))
		return error_set(error, ERROR_IO,
			_("%s stands where a temporary file has to go, and is not a regular file."),
			staged);
	if (unlink(staged) < 0)
		return error_errno(error, ERROR_IO, errno,
			_("Cannot remove the leftover temporary file %s"), staged);
	return true;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, bytes, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		bytes += done;
		len -= (size_t)done;
	}
	return true;
}

/* Gives the new file the target's owner, then its attributes (an access list among them), then its
 * mode: in this order nobody who may not read the target can read the new file in between. */
static bool copy_attributes(
	int fd, const char *staged, const char *like, mode_t mode, struct error *error)
{
	struct stat st, own;
	bool ok = false;
	int from = like ? open(like, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;

	if (from < 0 && like && errno != ENOENT)
		return error_errno(error, ERROR_IO, errno, _("Cannot open %s"), like);
	if (from < 0) {
		if (fchmod(fd, mode) == 0)
			return true;
		return error_errno(error, ERROR_IO, errno, _("Cannot set the mode of %s"), staged);
	}
	if (fstat(from, &st) < 0 || fstat(fd, &own) < 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), like);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(error, ERROR_DATA, _("%s is not a regular file."), like);
		goto out;
	}
	if ((st.st_uid != own.st_uid || st.st_gid != own.st_gid) &&
		fchown(fd, st.st_uid, st.st_gid) < 0) {
		error_errno(error, ERROR_IO, errno,
			_("Cannot give the new %s the owner of the old one"), like);
		goto out;
	}
	if (!xattr_copy(from, fd, like, error))
		goto out;
	if (fchmod(fd, st.st_mode & 07777) < 0) {
		error_errno(error, ERROR_IO, errno,
			_("Cannot give the new %s the mode of the old one"), like);
		goto out;
	}
	ok = true;
out:
	close(from);
	return ok;
}

/* Postfix waits for a file whose mtime is younger than two seconds; a rename makes that pointless. */
static bool set_cool(int fd)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {0}};

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= FILE_COOL_SECONDS;
	return futimens(fd, times) == 0;
}

bool file_stage(const char *staged, const char *like, mode_t mode, const void *bytes, size_t len,
	struct error *error)
{
	bool ok = false;

	if (!remove_leftover(staged, error))
		return false;
	int fd = open(staged, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot create %s"), staged);
	if (!write_all(fd, bytes, len)) {
		error_errno(error, ERROR_IO, errno, _("Cannot write %s"), staged);
		goto out;
	}
	if (!copy_attributes(fd, staged, like, mode, error))
		goto out;
	if (!set_cool(fd)) {
		error_errno(error, ERROR_IO, errno, _("Cannot set the time of %s"), staged);
		goto out;
	}
	ok = true;
out:
	if (close(fd) < 0 && ok)
		ok = error_errno(error, ERROR_IO, errno, _("Cannot write %s"), staged);
	if (!ok)
		unlink(staged);
	return ok;
}

bool file_sync(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot open %s"), path);
	/* EINVAL: this kind of file system has nothing to flush. */
	bool ok = fsync(fd) == 0 || errno == EINVAL;
	if (!ok)
		error_errno(error, ERROR_IO, errno, _("Cannot bring %s safely to the disk"), path);
	close(fd);
	return ok;
}

static char *replacement_of(const char *path)
{
	return text_format("%s.new", path);
}

bool file_replace(const char *path, mode_t mode, const void *bytes, size_t len, struct error *error)
{
	char *folder = file_folder(path);
	char *staged = replacement_of(path);
	bool ok = false;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot open the folder %s"), folder);
		goto out;
	}
	/* Two at once would otherwise rename each other's half-written file. */
	if (flock(fd, LOCK_EX) < 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot lock the folder %s"), folder);
		goto out;
	}
	if (!file_stage(staged, NULL, mode, bytes, len, error))
		goto out;
	ok = file_sync(staged, error);
	if (ok && rename(staged, path) < 0)
		ok = error_errno(error, ERROR_IO, errno, _("Cannot put the new %s in place"), path);
	if (!ok) {
		unlink(staged);
		goto out;
	}
	ok = file_sync(folder, error);
out:
	if (fd >= 0)
		close(fd);
	free(staged);
	free(folder);
	return ok;
}

static bool lock_folder_of(const char *path, int operation, int *fd)
{
	char *folder = file_folder(path);

	*fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	return *fd >= 0 && flock(*fd, operation) == 0;
}

bool file_replace_was_cut(const char *path)
{
	char *staged = replacement_of(path);
	bool cut = access(staged, F_OK) == 0;
	int fd = -1;

	/* Where the folder is locked, its writer lives. It may have been done just now. */
	cut = cut && lock_folder_of(path, LOCK_SH | LOCK_NB, &fd) && access(staged, F_OK) == 0;
	if (fd >= 0)
		close(fd);
	free(staged);
	return cut;
}

void file_replace_clear(const char *path)
{
	char *staged = replacement_of(path);
	int fd = -1;

	if (lock_folder_of(path, LOCK_EX, &fd))
		unlink(staged);
	if (fd >= 0)
		close(fd);
	free(staged);
}
