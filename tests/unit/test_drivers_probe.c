/*
 * The whole way with the real probe against a scripted server on the loopback: what the user is told
 * and what the server has seen.
 */
#include "test_drivers_site.h"

#include "smtp_server.h"

static struct machine machine;
static struct fake_host *const fake = &machine.fake;
static char port_word[32];
static char ca_word[300];

static int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_SCREEN);
	fake->real_probe = true;
	return 0;
}

static int tear_down(void **state)
{
	machine_remove(&machine);
	return smtp_stop_all(state);
}

static void start(struct smtp_server *server, const char *script)
{
	char ca[200];

	smtp_start(server, script, "good", false);
	assert_true(server->port != 0);
	smtp_path(ca, sizeof ca, "certs/ca.crt");
	snprintf(port_word, sizeof port_word, "port=%u", server->port);
	snprintf(ca_word, sizeof ca_word, "ca-file=%s", ca);
}

static void test_applied_with_the_real_login(void **state)
{
	const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=localhost", port_word, "tls=starttls", ca_word, "login=" SMTP_USER,
				"password=" SMTP_PASSWORD}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};
	struct smtp_server server;
	char *log;

	(void)state;
	start(&server, "good");
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_OK);
	log = smtp_log_with(&server, "\"ok\": true");
	assert_non_null(strstr(log, "\"ok\": true"));
	assert_says(&fake->transcript, "Test passed");
	assert_says(&fake->transcript, "), in ");
	assert_says_not(&fake->transcript, SMTP_PASSWORD);
	assert_main_cf_has(&machine, "relayhost = [localhost]:");
	free(log);
}

static void test_wrong_password(void **state)
{
	const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=localhost", port_word, "tls=starttls", ca_word, "login=" SMTP_USER,
				"password=not this one"}},
		{"The test failed", "Edit", {0}},
		{"Custom relay", "Back", {0}},
		{0},
	};
	struct smtp_server server;

	(void)state;
	start(&server, "good");
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "535");
	assert_says(&fake->transcript, "Custom relay focus=password");
	assert_says_not(&fake->transcript, "not this one");
	assert_untouched(&machine);
}

static void test_nothing_is_sent_without_starttls(void **state)
{
	const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=localhost", port_word, "tls=starttls", ca_word, "login=" SMTP_USER,
				"password=" SMTP_PASSWORD}},
		{"The test failed", "Back", {0}},
		{"Custom relay", "Back", {0}},
		{0},
	};
	struct smtp_server server;
	char *log;

	(void)state;
	start(&server, "no-starttls");
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	log = smtp_log_with(&server, "\"close\"");
	assert_null(strstr(log, "AUTH"));
	free(log);
	assert_untouched(&machine);
}

static void test_fingerprint_found_pinned_and_used(void **state)
{
	const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=localhost", port_word, "tls=starttls", "verify=fingerprint",
				"login=" SMTP_USER, "password=" SMTP_PASSWORD}},
		{"The relay's certificate", "Pin this certificate", {0}},
		{"Review", "Back", {0}},
		{"Custom relay", "Back", {0}},
		{0},
	};
	struct smtp_server server;
	char *log;

	(void)state;
	start(&server, "good");
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	assert_int_equal(fake->probes_run, 2);
	assert_says(&fake->transcript, "SHA-256: ");
	assert_says(&fake->transcript, "Test passed");
	/* The password went out once only: after the certificate was pinned. */
	log = smtp_log_with(&server, "\"ok\": true");
	assert_non_null(strstr(log, "\"login\""));
	assert_null(strstr(strstr(log, "\"login\"") + 1, "\"login\""));
	free(log);
}

static void test_hostile_text_stays_harmless(void **state)
{
	const struct fake_step steps[] = {
		{"Custom relay", "Test and review",
			{"host=localhost", port_word, "tls=starttls", ca_word, "login=" SMTP_USER,
				"password=" SMTP_PASSWORD}},
		{"The test failed", "Back", {0}},
		{"Custom relay", "Back", {0}},
		{0},
	};
	struct smtp_server server;

	(void)state;
	start(&server, "{\"greeting\": \"554 \\u001b[2Jbad\\u0007\"}");
	assert_int_equal(fake_run(fake, "custom", "custom", steps), CONSOLE_BACK);
	assert_null(strchr(fake->transcript.data, '\033'));
	assert_null(strchr(fake->transcript.data, '\a'));
	assert_says(&fake->transcript, "554");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_applied_with_the_real_login, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_password, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_nothing_is_sent_without_starttls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_fingerprint_found_pinned_and_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_hostile_text_stays_harmless, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: real probe", tests, smtp_setup, smtp_teardown);
}
