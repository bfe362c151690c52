/*
 * resolve.h: from a relay's host to the addresses that Postfix would try.
 *
 * A literal address is taken as it is. Names go the way of smtp_host_lookup: "dns" asks the DNS for
 * A and AAAA and knows no /etc/hosts, "native" is getaddrinfo(3), both together ask natively what
 * the DNS does not have. inet_protocols decides which families count at all.
 *
 * The resolver library cannot be interrupted. Look-ups therefore run in threads that share a counted
 * job with us; when the user cancels or the time is over the job is left behind and frees itself
 * when its last thread returns.
 *
 *   resolve_start --> (threads at work) --resolve_wait--> addresses
 */
#ifndef RELAY_SMTP_RESOLVE_H
#define RELAY_SMTP_RESOLVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "deadline.h"
#include "dns.h"
#include "fault.h"

enum { RESOLVE_ADDRESSES_MAX = 16, RESOLVE_TEXT_MAX = 64 };

struct resolve_addresses {
	struct sockaddr_storage
		list[RESOLVE_ADDRESSES_MAX]; /* IPv6 and IPv4 take turns, IPv6 first */
	size_t count;
	bool literal;
	bool validated;              /* DNSSEC vouches for the addresses */
	char name[DNS_NAME_MAX + 1]; /* after CNAMEs */
};

struct resolve_job;

struct resolve_question {
	const char *host;
	unsigned port;
	const char *host_lookup; /* as in struct probe_client */
	const char *inet_protocols;
	bool validate; /* for DANE: only the DNS will do, and it must say if it validated */
};

/* NULL (fault filled): no thread could be started, or the name is too long. */
struct resolve_job *resolve_start(const struct resolve_question *question, struct fault *fault);
/* Takes the job in any case. PROBE_CAUSE_NAME_NOT_FOUND, NAME_TEMPORARY, NO_ROUTE (an address of a
 * family that Postfix does not use), CANCELLED, INTERNAL. */
bool resolve_wait(struct resolve_job *job, struct deadline *deadline,
	struct resolve_addresses *addresses, struct fault *fault) WARN_UNUSED_RESULT;
void resolve_abandon(struct resolve_job *job); /* NULL allowed */

/* The TLSA records of _port._tcp.name, and when there are none, whether the machine's resolver
 * validates at all; in a thread as well. */
struct resolve_tlsa {
	enum dns_result result;
	struct dns_tlsa_set set;
	bool resolver_validates;
};
bool resolve_tlsa(const char *name, unsigned port, struct deadline *deadline,
	struct resolve_tlsa *answer, struct fault *fault) WARN_UNUSED_RESULT;

/* "192.0.2.1" or "2001:db8::1". */
void resolve_text(const struct sockaddr_storage *address, char text[RESOLVE_TEXT_MAX]);

#endif
