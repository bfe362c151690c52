#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "../base/text.h"

enum { LOCK_POLL_MS = 10 };

/* A FIFO would hold us up, and another file by a second name would be emptied. -1: *error. */
static int open_lock(const char *path, int flags, struct error *error)
{
	struct stat st;
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);

	if (fd < 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot open the lock file %s"), path);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink <= 1 &&
		(st.st_uid == 0 || st.st_uid == geteuid()))
		return fd;
	close(fd);
	error_set(error, ERROR_DENIED,
		_("%s stands where a lock file has to be, and is none: it is no file, or "
		  "somebody else's, or another file by a second name."),
		path);
	error_advise(error, _("Find out who put it there, and remove it."));
	return -1;
}

static void say_who(int fd)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *entry = name && *name ? NULL : getpwuid(getuid());
	char clean[64];

	if (!name || !*name)
		name = entry ? entry->pw_name : "?";
	text_clean_into(clean, sizeof clean, name, strlen(name));
	char *words = text_format("pid %ld, user %s", (long)getpid(), clean);
	/* Only for messages: a full disk will be met, and reported, by what comes next. */
	if (ftruncate(fd, 0) != 0 || pwrite(fd, words, strlen(words), 0) < 0)
		(void)0;
	free(words);
}

static void read_who(int fd, char *who, size_t size)
{
	char raw[128];
	ssize_t len = pread(fd, raw, sizeof raw, 0);

	text_clean_into(who, size, raw, len > 0 ? (size_t)len : 0);
	if (who[0] == '\0')
		text_clean_into(who, size, "?", 1);
}

/* Also true where it only waits for its parent to ask how it ended. */
static bool has_died(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	if (fd < 0)
		return errno == ESRCH;
	struct pollfd ended = {.fd = fd, .events = POLLIN};
	bool died = poll(&ended, 1, 0) == 1;
	close(fd);
	return died;
}

/* Whoever has the lock has not said so yet, only looks (lock_is_held), or is the child of one that is
 * dead: it will be free, or have a name, in a moment. */
static bool names_nobody(int fd)
{
	static const char intro[] = "pid ";
	char words[128] = "";
	const size_t skip = sizeof intro - 1;

	if (pread(fd, words, sizeof words - 1, 0) <= 0)
		return true;
	if (strncmp(words, intro, skip) != 0)
		return false;
	long pid = strtol(words + skip, NULL, 10);
	return pid > 0 && pid <= INT_MAX && has_died((pid_t)pid);
}

/* As flock, but for a holder that is nobody. errno is that of flock. */
static bool lock_at_once(int fd, int operation)
{
	long until = clock_ms() + LOCK_DEAD_WAIT_MS;

	while (flock(fd, operation | LOCK_NB) != 0) {
		int reason = errno;
		if (reason != EWOULDBLOCK || !names_nobody(fd) || clock_ms() >= until) {
			errno = reason;
			return false;
		}
		clock_pause(LOCK_POLL_MS);
	}
	return true;
}

static bool refuse(int fd, const struct site *site, struct error *error)
{
	char who[128];

	read_who(fd, who, sizeof who);
	error_set(error, ERROR_BUSY,
		_("Another relaycon (%s) is changing the Postfix configuration in %s right now."),
		who, site->postfix.config_dir);
	return error_advise(error, _("Wait for it to end, then try again."));
}

bool lock_take(struct lock *lock, const struct site *site, struct error *error)
{
	lock->fd = open_lock(site->lock_file, O_RDWR | O_CREAT, error);
	if (lock->fd < 0)
		return false;
	if (lock_at_once(lock->fd, LOCK_EX)) {
		say_who(lock->fd);
		return true;
	}
	if (errno != EWOULDBLOCK)
		error_errno(error, ERROR_SYSTEM, errno, _("Cannot lock %s"), site->lock_file);
	else
		refuse(lock->fd, site, error);
	close(lock->fd);
	lock->fd = -1;
	return false;
}

/* Does the path still lead to the file that we have open? postconf renames or removes it. */
static bool still_there(int fd, const char *path)
{
	struct stat ours, found;

	return fstat(fd, &ours) == 0 && lstat(path, &found) == 0 && ours.st_dev == found.st_dev &&
	       ours.st_ino == found.st_ino;
}

bool lock_take_postfix(struct lock *lock, const struct site *site, struct error *error)
{
	long until = clock_ms() + LOCK_POSTFIX_WAIT_MS;
	char *path = text_format("%s.tmp", site->main_cf);

	for (;;) {
		/* O_NOFOLLOW: a symlink there would have us create its target as root. */
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0) {
			error_errno(error, ERROR_IO, errno, _("Cannot open Postfix's lock file %s"),
				path);
			break;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_there(fd, path)) {
			lock->postfix_fd = fd;
			lock->postfix_path = path;
			return true;
		}
		close(fd);
		if (clock_ms() >= until) {
			error_set(error, ERROR_BUSY,
				_("Another program (postconf, perhaps) holds Postfix's lock %s; "
				  "waited %d seconds for it."),
				path, LOCK_POSTFIX_WAIT_MS / 1000);
			error_advise(error, _("Try again when it is done."));
			break;
		}
		clock_pause(LOCK_POLL_MS);
	}
	free(path);
	return false;
}

void lock_release(struct lock *lock)
{
	if (lock->postfix_fd >= 0) {
		/* Unlink while it is locked: who waits for it notices and makes a new one. */
		unlink(lock->postfix_path);
		close(lock->postfix_fd);
	}
	free(lock->postfix_path);
	if (lock->fd >= 0) {
		if (ftruncate(lock->fd, 0) != 0)
			(void)0;
		close(lock->fd);
	}
	*lock = (struct lock)LOCK_INIT;
}

bool lock_is_held(const struct site *site)
{
	int fd = open_lock(site->lock_file, O_RDONLY, NULL);

	if (fd < 0)
		return false;
	/* Shared: two that only look do not take each other for a holder. */
	bool held = !lock_at_once(fd, LOCK_SH) && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

long long lock_mark(const struct site *site)
{
	struct stat st;

	/* Each holder writes its name there and takes it away again. */
	if (lstat(site->lock_file, &st) != 0)
		return 0;
	return lock_is_held(site) ? -1 : st.st_ctim.tv_sec * 1000000000LL + st.st_ctim.tv_nsec;
}

bool lock_refuse(const struct site *site, struct error *error)
{
	int fd = open_lock(site->lock_file, O_RDONLY, error);

	if (fd < 0)
		return false;
	refuse(fd, site, error);
	close(fd);
	return false;
}

bool lock_has_words(const struct site *site)
{
	struct stat st;

	return lstat(site->lock_file, &st) == 0 && st.st_size > 0;
}

bool lock_mark_holds(const struct site *site, long long mark, struct error *error)
{
	long long now = lock_mark(site);

	if (now < 0)
		return lock_refuse(site, error);
	if (now == mark)
		return true;
	error_set(error, ERROR_BUSY,
		_("The relay was changed by someone else, with relaycon, after this was begun. "
		  "Nothing was done."));
	return error_advise(error, _("Look at what changed, then try again."));
}
