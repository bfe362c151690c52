#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 65535 };

#ifndef ns_t_tlsa
#define ns_t_tlsa 52
#endif

static struct sockaddr_in test_server; /* sin_family 0: the machine's own */

void dns_use_server(const struct sockaddr_in *server)
{
	test_server = server ? *server : (struct sockaddr_in){0};
}

static enum dns_result result_of_h_errno(int h_err)
{
	switch (h_err) {
	case HOST_NOT_FOUND:
	case NO_DATA:
		return DNS_NOT_FOUND;
	case TRY_AGAIN:
		return DNS_RETRY;
	default:
		return DNS_FAILED;
	}
}

struct answer {
	ns_msg message;
	bool validated;
	unsigned char *bytes;
};

/* On DNS_OK the answer is to be freed by the caller. */
static enum dns_result ask(const char *name, int type, bool validate, struct answer *answer)
{
	struct __res_state state = {0};
	enum dns_result result = DNS_RETRY;

	*answer = (struct answer){0};
	if (res_ninit(&state) != 0)
		return DNS_RETRY;
	if (test_server.sin_family) {
		state.nsaddr_list[0] = test_server;
		state.nscount = 1;
		state.retrans = 1;
		state.retry = 1;
	}
	state.options &= ~(unsigned long)(RES_DEFNAMES | RES_DNSRCH);
	if (validate) {
		state.options |= RES_USE_EDNS0 | RES_USE_DNSSEC;
#ifdef RES_TRUSTAD
		/* glibc clears the AD bit of every answer otherwise (resolv.conf(5), trust-ad). */
		state.options |= RES_TRUSTAD;
#endif
	}

	answer->bytes = malloc(ANSWER_MAX);
	if (!answer->bytes)
		goto out;
	int len = res_nquery(&state, name, ns_c_in, type, answer->bytes, ANSWER_MAX);
	if (len < 0) {
		result = result_of_h_errno(state.res_h_errno);
		goto out;
	}
	if (len > ANSWER_MAX || ns_initparse(answer->bytes, len, &answer->message) != 0) {
		result = DNS_FAILED;
		goto out;
	}
	/* Bit 5 of the fourth byte: the header's AD. */
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): freed below unless the caller takes it */
	answer->validated = validate && (answer->bytes[3] & 0x20) != 0;
	result = DNS_OK;
out:
	res_nclose(&state);
	if (result != DNS_OK) {
		free(answer->bytes);
		answer->bytes = NULL;
	}
	return result;
}

static void follow_alias(const struct answer *answer, const ns_rr *record, char *name)
{
	char target[NS_MAXDNAME];

	if (strcasecmp(ns_rr_name(*record), name) != 0)
		return;
	if (ns_name_uncompress(ns_msg_base(answer->message), ns_msg_end(answer->message),
		    ns_rr_rdata(*record), target, sizeof target) < 0)
		return;
	size_t len = strlen(target);
	if (len <= DNS_NAME_MAX)
		memcpy(name, target, len + 1);
}

enum dns_result dns_addresses(
	const char *name, sa_family_t family, bool validate, struct dns_addresses *addresses)
{
	struct answer answer;
	int type = family == AF_INET ? ns_t_a : ns_t_aaaa;

	*addresses = (struct dns_addresses){.family = family};
	snprintf(addresses->name, sizeof addresses->name, "%s", name);
	enum dns_result result = ask(name, type, validate, &answer);
	if (result != DNS_OK)
		return result;

	addresses->validated = answer.validated;
	for (int i = 0; i < ns_msg_count(answer.message, ns_s_an); i++) {
		ns_rr record;
		if (ns_parserr(&answer.message, ns_s_an, i, &record) != 0)
			break;
		if (ns_rr_type(record) == ns_t_cname)
			follow_alias(&answer, &record, addresses->name);
		size_t want = family == AF_INET ? 4 : 16;
		if ((int)ns_rr_type(record) != type || ns_rr_rdlen(record) != want ||
			addresses->count == DNS_ADDRESSES_MAX)
			continue;
		memcpy(&addresses->v6[addresses->count++], ns_rr_rdata(record), want);
	}
	free(answer.bytes);
	return addresses->count > 0 ? DNS_OK : DNS_NOT_FOUND;
}

enum dns_result dns_tlsa(const char *name, struct dns_tlsa_set *set)
{
	struct answer answer;

	*set = (struct dns_tlsa_set){0};
	enum dns_result result = ask(name, ns_t_tlsa, true, &answer);
	if (result != DNS_OK)
		return result;

	set->validated = answer.validated;
	for (int i = 0; i < ns_msg_count(answer.message, ns_s_an); i++) {
		ns_rr record;
		if (ns_parserr(&answer.message, ns_s_an, i, &record) != 0)
			break;
		size_t len = ns_rr_rdlen(record);
		if (ns_rr_type(record) != ns_t_tlsa || len < 4 || len - 3 > DNS_TLSA_DATA_MAX ||
			set->count == DNS_TLSA_MAX)
			continue;
		const unsigned char *data = ns_rr_rdata(record);
		if (data[0] != DNS_TLSA_TA && data[0] != DNS_TLSA_EE)
			continue;
		struct dns_tlsa *tlsa = &set->records[set->count++];
		tlsa->usage = data[0];
		tlsa->selector = data[1];
		tlsa->matching = data[2];
		tlsa->len = len - 3;
		memcpy(tlsa->data, data + 3, tlsa->len);
	}
	free(answer.bytes);
	return set->count > 0 ? DNS_OK : DNS_NOT_FOUND;
}

bool dns_validates(void)
{
	struct answer answer;

	if (ask(".", ns_t_ns, true, &answer) != DNS_OK)
		return false;
	bool validated = answer.validated;
	free(answer.bytes);
	return validated;
}
