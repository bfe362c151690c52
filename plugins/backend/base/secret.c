#include "secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "i18n.h"

/* Room for the longest secret, the CR and newline that may follow it in a file, and a NUL. */
enum { ROOM = SECRET_MAX + 3 };

static size_t mapping_size(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (ROOM + page - 1) / page * page;
}

bool secret_init(struct secret *secret, struct error *error)
{
	assert(!secret->bytes);
	void *memory = mmap(
		NULL, mapping_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return error_errno(
			error, ERROR_SYSTEM, errno, _("Cannot get memory for a password"));
	/* RLIMIT_MEMLOCK may be zero in a container; a password that might be swapped is still
	 * better than an appliance that cannot be set up. */
	(void)mlock(memory, mapping_size());
	(void)madvise(memory, mapping_size(), MADV_DONTDUMP);
	secret->bytes = memory;
	secret->len = 0;
	return true;
}

static bool ensure(struct secret *secret, struct error *error)
{
	return secret->bytes || secret_init(secret, error);
}

void secret_free(struct secret *secret)
{
	if (secret->bytes) {
		explicit_bzero(secret->bytes, mapping_size());
		munmap(secret->bytes, mapping_size());
	}
	secret->bytes = NULL;
	secret->len = 0;
}

void secret_clear(struct secret *secret)
{
	if (secret->bytes)
		explicit_bzero(secret->bytes, mapping_size());
	secret->len = 0;
}

/* what: where it came from, NULL: not known. */
static bool too_long(struct secret *secret, const char *what, struct error *error)
{
	secret_clear(secret);
	if (!what)
		return error_set(error, ERROR_DATA,
			_("The password is longer than %d bytes, which no relay can mean."),
			SECRET_MAX);
	return error_set(error, ERROR_DATA,
		_("The password from %s is longer than %d bytes, which no relay can mean."), what,
		SECRET_MAX);
}

bool secret_set(struct secret *secret, const void *bytes, size_t len, struct error *error)
{
	if (!ensure(secret, error))
		return false;
	if (len > SECRET_MAX)
		return too_long(secret, NULL, error);
	/* bytes may lie in the secret itself: move first, wipe what is left behind it after. */
	if (len > 0)
		memmove(secret->bytes, bytes, len);
	explicit_bzero(secret->bytes + len, mapping_size() - len);
	secret->len = len;
	return true;
}

bool secret_copy(struct secret *to, const struct secret *from, struct error *error)
{
	return secret_set(to, secret_bytes(from), from->len, error);
}

bool secret_read_fd(struct secret *secret, int fd, const char *what, struct error *error)
{
	size_t len = 0;

	if (!ensure(secret, error))
		return false;
	secret_clear(secret);
	for (;;) {
		ssize_t got = read(fd, secret->bytes + len, ROOM - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int errnum = errno;
			secret_clear(secret);
			return error_errno(error, ERROR_IO, errnum,
				_("Cannot read the password from %s"), what);
		}
		if (got == 0)
			break;
		len += (size_t)got;
		if (len == ROOM)
			return too_long(secret, what, error);
	}
	if (len > 0 && secret->bytes[len - 1] == '\n') {
		len--;
		if (len > 0 && secret->bytes[len - 1] == '\r')
			len--;
	}
	if (len > SECRET_MAX)
		return too_long(secret, what, error);
	if (memchr(secret->bytes, '\0', len)) {
		secret_clear(secret);
		return error_set(error, ERROR_DATA,
			_("The password from %s holds a NUL byte, so it is not a text file."),
			what);
	}
	explicit_bzero(secret->bytes + len, mapping_size() - len);
	secret->len = len;
	return true;
}

static bool is_standard_input(const struct stat *st)
{
	struct stat input;

	return fstat(STDIN_FILENO, &input) == 0 && input.st_dev == st->st_dev &&
	       input.st_ino == st->st_ino;
}

/* Does the end of what is read here depend on somebody who may never come? A pipe without a name has its
 * writer already: it is how a shell's process substitution hands over a password. */
static bool may_wait_for_ever(int fd)
{
	struct stat st;
	struct statfs system;

	if (fstat(fd, &st) < 0 || is_standard_input(&st))
		return false;
	if (S_ISFIFO(st.st_mode))
		return fstatfs(fd, &system) < 0 || system.f_type != PIPEFS_MAGIC;
	return isatty(fd) == 1;
}

bool secret_read_file(struct secret *secret, const char *path, struct error *error)
{
	/* O_NONBLOCK: the opening of a FIFO that nobody writes to would not come back. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool ok = false;

	if (fd < 0)
		return error_errno(
			error, ERROR_IO, errno, _("Cannot open the password file %s"), path);
	if (may_wait_for_ever(fd)) {
		error_set(error, ERROR_DATA,
			_("The password file %s is a FIFO or a terminal, of which nobody knows "
			  "when "
			  "it ends. Put the password into a file."),
			path);
	} else if (fcntl(fd, F_SETFL, 0) < 0) {
		error_errno(error, ERROR_IO, errno, _("Cannot read the password from %s"), path);
	} else {
		ok = secret_read_fd(secret, fd, path, error);
	}
	close(fd);
	return ok;
}

char *secret_memory(struct secret *secret)
{
	assert(secret->bytes);
	return secret->bytes;
}

void secret_update(struct secret *secret)
{
	assert(secret->bytes);
	secret->len = strnlen(secret->bytes, SECRET_MAX);
	explicit_bzero(secret->bytes + secret->len, mapping_size() - secret->len);
}

const char *secret_bytes(const struct secret *secret)
{
	return secret->bytes ? secret->bytes : "";
}

size_t secret_length(const struct secret *secret)
{
	return secret->len;
}

bool secret_is_empty(const struct secret *secret)
{
	return secret->len == 0;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	if (!a->bytes || !b->bytes)
		return a->len == b->len;
	/* Both mappings are zero past their length, so that comparing all of it gives away nothing. */
	return CRYPTO_memcmp(a->bytes, b->bytes, SECRET_MAX) == 0 && a->len == b->len;
}
