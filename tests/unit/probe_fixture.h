/*
 * probe_fixture.h: one test of the connection, with a DNS server of our own (dns_server.h) and scripted SMTP
 * servers (smtp_server.h); a caller that cancels at a step of its choice.
 */
#ifndef PROBE_FIXTURE_H
#define PROBE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns_server.h"
#include "relay_api.h"
#include "smtp/dns.h"
#include "smtp_server.h"

static struct dns_server names = {.validates = true};

static inline int setup(void **state)
{
	if (smtp_setup(state) != 0 || !dns_start(&names))
		return -1;
	dns_use_server(&names.address);
	return 0;
}

static inline int teardown(void **state)
{
	dns_use_server(NULL);
	dns_stop(&names);
	return smtp_teardown(state);
}

struct call {
	enum probe_step_id cancel_at;
	int cancel_after; /* so many polls within that step; 0: never; -1: when it begins */
	bool there;
	int polls;
};

static inline bool progress(void *context, const struct probe_step *step)
{
	struct call *call = context;

	if (step)
		call->there = step->id == call->cancel_at;
	if (!call->there || call->cancel_after == 0)
		return true;
	return step ? call->cancel_after > 0 : ++call->polls != call->cancel_after;
}

/* Sets what the rows below leave open. */
static inline void run(const struct relay *relay, const struct probe_client *client,
	struct call *call, long step_ms, struct probe_report *report)
{
	struct error error = {0};
	struct secret password = {0};
	struct probe_client used = *client;
	char ca[256];

	/* Not the system's: valgrind takes seconds to read those. */
	smtp_path(ca, sizeof ca, "certs/ca.crt");
	used.tls_ca_file = ca;
	assert_true(secret_init(&password, &error));
	assert_true(secret_set(&password, SMTP_PASSWORD, strlen(SMTP_PASSWORD), &error));
	struct probe_request request = {.relay = relay,
		.password = &password,
		.client = &used,
		.other_ports = "465 (implicit TLS), 2525",
		.step_timeout_ms = step_ms,
		.total_timeout_ms = 4 * step_ms};
	assert_true(probe_run(&request, progress, call, report, &error));
	secret_free(&password);
}

#endif
