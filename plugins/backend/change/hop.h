/*
 * hop.h: a hop: an SMTP service on this machine's loopback address, ours, that takes a mail in again to
 * send it on another way:
 *
 *   relaycon-via-NAME --(none of its relays takes it)--> hop --content_filter--> SERVICE:[next]:port
 *   relaycon-hop ------> hop --cleanup that rewrites the sender, content_filter--> SERVICE:[relay]:port
 *
 * One smtp(8) service has one set of TLS options, so a relay that falls back to one with others needs
 * the first; only cleanup(8) changes an envelope sender for one way alone, so a rewriting relay needs
 * the second. Nothing else of the machine's set-up touches the mail there: every restriction, mapping,
 * check and milter has seen it already.
 *
 * Ports: from HOP_PORT upwards, in the order of the settings, without those that master.cf, a relay on
 * this machine or another program has. So they are the same for the same settings, whatever was there
 * before. Other Postfix instances than that of /etc/postfix begin higher, each at a place of its own, as
 * nobody can tell what one that is stopped is going to listen on. A hop is known as ours by its label,
 * part of the name under which it logs.
 */
#ifndef RELAY_HOP_H
#define RELAY_HOP_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/strbuf.h"
#include "../postfix/mastercf.h"
#include "../settings/settings.h"

enum { HOP_PORT = 10587 };

/* The loopback address: "127.0.0.1", or "::1" where inet_protocols has IPv6 alone: Postfix would not
 * start with the other. */
const char *hop_host(const char *inet_protocols);
/* Whether nobody listens on this port of the loopback address. */
typedef bool hop_port_is_free(const char *host, unsigned port);
bool hop_port_is_unused(const char *host, unsigned port); /* by asking the system */

struct hop_ports {
	struct hop_port {
		unsigned port;
		char *label; /* of the hop of ours that has it; NULL: not ours */
	} * list;            /* by port */
	size_t count;
	size_t met;   /* how many of the hops in master.cf were asked for, in their order */
	bool strayed; /* and then another one */
	unsigned next;
	const char *host;
	hop_port_is_free *is_free;
};
unsigned hop_first_port(const char *config_dir);
/* What master.cf has, and the relays' own ports; what is handed out begins at `first`. */
void hop_ports_init(struct hop_ports *ports, const char *host, unsigned first,
	const struct mastercf *master, const struct settings *settings, hop_port_is_free *is_free);
void hop_ports_free(struct hop_ports *ports); /* safe on a zeroed struct */
/* The next hop's port: the one that it has, as long as all before it were asked for in the order of
 * master.cf, so that a port that was taken once moves nothing; else the first that nobody else has. */
unsigned hop_port(struct hop_ports *ports, const char *label);

/* Is a port of a hop that `after` has and `before` has not taken by now? Postfix's master ends when it
 * cannot have one. 0: none is. */
unsigned hop_port_taken(const struct mastercf *before, const struct mastercf *after);

/* Is this master.cf entry a hop of ours? Its label ("via-NAME"; caller frees). */
bool hop_label(const char *entry, char **label);

/* For all hops that change nothing. The machine's own would refuse a mail that was just small enough when
 * it came in, as it has grown by the lines of its way since. */
#define HOP_CLEANUP "relaycon-cleanup"

struct hop {
	const char *host;
	unsigned port;
	const char *label;
	const char *way;     /* where the mail goes on: "SERVICE:[h]:p" */
	const char *cleanup; /* name of the cleanup service: HOP_CLEANUP, or one that rewrites */
	bool tls;            /* the client speaks TLS from the start (without certificates) */
	const char *chroot;  /* master.cf field */
};
/* What the TLS policy says for it. */
extern const char hop_policy_tls[], hop_policy_clear[];
/* "[127.0.0.1]:10587"; caller frees. */
char *hop_nexthop(const char *host, unsigned port);
/* The lines of master.cf, and the service's key (caller frees both). */
char *hop_line(const struct hop *hop, char **key);
/* The cleanup service that rewrites the envelope sender by that table (NULL: that changes nothing). */
char *hop_cleanup_line(const char *name, const char *table, const char *chroot);
/* The table: every sender that is not of the address's domain becomes the address. */
void hop_rewrite_table(const char *address, struct strbuf *out);

#endif
