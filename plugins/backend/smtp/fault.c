#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fault_set(struct fault *fault, enum probe_cause cause, const char *format, ...)
{
	va_list args;

	fault->cause = cause;
	va_start(args, format);
	vsnprintf(fault->detail, sizeof fault->detail, format, args);
	va_end(args);
	return false;
}

bool fault_errno(struct fault *fault, enum probe_cause cause, int errnum, const char *what)
{
	char reason[128];

	return fault_set(fault, cause, "%s: %s", what, strerror_r(errnum, reason, sizeof reason));
}
