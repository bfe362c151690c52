/*
 * docker_lines.h: the lines of docker-mailserver's two files of relays, each in a part of its own: docker_map.c
 * and docker_logins.c. What each line becomes is said of it in the import; none of them is an error.
 */
#ifndef RELAY_IMPORT_DOCKER_LINES_H
#define RELAY_IMPORT_DOCKER_LINES_H

#include "docker.h"

/* In the place of what may be a password. */
#define DOCKER_MASK "********"

/* A line of postfix-relaymap.cf. */
void docker_take_mapping(struct docker *docker, const struct source_line *at);
/* All lines of postfix-sasl-password.cf, docker->passwords: one may go on in the next. */
void docker_take_credentials(struct docker *docker);

/* An address, a domain behind an @, or "<>": the key is for a sender, not for a server. */
bool docker_is_sender(struct span key);
/* As route_parse gives it; the caller frees. NULL: it is none, and why says so (why may be NULL). */
char *docker_sender_of(struct span key, struct error *why);
/* False: Postfix cannot read it, which is said of the import's line. */
bool docker_check_readable(struct import *import, size_t line, const struct source_line *at);
/* Says so where the line is indented. */
void docker_say_indented(struct import *import, size_t line, const struct source_line *at);

#endif
