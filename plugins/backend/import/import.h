/*
 * import.h: settings from what somebody had before relaycon, and what became of each of its lines.
 *
 *   import_docker_mailserver   a folder of docker-mailserver's: postfix-relaymap.cf,
 *                              postfix-sasl-password.cf, postfix-accounts.cf, postfix-virtual.cf, and the
 *                              variables RELAY_* and DEFAULT_RELAY_HOST of an environment file
 *   import_postfix             the relay that this machine's main.cf leads to, as Confconsole's plugin (or
 *                              anybody) set it up
 *
 * Both read only. What they find is judged line by line, and nothing is left out in silence: a line is
 * taken as it means, taken otherwise than it was, or left, with the reason and what to do. Passwords go from
 * locked memory into a struct secret for each relay, and stand nowhere else; the lines show them as
 * "********".
 *
 * docker.c has what docker-mailserver's lines mean, docker_folder.c and docker_variables.c their reading,
 * environment.c the file with the variables, adopt.c this machine's own relay, passwords.c its tables of
 * passwords; nexthop.c and source.c are shared by them, import.c makes relays of what they found.
 */
#ifndef RELAY_IMPORT_H
#define RELAY_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/secret.h"
#include "../base/strbuf.h"
#include "../settings/settings.h"
#include "../settings/site.h"

enum import_fate {
	IMPORT_TAKEN,
	IMPORT_CHANGED, /* taken, but it is not quite what it was: the words say how */
	IMPORT_LEFT,    /* not taken: the words say why, and what to do */
	IMPORT_FATES,
};

struct import_line {
	const char *file; /* as in a message; owned by the struct import */
	unsigned number;  /* 0: it has none */
	char *text;       /* cleaned, passwords masked */
	enum import_fate fate;
	char *words; /* never NULL once the import is done */
};

struct import_password {
	char *relay; /* a relay's name */
	struct secret password;
};

struct import {
	struct settings settings;
	struct import_password *passwords; /* of every relay with a login */
	size_t password_count;
	struct import_line *lines; /* by file, in the order of the file */
	size_t line_count;
	struct strbuf remarks; /* what holds for all of it; one line each */
	/* Relays without a login, one line each, though that was not asked for (no_auth): nothing may be
	 * written then. */
	struct strbuf without_login;
	char **files;
	size_t file_count;
};

struct import_options {
	const char *const *folders; /* of the providers, as preset_list_load */
	const char *env_file;       /* NULL: no variables */
	bool all_mail; /* RELAY_HOST takes all mail, not only that of docker-mailserver's domains */
	bool no_auth;  /* relays for which no login is found are meant to have none */
	bool verify_none;    /* certificates are not verified, as they were not before */
	const char *ca_file; /* NULL: the system's authorities */
};

const char *import_fate_word(enum import_fate fate); /* "taken", "changed", "left" */

/* Of either, import_free in any case: where it fails, the lines that were judged may be there all the same.
 * ERROR_IO, ERROR_DENIED, ERROR_DATA: a file cannot be read, or none of them is there, or there is nothing
 * in them to take. */
bool import_docker_mailserver(struct import *import, const char *folder,
	const struct import_options *options, struct error *error) WARN_UNUSED_RESULT;
/* `site` was opened with plan_parameters. ERROR_DATA: no relay is set up here, or it is one that relaycon
 * cannot take over, with the reason; ERROR_CONFIG, ERROR_UNAVAILABLE: a table could not be asked. */
bool import_postfix(struct import *import, const struct site *site,
	const struct import_options *options, struct error *error) WARN_UNUSED_RESULT;
void import_free(struct import *import); /* wipes; safe on a zeroed struct */

/* NULL: that relay has none. */
const struct secret *import_password(const struct import *import, const char *relay);

#endif
