#include "queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/i18n.h"

/* hash_queue_depth is 1 by default and 3 at most. */
enum { DEPTH_MAX = 4 };

static bool is_kind(DIR *dir, const struct dirent *entry, unsigned char type, mode_t mode)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == type;
	return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (st.st_mode & S_IFMT) == mode;
}

static int walk(int at, const char *name, int depth, queue_visit *visit, void *context, bool *go_on)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int failed = 0;

	if (!dir) {
		failed = errno == ENOENT ? 0 : errno;
		if (fd >= 0)
			close(fd);
		return failed;
	}
	while (!failed && *go_on && (entry = readdir(dir))) {
		bool digit =
			entry->d_name[1] == '\0' && strchr("0123456789ABCDEF", entry->d_name[0]);

		if (digit && depth < DEPTH_MAX && is_kind(dir, entry, DT_DIR, S_IFDIR))
			failed = walk(fd, entry->d_name, depth + 1, visit, context, go_on);
		else if (is_kind(dir, entry, DT_REG, S_IFREG))
			*go_on = visit(context, fd, entry->d_name);
	}
	closedir(dir);
	return failed;
}

int queue_walk(int at, const char *name, queue_visit *visit, void *context)
{
	bool go_on = true;

	return walk(at, name, 0, visit, context, &go_on);
}

struct tally {
	unsigned long count, limit;
};

static bool count_one(void *context, int folder, const char *name)
{
	struct tally *tally = context;

	(void)folder;
	(void)name;
	return ++tally->count < tally->limit;
}

bool postfix_queue_count(const struct postfix *postfix, unsigned long limit,
	struct postfix_queue *queue, struct error *error)
{
	const struct {
		const char *name;
		unsigned long *count;
	} folders[] = {
		{"incoming", &queue->incoming},
		{"active", &queue->active},
		{"deferred", &queue->deferred},
		{"hold", &queue->hold},
		{"maildrop", &queue->maildrop},
	};
	int fd = open(postfix->queue_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = 0;

	*queue = (struct postfix_queue){0};
	if (fd < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot look into the queue in %s"),
			postfix->queue_dir);
	for (size_t i = 0; i < sizeof folders / sizeof *folders && !failed; i++) {
		struct tally tally = {.limit = limit};
		failed = queue_walk(fd, folders[i].name, count_one, &tally);
		*folders[i].count = tally.count;
		queue->more = queue->more || *folders[i].count >= limit;
		if (failed)
			error_errno(error, ERROR_IO, failed,
				_("Cannot look into the queue in %s/%s"), postfix->queue_dir,
				folders[i].name);
	}
	close(fd);
	return !failed;
}
