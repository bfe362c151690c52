/*
 * The way from a form to a working relay and back, by keys alone: a script of answers for each path,
 * and what was shown on it. The probe answers as told; Postfix's folder is real (it does not run).
 */
#include "test_drivers_site.h"

#define PIN                                                                                        \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:"  \
	"77:88:99"

static struct machine machine;
static struct fake_host *const fake = &machine.fake;

static int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_SCREEN);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	machine_remove(&machine);
	return 0;
}

static void probe_fails(
	size_t index, enum probe_cause cause, enum error_code code, enum probe_step_id step)
{
	fake->probes[index] = (struct fake_probe){cause, code, step, NULL};
}

static void configure_brevo(void)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Test and review", {"login=me@example.com", "password=secret one"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_OK);
}

static void test_preset_configured(void **state)
{
	(void)state;
	configure_brevo();
	/* The notes above the form. */
	assert_says(&fake->transcript, "Login: The SMTP login of the account");
	assert_says(&fake->transcript, "Password: An SMTP key, not the account password");
	assert_says(&fake->transcript, "must be verified there. Largest message: 20 MB");
	assert_says(&fake->transcript, "https://example.com/brevo");
	assert_says(&fake->transcript, "server fixed=smtp-relay.brevo.com:587");
	/* The test, the review, what is true now. */
	assert_says(&fake->transcript,
		"probe smtp-relay.brevo.com:587 starttls name login=me@example.com password=10 "
		"unencrypted=no");
	assert_says(&fake->transcript, ", in 40 ms");
	assert_says(&fake->transcript, "+relayhost = [smtp-relay.brevo.com]:587");
	assert_says(&fake->transcript, "Postfix is not running");
	assert_says(&fake->transcript, "Mail goes: through smtp-relay.brevo.com port 587 (Brevo)");
	assert_says(&fake->transcript, "Login: me@example.com");
	assert_says(&fake->transcript, "Last test: ");
	assert_says_not(&fake->transcript, "secret one");
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
	assert_says(&fake->audit, "configure: direct -> ");
	assert_says(&fake->audit, ": ok");
	assert_says_not(&fake->audit, "secret one");
}

static void test_back_applies_nothing(void **state)
{
	static const struct fake_step from_form[] = {{"Brevo", "Back", {"login=x"}}, {0}};
	static const struct fake_step from_review[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"Review", "Back", {0}},
		{"Brevo", "Back", {0}},
		{0},
	};
	static const struct fake_step gone[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"Review", "Gone", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(fake_run(fake, "preset", "brevo", from_form), CONSOLE_BACK);
	assert_untouched(&machine);
	assert_int_equal(fake_run(fake, "preset", "brevo", from_review), CONSOLE_BACK);
	/* What was typed is still there: the second form has login and password. */
	assert_says(&fake->transcript, "[form edited] Brevo");
	assert_says(&fake->transcript, "login=me\npassword=(10 bytes)");
	assert_untouched(&machine);
	assert_int_equal(fake_run(fake, "preset", "brevo", gone), CONSOLE_GONE);
	assert_untouched(&machine);
	assert_int_equal(fake->audit.len, 0);
}

static void test_fixed_login_region_and_warning(void **state)
{
	static const struct fake_step stop_at_warning[] = {{"Grid", "Back", {0}}, {0}};
	static const struct fake_step steps[] = {
		{"Grid", "Go on", {0}},
		{"Grid", "eu", {0}},
		{"Grid", "Back", {"password=thrown away"}},
		{"Grid", "global", {0}},
		{"Grid", "Back", {0}},
		{"Grid", "eu", {0}},
		{"Grid", "Test and review", {0}},
		{"Grid", "Test and review", {"password=of the region"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(fake_run(fake, "preset", "grid", stop_at_warning), CONSOLE_BACK);
	assert_says(
		&fake->transcript, "[page warning] Grid\nPassword logins are being switched off");
	fake_forget(fake);
	assert_int_equal(fake_run(fake, "preset", "grid", steps), CONSOLE_OK);
	assert_says(&fake->transcript, "login fixed=apikey");
	assert_says(&fake->transcript, "server fixed=smtp.grid.test:587");
	assert_says(&fake->transcript, "probe smtp.eu.grid.test:587 starttls name login=apikey "
				       "password=13");
	assert_main_cf_has(&machine, "relayhost = [smtp.eu.grid.test]:587");
}

static void test_wrong_input_stays_in_the_form(void **state)
{
	static const struct fake_step steps[] = {
		{"Custom relay", "Test and review", {"host=not a host", "login=x", "password=y"}},
		{"Custom relay", "Test and review", {"host=relay.test", "port=70000"}},
		{"Custom relay", "Test and review", {"port=587", "login=a:b"}},
		{"Custom relay", "Test and review", {"login=", "password=left over"}},
		{"Custom relay", "Test and review", {"login=x", "password="}},
		{"Custom relay", "Test and review", {"password=y", "ca-file=/nowhere/ca.pem"}},
		{"Custom relay", "Test and review",
			{"ca-file=", "verify=fingerprint", "fingerprint=xyz"}},
		{"Custom relay", "Test and review", {"tls=none", "verify=dane"}},
		{"Custom relay", "Back", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "refused host: ");
	assert_says(&fake->transcript, "refused port: ");
	assert_says(&fake->transcript, "refused login: The login holds a colon");
	assert_says(&fake->transcript, "refused login: There is a password but no login");
	assert_says(&fake->transcript, "refused password: Type the password");
	assert_says(&fake->transcript, "refused ca-file: ");
	assert_says(&fake->transcript, "refused fingerprint: ");
	assert_says(&fake->transcript, "refused verify: ");
	assert_int_equal(fake->probes_run, 0);
}

static void test_port_and_security_suggest_each_other(void **state)
{
	static const struct {
		const char *name;
		const char *set[4];
		const char *says;
	} cases[] = {
		{"465", {"port=465"}, "port=465\ntls=implicit\nverify=name\n"},
		{"587 again", {"port=465", "port=587"}, "port=587\ntls=starttls\n"},
		{"2525", {"port=465", "port=2525"}, "port=2525\ntls=starttls\n"},
		{"25", {"port=25"}, "port=25\ntls=starttls\n"},
		{"implicit", {"tls=implicit"}, "port=465\ntls=implicit\n"},
		{"back to STARTTLS", {"tls=implicit", "tls=starttls"}, "port=587\ntls=starttls\n"},
		{"STARTTLS keeps 2525", {"port=2525", "tls=starttls"}, "port=2525\ntls=starttls\n"},
		{"2525 comes back after implicit",
			{"port=2525", "tls=implicit", "tls=opportunistic"},
			"port=2525\ntls=opportunistic\n"},
		{"465 comes back beside it",
			{"port=2525", "tls=implicit", "tls=starttls", "tls=implicit"},
			"port=465\ntls=implicit\n"},
		{"2465 comes back after STARTTLS", {"port=2465", "tls=none", "tls=implicit"},
			"port=2465\ntls=implicit\nverify=name\n"},
		{"DANE comes back after none",
			{"verify=dane", "tls=opportunistic", "tls=none", "tls=starttls"},
			"port=587\ntls=starttls\nverify=dane\n"},
		{"a port that is typed anew is what counts",
			{"port=2525", "tls=implicit", "port=465", "tls=starttls"},
			"port=587\ntls=starttls\n"},
		{"none verifies nothing", {"tls=none"}, "port=587\ntls=none\nverify=none\n"},
		{"none, then a port", {"tls=none", "port=25"}, "port=25\ntls=none\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* An invalid host keeps the form, so that the next one shows the values. */
		const struct fake_step steps[] = {
			{"Custom relay", "Test and review",
				{"host=", cases[i].set[0], cases[i].set[1], cases[i].set[2],
					cases[i].set[3]}},
			{"Custom relay", "Back", {0}},
			{0},
		};

		fake_forget(fake);
		assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
		if (!strstr(fake->transcript.data, cases[i].says))
			fail_msg("%s: %s", cases[i].name, fake->transcript.data);
	}
}

static void test_server_form(void **state)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Server...", {"login=me", "password=secret one"}},
		{"Server", "Back", {"host=thrown.away.test"}},
		{"Brevo", "Server...", {0}},
		{"Server", "Use", {"listed=465/implicit"}},
		{"Brevo", "Server...", {0}},
		{"Server", "Use", {"port=2525"}},
		{"Brevo", "Server...", {0}},
		{"Server", "Use", {"port=8025"}},
		{"Brevo", "Server...", {0}},
		{"Server", "Use", {"listed=465/implicit"}},
		{"Brevo", "Test and review", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_OK);
	assert_says_not(&fake->transcript, "server fixed=thrown.away.test");
	assert_says(&fake->transcript, "listed=587/starttls\nhost=smtp-relay.brevo.com");
	assert_says(&fake->transcript, "server fixed=smtp-relay.brevo.com:2525, STARTTLS");
	assert_says(&fake->transcript, "listed=2525/starttls\n");
	assert_says(&fake->transcript, "listed=other\n");
	assert_says(&fake->transcript, "probe smtp-relay.brevo.com:465 implicit name login=me "
				       "password=10");
	assert_main_cf_has(&machine, "[smtp-relay.brevo.com]:465");
}

static void test_failed_edit_at_the_field_at_fault(void **state)
{
	static const struct {
		enum probe_cause cause;
		enum probe_step_id step;
		const char *focus;
	} cases[] = {
		{PROBE_CAUSE_NAME_NOT_FOUND, PROBE_RESOLVE, "host"},
		{PROBE_CAUSE_REFUSED, PROBE_CONNECT, "host"},
		{PROBE_CAUSE_TIMED_OUT, PROBE_CONNECT, "port"},
		{PROBE_CAUSE_TLS_WRONG_PORT_KIND, PROBE_STARTTLS, "port"},
		{PROBE_CAUSE_CERT_UNKNOWN_ISSUER, PROBE_CERTIFICATE, "ca-file"},
		{PROBE_CAUSE_AUTH_REFUSED, PROBE_AUTH, "password"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static const struct fake_step steps[] = {
			{"Custom relay", "Test and review",
				{"host=relay.test", "login=me", "password=secret one"}},
			{"The test failed", "Edit", {0}},
			{"Custom relay", "Back", {0}},
			{0},
		};
		struct strbuf focus = STRBUF_INIT;

		fake_forget(fake);
		probe_fails(0, cases[i].cause, ERROR_UNAVAILABLE, cases[i].step);
		assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
		strbuf_addf(&focus, "[form edited] Custom relay focus=%s\n", cases[i].focus);
		assert_says(&fake->transcript, focus.data);
		assert_says(&fake->transcript, "login=me\npassword=(10 bytes)");
		assert_says(&fake->transcript, "explained: ");
		assert_says(&fake->transcript, "What to do: do something");
		assert_says(&fake->transcript, ": failed, 5 ms, detail of");
		assert_untouched(&machine);
		strbuf_free(&focus);
	}
}

static void test_failed_edit_opens_the_server_form(void **state)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"The test failed", "Edit", {0}},
		{"Server", "Use", {"listed=2525/starttls"}},
		{"Brevo", "Test and review", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	(void)state;
	probe_fails(0, PROBE_CAUSE_TIMED_OUT, ERROR_UNAVAILABLE, PROBE_CONNECT);
	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_OK);
	assert_says(&fake->transcript, "[form] Server focus=port");
	assert_main_cf_has(&machine, "[smtp-relay.brevo.com]:2525");
}

static void test_failed_back_and_apply_anyway(void **state)
{
	static const struct fake_step back[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"The test failed", "Back", {0}},
		{"Brevo", "Back", {0}},
		{0},
	};
	static const struct fake_step anyway[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"The test failed", "Apply anyway", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	(void)state;
	probe_fails(0, PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH);
	assert_int_equal(fake_run(fake, "preset", "brevo", back), CONSOLE_BACK);
	assert_untouched(&machine);
	fake_forget(fake);
	probe_fails(0, PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH);
	assert_int_equal(fake_run(fake, "preset", "brevo", anyway), CONSOLE_OK);
	assert_says(&fake->transcript, "Warning: the test failed: explained: auth-refused");
	assert_says(&fake->transcript, "failed: explained: auth-refused");
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
}

static void test_cancelled_by_escape(void **state)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"Brevo", "Back", {0}},
		{0},
	};

	(void)state;
	fake->cancel_after = 4;
	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "login=me\npassword=(10 bytes)");
	assert_says(&fake->transcript, "step 6 skipped");
	assert_untouched(&machine);
}

static void test_no_login_asks(void **state)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Test and review", {0}},
		{"Relay without a login?", "Back", {0}},
		{"Brevo", "Test and review", {0}},
		{"Relay without a login?", "Relay without login", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_OK);
	assert_says(&fake->transcript, "[page warning] Relay without a login?");
	assert_says(&fake->transcript, "probe smtp-relay.brevo.com:587 starttls name login=- "
				       "password=0");
	assert_says(&fake->transcript, "Login: none");
	assert_false(machine_exists(&machine, "config/relaycon_sasl_passwd"));
}

static void test_unencrypted_login_only_in_so_many_words(void **state)
{
	static const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=relay.test", "tls=none", "login=me", "password=secret one"}},
		{"Password over an unencrypted", "Back", {0}},
		{"Custom relay", "Test and review", {0}},
		{"Password over an unencrypted", "Send the password unencrypted", {0}},
		{"Review", "Back", {0}},
		/* Agreed to for this connection; another one asks again. */
		{"Custom relay", "Test and review", {"port=25"}},
		{"Password over an unencrypted", "Back", {0}},
		{"Custom relay", "Test and review", {"tls=opportunistic"}},
		{"Password over an unencrypted", "Back", {0}},
		{"Custom relay", "Back", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "[page warning] Password over");
	assert_says(&fake->transcript, "probe relay.test:587 none none login=me password=10 "
				       "unencrypted=yes");
	assert_says(&fake->transcript, "Warning: the password may be sent unencrypted");
	assert_int_equal(fake->probes_run, 1);
	assert_untouched(&machine);
}

static void test_fingerprint_is_shown_and_pinned(void **state)
{
	static const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=relay.test", "login=me", "password=secret one",
				"verify=fingerprint"}},
		{"The relay's certificate", "Back", {0}},
		{"Custom relay", "Test and review", {0}},
		{"The relay's certificate", "Pin this certificate", {0}},
		{"Review", "Back", {0}},
		{"Custom relay", "Back", {0}},
		{0},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		fake->probes[i] = (struct fake_probe){
			PROBE_CAUSE_CERT_FINGERPRINT, ERROR_UNAVAILABLE, PROBE_CERTIFICATE, PIN};
	fake->probes[2].fingerprint = PIN;
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "Issued to: relay.test\nIssued by: Test authority\n"
				       "Valid until: 2030-01-01\nSHA-256: " PIN);
	assert_says(&fake->transcript, "fingerprint=" PIN);
	assert_int_equal(fake->probes_run, 3);
	assert_untouched(&machine);
}

static void test_editing_keeps_the_stored_password(void **state)
{
	static const struct fake_step same[] = {
		{"Brevo", "Test and review", {0}},
		{"Nothing to change", "", {0}},
		{0},
	};
	static const struct fake_step other_login[] = {
		{"Brevo", "Test and review", {"login=other@example.com"}},
		{"Brevo", "Test and review", {"password=secret two"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};
	struct strbuf table = STRBUF_INIT;

	(void)state;
	configure_brevo();
	fake_forget(fake);
	assert_int_equal(fake_run(fake, "preset", "brevo", same), CONSOLE_OK);
	assert_says(&fake->transcript,
		"login=me@example.com\npassword=(0 bytes) hint: Leave empty to "
		"keep the stored one");
	assert_says(&fake->transcript, "login=me@example.com password=10 unencrypted=no");
	assert_int_equal(fake->audit.len, 0);
	fake_forget(fake);
	/* A stored password belongs to its server and login: it is never tried with another. */
	assert_int_equal(fake_run(fake, "preset", "brevo", other_login), CONSOLE_OK);
	assert_says(&fake->transcript, "refused password: The stored password belongs to another");
	assert_int_equal(fake->probes_run, 1);
	machine_read(&machine, "config/relaycon_sasl_passwd", &table);
	assert_says(&table, "other@example.com:secret two\n");
	assert_says_not(&table, "secret one");
	strbuf_free(&table);
}

static void test_entry_test(void **state)
{
	static const struct fake_step nothing[] = {{0}};
	static const struct fake_step passed[] = {{"The test passed", "", {0}}, {0}};
	static const struct fake_step failed[] = {{"The test failed", "", {0}}, {0}};

	(void)state;
	(void)fake_run(fake, "test", "test", nothing);
	assert_says(&fake->transcript, "[error 64] No relay is configured");
	configure_brevo();
	fake_forget(fake);
	assert_int_equal(fake_run(fake, "test", "test", passed), CONSOLE_OK);
	assert_says(&fake->transcript, "probe smtp-relay.brevo.com:587 starttls name "
				       "login=me@example.com password=10");
	assert_says(&fake->transcript, "ok, 5 ms, detail of resolve");
	fake_forget(fake);
	probe_fails(0, PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH);
	assert_int_equal(fake_run(fake, "test", "test", failed), CONSOLE_OK);
	assert_says(&fake->transcript, "explained: auth-refused");
	fake_forget(fake);
	fake->cancel_after = 3;
	assert_int_equal(fake_run(fake, "test", "test", nothing), CONSOLE_BACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_preset_configured, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_back_applies_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_fixed_login_region_and_warning, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_wrong_input_stays_in_the_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_port_and_security_suggest_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_server_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_failed_edit_at_the_field_at_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_failed_edit_opens_the_server_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_failed_back_and_apply_anyway, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cancelled_by_escape, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_login_asks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_unencrypted_login_only_in_so_many_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_fingerprint_is_shown_and_pinned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_editing_keeps_the_stored_password, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_entry_test, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: screens", tests, NULL, NULL);
}
