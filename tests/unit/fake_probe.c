/* fake_probe.c: the probe that stands before the library's. */
#include "fake_parts.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void add_step(struct probe_report *report, enum probe_step_id id, enum probe_state state,
	probe_progress *progress, void *context, bool *going)
{
	struct probe_step *step = &report->steps[report->count++];

	step->id = id;
	step->state = PROBE_RUNNING;
	if (*going && progress)
		*going = progress(context, step) && progress(context, NULL);
	step->state = state;
	step->ms = 5;
	snprintf(step->detail, sizeof step->detail, "detail of %s", probe_step_name(id));
	if (*going && progress)
		*going = progress(context, step);
}

static void fill_report(const struct probe_request *request, const struct fake_probe *answer,
	probe_progress *progress, void *context, struct probe_report *report)
{
	static const enum probe_step_id order[] = {PROBE_RESOLVE, PROBE_CONNECT, PROBE_TLS,
		PROBE_GREETING, PROBE_EHLO, PROBE_STARTTLS, PROBE_CERTIFICATE, PROBE_AUTH};
	bool implicit = request->relay->tls == RELAY_TLS_IMPLICIT;
	bool going = true;

	memset(report, 0, sizeof *report);
	for (size_t i = 0; i < sizeof order / sizeof *order && going; i++) {
		bool fails = answer->cause && order[i] == answer->failed_step;

		if (order[i] == (implicit ? PROBE_STARTTLS : PROBE_TLS) ||
			(order[i] == PROBE_AUTH && !request->relay->login))
			continue;
		add_step(report, order[i], fails ? PROBE_FAILED : PROBE_OK, progress, context,
			&going);
		if (fails)
			break;
	}
	report->ok = going && !answer->cause;
	report->cause = going ? answer->cause : PROBE_CAUSE_CANCELLED;
	report->code = going ? answer->code : ERROR_CANCELLED;
	report->failed_step = answer->failed_step;
	report->total_ms = 40;
	snprintf(report->explanation, sizeof report->explanation, "explained: %s",
		report->ok ? "" : probe_cause_word(report->cause));
	snprintf(report->advice, sizeof report->advice, "%s", report->ok ? "" : "do something");
	snprintf(report->tls_version, sizeof report->tls_version, "TLSv1.3");
	snprintf(report->mechanism, sizeof report->mechanism, "PLAIN");
	snprintf(report->fingerprint, sizeof report->fingerprint, "%s",
		answer->fingerprint ? answer->fingerprint : "");
	snprintf(report->certificate_subject, sizeof report->certificate_subject, "relay.test");
	snprintf(report->certificate_issuer, sizeof report->certificate_issuer, "Test authority");
	snprintf(report->certificate_expires, sizeof report->certificate_expires, "2030-01-01");
}

typedef bool probe_function(const struct probe_request *request, probe_progress *progress,
	void *context, struct probe_report *report, struct error *error);

static const struct fake_probe *take_answer(const struct relay *relay)
{
	static const struct fake_probe passes;

	if (fake_current->probe_host)
		return strcmp(fake_current->probe_host, relay->host) == 0
			       ? &fake_current->next_probe
			       : &passes;
	assert_true(fake_current->probe_next < FAKE_PROBES);
	return &fake_current->probes[fake_current->probe_next++];
}

/* Several may be asked for at a time. */
static void write_probe(const struct probe_request *request)
{
	const struct relay *relay = request->relay;
	const struct secret *password = request->password;

	strbuf_addf(&fake_current->transcript,
		"probe %s:%u %s %s login=%s password=%zu unencrypted=%s\n", relay->host,
		relay->port, relay_tls_word(relay->tls), relay_verify_word(relay->verify),
		relay->login ? relay->login : "-",
		password && !secret_is_empty(password) ? secret_length(password) : 0,
		request->allow_cleartext_login ? "yes" : "no");
	fake_current->probes_run++;
}

/* Stands before the library's function of the same name. */
__attribute__((visibility("default"))) bool probe_run(const struct probe_request *request,
	probe_progress *progress, void *context, struct probe_report *report, struct error *error)
{
	const struct fake_probe *answer = NULL;

	assert_non_null(fake_current);
	pthread_mutex_lock(&fake_writing);
	write_probe(request);
	if (!fake_current->real_probe)
		answer = take_answer(request->relay);
	pthread_mutex_unlock(&fake_writing);
	if (fake_current->real_probe) {
		union {
			void *object;
			probe_function *function;
		} real = {.object = dlsym(RTLD_NEXT, "probe_run")};

		assert_non_null(real.object);
		return real.function(request, progress, context, report, error);
	}
	fill_report(request, answer, progress, context, report);
	return true;
}
