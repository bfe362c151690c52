/*
 * way.h: what Postfix does with a mail (destination.h), read with our settings beside it: which of our
 * relays that is, or that none of ours has a say.
 */
#ifndef RELAY_WAY_H
#define RELAY_WAY_H

#include "../work.h"

enum way_result {
	WAY_RELAY,   /* through one of our relays */
	WAY_DIRECT,  /* to the recipient's own servers */
	WAY_LOCAL,   /* it stays on this machine, or at its mailbox server */
	WAY_ALIASES, /* it becomes several, each of which has its own way */
	WAY_REFUSED, /* a virtual domain of aliases, and none of them */
	WAY_OTHER,   /* somebody else's setting decides */
	WAY_RESULTS,
};

struct way {
	enum way_result result;
	char *sender; /* as Postfix looks it up; "<>" */
	struct destination destination;
	const struct relay *relay; /* WAY_RELAY; of the settings */
	char *new_sender;          /* what the relay's sender_rewrite makes of it; NULL: nothing */
	char *why;                 /* a sentence without its full stop */
};

/* The addresses as people type them; sender "" or "<>": the null sender. ERROR_USAGE: an address that is
 * none; else as destination_find. */
bool way_find(struct way *way, const struct work *work, const char *sender, const char *recipient,
	struct error *error) WARN_UNUSED_RESULT;
void way_free(struct way *way); /* safe on a zeroed struct */
/* "relay", "direct", ... for JSON */
const char *way_result_word(enum way_result result);
/* A few lines for people. */
void way_describe(const struct way *way, struct strbuf *out);

#endif
