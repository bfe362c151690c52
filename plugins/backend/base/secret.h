/*
 * secret.h: the one type that a password lives in.
 *
 * Fixed memory of its own pages: locked (not swapped), kept out of core dumps, wiped on free.
 * A secret never passes through a char * that a log or a format string could meet: whoever needs
 * the bytes asks for them by name (secret_bytes) and hands them to a system call or a library.
 *
 *   zeroed --secret_init--> empty --secret_set, _read_fd, _update--> filled --secret_free--> zeroed
 */
#ifndef RELAY_SECRET_H
#define RELAY_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

enum { SECRET_MAX = 4095 }; /* bytes; one more is kept for a NUL */

struct secret {
	char *bytes; /* SECRET_MAX + 1 bytes, NUL-terminated */
	size_t len;
};

/* Of a zeroed struct. ERROR_SYSTEM. Those below that fill a secret initialise a zeroed one themselves. */
bool secret_init(struct secret *secret, struct error *error) WARN_UNUSED_RESULT;
void secret_free(struct secret *secret);  /* wipes; safe on a zeroed struct */
void secret_clear(struct secret *secret); /* wipes, and stays usable */
/* A copy of the bytes, which may lie in the secret itself. ERROR_DATA when longer than SECRET_MAX. */
bool secret_set(struct secret *secret, const void *bytes, size_t len,
	struct error *error) WARN_UNUSED_RESULT;
bool secret_copy(
	struct secret *to, const struct secret *from, struct error *error) WARN_UNUSED_RESULT;
/* Reads to the end of the descriptor without any other buffer and drops one final newline (and a
 * CR before it). ERROR_DATA: too long, or NUL inside; ERROR_IO. `what` names the source in messages. */
bool secret_read_fd(
	struct secret *secret, int fd, const char *what, struct error *error) WARN_UNUSED_RESULT;
/* Opens path, which may be a symlink, and reads it likewise. ERROR_DATA: a named FIFO or a terminal, which
 * would be waited for for ever; but what standard input is, and a shell's process substitution, are read. */
bool secret_read_file(
	struct secret *secret, const char *path, struct error *error) WARN_UNUSED_RESULT;
/* For a terminal that types straight into the memory: its address and size (SECRET_MAX + 1);
 * secret_update takes the length anew afterwards. */
char *secret_memory(struct secret *secret);
void secret_update(struct secret *secret);
const char *secret_bytes(const struct secret *secret); /* never NULL; a NUL follows them */
size_t secret_length(const struct secret *secret);
bool secret_is_empty(const struct secret *secret);                 /* also for a zeroed struct */
bool secret_equal(const struct secret *a, const struct secret *b); /* constant time */

#endif
