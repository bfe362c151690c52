#include "dane.h"

#include "../base/i18n.h"

bool dane_find(const struct resolve_addresses *addresses, unsigned port, struct deadline *deadline,
	struct dns_tlsa_set *set, struct fault *fault)
{
	struct resolve_tlsa found;

	if (addresses->literal)
		return fault_set(fault, PROBE_CAUSE_DANE_NO_RECORDS,
			_("an address has no TLSA records; use the host's name"));
	if (!resolve_tlsa(addresses->name, port, deadline, &found, fault))
		return false;
	if (found.result == DNS_OK && found.set.validated && addresses->validated) {
		*set = found.set;
		return true;
	}
	if (!found.resolver_validates)
		return fault_set(fault, PROBE_CAUSE_DANE_NO_RESOLVER, "%s", "");
	if (found.result == DNS_RETRY || found.result == DNS_FAILED)
		return fault_set(fault, PROBE_CAUSE_NAME_TEMPORARY,
			_("its TLSA records could not be looked up"));
	return fault_set(fault, PROBE_CAUSE_DANE_NO_RECORDS,
		addresses->validated
			? _("its domain publishes no TLSA record for this port that mail can use")
			: _("its domain is not signed with DNSSEC"));
}
