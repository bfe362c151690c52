/*
 * error.h: errors are values.
 *
 * A fallible function returns false (or NULL) and fills the struct error that it was handed; on
 * success it leaves it alone. A message is complete: what was tried, on what, what came back.
 * The advice says what to do next. Neither ever holds a secret. Both are translated already.
 * The codes are those of sysexits.h, so that a command can end with them.
 */
#ifndef RELAY_ERROR_H
#define RELAY_ERROR_H

#include <stdbool.h>

#include "attributes.h"

enum error_code {
	ERROR_NONE = 0,
	ERROR_USAGE = 64,       /* the call was wrong: an option, a value, something missing */
	ERROR_DATA = 65,        /* what was read is not what it should be */
	ERROR_UNAVAILABLE = 69, /* relay unreachable, TLS not acceptable, no way to log in */
	ERROR_SYSTEM = 71,      /* the operating system refused: fork, memory, sockets */
	ERROR_IO = 74,          /* reading or writing a file */
	ERROR_BUSY = 75,   /* another change in flight, or the relay asks us to come back later */
	ERROR_DENIED = 77, /* not permitted, or the login was refused */
	ERROR_CONFIG = 78, /* the Postfix configuration cannot be used */
	ERROR_CANCELLED = 130, /* the user stopped it */
};

struct error {
	enum error_code code;
	char message[1024];
	char advice[768]; /* empty when there is nothing to add */
};

/* Fills *error and returns false, so that a caller can write: return error_set(...).
 * error may be NULL. The advice starts out empty. */
bool error_set(struct error *error, enum error_code code, const char *format, ...) PRINTFLIKE(3, 4);

/* As error_set, and appends ": " and the text of the errno value given. The code is ERROR_DENIED
 * for EACCES and EPERM, else the one given. */
bool error_errno(struct error *error, enum error_code code, int errnum, const char *format, ...)
	PRINTFLIKE(4, 5);

/* Appends a further sentence to the message, after a full stop and a blank; what was said first is never cut
 * for it. */
void error_append(struct error *error, const char *format, ...) PRINTFLIKE(2, 3);

/* Sets what to do next. Returns false, so that it can follow error_set in one expression. */
bool error_advise(struct error *error, const char *format, ...) PRINTFLIKE(2, 3);

#endif
