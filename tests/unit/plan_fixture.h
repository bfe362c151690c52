/* plan_fixture.h: a private Postfix folder (site_fixture.h), relays of each kind for it, and an editor's hand. */
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

static inline void append_text(const char *path, const char *text)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, path);
	strbuf_adds(&bytes, text);
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

static inline void replace_text(const char *path, const char *from, const char *to)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, path);
	const char *at = strstr(bytes.data, from);
	assert_non_null(at);
	size_t start = (size_t)(at - bytes.data);
	strbuf_splice(&bytes, start, start + strlen(from), to, strlen(to));
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

#endif
