#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The text of an errno value is what matters most: a long path must not push it out. */
enum { REASON_ROOM = 130 };

/* A text that did not fit is cut at a character, so that it stays valid UTF-8. */
PRINTFLIKE(3, 0)
static void print(char *out, size_t size, const char *format, va_list args)
{
	int len = vsnprintf(out, size, format, args);

	if (len < 0 || (size_t)len < size)
		return;
	size_t end = size - sizeof "...";
	while (end > 0 && ((unsigned char)out[end] & 0xc0) == 0x80)
		end--;
	memcpy(out + end, "...", sizeof "...");
}

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
	va_list args;

	if (!error)
		return false;
	error->code = code;
	error->advice[0] = '\0';
	va_start(args, format);
	print(error->message, sizeof error->message, format, args);
	va_end(args);
	return false;
}

bool error_errno(struct error *error, enum error_code code, int errnum, const char *format, ...)
{
	va_list args;

	if (!error)
		return false;
	error->code = errnum == EACCES || errnum == EPERM ? ERROR_DENIED : code;
	error->advice[0] = '\0';
	va_start(args, format);
	print(error->message, sizeof error->message - REASON_ROOM, format, args);
	va_end(args);

	size_t used = strlen(error->message);
	char reason[REASON_ROOM - 2];
	snprintf(error->message + used, sizeof error->message - used, ": %s",
		strerror_r(errnum, reason, sizeof reason));
	return false;
}

void error_append(struct error *error, const char *format, ...)
{
	va_list args;

	if (!error)
		return;
	size_t used = strlen(error->message), room = sizeof error->message - used;
	if (room <= sizeof ". ...")
		return;
	/* The reason that error_errno gives ends without a full stop. */
	if (used > 0 && !strchr(".!?", error->message[used - 1])) {
		error->message[used++] = '.';
		room--;
	}
	error->message[used] = ' ';
	va_start(args, format);
	print(error->message + used + 1, room - 1, format, args);
	va_end(args);
}

bool error_advise(struct error *error, const char *format, ...)
{
	va_list args;

	if (!error)
		return false;
	va_start(args, format);
	print(error->advice, sizeof error->advice, format, args);
	va_end(args);
	return false;
}
