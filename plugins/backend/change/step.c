/* step.c: staging and names (step.h); doing and undoing is in step_apply.c. */
#include "step.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../postfix/map.h"
#include "edited.h"
#include "swap.h"

static const char SUFFIX_NEW[] = "new", SUFFIX_MID[] = "mid", SUFFIX_OLD[] = "old";

/* In the folder of path, BEFORE its name AFTER. */
static char *named_after(const char *path, const char *before, const char *after)
{
	char *folder = file_folder(path);
	const char *slash = strrchr(path, '/');
	char *name = text_format("%s/%s%s%s", folder, before, slash ? slash + 1 : path, after);

	free(folder);
	return name;
}

static char *beside(const char *path, const char *suffix)
{
	char *after = text_format(".relaycon-%s", suffix);
	char *name = named_after(path, ".", after);

	free(after);
	return name;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

long long step_mtime(const struct stat *st)
{
	return st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec;
}

void steps_free(struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		free(steps->list[i].target);
		free(steps->list[i].staged);
		free(steps->list[i].old);
	}
	free(steps->list);
	*steps = (struct steps){0};
}

/* --- folders ------------------------------------------------------------------------------------- */

bool steps_sync_folders(const struct steps *steps, struct error *error)
{
	char *last = NULL;
	bool ok = true;

	/* Steps of one folder stand together, so that remembering the last one is enough. */
	for (size_t i = 0; ok && i < steps->count; i++) {
		char *folder = file_folder(steps->list[i].target);
		if (!last || strcmp(folder, last) != 0)
			ok = file_sync(folder, error);
		free(last);
		last = folder;
	}
	free(last);
	return ok;
}

/* Our state has folders inside the state folder (backup/TIME/); nothing else needs any made. */
static bool make_folder(const char *path, struct error *error)
{
	char *folder = file_folder(path);
	bool ok = true;

	if (!exists(folder))
		ok = make_folder(folder, error) && file_make_private_folder(folder, 0700, error);
	free(folder);
	return ok;
}

/* --- staging ------------------------------------------------------------------------------------- */

static struct step *append(struct steps *steps, const struct plan_file *file)
{
	steps->list = mem_realloc_array(steps->list, steps->count + 1, sizeof *steps->list);
	struct step *step = &steps->list[steps->count++];

	*step = (struct step){.target = text_dup(file->path), .file = file};
	return step;
}

static bool is_secret(const struct plan_file *file)
{
	return file->kind == PLAN_SECRET_TABLE;
}

static bool build_map(const char *staged, const struct plan_file *file, struct error *error)
{
	char *folder = file_folder(file->path);
	bool ok = map_build(folder, file->map_type, &file->after, staged, file->mode, error);

	free(folder);
	return ok;
}

/* Owner and mode of our own files are ours to say, whatever someone made of them: who can write the
 * policy takes the encryption away. */
static bool write_staged(struct step *step, const struct plan_file *file, const char *suffix,
	const void *bytes, size_t len, struct error *error)
{
	bool ours = file->kind != PLAN_MAIN_CF && file->kind != PLAN_MASTER_CF;

	step->staged = beside(file->path, suffix);
	if (file->kind == PLAN_MAP
			? !build_map(step->staged, file, error)
			: !file_stage(step->staged, file->existed && !ours ? file->path : NULL,
				  file->mode, bytes, len, error))
		return false;
	/* It could not be told from an edit of somebody else's. */
	struct stat st;
	if (lstat(step->staged, &st) != 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot look at %s"), step->staged);
	step->inode = (unsigned long long)st.st_ino;
	step->mtime = step_mtime(&st);
	step->shared = file->kind == PLAN_MAIN_CF || file->kind == PLAN_MASTER_CF;
	return true;
}

static bool link_old(struct step *step, struct error *error)
{
	char *old = beside(step->target, SUFFIX_OLD);

	/* What stands there is what a forgetting that was cut short left: the change stood. */
	if (unlink(old) != 0 && errno != ENOENT)
		goto fail;
	if (linkat(AT_FDCWD, step->target, AT_FDCWD, old, 0) != 0)
		goto fail;
	struct stat st;
	if (lstat(old, &st) != 0)
		goto fail;
	step->old = old;
	step->old_inode = (unsigned long long)st.st_ino;
	return true;
fail:
	error_errno(error, ERROR_IO, errno, _("Cannot keep a copy of %s as %s"), step->target, old);
	free(old);
	return false;
}

static bool stage_interim(struct steps *steps, const struct plan_file *file, struct error *error)
{
	if (!file->has_interim)
		return true;
	struct step *step = append(steps, file);
	bool secret = is_secret(file);

	assert(file->existed && !file->remove);
	return write_staged(step, file, SUFFIX_MID,
		       secret ? file->secret_interim.bytes : file->interim.data,
		       secret ? file->secret_interim.len : file->interim.len, error) &&
	       link_old(step, error);
}

static bool stage_final(struct steps *steps, const struct plan_file *file, struct error *error)
{
	struct step *step = append(steps, file);
	bool secret = is_secret(file);

	if (!file->remove) {
		const char *bytes = secret ? file->secret_after.bytes : file->after.data;
		size_t len = secret ? file->secret_after.len : file->after.len;
		if (file->kind == PLAN_STATE && !make_folder(file->path, error))
			return false;
		if (!write_staged(step, file, SUFFIX_NEW, bytes, len, error))
			return false;
	}
	if (!file->existed)
		return true;
	/* What was kept is the very file that is going to be replaced: whoever saves another one from
	 * now on is noticed by its inode. */
	if (!file->has_interim)
		return link_old(step, error) &&
		       (!step->shared || edited_is_as_planned(file, step->old) ||
			       edited_before(file->path, error));
	step->old = beside(file->path, SUFFIX_OLD); /* linked by the interim step */
	return true;
}

/* Content and names reach the disk before anything points to them. */
bool steps_sync_staged(const struct steps *steps, struct error *error)
{
	for (size_t i = 0; i < steps->count; i++)
		if (steps->list[i].staged && !file_sync(steps->list[i].staged, error))
			return false;
	return steps_sync_folders(steps, error);
}

bool steps_stage(struct steps *steps, const struct plan *plan, struct error *error)
{
	*steps = (struct steps){0};
	for (size_t i = 0; i < plan->count; i++)
		if (!stage_interim(steps, &plan->files[i], error))
			goto fail;
	for (size_t i = 0; i < plan->count; i++)
		if (!stage_final(steps, &plan->files[i], error))
			goto fail;
	return true;
fail:
	for (size_t i = 0; i < steps->count; i++)
		steps_clear_strays(steps->list[i].target);
	steps_free(steps);
	return false;
}

const char *steps_staged(const struct steps *steps, const char *target)
{
	for (size_t i = steps->count; i > 0; i--)
		if (strcmp(steps->list[i - 1].target, target) == 0)
			return steps->list[i - 1].staged;
	return NULL;
}

static bool is_beside(const char *name, const char *target, const char *suffix)
{
	char *expected = beside(target, suffix);
	bool same = strcmp(name, expected) == 0;

	free(expected);
	return same;
}

bool steps_is_staged_name(const char *staged, const char *target)
{
	return is_beside(staged, target, SUFFIX_NEW) || is_beside(staged, target, SUFFIX_MID);
}

bool steps_is_old_name(const char *old, const char *target)
{
	return is_beside(old, target, SUFFIX_OLD);
}

/* What an interruption leaves beside NAME: BEFORE NAME AFTER. The last five are postmap's (map.h); of these the
 * last two are names under which libdb begins a hash, and Postfix a cdb (cdb_table(5)). */
static const struct {
	const char *before, *after;
} STRAYS[] = {
	{".", ".relaycon-new"},
	{".", ".relaycon-mid"},
	{".", ".relaycon-old"},
	{".", ".relaycon-new.source"},
	{".", ".relaycon-new.source.db"},
	{".", ".relaycon-new.source.lmdb"},
	{".", ".relaycon-new.source.cdb"},
	{"__db..", ".relaycon-new.source.db"},
	{".", ".relaycon-new.source.cdb.tmp"},
};
enum { STRAY_NAMES = sizeof STRAYS / sizeof *STRAYS };

char *steps_target_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < STRAY_NAMES; i++) {
		size_t before = strlen(STRAYS[i].before), after = strlen(STRAYS[i].after);
		if (len > before + after && strncmp(name, STRAYS[i].before, before) == 0 &&
			strcmp(name + len - after, STRAYS[i].after) == 0)
			return text_dup_len(name + before, len - before - after);
	}
	return NULL;
}

bool steps_has_strays(const char *path)
{
	bool found = false;

	for (size_t i = 0; !found && i < STRAY_NAMES; i++) {
		char *stray = named_after(path, STRAYS[i].before, STRAYS[i].after);
		struct stat st;
		/* Anything else was not made by us, and would be found for ever. */
		found = lstat(stray, &st) == 0 && S_ISREG(st.st_mode);
		free(stray);
	}
	return found;
}

void steps_clear_strays(const char *path)
{
	for (size_t i = 0; i < STRAY_NAMES; i++) {
		char *stray = named_after(path, STRAYS[i].before, STRAYS[i].after);
		unlink(stray);
		free(stray);
	}
}
