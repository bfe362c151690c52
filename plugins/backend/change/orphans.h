/*
 * orphans.h: mail in the queue on a way that a change took away. A hop (hop.h) gives the mail that it takes in
 * a way, "SERVICE:NEXTHOP", which the mail keeps (queue.h). Once no hop gives that way any more, its service
 * may be gone, or its relay's login: such mail is queued anew, and goes as the settings have it now.
 */
#ifndef RELAY_ORPHANS_H
#define RELAY_ORPHANS_H

#include "../postfix/mastercf.h"
#include "../settings/site.h"

/* Does a hop of ours in `before` give a way that none in `after` does? */
bool orphans_possible(const struct mastercf *before, const struct mastercf *after);
/* Queues all mail anew that is on a way of ours which no hop in master.cf gives; *count: how many. Once
 * Postfix has taken master.cf up. Errors: as queue_anew. */
bool orphans_requeue(
	const struct site *site, size_t *count, struct error *error) WARN_UNUSED_RESULT;

#endif
