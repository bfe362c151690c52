/* The probe against everything that a relay can get wrong: one line a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "relay_api.h"
#include "smtp_server.h"

/* PLAIN and LOGIN have the password like this in what they send. */
#define PLAIN_BASE64 "cmVsYXktdXNlcgByZWxheS11c2VyAGNvcnJlY3QgaG9yc2U="
#define LOGIN_BASE64 "Y29ycmVjdCBob3JzZQ=="

enum sent { KEPT, SENT }; /* did the password leave this machine, in any form that shows it? */

struct probe_case {
	const char *name;
	const char *script;
	const char *cert; /* "good" when NULL */
	const char *ca;   /* "ca" when NULL */
	const char *protocols;
	const char *host;  /* "localhost" when NULL */
	const char *said;  /* must stand in server_said, NULL: any */
	const char *words; /* must stand in explanation or advice, NULL: any */
	enum relay_tls tls;
	enum relay_verify verify;
	bool no_login;
	bool cleartext; /* allowed */
	bool implicit;  /* the server is */
	bool wrong_password;
	long total_ms; /* 0: 600 a step, 3000 in all */
	enum probe_cause cause;
	enum probe_step_id step;
	enum error_code code;
	enum sent sent;
};

#define OK_ALL .cause = PROBE_CAUSE_NONE, .code = ERROR_NONE
#define OK OK_ALL, .sent = SENT
#define FAILS(why, where, exit)                                                                    \
	.cause = PROBE_CAUSE_##why, .step = PROBE_##where, .code = ERROR_##exit

static const struct probe_case cases[] = {
	/* what works */
	{"STARTTLS and PLAIN", "good", OK},
	{"implicit TLS", "good", .tls = RELAY_TLS_IMPLICIT, .implicit = true, OK},
	{"TLS 1.2", "tls12", OK},
	{"LOGIN only", "login-only", OK},
	{"AUTH= of old", "old-auth", OK},
	{"a slow server", "slow", .total_ms = 5000, OK},
	{"CRAM-MD5 in the clear shows no password", "cram", .tls = RELAY_TLS_NONE,
		.verify = RELAY_VERIFY_NONE, OK_ALL, .sent = KEPT},
	{"without a login", "good", .no_login = true, OK_ALL, .sent = KEPT},
	{"opportunistic, offered", "good", .tls = RELAY_TLS_OPPORTUNISTIC,
		.verify = RELAY_VERIFY_NONE, OK},
	{"opportunistic, not offered, no login", "no-starttls", .tls = RELAY_TLS_OPPORTUNISTIC,
		.verify = RELAY_VERIFY_NONE, .no_login = true, OK_ALL, .sent = KEPT},
	{"opportunistic, refused, no login", "starttls-refused", .tls = RELAY_TLS_OPPORTUNISTIC,
		.verify = RELAY_VERIFY_NONE, .no_login = true, OK_ALL, .sent = KEPT},
	{"clear text where the user said so", "no-starttls", .tls = RELAY_TLS_NONE,
		.verify = RELAY_VERIFY_NONE, .cleartext = true, OK},
	{"HELO only, nothing asked for", "helo-only", .tls = RELAY_TLS_NONE,
		.verify = RELAY_VERIFY_NONE, .no_login = true, OK_ALL, .sent = KEPT},

	/* certificates */
	{"a name below the host's", "good", .cert = "subdomain", OK},
	{"common name, no other", "good", .cert = "cn-only", OK},
	{"common name, but other names", "good", .cert = "cn-ignored", .words = "elsewhere.test",
		FAILS(CERT_WRONG_NAME, CERTIFICATE, UNAVAILABLE)},
	{"an address is never a name", "good", .host = "127.0.0.1",
		FAILS(CERT_WRONG_NAME, CERTIFICATE, UNAVAILABLE)},
	{"an address, not even as a name", "good", .cert = "literal-as-name", .host = "127.0.0.1",
		FAILS(CERT_WRONG_NAME, CERTIFICATE, UNAVAILABLE)},
	{"expired", "good", .cert = "expired", .words = "clock says 20",
		FAILS(CERT_EXPIRED, CERTIFICATE, UNAVAILABLE)},
	{"not yet valid", "good", .cert = "future", .words = "clock says 20",
		FAILS(CERT_NOT_YET_VALID, CERTIFICATE, UNAVAILABLE)},
	{"wrong name", "good", .cert = "wrong-name", .words = "elsewhere.test",
		FAILS(CERT_WRONG_NAME, CERTIFICATE, UNAVAILABLE)},
	{"other issuer", "good", .cert = "other-issuer", .words = "Somebody else's authority",
		FAILS(CERT_UNKNOWN_ISSUER, CERTIFICATE, UNAVAILABLE)},
	{"self-signed", "good", .cert = "self-signed",
		FAILS(CERT_SELF_SIGNED, CERTIFICATE, UNAVAILABLE)},
	{"self-signed, its own CA file", "good", .cert = "self-signed", .ca = "self-signed", OK},
	{"implicit TLS, other issuer", "good", .cert = "other-issuer", .tls = RELAY_TLS_IMPLICIT,
		.implicit = true, FAILS(CERT_UNKNOWN_ISSUER, CERTIFICATE, UNAVAILABLE)},
	{"opportunistic: as little verified as by Postfix", "good", .cert = "self-signed",
		.tls = RELAY_TLS_OPPORTUNISTIC, OK},
	{"nobody asks: self-signed", "good", .cert = "self-signed", .verify = RELAY_VERIFY_NONE,
		OK},
	{"nobody asks: expired", "good", .cert = "expired", .verify = RELAY_VERIFY_NONE, OK},
	{"no such CA file", "good", .ca = "missing", FAILS(CA_FILE, CERTIFICATE, UNAVAILABLE)},

	/* TLS */
	{"STARTTLS not offered", "no-starttls", FAILS(TLS_NOT_OFFERED, STARTTLS, UNAVAILABLE)},
	{"STARTTLS refused", "starttls-refused", .said = "502 5.5.1 Not today",
		FAILS(TLS_REFUSED, STARTTLS, UNAVAILABLE)},
	{"STARTTLS refused for now", "starttls-454", FAILS(TLS_REFUSED, STARTTLS, BUSY)},
	{"injection behind the 220", "injection", .said = "250-evil.example",
		FAILS(TLS_INJECTION, STARTTLS, UNAVAILABLE)},
	{"plain text in place of the handshake", "late-injection",
		.said = "454 4.7.0 changed my mind", FAILS(TLS_INJECTION, STARTTLS, UNAVAILABLE)},
	{"TLS 1.0 only", "tls10", FAILS(TLS_TOO_OLD, STARTTLS, UNAVAILABLE)},
	{"TLS 1.0 only, as Postfix's default has it", "tls10", .protocols = ">=TLSv1",
		FAILS(TLS_TOO_OLD, STARTTLS, UNAVAILABLE)},
	{"TLS 1.0, allowed by Postfix and nothing verified", "tls10", .protocols = ">=TLSv1",
		.verify = RELAY_VERIFY_NONE, OK},
	{"TLS 1.2 only, 1.3 asked for", "tls12", .protocols = ">=TLSv1.3",
		FAILS(TLS_TOO_OLD, STARTTLS, UNAVAILABLE)},
	{"closed in the handshake", "close-handshake", FAILS(HUNG_UP, STARTTLS, UNAVAILABLE)},
	{"silent in the handshake", "silent-handshake", FAILS(TIMED_OUT, STARTTLS, UNAVAILABLE)},
	/* It went on for as long as the server did. */
	{"a handshake that is asked for again and again", "hello-requests",
		FAILS(TIMED_OUT, STARTTLS, UNAVAILABLE)},
	{"the same, implicit", "hello-requests", .tls = RELAY_TLS_IMPLICIT, .implicit = true,
		FAILS(TIMED_OUT, TLS, UNAVAILABLE)},
	{"implicit TLS to a plain port", "good", .tls = RELAY_TLS_IMPLICIT,
		.said = "220 hostile.test", .words = "STARTTLS",
		FAILS(TLS_WRONG_PORT_KIND, TLS, UNAVAILABLE)},
	{"STARTTLS to an implicit port", "good", .implicit = true, .words = "implicit TLS",
		FAILS(TLS_WRONG_PORT_KIND, GREETING, UNAVAILABLE)},
	{"implicit TLS to a web server", "http", .tls = RELAY_TLS_IMPLICIT, .said = "HTTP/1.1 400",
		FAILS(NOT_SMTP, TLS, UNAVAILABLE)},
	{"implicit TLS to something silent", "silent", .tls = RELAY_TLS_IMPLICIT,
		FAILS(TIMED_OUT, TLS, UNAVAILABLE)},

	/* greeting and EHLO */
	{"greeting 554", "greeting-554", .said = "554 5.7.1 No SMTP service here for you",
		FAILS(GREETING_REFUSED, GREETING, UNAVAILABLE)},
	{"greeting 421", "greeting-421", FAILS(GREETING_TEMPORARY, GREETING, BUSY)},
	{"a web server", "http", .said = "HTTP/1.1 400 Bad Request",
		FAILS(NOT_SMTP, GREETING, UNAVAILABLE)},
	{"an SSH server", "ssh", .said = "SSH-2.0", FAILS(NOT_SMTP, GREETING, UNAVAILABLE)},
	{"garbage", "garbage", FAILS(NOT_SMTP, GREETING, UNAVAILABLE)},
	{"silent", "silent", FAILS(TIMED_OUT, GREETING, UNAVAILABLE)},
	{"a byte a second", "drip", FAILS(TIMED_OUT, GREETING, UNAVAILABLE)},
	{"an endless greeting", "endless-greeting", FAILS(PROTOCOL, GREETING, UNAVAILABLE)},
	{"a megabyte of greeting", "megabyte-greeting", FAILS(PROTOCOL, GREETING, UNAVAILABLE)},
	{"closed at the greeting", "close-greeting", FAILS(HUNG_UP, GREETING, UNAVAILABLE)},
	{"reset at the greeting", "reset-greeting", FAILS(HUNG_UP, GREETING, UNAVAILABLE)},
	{"EHLO 550", "ehlo-550", FAILS(EHLO_REFUSED, EHLO, UNAVAILABLE)},
	{"EHLO unknown, but TLS wanted", "helo-only", .no_login = true,
		FAILS(EHLO_REFUSED, EHLO, UNAVAILABLE)},
	{"EHLO 530", "530-ehlo", .no_login = true, FAILS(AUTH_REQUIRED, EHLO, DENIED)},
	{"EHLO 421", "421-ehlo", FAILS(TEMPORARY, EHLO, BUSY)},
	{"silent at EHLO", "silent-ehlo", FAILS(TIMED_OUT, EHLO, UNAVAILABLE)},
	{"an endless EHLO", "endless-ehlo", FAILS(PROTOCOL, EHLO, UNAVAILABLE)},
	{"a huge EHLO", "huge-ehlo", FAILS(PROTOCOL, EHLO, UNAVAILABLE)},
	{"a megabyte of EHLO", "megabyte-ehlo", FAILS(PROTOCOL, EHLO, UNAVAILABLE)},
	{"EHLO malformed", "malformed-ehlo", FAILS(PROTOCOL, EHLO, UNAVAILABLE)},
	{"closed at EHLO", "close-ehlo", FAILS(HUNG_UP, EHLO, UNAVAILABLE)},
	{"closed at STARTTLS", "close-starttls", FAILS(HUNG_UP, STARTTLS, UNAVAILABLE)},
	{"421 at STARTTLS", "421-starttls", FAILS(TEMPORARY, STARTTLS, BUSY)},
	{"closed at the second EHLO", "close-ehlo-tls", FAILS(HUNG_UP, EHLO, UNAVAILABLE)},
	{"421 at the second EHLO", "421-ehlo-tls", FAILS(TEMPORARY, EHLO, BUSY)},

	/* login */
	{"wrong password", "good", .wrong_password = true,
		.said = "535 5.7.8 Error: authentication failed",
		.words = "app password of the provider", FAILS(AUTH_REFUSED, AUTH, DENIED)},
	{"535 on two lines", "auth-535",
		.said = "535 5.7.8 Username and Password not accepted. See "
			"https://example.test/help",
		FAILS(AUTH_REFUSED, AUTH, DENIED), .sent = SENT},
	{"454", "auth-454", FAILS(AUTH_TEMPORARY, AUTH, BUSY), .sent = SENT},
	{"421", "421-auth", FAILS(AUTH_TEMPORARY, AUTH, BUSY), .sent = SENT},
	{"suspended", "auth-suspended", .said = "suspended", FAILS(AUTH_ACCOUNT, AUTH, DENIED),
		.sent = SENT},
	{"not yet activated", "auth-not-activated", FAILS(AUTH_ACCOUNT, AUTH, DENIED),
		.sent = SENT},
	{"538", "auth-538", FAILS(AUTH_CLEARTEXT, AUTH, UNAVAILABLE), .sent = SENT},
	{"endless questions", "auth-endless", FAILS(PROTOCOL, AUTH, UNAVAILABLE), .sent = SENT},
	{"a question that is not base64", "auth-bad-challenge", FAILS(PROTOCOL, AUTH, UNAVAILABLE),
		.sent = SENT},
	{"an endless answer", "endless-auth", FAILS(PROTOCOL, AUTH, UNAVAILABLE), .sent = SENT},
	{"closed at AUTH", "close-auth", FAILS(HUNG_UP, AUTH, UNAVAILABLE), .sent = SENT},
	{"silent at AUTH", "silent-auth", FAILS(TIMED_OUT, AUTH, UNAVAILABLE), .sent = SENT},
	{"none offered", "auth-none", FAILS(AUTH_NOT_OFFERED, AUTH, UNAVAILABLE)},
	{"offered only before TLS", "auth-before-tls-only",
		FAILS(AUTH_NOT_OFFERED, AUTH, UNAVAILABLE)},
	{"XOAUTH2 only", "auth-xoauth2", .words = "XOAUTH2 OAUTHBEARER",
		FAILS(AUTH_NO_MECHANISM, AUTH, UNAVAILABLE)},
	{"clear text without leave", "no-starttls", .tls = RELAY_TLS_NONE,
		.verify = RELAY_VERIFY_NONE, FAILS(AUTH_CLEARTEXT, AUTH, UNAVAILABLE)},
	{"STARTTLS stripped, opportunistic", "no-starttls", .tls = RELAY_TLS_OPPORTUNISTIC,
		.verify = RELAY_VERIFY_NONE, FAILS(AUTH_CLEARTEXT, AUTH, UNAVAILABLE)},
	/* It passed for the answer to a login that nobody had looked at. */
	{"235 ahead of the login", "early-235", .said = "235 2.7.0 Welcome",
		FAILS(PROTOCOL, AUTH, UNAVAILABLE)},
	{"an answer ahead of EHLO", "early-ehlo", FAILS(PROTOCOL, EHLO, UNAVAILABLE)},
	{"421 ahead of EHLO is an answer at any time", "early-421", FAILS(TEMPORARY, EHLO, BUSY)},
	/* It stood in the explanation and in last-test.json. */
	{"the login quoted in its refusal", "quotes-login",
		.said = "535 5.7.8 no: AUTH PLAIN *** ***... *** (***)",
		FAILS(AUTH_REFUSED, AUTH, DENIED), .sent = SENT},
	{"the login quoted in what is no reply", "quotes-no-reply", .said = "AUTH PLAIN ***",
		FAILS(PROTOCOL, AUTH, UNAVAILABLE), .sent = SENT},
	{"NUL, escapes and bidi in a reply", "dirty", FAILS(AUTH_REFUSED, AUTH, DENIED),
		.sent = SENT},
};

static bool keep_going(void *context, const struct probe_step *step)
{
	(void)step;
	++*(int *)context;
	return true;
}

static bool is_clean(const char *text)
{
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	return text_is_utf8(text, strlen(text)) && !strstr(text, "\u202e") &&
	       !strstr(text, "\u200b") && !strstr(text, "\xc2\x9b");
}

static void check_clean(const struct probe_report *report)
{
	assert_true(is_clean(report->explanation) && is_clean(report->advice) &&
		    is_clean(report->server_said));
	for (size_t i = 0; i < report->count; i++)
		assert_true(is_clean(report->steps[i].detail));
}

static void check_password(const struct probe_case *row, const struct smtp_server *server,
	const struct probe_report *report)
{
	char *log = smtp_log_with(server, row->sent == SENT ? "AUTH" : "\"connect\"");
	bool plain = strstr(log, PLAIN_BASE64) != NULL;
	bool login = strstr(log, LOGIN_BASE64) != NULL || strstr(log, SMTP_PASSWORD) != NULL;

	assert_int_equal(plain || login, row->sent == SENT);
	assert_null(strstr(report->explanation, SMTP_PASSWORD));
	free(log);
}

static void run_case(void **state)
{
	const struct probe_case *row = *state;
	struct smtp_server server;
	struct probe_report report;
	struct error error = {0};
	struct secret password = {0};
	char ca[256], name[64];
	int polls = 0;

	smtp_start(&server, row->script, row->cert ? row->cert : "good", row->implicit);
	assert_int_not_equal(server.port, 0);
	snprintf(name, sizeof name, "certs/%s.crt", row->ca ? row->ca : "ca");
	smtp_path(ca, sizeof ca, name);
	assert_true(secret_init(&password, &error));
	const char *word = row->wrong_password ? "Tr0ub4dor" : SMTP_PASSWORD;
	assert_true(secret_set(&password, word, strlen(word), &error));

	struct relay relay = {.host = row->host ? (char *)row->host : "localhost",
		.port = server.port,
		.tls = row->tls,
		.verify = row->verify,
		.ca_file = ca,
		.login = row->no_login ? NULL : SMTP_USER};
	struct probe_client client = {.host_lookup = "native",
		.inet_protocols = "all",
		.helo_name = "client.test",
		.tls_protocols = row->protocols};
	struct probe_request request = {.relay = &relay,
		.password = row->no_login ? NULL : &password,
		.client = &client,
		.allow_cleartext_login = row->cleartext,
		.provider_hint = "An app password of the provider",
		.step_timeout_ms = row->total_ms ? row->total_ms : 600,
		.total_timeout_ms = row->total_ms ? row->total_ms : 3000};

	assert_true(probe_run(&request, keep_going, &polls, &report, &error));
	if (report.cause != row->cause)
		print_error("%s: %s: %s\n", row->name, probe_cause_word(report.cause),
			report.explanation);
	assert_string_equal(probe_cause_word(report.cause), probe_cause_word(row->cause));
	assert_int_equal(report.ok, row->cause == PROBE_CAUSE_NONE);
	assert_int_equal(report.code, row->code);
	if (!report.ok) {
		assert_string_equal(
			probe_step_name(report.failed_step), probe_step_name(row->step));
		assert_true(report.advice[0]);
	}
	/* What was said to an earlier step explains nothing. */
	if (report.failed_step == PROBE_CERTIFICATE)
		assert_string_equal(report.server_said, "");
	if (row->said && !strstr(report.server_said, row->said))
		fail_msg("the server said: %s", report.server_said);
	if (row->words && !strstr(report.explanation, row->words) &&
		!strstr(report.advice, row->words))
		fail_msg("no \"%s\" in: %s %s", row->words, report.explanation, report.advice);
	check_clean(&report);
	check_password(row, &server, &report);
	secret_free(&password);
}

int main(void)
{
	enum { COUNT = sizeof cases / sizeof *cases };
	struct CMUnitTest tests[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		tests[i] = (struct CMUnitTest){.name = cases[i].name,
			.test_func = run_case,
			.teardown_func = smtp_stop_all,
			.initial_state = (void *)&cases[i]};
	return cmocka_run_group_tests(tests, smtp_setup, smtp_teardown);
}
