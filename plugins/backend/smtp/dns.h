/*
 * dns.h: questions to the DNS as Postfix asks them: no search list, no /etc/hosts, and the
 * resolver's word on whether the answer was validated (AD bit, RFC 4035).
 *
 * The calls block as long as the resolver library likes (resolv.conf); resolve.c therefore makes
 * them from threads of their own. They keep no state.
 */
#ifndef RELAY_SMTP_DNS_H
#define RELAY_SMTP_DNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { DNS_ADDRESSES_MAX = 16, DNS_TLSA_MAX = 16, DNS_TLSA_DATA_MAX = 1024, DNS_NAME_MAX = 255 };

enum dns_result {
	DNS_OK,
	DNS_NOT_FOUND, /* no such name, or it has no record of this type */
	DNS_RETRY,     /* SERVFAIL, no answer: ask again later */
	DNS_FAILED,    /* the resolver refuses, or talks nonsense */
};

struct dns_addresses {
	struct in6_addr v6[DNS_ADDRESSES_MAX]; /* an A record fills the first four bytes */
	sa_family_t family;
	size_t count;
	bool validated;
	char name[DNS_NAME_MAX + 1]; /* where a chain of CNAMEs ended; the name asked otherwise */
};

/* The usages that count for mail (RFC 7672, section 3.1.3); records with others are left out. */
enum { DNS_TLSA_TA = 2, DNS_TLSA_EE = 3 };

struct dns_tlsa {
	unsigned char usage, selector, matching;
	size_t len;
	unsigned char data[DNS_TLSA_DATA_MAX];
};

struct dns_tlsa_set {
	struct dns_tlsa records[DNS_TLSA_MAX];
	size_t count;
	bool validated;
};

/* family: AF_INET asks for A, AF_INET6 for AAAA. validate: ask for DNSSEC (RES_USE_DNSSEC). */
enum dns_result dns_addresses(
	const char *name, sa_family_t family, bool validate, struct dns_addresses *addresses);
enum dns_result dns_tlsa(const char *name, struct dns_tlsa_set *set);
/* Does the machine's resolver validate at all? Asks for the root's name servers, as Postfix's
 * dnssec_probe does. */
bool dns_validates(void);

/* For tests, which must not depend on the machine's resolver: ask this one. NULL: back to normal. */
void dns_use_server(const struct sockaddr_in *server);

#endif
