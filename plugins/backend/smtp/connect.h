/*
 * connect.h: one TCP connection out of several addresses, raced as in RFC 8305: a new attempt every
 * 250 ms, or at once when the one before it failed; the first that stands wins, the others go.
 *
 * The socket is non-blocking, close-on-exec and sends small writes at once (TCP_NODELAY).
 */
#ifndef RELAY_SMTP_CONNECT_H
#define RELAY_SMTP_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "deadline.h"
#include "fault.h"
#include "resolve.h"

enum { CONNECT_ATTEMPT_DELAY_MS = 250 };

/* -1 with fault filled: PROBE_CAUSE_REFUSED, TIMED_OUT, NO_ROUTE, CANCELLED, INTERNAL; where the
 * addresses failed in different ways, the most telling one. *winner: index of the address. */
int connect_race(const struct resolve_addresses *addresses, struct deadline *deadline,
	size_t *winner, struct fault *fault) WARN_UNUSED_RESULT;

#endif
