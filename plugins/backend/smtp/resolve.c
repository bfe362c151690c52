#include "resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "background.h"

enum lookup_kind { LOOKUP_DNS6, LOOKUP_DNS4, LOOKUP_NATIVE, LOOKUP_KINDS };

/* What a thread gets and gives back. */
struct lookup {
	enum lookup_kind kind;
	char host[DNS_NAME_MAX + 1];
	bool validate;
	bool want4, want6;
	enum dns_result result;
	struct dns_addresses addresses; /* DNS */
	struct sockaddr_storage native[RESOLVE_ADDRESSES_MAX];
	size_t native_count;
};

struct resolve_job {
	struct lookup template;
	unsigned port;
	bool dns, native;
	bool literal;
	struct sockaddr_storage literal_address;
	struct background *running[LOOKUP_KINDS];
};

/* "dns, native" and the like: is the word one of the list? */
static bool list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; *at; at += strcspn(at, ", \t\r\n")) {
		at += strspn(at, ", \t\r\n");
		if (strcspn(at, ", \t\r\n") == len && strncasecmp(at, word, len) == 0)
			return true;
	}
	return false;
}

static void look_up_natively(struct lookup *lookup)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	hints.ai_family = lookup->want4 && lookup->want6 ? AF_UNSPEC
			  : lookup->want6                ? AF_INET6
							 : AF_INET;
	int failed = getaddrinfo(lookup->host, NULL, &hints, &found);
	if (failed) {
		bool later = failed == EAI_AGAIN || failed == EAI_MEMORY || failed == EAI_SYSTEM;
		lookup->result = later ? DNS_RETRY : DNS_NOT_FOUND;
		return;
	}
	for (struct addrinfo *at = found; at; at = at->ai_next) {
		if (lookup->native_count == RESOLVE_ADDRESSES_MAX)
			break;
		if (at->ai_family != AF_INET && at->ai_family != AF_INET6)
			continue;
		memcpy(&lookup->native[lookup->native_count++], at->ai_addr, at->ai_addrlen);
	}
	freeaddrinfo(found);
	lookup->result = lookup->native_count > 0 ? DNS_OK : DNS_NOT_FOUND;
}

static void look_up(void *memory)
{
	struct lookup *lookup = memory;

	if (lookup->kind == LOOKUP_NATIVE) {
		look_up_natively(lookup);
		return;
	}
	sa_family_t family = lookup->kind == LOOKUP_DNS4 ? AF_INET : AF_INET6;
	lookup->result = dns_addresses(lookup->host, family, lookup->validate, &lookup->addresses);
}

static bool start(struct resolve_job *job, enum lookup_kind kind)
{
	job->template.kind = kind;
	job->running[kind] = background_start(look_up, &job->template, sizeof job->template);
	return job->running[kind] != NULL;
}

/* With a scope ("fe80::1%eth0") as well, hence not inet_pton. */
static bool parse_literal(struct resolve_job *job)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	if (getaddrinfo(job->template.host, NULL, &hints, &found) != 0)
		return false;
	memcpy(&job->literal_address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

struct resolve_job *resolve_start(const struct resolve_question *question, struct fault *fault)
{
	struct resolve_job *job = mem_calloc(1, sizeof *job);
	const char *protocols = question->inet_protocols ? question->inet_protocols : "all";
	const char *how =
		question->host_lookup && *question->host_lookup ? question->host_lookup : "dns";
	bool all = list_has(protocols, "all") || !*protocols;

	if (strlen(question->host) > DNS_NAME_MAX) {
		fault_set(fault, PROBE_CAUSE_NAME_NOT_FOUND, _("the name is too long"));
		free(job);
		return NULL;
	}
	snprintf(job->template.host, sizeof job->template.host, "%s", question->host);
	job->template.validate = question->validate;
	job->template.want4 = all || list_has(protocols, "ipv4");
	job->template.want6 = all || list_has(protocols, "ipv6");
	job->port = question->port;
	job->dns = list_has(how, "dns") || question->validate;
	job->native = list_has(how, "native") && !question->validate;
	job->literal = parse_literal(job);
	if (job->literal)
		return job;

	bool ok = true;
	if (job->dns && job->template.want6)
		ok = start(job, LOOKUP_DNS6) && ok;
	if (job->dns && job->template.want4)
		ok = start(job, LOOKUP_DNS4) && ok;
	if (!job->dns)
		ok = start(job, LOOKUP_NATIVE) && ok;
	if (!ok) {
		resolve_abandon(job);
		fault_set(fault, PROBE_CAUSE_INTERNAL,
			_("a thread for the look-up could not be started"));
		return NULL;
	}
	return job;
}

void resolve_abandon(struct resolve_job *job)
{
	if (!job)
		return;
	for (int kind = 0; kind < LOOKUP_KINDS; kind++)
		background_release(job->running[kind]);
	free(job);
}

/* Waits for one thread. NULL (fault filled) when the time is over or the user cancels. */
static void *await(struct background *job, struct deadline *deadline, struct fault *fault)
{
	void *memory;

	while (!(memory = background_done(job))) {
		struct pollfd fd = {.fd = background_fd(job), .events = POLLIN};
		switch (deadline_wait(deadline, &fd, 1, -1)) {
		case DEADLINE_READY:
			break;
		case DEADLINE_OVER:
			fault_set(fault, PROBE_CAUSE_NAME_TEMPORARY,
				_("the name server did not answer in time"));
			return NULL;
		case DEADLINE_CANCELLED:
			fault->cause = PROBE_CAUSE_CANCELLED;
			return NULL;
		}
	}
	return memory;
}

/* Whole addresses are copied in and out of the storage: a write through a pointer of another type is
 * one that the compiler may lose. */
static void set_port(struct sockaddr_storage *address, unsigned port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->ss_family == AF_INET6) {
		memcpy(&v6, address, sizeof v6);
		v6.sin6_port = htons((uint16_t)port);
		memcpy(address, &v6, sizeof v6);
	} else {
		memcpy(&v4, address, sizeof v4);
		v4.sin_port = htons((uint16_t)port);
		memcpy(address, &v4, sizeof v4);
	}
}

static void add(struct resolve_addresses *to, const struct sockaddr_storage *address, unsigned port)
{
	if (to->count == RESOLVE_ADDRESSES_MAX)
		return;
	to->list[to->count] = *address;
	set_port(&to->list[to->count], port);
	/* /etc/hosts may name one address several times. */
	for (size_t i = 0; i < to->count; i++)
		if (memcmp(&to->list[i], &to->list[to->count], sizeof *to->list) == 0)
			return;
	to->count++;
}

static void add_dns(
	struct resolve_addresses *to, const struct dns_addresses *from, size_t i, unsigned port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_storage address = {0};

	if (i >= from->count)
		return;
	if (from->family == AF_INET6) {
		v6.sin6_addr = from->v6[i];
		memcpy(&address, &v6, sizeof v6);
	} else {
		memcpy(&v4.sin_addr, &from->v6[i], sizeof v4.sin_addr);
		memcpy(&address, &v4, sizeof v4);
	}
	add(to, &address, port);
}

/* RFC 8305, section 4: the families take turns, IPv6 first. */
static void add_native(struct resolve_addresses *to, const struct lookup *lookup, unsigned port)
{
	size_t next6 = 0, next4 = 0;

	for (size_t turn = 0; turn < 2 * lookup->native_count; turn++) {
		sa_family_t family = turn % 2 == 0 ? AF_INET6 : AF_INET;
		size_t *next = turn % 2 == 0 ? &next6 : &next4;
		while (*next < lookup->native_count && lookup->native[*next].ss_family != family)
			++*next;
		if (*next < lookup->native_count)
			add(to, &lookup->native[(*next)++], port);
	}
}

/* The DNS answers: addresses as soon as any family has some, else the worst that was said. */
static bool collect_dns(struct resolve_job *job, struct deadline *deadline,
	struct resolve_addresses *addresses, enum dns_result *result, struct fault *fault)
{
	static const struct dns_addresses none;
	const struct dns_addresses *found[2] = {&none, &none};
	bool validated = true;

	*result = DNS_NOT_FOUND;
	for (int kind = LOOKUP_DNS6; kind <= LOOKUP_DNS4; kind++) {
		if (!job->running[kind])
			continue;
		struct lookup *lookup = await(job->running[kind], deadline, fault);
		if (!lookup)
			return false;
		if (lookup->result == DNS_OK) {
			found[kind] = &lookup->addresses;
			validated = validated && lookup->addresses.validated;
			snprintf(addresses->name, sizeof addresses->name, "%s",
				lookup->addresses.name);
		} else if (lookup->result > *result) {
			*result = lookup->result;
		}
	}
	for (size_t i = 0; i < DNS_ADDRESSES_MAX; i++) {
		add_dns(addresses, found[0], i, job->port);
		add_dns(addresses, found[1], i, job->port);
	}
	if (addresses->count > 0)
		*result = DNS_OK;
	addresses->validated = validated && addresses->count > 0;
	return true;
}

static bool collect_native(struct resolve_job *job, struct deadline *deadline,
	struct resolve_addresses *addresses, enum dns_result *result, struct fault *fault)
{
	if (!job->running[LOOKUP_NATIVE] && !start(job, LOOKUP_NATIVE))
		return fault_set(fault, PROBE_CAUSE_INTERNAL,
			_("a thread for the look-up could not be started"));
	struct lookup *lookup = await(job->running[LOOKUP_NATIVE], deadline, fault);
	if (!lookup)
		return false;
	*result = lookup->result;
	add_native(addresses, lookup, job->port);
	return true;
}

static bool use_literal(
	const struct resolve_job *job, struct resolve_addresses *addresses, struct fault *fault)
{
	bool six = job->literal_address.ss_family == AF_INET6;

	addresses->literal = true;
	if (six ? !job->template.want6 : !job->template.want4)
		return fault_set(fault, PROBE_CAUSE_NO_ROUTE,
			six ? _("this is an IPv6 address, but Postfix is set to use only IPv4 "
				"(inet_protocols)")
			    : _("this is an IPv4 address, but Postfix is set to use only IPv6 "
				"(inet_protocols)"));
	add(addresses, &job->literal_address, job->port);
	return true;
}

bool resolve_wait(struct resolve_job *job, struct deadline *deadline,
	struct resolve_addresses *addresses, struct fault *fault)
{
	enum dns_result result = DNS_NOT_FOUND;
	bool ok;

	*addresses = (struct resolve_addresses){0};
	snprintf(addresses->name, sizeof addresses->name, "%s", job->template.host);
	if (job->literal) {
		ok = use_literal(job, addresses, fault);
		goto out;
	}
	ok = !job->dns || collect_dns(job, deadline, addresses, &result, fault);
	/* As Postfix: what the DNS does not know may still be known natively; but a DNS that
	 * failed is not passed over. */
	if (ok && job->native && (!job->dns || result == DNS_NOT_FOUND))
		ok = collect_native(job, deadline, addresses, &result, fault);
	if (!ok || result == DNS_OK)
		goto out;
	ok = result == DNS_NOT_FOUND
		     ? fault_set(fault, PROBE_CAUSE_NAME_NOT_FOUND,
			       job->native ? _("neither the DNS nor this machine knows it")
					   : _("the DNS has no address for it"))
		     : fault_set(fault, PROBE_CAUSE_NAME_TEMPORARY,
			       result == DNS_RETRY ? _("the name server gave no answer")
						   : _("the name server refused to answer"));
out:
	resolve_abandon(job);
	return ok;
}

struct tlsa_lookup {
	char name[DNS_NAME_MAX + 32];
	struct resolve_tlsa answer;
};

static void look_up_tlsa(void *memory)
{
	struct tlsa_lookup *lookup = memory;

	lookup->answer.result = dns_tlsa(lookup->name, &lookup->answer.set);
	lookup->answer.resolver_validates =
		(lookup->answer.result == DNS_OK && lookup->answer.set.validated) ||
		dns_validates();
}

bool resolve_tlsa(const char *name, unsigned port, struct deadline *deadline,
	struct resolve_tlsa *answer, struct fault *fault)
{
	struct tlsa_lookup lookup = {0};

	snprintf(lookup.name, sizeof lookup.name, "_%u._tcp.%s", port, name);
	struct background *job = background_start(look_up_tlsa, &lookup, sizeof lookup);
	if (!job)
		return fault_set(fault, PROBE_CAUSE_INTERNAL,
			_("a thread for the look-up could not be started"));
	const struct tlsa_lookup *done = await(job, deadline, fault);
	if (done)
		*answer = done->answer;
	background_release(job);
	return done != NULL;
}

void resolve_text(const struct sockaddr_storage *address, char text[RESOLVE_TEXT_MAX])
{
	socklen_t len = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						       : sizeof(struct sockaddr_in);

	if (getnameinfo((const struct sockaddr *)address, len, text, RESOLVE_TEXT_MAX, NULL, 0,
		    NI_NUMERICHOST) != 0)
		snprintf(text, RESOLVE_TEXT_MAX, "?");
}
