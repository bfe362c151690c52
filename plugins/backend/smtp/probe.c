#include "probe.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "auth.h"
#include "cause.h"
#include "certificate.h"
#include "connect.h"
#include "dane.h"
#include "dialogue.h"
#include "greeting.h"
#include "resolve.h"
#include "steps.h"
#include "stream.h"
#include "tls.h"

static const struct probe_client no_client;

struct probe {
	const struct probe_request *request;
	const struct relay *relay;
	const struct probe_client *client;
	struct probe_report *report;
	struct deadline deadline;
	struct steps steps;
	struct fault fault;
	struct resolve_addresses addresses;
	struct dns_tlsa_set tlsa;
	size_t winner;
	struct tls_setup tls;
	struct stream stream;
	struct reply reply;
	struct capabilities offers;
	bool connected;
	bool encrypted;
};

static bool begin(struct probe *probe, enum probe_step_id id)
{
	return steps_begin(&probe->steps, id, &probe->fault);
}

static bool end(struct probe *probe, const char *detail)
{
	return steps_end(&probe->steps, detail, &probe->fault);
}

static bool wants_dane(const struct probe *probe)
{
	return relay_verification(probe->relay) == RELAY_VERIFY_DANE;
}

static bool do_resolve(struct probe *probe)
{
	struct strbuf detail = STRBUF_INIT;
	struct fault tls_fault = {0};
	struct resolve_question question = {
		.host = probe->relay->host,
		.port = probe->relay->port,
		.host_lookup = probe->client->host_lookup,
		.inet_protocols = probe->client->inet_protocols,
		.validate = wants_dane(probe),
	};

	if (!begin(probe, PROBE_RESOLVE))
		return false;
	struct resolve_job *job = resolve_start(&question, &probe->fault);
	if (!job)
		return false;
	/* Meanwhile: reading a hundred authorities takes longer than most look-ups. */
	bool prepared = probe->relay->tls == RELAY_TLS_NONE ||
			tls_prepare(&probe->tls, probe->request, &tls_fault);
	if (!resolve_wait(job, &probe->deadline, &probe->addresses, &probe->fault))
		return false;

	strbuf_grow(&detail, 0);
	for (size_t i = 0; i < probe->addresses.count; i++) {
		char text[RESOLVE_TEXT_MAX];
		resolve_text(&probe->addresses.list[i], text);
		strbuf_addf(&detail, "%s%s", i > 0 ? ", " : "", text);
	}
	bool ok = end(probe, detail.data);
	strbuf_free(&detail);
	if (!ok || prepared)
		return ok;
	if (begin(probe, PROBE_CERTIFICATE))
		probe->fault = tls_fault;
	return false;
}

static bool do_dane(struct probe *probe)
{
	struct fault why = {0};

	if (!wants_dane(probe))
		return true;
	if (dane_find(
		    &probe->addresses, probe->relay->port, &probe->deadline, &probe->tlsa, &why)) {
		probe->tls.tlsa = &probe->tlsa;
		probe->tls.dane_name = probe->addresses.name;
		return true;
	}
	if (begin(probe, PROBE_CERTIFICATE))
		probe->fault = why;
	return false;
}

static bool do_connect(struct probe *probe)
{
	char text[RESOLVE_TEXT_MAX];

	if (!begin(probe, PROBE_CONNECT))
		return false;
	int fd = connect_race(&probe->addresses, &probe->deadline, &probe->winner, &probe->fault);
	if (fd < 0)
		return false;
	stream_open(&probe->stream, fd, &probe->deadline);
	probe->connected = true;
	resolve_text(&probe->addresses.list[probe->winner], text);
	return end(probe, text);
}

static bool handshake(struct probe *probe, bool starttls)
{
	SSL *tls = tls_session(&probe->tls, &probe->fault);

	if (!tls)
		return false;
	probe->fault.said[0] = '\0';
	if (!stream_secure(&probe->stream, tls, &probe->fault)) {
		tls_explain(&probe->stream, starttls, &probe->fault);
		return false;
	}
	probe->encrypted = true;
	char *detail = text_format("%s, %s", SSL_get_version(tls), SSL_get_cipher_name(tls));
	bool ok = end(probe, detail);
	free(detail);
	return ok;
}

static bool do_certificate(struct probe *probe)
{
	const struct probe_report *report = probe->report;
	char note[256];

	if (!begin(probe, PROBE_CERTIFICATE))
		return false;
	if (!certificate_judge(probe->stream.tls, probe->relay, probe->report, note, sizeof note,
		    &probe->fault))
		return false;
	char *detail = note[0] ? text_format(_("not verified: %s"), note)
			       : text_format(_("%s, by %s, until %s"), report->certificate_subject,
					 report->certificate_issuer, report->certificate_expires);
	bool ok = end(probe, detail);
	free(detail);
	return ok;
}

/* A reply that is not 2yz: 530 and 4yz mean the same everywhere. */
static bool refused(struct probe *probe, enum probe_cause temporary, enum probe_cause otherwise)
{
	int code = probe->reply.code;
	enum probe_cause cause = otherwise;

	if (code / 100 == 4)
		cause = temporary;
	else if (code == 530 && !probe->relay->login)
		cause = PROBE_CAUSE_AUTH_REQUIRED;
	return fault_set(&probe->fault, cause, "%s", "");
}

static bool do_greeting(struct probe *probe)
{
	if (!begin(probe, PROBE_GREETING))
		return false;
	if (!greeting_read(&probe->stream, probe->relay, &probe->addresses.list[probe->winner],
		    &probe->reply, &probe->fault))
		return false;
	if (probe->reply.code / 100 != 2)
		return refused(probe, PROBE_CAUSE_GREETING_TEMPORARY, PROBE_CAUSE_GREETING_REFUSED);
	return end(probe, probe->fault.said);
}

/* smtp_helo_name, as long as it is a name: it goes into a command line. */
static void choose_helo_name(const struct probe *probe, char *name, size_t size)
{
	const char *own = probe->client->helo_name;

	if (own && *own)
		snprintf(name, size, "%s", own);
	else if (gethostname(name, size) != 0)
		name[0] = '\0';
	name[size - 1] = '\0';
	for (const char *at = name; *at; at++)
		if (*at <= ' ' || *at == 0x7f)
			name[0] = '\0';
	if (!name[0])
		snprintf(name, size, "localhost");
}

/* Where neither TLS nor a login is needed, a server of the eighties will do, as for Postfix. */
static bool may_fall_back_to_helo(const struct probe *probe)
{
	return probe->reply.code / 100 == 5 && probe->reply.code != 530 && !probe->relay->login &&
	       !relay_tls_is_encrypted(probe->relay->tls);
}

static bool do_ehlo(struct probe *probe)
{
	char name[256];
	struct strbuf detail = STRBUF_INIT;

	if (!begin(probe, PROBE_EHLO))
		return false;
	choose_helo_name(probe, name, sizeof name);
	if (!dialogue_quiet(&probe->stream, &probe->fault))
		return false;
	dialogue_send(&probe->stream, "EHLO", name);
	if (!dialogue_reply(&probe->stream, &probe->reply, &probe->fault))
		return false;
	if (may_fall_back_to_helo(probe)) {
		dialogue_send(&probe->stream, "HELO", name);
		if (!dialogue_reply(&probe->stream, &probe->reply, &probe->fault))
			return false;
	}
	if (probe->reply.code / 100 != 2)
		return refused(probe, PROBE_CAUSE_TEMPORARY, PROBE_CAUSE_EHLO_REFUSED);

	capabilities_parse(&probe->offers, &probe->reply);
	strbuf_adds(&detail, probe->offers.starttls ? "STARTTLS" : "");
	if (probe->offers.mechanism_count > 0) {
		strbuf_adds(&detail, detail.len > 0 ? ", AUTH " : "AUTH ");
		capabilities_mechanisms(&probe->offers, &detail);
	}
	bool ok = end(probe, detail.data);
	strbuf_free(&detail);
	return ok;
}

/* CVE-2011-0411 and its kin: plain text that waits behind the 220 must not be read as if it had come
 * through TLS. A server has nothing to say before our ClientHello, so any byte is an attack. */
static bool refuse_injection(struct probe *probe)
{
	struct strbuf raw = STRBUF_INIT;

	if (!stream_has_input(&probe->stream))
		return true;
	strbuf_grow(&raw, 0);
	stream_input(&probe->stream, &raw);
	text_clean_into(probe->fault.said, sizeof probe->fault.said, raw.data, raw.len);
	strbuf_free(&raw);
	return fault_set(&probe->fault, PROBE_CAUSE_TLS_INJECTION,
		_("plain text after the 220 of STARTTLS"));
}

static bool do_starttls(struct probe *probe)
{
	bool required = probe->relay->tls == RELAY_TLS_STARTTLS;

	if (!required && !probe->offers.starttls)
		return true;
	if (!begin(probe, PROBE_STARTTLS))
		return false;
	if (!probe->offers.starttls)
		return fault_set(&probe->fault, PROBE_CAUSE_TLS_NOT_OFFERED, "%s", "");
	if (!dialogue_quiet(&probe->stream, &probe->fault))
		return false;
	dialogue_send(&probe->stream, "STARTTLS", NULL);
	if (!dialogue_reply(&probe->stream, &probe->reply, &probe->fault))
		return false;
	if (probe->reply.code == 421)
		return fault_set(&probe->fault, PROBE_CAUSE_TEMPORARY, "%s", "");
	if (probe->reply.code / 100 != 2) {
		if (required)
			return fault_set(&probe->fault, PROBE_CAUSE_TLS_REFUSED, "%s", "");
		char *detail =
			text_format(_("refused, going on unencrypted: %s"), probe->fault.said);
		bool ok = end(probe, detail);
		free(detail);
		return ok;
	}
	if (!refuse_injection(probe) || !handshake(probe, true))
		return false;
	/* RFC 3207, section 4.2: what was learned in plain text does not count any more. */
	probe->offers = (struct capabilities){0};
	return do_certificate(probe) && do_ehlo(probe);
}

static bool do_auth(struct probe *probe)
{
	const struct sasl_request request = {
		.host = probe->relay->host,
		.user = probe->relay->login,
		.password = probe->request->password,
		.config_path = probe->client->sasl_path,
		.plaintext_allowed = probe->encrypted || probe->request->allow_cleartext_login,
	};

	if (!probe->relay->login)
		return true;
	if (!begin(probe, PROBE_AUTH))
		return false;
	if (!auth_log_in(&probe->stream, &request, &probe->offers,
		    probe->client->sasl_mechanism_filter, probe->report->mechanism,
		    sizeof probe->report->mechanism, &probe->fault))
		return false;
	char *detail =
		text_format(_("as %s, by %s"), probe->relay->login, probe->report->mechanism);
	bool ok = end(probe, detail);
	free(detail);
	return ok;
}

static bool take_steps(struct probe *probe)
{
	bool implicit = probe->relay->tls == RELAY_TLS_IMPLICIT;

	if (!do_resolve(probe) || !do_dane(probe) || !do_connect(probe))
		return false;
	if (implicit) {
		if (!begin(probe, PROBE_TLS) || !handshake(probe, false) || !do_certificate(probe))
			return false;
	}
	if (!do_greeting(probe) || !do_ehlo(probe))
		return false;
	if (!implicit && probe->relay->tls != RELAY_TLS_NONE && !do_starttls(probe))
		return false;
	return do_auth(probe);
}

static void conclude(struct probe *probe)
{
	char port[16], clock[64] = "";
	time_t now = time(NULL);
	struct tm tm;
	struct cause_facts facts = {
		.host = probe->relay->host,
		.port = port,
		.login = probe->relay->login,
		.said = probe->fault.said,
		.detail = probe->fault.detail,
		.other_ports = probe->request->other_ports,
		.hint = probe->request->provider_hint,
		.clock = clock,
	};

	snprintf(port, sizeof port, "%u", probe->relay->port);
	if (gmtime_r(&now, &tm))
		strftime(clock, sizeof clock, "%Y-%m-%d %H:%M UTC", &tm);
	if (!probe->report->ok)
		steps_fail(&probe->steps, &probe->fault);
	cause_report(&probe->fault, &facts, probe->report);
}

bool probe_run(const struct probe_request *request, probe_progress *progress, void *context,
	struct probe_report *report, struct error *error)
{
	struct probe probe = {
		.request = request,
		.relay = request->relay,
		.client = request->client ? request->client : &no_client,
		.report = report,
	};
	long began = clock_ms();

	*report = (struct probe_report){0};
	deadline_init(&probe.deadline, request, progress, context);
	probe.steps = (struct steps){.report = report, .deadline = &probe.deadline};
	report->ok = take_steps(&probe);
	if (report->ok)
		probe.fault.cause = PROBE_CAUSE_NONE;
	report->total_ms = clock_ms() - began;
	conclude(&probe);

	/* Good-bye without waiting for the answer; but nothing more to a peer that we do not trust. */
	if (report->ok || (probe.connected && report->failed_step == PROBE_AUTH)) {
		dialogue_send(&probe.stream, "QUIT", NULL);
		stream_flush_now(&probe.stream);
	}
	if (probe.connected)
		stream_close(&probe.stream);
	tls_free(&probe.tls);
	reply_free(&probe.reply);
	ERR_clear_error();
	if (report->cause == PROBE_CAUSE_INTERNAL) {
		error_set(error, ERROR_SYSTEM, "%s", report->explanation);
		return error_advise(error, "%s", report->advice);
	}
	return true;
}
