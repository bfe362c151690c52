#include "swap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/clock.h"

enum { TRIES = 16, POLL_MS = 5 };

unsigned long long swap_inode(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? (unsigned long long)st.st_ino : 0;
}

bool swap_names(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0;
}

static bool cannot_exchange(void)
{
	return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
}

static enum swap_result rename_over(
	const char *from, const char *target, unsigned long long old_inode)
{
	if (swap_inode(target) != old_inode)
		return SWAP_EDITED;
	return rename(from, target) == 0 ? SWAP_DONE : SWAP_FAILED;
}

/* False: there may be something, but it cannot be looked at (errno). */
static bool look(const char *path, unsigned long long *inode)
{
	*inode = swap_inode(path);
	return *inode != 0 || errno == ENOENT;
}

enum swap_result swap_in(const char *from, unsigned long long from_inode, const char *target,
	unsigned long long old_inode)
{
	unsigned long long found;

	if (!look(target, &found))
		return SWAP_FAILED;
	if (found != old_inode)
		return SWAP_EDITED;
	if (!swap_names(from, target)) {
		if (cannot_exchange())
			return rename_over(from, target, old_inode);
		/* Taken away in that instant, as editors do that keep the old file as a backup. */
		return errno == ENOENT && swap_inode(target) != old_inode ? SWAP_EDITED
									  : SWAP_FAILED;
	}
	bool seen = look(from, &found);
	int failed = errno;
	if (seen && found == old_inode)
		return unlink(from) == 0 ? SWAP_DONE : SWAP_FAILED;
	/* A file was saved in that instant, or so it may be. It goes back, and should one more have been saved over
	 * ours meanwhile, the later one of theirs: each exchange takes out what stands there now. */
	for (int i = 0; i < TRIES; i++) {
		if (!swap_names(from, target))
			return SWAP_FAILED;
		if (swap_inode(from) == from_inode)
			break;
	}
	errno = failed;
	return seen ? SWAP_EDITED : SWAP_FAILED;
}

bool swap_is_being_written(const char *path, int ms)
{
	long until = clock_ms() + ms;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	bool written = false;

	if (fd < 0)
		return false;
	/* Who opens it for writing while we hold the lease has us sent a signal: one that is ignored. */
	(void)fcntl(fd, F_SETSIG, SIGURG);
	/* fcntl(2): a read lease is given only on a file that nobody has open for writing (EAGAIN). Other
	 * errors: this file system has no leases, and there is nothing to be learned. */
	while ((written = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN)) {
		if (clock_ms() >= until)
			break;
		clock_pause(POLL_MS);
	}
	if (!written)
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	close(fd);
	return written;
}
