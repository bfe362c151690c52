#include "map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"

enum { BUILD_TIMEOUT_MS = 120000, ASK_TIMEOUT_MS = 10000 };

static const struct {
	const char *type, *ending;
} types[] = {{"lmdb", ".lmdb"}, {"cdb", ".cdb"}, {"hash", ".db"}};

const char *map_ending(const char *type)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].ending;
	return "";
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += len)
		if ((at == text || at[-1] == '\n') && (at[len] == '\n' || at[len] == '\0'))
			return true;
	return false;
}

const char *map_best_type(const struct postfix *postfix)
{
	const char *const argv[] = {postfix->postconf, "-c", postfix->config_dir, "-m", NULL};
	struct child child = {0};
	const char *best = NULL;

	if (child_run(&child, argv, ASK_TIMEOUT_MS, NULL) && child.status == 0)
		for (size_t i = 0; !best && i < sizeof types / sizeof *types; i++)
			if (has_line(child.out.data, types[i].type))
				best = types[i].type;
	child_free(&child);
	return best;
}

static bool run_postmap(
	const char *config_dir, const char *type, const char *source, struct error *error)
{
	char *table = text_format("%s:%s", type, source);
	const char *const argv[] = {"postmap", "-c", config_dir, table, NULL};
	struct child child = {0};
	bool ok = child_run(&child, argv, BUILD_TIMEOUT_MS, error);

	if (ok && child.status != 0) {
		char said[256];
		text_clean_into(said, sizeof said, child.err.data, child.err.len);
		ok = error_set(error, ERROR_SYSTEM, _("postmap cannot make a table of %s: %s"),
			table, said);
	}
	child_free(&child);
	free(table);
	return ok;
}

/* postmap may have found a file there: then what it wrote into has somebody else's owner and mode. */
static bool close_up(const char *path, mode_t mode, struct error *error)
{
	const struct timespec times[2] = {
		{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - FILE_COOL_SECONDS}};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
		  (st.st_uid == geteuid() || fchown(fd, geteuid(), getegid()) == 0) &&
		  fchmod(fd, mode) == 0 && futimens(fd, times) == 0;

	if (!ok)
		error_errno(error, ERROR_IO, errno, _("Cannot set the mode of %s"), path);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool map_build(const char *config_dir, const char *type, const struct strbuf *text,
	const char *staged, mode_t mode, struct error *error)
{
	char *source = text_format("%s.source", staged);
	char *built = text_format("%s%s", source, map_ending(type));

	bool ok = (unlink(built) == 0 || errno == ENOENT) &&
		  file_stage(source, NULL, 0600, text->data, text->len, error) &&
		  run_postmap(config_dir, type, source, error) && close_up(built, mode, error);
	if (ok && rename(built, staged) != 0)
		ok = error_errno(error, ERROR_IO, errno, _("Cannot write %s"), staged);
	unlink(source);
	if (!ok)
		unlink(built);
	free(built);
	free(source);
	return ok;
}
