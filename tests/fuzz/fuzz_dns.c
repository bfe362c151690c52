/*
 * fuzz_dns.c: answers of the DNS. Whatever a resolver sends: within bounds, a name that can be shown,
 * only TLSA usages that count for mail, and "validated" only where the answer says so.
 *
 * Input: the answer packet. The resolver library's own call is replaced here.
 */
#include <resolv.h>

#include "promises.h"
#include "smtp/dns.h"

static struct fuzz_input packet;

int res_nquery(
	res_state state, const char *name, int class, int type, unsigned char *answer, int size)
{
	(void)state;
	(void)name;
	(void)class;
	(void)type;
	size_t len = packet.len < (size_t)size ? packet.len : (size_t)size;
	if (len > 0)
		memcpy(answer, packet.bytes, len);
	/* The true one tells of a packet that is too large by a length beyond the room. */
	return (int)packet.len;
}

static void addresses(sa_family_t family)
{
	struct dns_addresses found;
	enum dns_result result = dns_addresses("relay.test", family, true, &found);

	PROMISE((result == DNS_OK) == (found.count > 0), "result %d with %zu addresses",
		(int)result, found.count);
	PROMISE(found.count <= DNS_ADDRESSES_MAX && found.family == family, "%zu addresses",
		found.count);
	size_t len = strnlen(found.name, sizeof found.name);
	PROMISE(len <= DNS_NAME_MAX, "a name without end");
	promise_clean(found.name, len, "");
	PROMISE(!found.validated || (packet.bytes[3] & 0x20), "validated out of nowhere");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_tlsa_set set;

	packet = (struct fuzz_input){(const char *)data, size};
	addresses(AF_INET);
	addresses(AF_INET6);
	enum dns_result result = dns_tlsa("_25._tcp.relay.test", &set);
	PROMISE((result == DNS_OK) == (set.count > 0) && set.count <= DNS_TLSA_MAX,
		"result %d with %zu records", (int)result, set.count);
	for (size_t i = 0; i < set.count; i++) {
		const struct dns_tlsa *tlsa = &set.records[i];
		PROMISE(tlsa->usage == DNS_TLSA_TA || tlsa->usage == DNS_TLSA_EE, "usage %d",
			tlsa->usage);
		PROMISE(tlsa->len > 0 && tlsa->len <= DNS_TLSA_DATA_MAX, "%zu bytes", tlsa->len);
	}
	PROMISE(!dns_validates() || (size > 3 && (data[3] & 0x20)), "validated out of nowhere");
	return 0;
}
