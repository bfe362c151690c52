/*
 * audit.h: one line of the system log for each change: who, what, from what to what, with which
 * result. LOG_AUTHPRIV, LOG_NOTICE, so that it stands beside those of sudo and login.
 */
#ifndef CONSOLE_AUDIT_H
#define CONSOLE_AUDIT_H

#include <stddef.h>

#include "console.h"

/* console_host's `audit`. Each value is quoted, cut at 300 bytes, and cannot break the line. */
void audit_log(const struct console_host *host, const char *action, const char *from,
	const char *to, const char *result);

#endif
