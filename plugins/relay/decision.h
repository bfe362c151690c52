/*
 * decision.h: what Postfix does with a mail (destination.h), read with our settings beside it: which of our
 * relays that is, or that none of ours has a say.
 */
#ifndef RELAY_DECISION_H
#define RELAY_DECISION_H

#include "work.h"

enum decision_result {
	DECISION_RELAY,   /* through one of our relays */
	DECISION_DIRECT,  /* to the recipient's own servers */
	DECISION_LOCAL,   /* it stays on this machine, or at its mailbox server */
	DECISION_ALIASES, /* it becomes several, each of which has its own way */
	DECISION_REFUSED, /* a virtual domain of aliases, and none of them */
	DECISION_OTHER,   /* somebody else's setting decides */
	DECISION_RESULTS,
};

struct decision {
	enum decision_result result;
	char *sender; /* as Postfix looks it up; "<>" */
	struct destination destination;
	const struct relay *relay; /* DECISION_RELAY; of the settings */
	char *new_sender;          /* what the relay's sender_rewrite makes of it; NULL: nothing */
	char *why;                 /* a sentence without its full stop */
};

/* The addresses as people type them; sender "" or "<>": the null sender. ERROR_USAGE: an address that is
 * none; else as destination_find. */
bool decision_find(struct decision *decision, const struct work *work, const char *sender,
	const char *recipient, struct error *error) WARN_UNUSED_RESULT;
void decision_free(struct decision *decision); /* safe on a zeroed struct */
/* "relay", "direct", ... for JSON */
const char *decision_result_word(enum decision_result result);
/* A few lines for people. */
void decision_describe(const struct decision *decision, struct strbuf *out);

#endif
