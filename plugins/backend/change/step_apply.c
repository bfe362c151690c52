/* step_apply.c: doing and undoing (step.h). */
#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/i18n.h"
#include "bridge.h"
#include "edited.h"
#include "swap.h"

enum { SETTLE_MS = 500, ASIDE_MAX = 1000 };

static bool exists(const char *path)
{
	return swap_inode(path) != 0;
}

static bool is_shared(const struct step *step)
{
	return step->shared && step->staged && step->old;
}

/* --- doing --------------------------------------------------------------------------------------- */

static bool put_in_place(const struct step *step)
{
	return step->staged ? rename(step->staged, step->target) == 0 : unlink(step->target) == 0;
}

static bool apply_one(const struct step *step, struct error *error)
{
	if (is_shared(step)) {
		if (step->file && !edited_is_as_planned(step->file, step->old))
			return edited_meanwhile(step->target, true, error);
		switch (swap_in(step->staged, step->inode, step->target, step->old_inode)) {
		case SWAP_DONE:
			return true;
		case SWAP_EDITED:
			return edited_meanwhile(step->target, true, error);
		case SWAP_FAILED:
			break;
		}
	} else if (put_in_place(step)) {
		return true;
	}
	return error_errno(error, ERROR_IO, errno,
		step->staged ? _("Cannot put the new %s in its place") : _("Cannot remove %s"),
		step->target);
}

bool steps_apply(const struct steps *steps, struct error *error)
{
	for (size_t i = 0; i < steps->count; i++)
		if (!apply_one(&steps->list[i], error))
			return false;
	return true;
}

/* Does its target hold the old file, or an interim version? The staged name alone does not tell: it is
 * gone as well after an undoing, and where a power cut kept an unlink and lost the rename before. */
static bool stands_before(const struct steps *steps, const struct step *step)
{
	unsigned long long inode = swap_inode(step->target);

	if (inode == 0)
		return false;
	return bridge_interim(steps, step) ? inode != step->inode : inode == step->old_inode;
}

bool steps_are_done(const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->list[i];
		if (exists(step->staged ? step->staged : step->target) ||
			stands_before(steps, step))
			return false;
	}
	return true;
}

/* --- edits --------------------------------------------------------------------------------------- */

/* Is this the file that we made, and as we made it? */
static bool is_ours(const struct step *step, const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && (unsigned long long)st.st_ino == step->inode &&
	       step_mtime(&st) == step->mtime;
}

/* The old file is away, but an editor that had it open may have gone on writing into it; and what
 * stands may have been saved over, or written into. */
static bool was_left_alone(struct step *step, struct error *error)
{
	if (!is_shared(step) || !step->file)
		return true;
	/* The old file comes back, with what they wrote. */
	if (swap_is_being_written(step->old, SETTLE_MS) ||
		!edited_is_as_planned(step->file, step->old))
		return edited_meanwhile(step->target, true, error);
	if (is_ours(step, step->target))
		return true;
	(void)swap_is_being_written(step->target, SETTLE_MS);
	enum edited_side side = edited_side(step->file);
	step->edit_stands = side == EDITED_OLD;
	return side == EDITED_OURS || edited_meanwhile(step->target, step->edit_stands, error);
}

bool steps_left_alone(struct steps *steps, struct error *error)
{
	bool ok = true;

	/* All of them: each is told apart before the undoing. */
	for (size_t i = 0; i < steps->count; i++)
		ok = was_left_alone(&steps->list[i], ok ? error : NULL) && ok;
	return ok;
}

/* Gives somebody else's version a name of its own, beside the target. */
static bool put_aside(struct steps *steps, const struct step *step, const char *path)
{
	char *aside = text_format("%s.relaycon-edited", step->target);
	bool ok = false;

	for (int i = 2; !ok && i < ASIDE_MAX; i++) {
		ok = renameat2(AT_FDCWD, path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0;
		if (!ok && errno != EEXIST) {
			ok = rename(path, aside) == 0;
			break;
		}
		if (!ok) {
			free(aside);
			aside = text_format("%s.relaycon-edited.%d", step->target, i);
		}
	}
	steps->aside = steps->aside || ok;
	free(aside);
	return ok;
}

/* --- undoing ------------------------------------------------------------------------------------- */

static bool stands_as_new(const struct steps *steps, const char *target)
{
	unsigned long long inode = swap_inode(target);

	for (size_t i = 0; i < steps->count; i++)
		if (steps->list[i].staged && strcmp(steps->list[i].target, target) == 0 &&
			steps->list[i].inode == inode)
			return true;
	return false;
}

bool steps_can_undo(const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->list[i];
		if (step->old && !exists(step->old) &&
			(!exists(step->target) || stands_as_new(steps, step->target)))
			return false;
	}
	return true;
}

/* Removes what is ours or the old file; what is neither was saved by somebody else. */
static bool drop(struct steps *steps, const struct step *step, const char *path)
{
	unsigned long long inode = swap_inode(path);

	if (inode == 0)
		return true;
	/* The old file's other name: it stands at the target by now. */
	if (inode == step->old_inode || is_ours(step, path))
		return unlink(path) == 0;
	return put_aside(steps, step, path);
}

/* The old file to the target, where nothing stands; false and EEXIST: something does by now. An editor
 * may be between taking the file away and writing the new one. */
static bool fill_gap(const struct step *step)
{
	if (renameat2(AT_FDCWD, step->old, AT_FDCWD, step->target, RENAME_NOREPLACE) == 0)
		return true;
	/* A file system that cannot. */
	return (errno == EINVAL || errno == ENOSYS) && rename(step->old, step->target) == 0;
}

/* The old file to the target. What stands there comes out under the old file's name and is then
 * looked at, so that nothing saved in between is lost. */
static bool bring_back(const struct step *step)
{
	if (swap_inode(step->target) == step->old_inode || !exists(step->old))
		return true;
	if (exists(step->target))
		return swap_names(step->old, step->target) || rename(step->old, step->target) == 0;
	return fill_gap(step) || (errno == EEXIST && swap_names(step->old, step->target));
}

/* A step as it may be found:
 *   target      staged      old
 *   old         ours        old       not done
 *   theirs      ours        old       not done, and the old file was edited: theirs stays
 *   -           ours        old       the same, and theirs is on its way, or was deleted
 *   ours        old         old       killed while the names were exchanged
 *   ours        theirs      old       the same, and theirs had just been saved: it goes back
 *   ours        -           old       done
 *   theirs      -           old       done, and ours was edited: aside, but for edit_stands
 *   old         -           ours      undone but for the last unlink */
static bool undo_shared(struct steps *steps, const struct step *step)
{
	unsigned long long staged = swap_inode(step->staged), target = swap_inode(step->target);
	bool theirs_stays = step->edit_stands;

	if (staged == step->inode && target == 0) {
		(void)!fill_gap(step);
		target = swap_inode(step->target);
	}
	if (staged == step->inode && target != 0) {
		theirs_stays = target != step->old_inode;
	} else if (staged != 0 && staged != step->inode && staged != step->old_inode &&
		   target == step->inode) {
		if (!swap_names(step->staged, step->target))
			return false;
		theirs_stays = true;
	}
	if (!theirs_stays && !bring_back(step))
		return false;
	/* It may be one that was deleted: then the old file is no longer anywhere else. */
	if (theirs_stays && !exists(step->target) && !bring_back(step))
		return false;
	if (theirs_stays && swap_inode(step->old) == step->old_inode && unlink(step->old) != 0)
		return false;
	return drop(steps, step, step->old) && drop(steps, step, step->staged);
}

static bool undo_plain(const struct steps *steps, const struct step *step)
{
	/* Without an old file, and not ours by its inode: not done yet, or somebody else's. */
	if (!step->old && stands_as_new(steps, step->target) && unlink(step->target) != 0 &&
		errno != ENOENT)
		return false;
	if (step->old && rename(step->old, step->target) != 0 && errno != ENOENT)
		return false;
	/* rename(2) does nothing where both are the same file: a step that was never done. */
	if (step->old)
		unlink(step->old);
	if (step->staged)
		unlink(step->staged);
	return true;
}

static bool undo_one(struct steps *steps, const struct step *step)
{
	if (is_shared(step))
		return undo_shared(steps, step);
	/* Its interim step, which comes last, has the old file. */
	if (bridge_interim(steps, step))
		return !step->staged || unlink(step->staged) == 0 || errno == ENOENT;
	return undo_plain(steps, step);
}

bool steps_undo(struct steps *steps, struct error *error)
{
	bool ok = true;

	/* Without a bridge the old files come back all the same. */
	for (size_t i = 0; i < steps->count; i++) {
		struct step *interim = bridge_interim(steps, &steps->list[i]);
		if (interim)
			(void)!bridge_build(interim, &steps->list[i], NULL);
	}
	/* As many as possible come back, whatever happens to one of them. */
	for (size_t i = steps->count; i > 0; i--) {
		const struct step *step = &steps->list[i - 1];
		if (undo_one(steps, step))
			continue;
		if (ok)
			error_errno(error, ERROR_IO, errno, _("Cannot put %s back as it was"),
				step->target);
		ok = false;
	}
	return steps_sync_folders(steps, ok ? error : NULL) && ok;
}

void steps_forget(const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		if (steps->list[i].old)
			unlink(steps->list[i].old);
}
