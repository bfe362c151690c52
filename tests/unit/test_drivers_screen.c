/*
 * The way from a form to a working relay and back, by keys alone: a script of answers for each path,
 * and what was shown on it. The probe answers as told; Postfix's folder is real (it does not run).
 */
#include "test_drivers_screens.h"

static void test_preset_configured(void **state)
{
	(void)state;
	set_up_default();
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

static void test_entry_test(void **state)
{
	static const struct fake_step nothing[] = {{0}};
	static const struct fake_step passed[] = {{"The test passed", "", {0}}, {0}};
	static const struct fake_step failed[] = {{"The test failed", "", {0}}, {0}};

	(void)state;
	(void)fake_run(fake, "test", "test", nothing);
	assert_says(&fake->transcript, "[error 64] No relay is configured");
	set_up_default();
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
			test_failed_edit_at_the_field_at_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_failed_edit_opens_the_server_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_failed_back_and_apply_anyway, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cancelled_by_escape, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_entry_test, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: screens", tests, NULL, NULL);
}
