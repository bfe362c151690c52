/* A relay that somebody else set up is taken over on the screen, from where Deconfigure explains it. */
#include "test_drivers_screens.h"

/* As Confconsole leaves it; key: of the table of passwords. */
static void foreign(const char *key)
{
	char *table = text_format("%s me@x.test:secret one\n", key);
	char *lines = text_format(
		"relayhost = [smtp-relay.brevo.com]:587\nsmtp_sasl_auth_enable = yes\n"
		"smtp_sasl_password_maps = texthash:%s/sasl_passwd\n"
		"smtp_sasl_security_options = noanonymous\nsmtp_tls_security_level = may\n",
		machine.config);

	scratch_write(&machine.scratch, "config/sasl_passwd", table, strlen(table));
	machine_append(&machine, lines);
	/* What it was is this now. */
	machine_read(&machine, "config/main.cf", &machine.main_cf);
	free(table);
	free(lines);
}

static void test_taken_over_and_put_back(void **state)
{
	static const struct fake_step adopt[] = {
		{"Set up by someone else", "Take it over", {0}},
		{"Take it over", "Test and review", {0}},
		{"Take it over", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};
	/* The form begins with what was taken over, its password kept. */
	static const struct fake_step form[] = {
		{"Brevo", "Back", {0}},
		{0},
	};
	static const struct fake_step restore[] = {
		{"Deconfigure", "Restore", {0}},
		{"Restored", "", {0}},
		{0},
	};

	(void)state;
	foreign("[smtp-relay.brevo.com]:587");
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", adopt), CONSOLE_OK);
	assert_says(&fake->transcript, "The default relay.");
	assert_says(&fake->transcript, "The login me@x.test goes to relaycon's own table");
	assert_says(&fake->transcript, "The level for this relay was \"may\"");
	assert_says(&fake->transcript, "The test passed. Deconfigure will put back");
	assert_says_not(&fake->transcript, "secret one");
	assert_says(&fake->audit, "import confconsole: foreign [smtp-relay.brevo.com]:587 -> ");
	assert_true(machine_exists(&machine, "config/relaycon_sasl_passwd"));
	assert_int_equal(fake_run(fake, "preset", "brevo", form), CONSOLE_BACK);
	assert_says(&fake->transcript, "me@x.test");
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", restore), CONSOLE_OK);
	assert_untouched(&machine);
}

static void test_back_writes_nothing(void **state)
{
	static const struct fake_step stories[][5] = {
		{{"Set up by someone else", "Take it over", {0}}, {"Take it over", "Back", {0}}},
		{{"Set up by someone else", "Take it over", {0}},
			{"Take it over", "Test and review", {0}}, {"Take it over", "Back", {0}}},
		{{"Set up by someone else", "Take it over", {0}}, {"Take it over", "Gone", {0}}},
	};

	(void)state;
	foreign("[smtp-relay.brevo.com]:587");
	for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
		enum console_answer wanted = i == 2 ? CONSOLE_GONE : CONSOLE_BACK;
		assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", stories[i]), wanted);
		assert_untouched(&machine);
	}
}

static void test_a_failed_test_writes_nothing(void **state)
{
	static const struct fake_step steps[] = {
		{"Set up by someone else", "Take it over", {0}},
		{"Take it over", "Test and review", {0}},
		{"The test failed", "", {0}},
		{0},
	};

	(void)state;
	foreign("[smtp-relay.brevo.com]:587");
	probe_fails(0, PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH);
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "Nothing was changed.");
	assert_untouched(&machine);
}

static void test_a_login_that_is_not_found(void **state)
{
	static const struct fake_step steps[] = {
		{"Set up by someone else", "Take it over", {0}},
		{0},
	};

	(void)state;
	foreign("[other.test]:587");
	(void)fake_run(fake, "deconfigure", "deconfigure", steps);
	assert_says(&fake->err, "no login was found for it");
	assert_says(&fake->err, "as its provider, or as Custom");
	assert_untouched(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_taken_over_and_put_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_back_writes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_failed_test_writes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_login_that_is_not_found, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: adopting a relay", tests, NULL, NULL);
}
