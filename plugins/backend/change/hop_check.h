/*
 * hop_check.h: do the hops (hop.h) that a change made take mail in? To be asked after Postfix's reload: a
 * hop that does not greet would keep mail waiting, and nobody would be told.
 *
 *   connected --(TLS)--> "220" by a child of Postfix's master --> greets
 *             --end of file--> a server of the old configuration went away: connect again
 *             --another answer, or another program's--> does not greet
 *             --time is over--> busy where a server of the hop is at work (it may be waiting for the DNS);
 *                               else it does not start
 *
 * All of them are asked at once, in one time limit. It writes to sockets: SIGPIPE has to be ignored.
 */
#ifndef RELAY_HOP_CHECK_H
#define RELAY_HOP_CHECK_H

#include "../base/error.h"
#include "../settings/site.h"
#include "wanted.h"

/* Adds the keys ("127.0.0.1:10587/inet") of the hops that are wanted, and are not in master.cf yet as they
 * are to be, to a list with blanks; at most so many that a machine can start their servers at once. */
void hop_check_list(
	const struct wanted *wanted, const struct mastercf *master, struct strbuf *list);
/* Asks the hops of that list; what else stands there is passed over. What is spoken with them stands in
 * master.cf. ERROR_CONFIG; ERROR_IO, ERROR_SYSTEM. */
bool hop_check(const struct site *site, const char *list, struct error *error) WARN_UNUSED_RESULT;
/* Is this one of the list's words a hop? */
bool hop_check_is_hop(const char *word, size_t len);

#endif
