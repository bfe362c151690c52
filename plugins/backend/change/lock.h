/*
 * lock.h: one change at a time.
 *
 * Two locks, always taken in this order:
 *   ours       flock on STATE_DIR/lock; the file says who holds it ("pid 123, user alice")
 *   Postfix's  flock on CONFIG_DIR/main.cf.tmp, as postconf(1) -e takes it
 *
 * The kernel lets a lock go when its process dies. The words in our lock file stay then: words
 * without a lock mean that a change was broken off. A child that was just being started shares the
 * lock up to its exec, so it may outlive a killed holder by an instant: where the words name a process
 * that is no more, everything here waits for that.
 */
#ifndef RELAY_LOCK_H
#define RELAY_LOCK_H

#include <stdbool.h>

#include "../base/error.h"
#include "../settings/site.h"

struct lock {
	int fd;
	int postfix_fd;
	char *postfix_path;
};

#define LOCK_INIT                                                                                  \
	{                                                                                          \
		-1, -1, NULL                                                                       \
	}
enum { LOCK_POSTFIX_WAIT_MS = 2000, LOCK_DEAD_WAIT_MS = 1000 };

/* Our own. At once: ERROR_BUSY names the holder. The state folder must be there. */
bool lock_take(struct lock *lock, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
/* Postfix's. Waits a moment, since postconf holds it for milliseconds; ERROR_BUSY then. */
bool lock_take_postfix(
	struct lock *lock, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
/* Lets both go, Postfix's first. Safe on LOCK_INIT. */
void lock_release(struct lock *lock);

/* Does somebody hold our lock now? */
bool lock_is_held(const struct site *site);
/* A number that is another one after each change; -1 while somebody holds our lock. What was read
 * between two equal ones was read from files that belong together. */
long long lock_mark(const struct site *site);
/* Is that mark still the one of now? ERROR_BUSY where a change was made since, or is in flight. */
bool lock_mark_holds(
	const struct site *site, long long mark, struct error *error) WARN_UNUSED_RESULT;
/* Fills *error with who holds our lock, or did a moment ago. ERROR_BUSY. */
bool lock_refuse(const struct site *site, struct error *error);
/* Does it name a holder? One that died with it, unless it is held. */
bool lock_has_words(const struct site *site);

#endif
