/*
 * swap.h: a file of ours put in the place of one that other people edit too.
 *
 * Editors take no lock. One that saves by rename could do so in the instant between our last look
 * at main.cf and our rename, and its file would be gone. So the two names are exchanged instead,
 * which the kernel does at once (renameat2(2), RENAME_EXCHANGE), and what came out is looked at
 * afterwards: it is still there to be put back. One that writes in place goes on writing into the file
 * that came out; swap_is_being_written sees the editor that has it open.
 *
 * File systems without the exchange (none that Debian installs on) get the look and the rename, and
 * keep the instant.
 */
#ifndef RELAY_SWAP_H
#define RELAY_SWAP_H

#include <stdbool.h>

enum swap_result {
	SWAP_DONE,   /* `target` has become the new file, and `old_inode` is gone from there */
	SWAP_EDITED, /* `target` was not old_inode any more: it stands as it was found */
	SWAP_FAILED, /* errno */
};

unsigned long long swap_inode(
	const char *path); /* of what stands there, no link followed; 0: nothing */

/* Puts `from`, which is from_inode, where `target` stands, provided that this is old_inode. Done:
 * the name `from` is gone. Killed in between: both names are there, exchanged. */
enum swap_result swap_in(const char *from, unsigned long long from_inode, const char *target,
	unsigned long long old_inode);

/* Exchanges the two; false (and nothing done) where the file system cannot. */
bool swap_names(const char *a, const char *b);

/* Does a process have it open for writing? Waits up to `ms` for its end. */
bool swap_is_being_written(const char *path, int ms);

#endif
