/* Replies and capabilities as servers write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "smtp/auth.h"
#include "smtp/cause.h"
#include "smtp/certificate.h"
#include "smtp/dialogue.h"
#include "smtp/tls.h"

static void reply_lines(void **state)
{
	static const struct {
		const char *line;
		int code;
		bool more;
		const char *text;
	} rows[] = {
		{"250 ok", 250, false, "ok"},
		{"250-ok", 250, true, "ok"},
		{"250", 250, false, ""},
		{"250 ", 250, false, ""},
		{"250-", 250, true, ""},
		{"334 UGFzc3dvcmQ6", 334, false, "UGFzc3dvcmQ6"},
		{"599 x", 599, false, "x"},
		{"", -1, false, ""},
		{"25", -1, false, ""},
		{"25x ok", -1, false, ""},
		{"250ok", -1, false, ""},
		{"2500 ok", -1, false, ""},
		{" 250 ok", -1, false, ""},
		{"150 ok", -1, false, ""},
		{"650 ok", -1, false, ""},
		{"HTTP/1.1 400 Bad Request", -1, false, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool more = false;
		size_t text = strlen(rows[i].line);
		int code = reply_parse_line(rows[i].line, strlen(rows[i].line), &more, &text);
		assert_int_equal(code, rows[i].code);
		assert_int_equal(more, rows[i].more);
		assert_string_equal(rows[i].line + text, rows[i].text);
	}
}

static void reply_in_words(void **state)
{
	static const struct {
		int code;
		const char *lines;
		const char *words;
	} rows[] = {
		{250, "ok", "250 ok"},
		{221, "", "221"},
		{535, "5.7.8 a\n5.7.8 b", "535 5.7.8 a b"},
		{535, "5.7.8 a\n5.7.9 b", "535 5.7.8 a 5.7.9 b"},
		{535, "a\nb", "535 a b"},
		{535, "5.7.8 a\n", "535 5.7.8 a"},
		{535, "1.2.3.4 a\n1.2.3.4 b", "535 1.2.3.4 a 1.2.3.4 b"},
		{535, "a\x1b[2Jb\x07", "535 a [2Jb"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.code = rows[i].code};
		char words[64];
		strbuf_adds(&reply.text, rows[i].lines);
		reply_describe(&reply, words, sizeof words);
		assert_string_equal(words, rows[i].words);
		reply_free(&reply);
	}
}

static void ehlo(void **state)
{
	static const struct {
		const char *lines;
		bool starttls;
		const char *mechanisms;
	} rows[] = {
		{"host", false, ""},
		{"AUTH PLAIN is my name", false, ""},
		{"STARTTLS", false, ""},
		{"host\nSTARTTLS", true, ""},
		{"host\nstarttls", true, ""},
		{"host\nSTARTTLS REQUIRED", true, ""},
		{"host\nSTARTTLSX", false, ""},
		{"host\nAUTH PLAIN LOGIN", false, "PLAIN LOGIN"},
		{"host\nauth plain", false, "PLAIN"},
		{"host\nAUTH=PLAIN LOGIN", false, "PLAIN LOGIN"},
		{"host\nAUTH LOGIN PLAIN\nAUTH=LOGIN PLAIN", false, "LOGIN PLAIN"},
		{"host\nAUTH  PLAIN\tLOGIN ", false, "PLAIN LOGIN"},
		{"host\nAUTH", false, ""},
		{"host\nAUTHX PLAIN", false, ""},
		{"host\nAUTH PLA;IN SCRAM-SHA-256 A_B", false, "SCRAM-SHA-256 A_B"},
		{"host\nAUTH AVERYLONGMECHANISMNAME PLAIN", false, "PLAIN"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.code = 250};
		struct capabilities found;
		struct strbuf all = STRBUF_INIT;
		strbuf_adds(&reply.text, rows[i].lines);
		capabilities_parse(&found, &reply);
		strbuf_grow(&all, 0);
		capabilities_mechanisms(&found, &all);
		assert_string_equal(all.data, rows[i].mechanisms);
		assert_int_equal(found.starttls, rows[i].starttls);
		strbuf_free(&all);
		reply_free(&reply);
	}
}

static void too_many_mechanisms(void **state)
{
	struct reply reply = {.code = 250};
	struct capabilities found;

	(void)state;
	strbuf_adds(&reply.text, "host\nAUTH");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&reply.text, " M%d", i);
	capabilities_parse(&found, &reply);
	assert_int_equal(found.mechanism_count, DIALOGUE_MECHANISMS);
	reply_free(&reply);
}

static void refused_logins(void **state)
{
	static const struct {
		int code;
		const char *said;
		enum probe_cause cause;
	} rows[] = {
		{535, "535 5.7.8 Error: authentication failed", PROBE_CAUSE_AUTH_REFUSED},
		{535, "535 5.7.0 Your account has been Suspended", PROBE_CAUSE_AUTH_ACCOUNT},
		{502, "502 5.7.0 Your SMTP account is not yet activated", PROBE_CAUSE_AUTH_ACCOUNT},
		{535,
			"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is "
			"disabled for the Tenant",
			PROBE_CAUSE_AUTH_ACCOUNT},
		{454, "454 4.7.0 Your account is suspended", PROBE_CAUSE_AUTH_TEMPORARY},
		{421, "421 too many", PROBE_CAUSE_AUTH_TEMPORARY},
		{504, "504 what?", PROBE_CAUSE_AUTH_NO_MECHANISM},
		{538, "538 encrypt", PROBE_CAUSE_AUTH_CLEARTEXT},
		{354, "354 go on", PROBE_CAUSE_PROTOCOL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(auth_cause(rows[i].code, rows[i].said), rows[i].cause);
}

static void places(void **state)
{
	static const struct {
		const char *text;
		const char *result;
	} rows[] = {
		{"to {host}.", "to relay.test."},
		{"{host}[: {said}].", "relay.test: 535 {host} [x] no."},
		{"{host}[: {detail}].", "relay.test."},
		{"[{host} {detail}]{port}[, {ports}]", "587"},
		{"{unknown}x", "x"},
		{"{host", "{host"},
		{"", ""},
	};
	/* What a server says is never expanded itself, and its full stop does not double ours. */
	const struct cause_facts facts = {
		.host = "relay.test", .port = "587", .said = "535 {host} [x] no."};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct strbuf out = STRBUF_INIT;
		strbuf_grow(&out, 0);
		cause_expand(&out, rows[i].text, &facts);
		assert_string_equal(out.data, rows[i].result);
		strbuf_free(&out);
	}
}

static void every_cause_has_words(void **state)
{
	const struct cause_facts facts = {.host = "h", .port = "1", .login = "l", .clock = "c"};

	(void)state;
	for (int cause = 0; cause < PROBE_CAUSES; cause++) {
		struct fault fault = {.cause = (enum probe_cause)cause};
		struct probe_report report = {0};
		assert_non_null(probe_cause_word(fault.cause));
		for (int other = 0; other < cause; other++)
			assert_string_not_equal(probe_cause_word(fault.cause),
				probe_cause_word((enum probe_cause)other));
		cause_report(&fault, &facts, &report);
		assert_true(report.explanation[0]);
		assert_true(cause == PROBE_CAUSE_NONE || cause == PROBE_CAUSE_CANCELLED ||
			    report.advice[0]);
		assert_null(strpbrk(report.explanation, "{}[]"));
		assert_null(strpbrk(report.advice, "{}[]"));
		assert_int_equal(report.code == ERROR_NONE, cause == PROBE_CAUSE_NONE);
	}
}

static void protocols(void **state)
{
	enum { V0 = 1, V1 = 2, V2 = 4, V3 = 8 };
	static const uint64_t bits[] = {
		SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3};
	static const struct {
		const char *list;
		int excluded;
	} rows[] = {
		{"", 0},
		{">=TLSv1", 0},
		{">=TLSv1.2", V0 | V1},
		{">=TLSv1.2, <=TLSv1.2", V0 | V1 | V3},
		{"!SSLv2, !SSLv3", 0},
		{"!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", V0 | V1},
		{"TLSv1.2, TLSv1.3", V0 | V1},
		{"TLSv1.2:!TLSv1.3", V0 | V1 | V3},
		{">=0303", V0 | V1},
		{"nonsense", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int version = 0; version < 4; version++)
			assert_int_equal((tls_protocol_options(rows[i].list) & bits[version]) != 0,
				(rows[i].excluded >> version) & 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_lines),
		cmocka_unit_test(reply_in_words),
		cmocka_unit_test(ehlo),
		cmocka_unit_test(too_many_mechanisms),
		cmocka_unit_test(refused_logins),
		cmocka_unit_test(places),
		cmocka_unit_test(every_cause_has_words),
		cmocka_unit_test(protocols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
