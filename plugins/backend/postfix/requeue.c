/* requeue.c: queue_anew (queue.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "queue.h"
#include "words.h"

/* HEAD_SIZE: the filter stands before the sender. BATCH: mails for one postsuper. */
enum { HEAD_SIZE = 8192, BATCH = 500, ID_MAX = 64, TIMEOUT_MS = 120000 };

/* --- one queue file ------------------------------------------------------------------------------ */

/* A record is a type, the length of its data in groups of 7 bits, the least first and all but the last with
 * the bit 0x80 (Postfix's record(3)), and the data. False: what is there ends within it. */
static bool next_record(const unsigned char **at, const unsigned char *end, char *type,
	const char **data, size_t *len)
{
	const unsigned char *p = *at;
	unsigned shift = 0;

	*len = 0;
	if (p == end)
		return false;
	*type = (char)*p++;
	for (;; shift += 7) {
		if (p == end || shift > 28)
			return false;
		*len |= (size_t)(*p & 0x7f) << shift;
		if (!(*p++ & 0x80))
			break;
	}
	if (*len > (size_t)(end - p))
		return false;
	*data = (const char *)p;
	*at = p + *len;
	return true;
}

/* NULL: it has none. Caller frees. */
static char *filter_of(int folder, const char *name)
{
	enum { FILTER = 'L', SENDER = 'S', MESSAGE = 'M' }; /* rec_type.h */
	unsigned char head[HEAD_SIZE];
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t got = fd >= 0 ? pread(fd, head, sizeof head, 0) : -1;
	const unsigned char *at = head, *end = head + (got > 0 ? got : 0);
	const char *data;
	char type, *filter = NULL;
	size_t len;

	if (fd >= 0)
		close(fd);
	while (!filter && next_record(&at, end, &type, &data, &len) && type != SENDER &&
		type != MESSAGE)
		if (type == FILTER && !memchr(data, '\0', len))
			filter = text_dup_len(data, len);
	return filter;
}

/* --- which --------------------------------------------------------------------------------------- */

struct search {
	queue_choice *is_chosen;
	void *context;
	char **ids;
	size_t count;
};

static bool look_at(void *context, int folder, const char *name)
{
	struct search *search = context;
	char *filter = strlen(name) <= ID_MAX ? filter_of(folder, name) : NULL;

	if (filter && search->is_chosen(search->context, filter)) {
		search->ids =
			mem_realloc_array(search->ids, search->count + 1, sizeof *search->ids);
		search->ids[search->count++] = text_dup(name);
	}
	free(filter);
	return true;
}

static bool find(const struct postfix *postfix, struct search *search, struct error *error)
{
	/* A mail moves on from one to the next. */
	static const char *const folders[] = {"incoming", "active", "deferred"};
	int fd = open(postfix->queue_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 ? errno : 0;

	for (size_t i = 0; i < sizeof folders / sizeof *folders && !failed; i++)
		failed = queue_walk(fd, folders[i], look_at, search);
	if (fd >= 0)
		close(fd);
	return !failed || error_errno(error, ERROR_IO, failed,
				  _("Cannot look into the queue in %s"), postfix->queue_dir);
}

/* --- anew ---------------------------------------------------------------------------------------- */

/* argv[0]: the program's name, in Postfix's own folder. */
static bool run(const struct postfix *postfix, const char **argv, struct error *error)
{
	char *program = text_format("%s/%s", postfix->command_dir, argv[0]);
	struct child child = {0};
	char words[WORDS_SIZE];

	argv[0] = program;
	bool ok = child_run(&child, argv, TIMEOUT_MS, error);
	if (ok && child.status != 0) {
		words_of(&child, words);
		ok = error_set(error, ERROR_SYSTEM, _("%s ended with status %d. %s"), child.name,
			child.status, words);
	}
	child_free(&child);
	free(program);
	return ok;
}

/* A mail that went or moved on meanwhile is passed over by postsuper. */
static bool requeue(const struct postfix *postfix, char **ids, size_t count, struct error *error)
{
	const char *argv[2 * BATCH + 4] = {"postsuper", "-c", postfix->config_dir};
	size_t words = 3;

	for (size_t i = 0; i < count; i++) {
		argv[words++] = "-r";
		argv[words++] = ids[i];
	}
	argv[words] = NULL;
	return run(postfix, argv, error);
}

bool queue_anew(const struct postfix *postfix, queue_choice *is_chosen, void *context,
	size_t *count, struct error *error)
{
	struct search search = {is_chosen, context, NULL, 0};
	bool ok = find(postfix, &search, error);

	for (size_t done = 0; ok && done < search.count; done += BATCH) {
		size_t left = search.count - done;
		ok = requeue(postfix, search.ids + done, left < BATCH ? left : BATCH, error);
	}
	/* It would look by itself in a minute: no harm is done where it cannot be woken. */
	const char *wake[] = {"postkick", "-c", postfix->config_dir, "public", "pickup", "W", NULL};
	if (ok && search.count > 0 && postfix_is_running(postfix))
		(void)!run(postfix, wake, NULL);
	*count = ok ? search.count : 0;
	for (size_t i = 0; i < search.count; i++)
		free(search.ids[i]);
	free(search.ids);
	return ok;
}
