/*
 * dane.h: may this relay be verified by DANE, and with which records (RFC 7672)? Judged as Postfix
 * does at its level "dane-only": host address and TLSA records both have to be validated by the
 * machine's resolver.
 */
#ifndef RELAY_SMTP_DANE_H
#define RELAY_SMTP_DANE_H

#include <stdbool.h>

#include "deadline.h"
#include "fault.h"
#include "resolve.h"

/* PROBE_CAUSE_DANE_NO_RECORDS, DANE_NO_RESOLVER, NAME_TEMPORARY, CANCELLED, INTERNAL. */
bool dane_find(const struct resolve_addresses *addresses, unsigned port, struct deadline *deadline,
	struct dns_tlsa_set *set, struct fault *fault) WARN_UNUSED_RESULT;

#endif
