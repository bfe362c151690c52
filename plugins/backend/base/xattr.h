/*
 * xattr.h: carries the extended attributes of one open file over to another: access lists, labels,
 * and what users attached. Signatures over the content (security.ima, security.evm) stay behind, as
 * they would be wrong. Security labels that this user may not set are left to the system's policy.
 */
#ifndef RELAY_XATTR_H
#define RELAY_XATTR_H

#include <stdbool.h>

#include "error.h"

/* `path` names the original in messages. ERROR_IO, ERROR_DENIED. */
bool xattr_copy(int from, int to, const char *path, struct error *error) WARN_UNUSED_RESULT;

#endif
