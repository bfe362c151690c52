/*
 * environment.h: the variables of docker-mailserver that name a relay, from a file: never from the
 * environment that relaycon itself runs in.
 *
 * Read are the forms of docker's and compose's env files (NAME=VALUE, "export" before it, single and double
 * quotes, a comment behind white space), and the lines of a compose file's "environment:" (- NAME=VALUE,
 * NAME: VALUE). References to other variables ($NAME) are not followed: they stay as they stand, and that
 * is said. NAME__FILE names a file whose content is the value.
 */
#ifndef RELAY_IMPORT_ENVIRONMENT_H
#define RELAY_IMPORT_ENVIRONMENT_H

#include "parts.h"

enum variable {
	VARIABLE_DEFAULT_RELAY_HOST,
	VARIABLE_RELAY_HOST,
	VARIABLE_RELAY_PORT,
	VARIABLE_RELAY_USER,
	VARIABLE_RELAY_PASSWORD,
	VARIABLE_SASL_PASSWD, /* an older one: "server login:password" */
	VARIABLES,
};

struct variable_value {
	bool set; /* and not empty */
	struct secret value;
	size_t line; /* of the import */
};

struct environment {
	struct variable_value values[VARIABLES];
};

/* folder: what docker-mailserver sees as /tmp/docker-mailserver. Adds a line to the import for each of
 * the variables that is there. ERROR_IO, ERROR_DENIED, ERROR_DATA: the file, or one that a __FILE names. */
bool environment_read(struct environment *environment, struct import *import, const char *path,
	const char *folder, struct error *error) WARN_UNUSED_RESULT;
void environment_free(struct environment *environment); /* wipes; safe on a zeroed struct */

#endif
