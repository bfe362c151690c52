/*
 * words.h: relays and routes in words, as the lists and pages say them.
 */
#ifndef RELAY_SCREENS_WORDS_H
#define RELAY_SCREENS_WORDS_H

#include "../../backend/relay_api.h"

/* "smtp.office.test:587 as me@example.com" */
void words_server(const struct relay *relay, struct strbuf *out);
/* The server, and ", else backup, other" where it falls back. */
void words_relay(const struct relay *relay, struct strbuf *out);
/* Whose mail: "From @example.com", "To user@example.net", "Bounces, from <>". */
void words_route(enum route_kind kind, const char *pattern, struct strbuf *out);
/* Where it goes: "office: smtp.office.test:587 as me@example.com", "directly, through no relay". name NULL:
 * directly. */
void words_target(const struct settings *settings, const char *name, struct strbuf *out);
/* What is wrong and what to do, for a field or a form; cut where it does not fit. Always false. */
bool words_error(const struct error *error, char *why, size_t size);
/* "a, b and 12 more", at most `most` of them. */
void words_list(const char *const *names, size_t count, size_t most, struct strbuf *out);

#endif
