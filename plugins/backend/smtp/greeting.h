/*
 * greeting.h: the server's first words, and what it means when they are missing or strange: an
 * implicit TLS port, something that is no mail server, a firewall.
 */
#ifndef RELAY_SMTP_GREETING_H
#define RELAY_SMTP_GREETING_H

#include <stdbool.h>
#include <sys/socket.h>

#include "dialogue.h"
#include "fault.h"
#include "stream.h"

/* Reads the greeting, whatever its code. address: where a second connection may be made, to find
 * out whether a silent server waits for TLS. PROBE_CAUSE_TLS_WRONG_PORT_KIND, NOT_SMTP, and as
 * dialogue_reply. */
bool greeting_read(struct stream *stream, const struct relay *relay,
	const struct sockaddr_storage *address, struct reply *reply,
	struct fault *fault) WARN_UNUSED_RESULT;

#endif
