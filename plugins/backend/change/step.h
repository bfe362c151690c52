/*
 * step.h: a plan as renames, each of which can be taken back.
 *
 *   steps_stage   writes each new content beside its target and keeps each old file under a second
 *                 name (a hard link: the very file, with all that hangs on it); the targets are
 *                 untouched
 *   steps_sync_staged  makes that durable, which must be before anything points to it
 *   steps_apply   renames the new over the targets (or unlinks them), in order, interim versions
 *                 ahead of everything; steps_sync_folders makes it durable
 *   steps_undo    puts every target back, whatever was done before it; repeatable
 *   steps_forget  removes the second names: the change stands
 *
 * Names beside the target NAME, hidden and never anything else's:
 *   .NAME.relaycon-new   what it shall become
 *   .NAME.relaycon-mid   what it is while main.cf changes hands (plan.h, "interim")
 *   .NAME.relaycon-old   what it was
 *   .NAME.relaycon-new.source, .source.db ...  while postmap makes the former (map.h)
 * and, in plain sight, where a shared file was edited by somebody else after we had changed it:
 *   NAME.relaycon-edited (.2, .3, ...) what they made of it, when the old file came back
 *
 * main.cf and master.cf are shared: editors, which take no lock, may save them at any moment. Theirs
 * are never overwritten unseen: the names are exchanged and what came out is looked at (swap.h), and
 * steps_left_alone looks once more before the change stands.
 *
 * Which steps are done is read from the folder itself (is the staged name gone?), not from a
 * record that could lag behind it. Each call may be killed at any point and another process may go
 * on from the same list, which the journal keeps.
 */
#ifndef RELAY_STEP_H
#define RELAY_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "plan.h"

struct step {
	char *target;
	char *staged;             /* NULL: the target is removed */
	char *old;                /* NULL: there was no such file before */
	unsigned long long inode; /* of the staged file, to know it again */
	long long mtime;          /* of the same, in nanoseconds, to see that it was edited */
	unsigned long long old_inode;
	bool shared;                  /* main.cf, master.cf: other people edit it too */
	bool edit_stands;             /* somebody saved over ours what they made of the old file: it
					 stays when the rest is undone */
	const struct plan_file *file; /* the plan's; NULL where the steps come from the journal */
};

struct steps {
	struct step *list; /* in the order of their renames */
	size_t count;
	bool aside; /* steps_undo met an edit of somebody else's and put it aside */
};

struct stat;
long long step_mtime(const struct stat *st); /* in nanoseconds */

/* The plan has to outlive the steps. On failure everything it made is gone again. */
bool steps_stage(
	struct steps *steps, const struct plan *plan, struct error *error) WARN_UNUSED_RESULT;
bool steps_sync_staged(const struct steps *steps, struct error *error) WARN_UNUSED_RESULT;
/* ERROR_BUSY, and that file as it is: somebody else saved it since it was staged. */
bool steps_apply(const struct steps *steps, struct error *error) WARN_UNUSED_RESULT;
/* Did nobody edit a shared file since? ERROR_BUSY: undo, and theirs stays or is put aside. */
bool steps_left_alone(struct steps *steps, struct error *error) WARN_UNUSED_RESULT;
/* Have all of them been done? */
bool steps_are_done(const struct steps *steps);
/* Can each of them still be taken back? */
bool steps_can_undo(const struct steps *steps);
bool steps_undo(struct steps *steps, struct error *error) WARN_UNUSED_RESULT;
void steps_forget(const struct steps *steps);
bool steps_sync_folders(const struct steps *steps, struct error *error) WARN_UNUSED_RESULT;
void steps_free(struct steps *steps); /* safe on a zeroed struct */

/* The staged name of a target (the last one, where there are two); NULL: not part of the steps. */
const char *steps_staged(const struct steps *steps, const char *target);
/* Are these the names that steps_stage gives beside this target? */
bool steps_is_staged_name(const char *staged, const char *target);
bool steps_is_old_name(const char *old, const char *target);
/* The name of the file that such a name, without folders, stands beside, of strays too; NULL: it is no
 * such name. Caller frees. */
char *steps_target_name(const char *name);
/* What an interrupted steps_stage or steps_forget left beside this path. */
bool steps_has_strays(const char *path);
void steps_clear_strays(const char *path);

#endif
