#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
	va_list args;

	if (!error)
		return false;
	error->code = code;
	error->advice[0] = '\0';
	va_start(args, format);
	vsnprintf(error->message, sizeof error->message, format, args);
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
	vsnprintf(error->message, sizeof error->message, format, args);
	va_end(args);

	size_t used = strlen(error->message);
	char reason[128];
	snprintf(error->message + used, sizeof error->message - used, ": %s",
		strerror_r(errnum, reason, sizeof reason));
	return false;
}

bool error_advise(struct error *error, const char *format, ...)
{
	va_list args;

	if (!error)
		return false;
	va_start(args, format);
	vsnprintf(error->advice, sizeof error->advice, format, args);
	va_end(args);
	return false;
}
