/* plan_fixture.h: a private Postfix folder (site_fixture.h), and relays of each kind for it. */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include "site_fixture.h"

/* "@" stands for the configuration folder. */
static inline char *fill(const struct fixture *f, const char *text)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_reset(&out);
	for (; *text; text++)
		if (*text == '@' && text[1] == '/')
			strbuf_adds(&out, f->config);
		else
			strbuf_addc(&out, *text);
	return strbuf_detach(&out);
}

enum kind { A, IMPLICIT, OPPORTUNISTIC, NONE, DANE, FINGERPRINT, UNVERIFIED, NO_LOGIN, CA, SIX };

static inline struct relay relay_of(enum kind kind)
{
	struct relay relay = relay_a();

	switch (kind) {
	case A:
		break;
	case IMPLICIT:
		relay.port = 465;
		relay.tls = RELAY_TLS_IMPLICIT;
		break;
	case OPPORTUNISTIC:
		relay.tls = RELAY_TLS_OPPORTUNISTIC;
		relay.verify = RELAY_VERIFY_NONE;
		break;
	case NONE:
		relay.tls = RELAY_TLS_NONE;
		relay.verify = RELAY_VERIFY_NONE;
		break;
	case DANE:
		relay.verify = RELAY_VERIFY_DANE;
		break;
	case FINGERPRINT:
		relay.verify = RELAY_VERIFY_FINGERPRINT;
		relay.fingerprint = (char *)"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
					    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
		break;
	case UNVERIFIED:
		relay.verify = RELAY_VERIFY_NONE;
		break;
	case NO_LOGIN:
		relay.login = NULL;
		break;
	case CA:
		relay.ca_file = (char *)"/etc/ssl/certs/ISRG_Root_X1.pem";
		break;
	case SIX:
		relay.host = (char *)"2001:db8::1";
		relay.verify = RELAY_VERIFY_NONE;
		break;
	}
	return relay;
}

#endif
