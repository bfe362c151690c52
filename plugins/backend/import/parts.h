/*
 * parts.h: what the importers share: the list of lines, and relays made of what was found (import.c).
 */
#ifndef RELAY_IMPORT_PARTS_H
#define RELAY_IMPORT_PARTS_H

#include "../settings/preset.h"
#include "import.h"
#include "names.h"
#include "nexthop.h"
#include "source.h"

/* Gives its index. The text is cleaned here. */
size_t import_add_line(struct import *import, const char *file, unsigned number, const char *text);
/* Adds a sentence to what is said of the line. The fate only grows worse. */
void import_say(struct import *import, size_t line, enum import_fate fate, const char *format, ...)
	PRINTFLIKE(4, 5);
void import_remark(struct import *import, const char *format, ...) PRINTFLIKE(2, 3);

/* What relays are made of. */
struct import_maker {
	struct import *import;
	const struct import_options *options;
	struct preset_list presets;
	struct names servers; /* "host port login" -> its relay's place in the settings */
};

/* Nothing is owned. */
struct import_server {
	const struct nexthop *hop;
	const char *login; /* NULL: none */
	struct span password;
	bool protection_known; /* else by the port, and as the options say */
	enum relay_tls tls;
	enum relay_verify verify;
	bool login_not_wanted; /* it is known to have none */
	const char *whose;     /* who is sent there, for without_login: "the sender @example.com" */
};

bool import_maker_open(struct import_maker *maker, struct import *import,
	const struct import_options *options, struct error *error) WARN_UNUSED_RESULT;
void import_maker_close(struct import_maker *maker); /* safe on a zeroed struct */
/* Makes it the default relay, whose name is "default". ERROR_DATA, ERROR_SYSTEM. */
bool import_make_default(struct import_maker *maker, const struct import_server *server,
	struct error *error) WARN_UNUSED_RESULT;
/* The relay for this server and login: one that is there already, or a new one, named after its provider or
 * host. *name is valid until the next call. *other: it is there already, with another password: one login has
 * one, and that one stays. */
bool import_make_relay(struct import_maker *maker, const struct import_server *server,
	const char **name, bool *other, struct error *error) WARN_UNUSED_RESULT;

#endif
