/*
 * docker.h: what docker-mailserver's files say (docker_folder.c) and its variables (docker_variables.c), for
 * docker.c to make relays and routes of.
 */
#ifndef RELAY_IMPORT_DOCKER_H
#define RELAY_IMPORT_DOCKER_H

#include "environment.h"
#include "parts.h"

#define DOCKER_RELAY_MAP "postfix-relaymap.cf"
#define DOCKER_PASSWORDS "postfix-sasl-password.cf"
#define DOCKER_ACCOUNTS "postfix-accounts.cf"
#define DOCKER_ALIASES "postfix-virtual.cf"
#define DOCKER_OVERRIDES "postfix-main.cf"

/* A line of postfix-relaymap.cf. */
struct docker_mapping {
	char *pattern; /* as route_parse gives it */
	bool out;      /* no server: the sender is kept off RELAY_HOST */
	struct nexthop hop;
	size_t line;
	bool dropped; /* another line has its place */
};

/* A line of postfix-sasl-password.cf, or RELAY_USER with RELAY_PASSWORD. */
struct docker_credential {
	char *pattern;      /* the sender it is for; NULL: */
	struct nexthop hop; /* the server it is for */
	char *login;
	struct span password; /* in the file's locked memory, or the variable's */
	size_t line;
	struct strbuf relays; /* the relays that got it, for the words */
	bool missed;          /* one of them Postfix did not find it for */
	bool doubted;         /* another line has another password for it */
};

struct docker {
	struct import *import;
	const struct import_options *options;
	struct source map, passwords;
	struct docker_mapping *mappings;
	size_t mapping_count;
	struct docker_credential *credentials;
	size_t credential_count;
	struct names by_sender; /* of the mappings: those that count */
	struct names logins;    /* of the credentials that are for a sender */
	size_t *servers;        /* the credentials that are for a server */
	size_t server_count;
	char **domains; /* "@example.com": those of accounts and aliases, sorted, no two alike */
	size_t domain_count;
	struct environment environment;
	struct nexthop default_hop; /* DEFAULT_RELAY_HOST; host NULL: none */
	struct nexthop relay_hop;   /* RELAY_HOST with RELAY_PORT; likewise */
	bool relay_takes_all;       /* not only the mail of docker-mailserver's domains */
	struct import_maker maker;
};

/* Reads the files of the folder named above, those that are there. ERROR_IO, ERROR_DENIED, ERROR_DATA: a file, or
 * the folder, cannot be read, or neither of the first two nor an env file is there. */
bool docker_read(struct docker *docker, const char *folder, struct error *error) WARN_UNUSED_RESULT;
/* After docker_read: the servers, and the login among the credentials. */
void docker_take_variables(struct docker *docker);
/* Once the relays are made. */
void docker_say_variables(struct docker *docker);
void docker_free(struct docker *docker); /* safe on a zeroed struct */
/* Those of the addresses that the lines of postfix-accounts.cf or postfix-virtual.cf begin with. */
void docker_add_domains(struct docker *docker, const struct source *source);
/* The lines of postfix-main.cf that have to do with relays: none of them is taken, each is told. */
void docker_say_overrides(struct docker *docker, const struct source *source);
void docker_add_credential(struct docker *docker, const struct docker_credential *credential);
/* NULL: there is none for this sender itself. */
struct docker_credential *docker_find_login(const struct docker *docker, const char *pattern);
struct docker_mapping *docker_find_mapping(const struct docker *docker, const char *pattern);

/* "@example.com" of "user@example.com"; NULL where there is none. */
const char *docker_domain_of(const char *pattern);
/* What a line says of its server, and of those behind it, which are the relay's fallbacks by now. */
void docker_say_hops(
	struct import *import, size_t line, const struct nexthop *hop, const char *relay);

#endif
