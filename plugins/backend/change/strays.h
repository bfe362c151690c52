/*
 * strays.h: what a change or a save that was cut short may leave lying about without a journal: staged
 * files and second names beside the targets (step.h), among them the credentials; a file of ours that
 * was not in its place yet (file_replace); the scratch folder (confirm.h); a backup's
 * folder with nothing in it.
 *
 * They are looked for by name. A record that one is under way (the words in the lock file) does not
 * survive a power cut for certain, and neither do the removals at the end of a change.
 */
#ifndef RELAY_STRAYS_H
#define RELAY_STRAYS_H

#include <stdbool.h>

#include "../settings/site.h"

/* A change that is simply running has some, too: see who holds the lock. Reads only. */
bool strays_exist(const struct site *site);
/* With our lock held, and only where there is no journal, which may still need them. False: some are
 * left, as the disk does not let go of them; the next start clears again. */
bool strays_clear(const struct site *site);

#endif
