/* A certificate that is known by its own bytes: from a TLSA record (DANE), or from the settings. */
#include "probe_fixture.h"

struct dane_case {
	const char *name;
	const char *host;
	const char *cert;
	const char *tlsa_of; /* certificate that the record is of, NULL: no record */
	int usage;
	bool not_validating;
	enum probe_cause cause;
};

static const struct dane_case dane_cases[] = {
	{"DANE-EE", "relay.test", "good", "good", 3, false, PROBE_CAUSE_NONE},
	{"DANE-EE looks at no name, date or issuer", "relay.test", "expired", "expired", 3, false,
		PROBE_CAUSE_NONE},
	{"DANE-EE of another certificate", "relay.test", "good", "expired", 3, false,
		PROBE_CAUSE_DANE_MISMATCH},
	{"DANE-TA", "mx.relay.test", "good-chain", "ca", 2, false, PROBE_CAUSE_NONE},
	{"DANE-TA looks at the name", "relay.test", "wrong-name-chain", "ca", 2, false,
		PROBE_CAUSE_CERT_WRONG_NAME},
	{"DANE-TA of another authority", "relay.test", "good-chain", "other-ca", 2, false,
		PROBE_CAUSE_DANE_MISMATCH},
	{"usages that are not for mail", "relay.test", "good", "good", 1, false,
		PROBE_CAUSE_DANE_NO_RECORDS},
	{"no record", "relay.test", "good", NULL, 0, false, PROBE_CAUSE_DANE_NO_RECORDS},
	{"address not signed", "unsigned.test", "good", "good", 3, false,
		PROBE_CAUSE_DANE_NO_RECORDS},
	{"an address", "127.0.0.1", "good", "good", 3, false, PROBE_CAUSE_DANE_NO_RECORDS},
	{"no validating resolver", "relay.test", "good", "good", 3, true,
		PROBE_CAUSE_DANE_NO_RESOLVER},
};

/* "AA:BB:.." of a certificate, and the bytes of it. */
static void fingerprint_of(const char *name, char text[128], unsigned char bytes[32])
{
	char file[64], path[256];

	snprintf(file, sizeof file, "certs/%s.sha256", name);
	smtp_path(path, sizeof path, file);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fscanf(in, "%127s", text), 1);
	fclose(in);
	assert_int_equal(strlen(text), 95);
	for (size_t i = 0; i < 32; i++)
		bytes[i] = (unsigned char)strtoul(text + 3 * i, NULL, 16);
}

static void dane(void **state)
{
	const struct dane_case *row = *state;
	struct probe_client client = {.host_lookup = "dns"};
	struct smtp_server server;
	struct probe_report report;
	struct call call = {0};

	names.tlsa_len = 0;
	names.validates = !row->not_validating;
	if (row->tlsa_of) {
		char text[128];
		names.tlsa[0] = (unsigned char)row->usage;
		names.tlsa[1] = 0;
		names.tlsa[2] = 1;
		fingerprint_of(row->tlsa_of, text, names.tlsa + 3);
		names.tlsa_len = 3 + 32;
	}
	smtp_start(&server, "good", row->cert, false);
	struct relay relay = {.host = (char *)row->host,
		.port = server.port,
		.verify = RELAY_VERIFY_DANE,
		.login = SMTP_USER};
	run(&relay, &client, &call, 3000, &report);
	if (report.cause != row->cause)
		print_error("%s\n", report.explanation);
	assert_string_equal(probe_cause_word(report.cause), probe_cause_word(row->cause));
	names.validates = true;
}

static void fingerprint(void **state)
{
	static const struct {
		const char *cert;
		const char *expected;
		enum probe_cause cause;
	} rows[] = {
		{"good", "good", PROBE_CAUSE_NONE},
		{"expired", "expired", PROBE_CAUSE_NONE},
		{"self-signed", "self-signed", PROBE_CAUSE_NONE},
		{"good", "expired", PROBE_CAUSE_CERT_FINGERPRINT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe_client client = {.host_lookup = "native"};
		struct smtp_server server;
		struct probe_report report;
		struct call call = {0};
		unsigned char digest[32];
		char expected[128];
		fingerprint_of(rows[i].expected, expected, digest);
		smtp_start(&server, "good", rows[i].cert, false);
		struct relay relay = {.host = "localhost",
			.port = server.port,
			.login = SMTP_USER,
			.verify = RELAY_VERIFY_FINGERPRINT,
			.fingerprint = expected};
		run(&relay, &client, &call, 3000, &report);
		assert_string_equal(
			probe_cause_word(report.cause), probe_cause_word(rows[i].cause));
		assert_int_equal(strlen(report.fingerprint), 95);
		if (report.ok)
			assert_string_equal(report.fingerprint, expected);
		smtp_stop_all(NULL);
	}
}

int main(void)
{
	enum { DANES = sizeof dane_cases / sizeof *dane_cases };
	struct CMUnitTest tests[DANES + 1] = {
		[DANES] = cmocka_unit_test_teardown(fingerprint, smtp_stop_all)};

	for (size_t i = 0; i < DANES; i++)
		tests[i] = (struct CMUnitTest){.name = dane_cases[i].name,
			.test_func = dane,
			.teardown_func = smtp_stop_all,
			.initial_state = (void *)&dane_cases[i]};
	return cmocka_run_group_tests_name("probe: DANE", tests, setup, teardown);
}
