/*
 * queue.h: the files of Postfix's queue.
 *
 * A mail keeps the way that an smtpd(8) with content_filter gave it: a record of its queue file, by which the
 * queue manager goes whatever the configuration says since. Where that way is gone the mail waits until it
 * bounces, unless it is queued anew (postsuper(1), -r), which takes it through pickup and cleanup again.
 */
#ifndef RELAY_QUEUE_H
#define RELAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "instance.h"

/* Is a mail with this filter ("relaycon-tls:[h]:p") to be queued anew? */
typedef bool queue_choice(void *context, const char *filter);

/* Queues the chosen ones of the mails in incoming, active and deferred anew (not those on hold: they would
 * lose it), and wakes pickup where Postfix runs. *count: how many. As root. ERROR_IO, ERROR_SYSTEM. */
bool queue_anew(const struct postfix *postfix, queue_choice *is_chosen, void *context,
	size_t *count, struct error *error) WARN_UNUSED_RESULT;

/* Calls visit with the name of each file in the folder of the queue ("deferred") and those below it that are
 * named by one hexadecimal digit, and the descriptor of its folder, until that answers false. An errno value,
 * or 0. What goes away meanwhile, or is not there yet, is passed over. at: the queue's folder. */
typedef bool queue_visit(void *context, int folder, const char *name);
int queue_walk(int at, const char *name, queue_visit *visit, void *context);

#endif
