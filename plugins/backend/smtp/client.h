/*
 * client.h: how this machine's Postfix smtp client sees the world, for the probe.
 */
#ifndef RELAY_SMTP_CLIENT_H
#define RELAY_SMTP_CLIENT_H

#include "../postfix/instance.h"
#include "probe.h"

/* The parameters to ask for (NULL-terminated), to be passed as `extra` to postfix_open. */
extern const char *const probe_client_parameters[];
/* Points into the instance's values: keep it open meanwhile. An instance without values (no
 * Postfix here) leaves everything at its default. */
void probe_client_from_postfix(struct probe_client *client, const struct postfix *postfix);

#endif
