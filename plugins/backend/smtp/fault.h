/*
 * fault.h: what went wrong within the probe, before it is put into words for people (cause.h).
 *
 * Each fallible function of this room fills one and returns false. `detail` is a sentence or phrase
 * of ours, translated; `said` is the server's, cleaned. Neither ever holds a secret.
 */
#ifndef RELAY_SMTP_FAULT_H
#define RELAY_SMTP_FAULT_H

#include <stdbool.h>

#include "probe.h"

struct fault {
	enum probe_cause cause;
	int reply_code; /* of the reply that caused it, 0: none */
	char detail[384];
	char said[256];
};

/* Fills *fault (keeping what the server said) and returns false. */
bool fault_set(struct fault *fault, enum probe_cause cause, const char *format, ...)
	PRINTFLIKE(3, 4);
/* The same for a system call that failed: the text of errnum follows. */
bool fault_errno(struct fault *fault, enum probe_cause cause, int errnum, const char *what);

#endif
