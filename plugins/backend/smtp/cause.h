/*
 * cause.h: one table from cause to stable word, exit code, explanation and advice.
 *
 * The texts have named places, {host} and the like, so that translators can move them. A part in
 * square brackets falls away when one of the places within it is empty.
 */
#ifndef RELAY_SMTP_CAUSE_H
#define RELAY_SMTP_CAUSE_H

#include "../base/strbuf.h"
#include "fault.h"
#include "probe.h"

/* What may stand in a text; NULL counts as empty. */
struct cause_facts {
	const char *host;        /* {host} */
	const char *port;        /* {port} */
	const char *login;       /* {login} */
	const char *said;        /* {said}: the server's words, cleaned */
	const char *detail;      /* {detail} */
	const char *other_ports; /* {ports} */
	const char *hint;        /* {hint}: what the provider says of its password */
	const char *clock;       /* {clock}: this machine's time */
};

/* Sets cause, code, explanation and advice of the report. */
void cause_report(
	const struct fault *fault, const struct cause_facts *facts, struct probe_report *report);
/* Appends the text with its places filled. */
void cause_expand(struct strbuf *out, const char *text, const struct cause_facts *facts);

#endif
