/* The form of a relay: what it offers and asks, what it refuses, what it knows from before. */
#include "test_drivers_screens.h"

#define PIN                                                                                        \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:"  \
	"77:88:99"

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
	set_up_default();
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_fixed_login_region_and_warning, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_wrong_input_stays_in_the_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_port_and_security_suggest_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_server_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_login_asks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_unencrypted_login_only_in_so_many_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_fingerprint_is_shown_and_pinned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_editing_keeps_the_stored_password, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: the form", tests, NULL, NULL);
}
