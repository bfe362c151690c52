/*
 * The screens of several relays: the list, adding one, what is done from there with all of them. A script
 * of answers for each path, and what was shown on it. One of them: test_drivers_one.c; routes:
 * test_drivers_routes.c.
 */
#include "test_drivers_several.h"

static void test_the_first_relay(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Add a relay", {0}},
		{"Add a relay", "Brevo", {0}},
		{"Add a relay", "Next", {0}},
		{"Relay default: Brevo", "Test and review",
			{"login=me@example.com", "password=secret one"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	/* With nothing set up there is nothing but this to do, and it becomes the default. */
	assert_says(&fake->transcript,
		"No relay is set up: mail goes directly to the recipients' servers.\n"
		"* Add a relay: A provider's, or any other server\n\n[menu] Add a relay");
	assert_says(&fake->transcript, "name=default\ndefault=yes\n");
	assert_says(&fake->transcript, "Mail goes: through smtp-relay.brevo.com port 587");
	assert_says(&fake->transcript, "Relay default: smtp-relay.brevo.com:587 as me@example.com\n"
				       "  All mail: -> default: smtp-relay.brevo.com:587");
	assert_says(&fake->audit, "relay set: direct -> ");
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
	assert_says_not(&fake->transcript, "secret one");
}

static void test_back_at_each_step_of_adding(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Add a relay", {0}},
		{"Add a relay", "Back", {0}},
		{"Relays and routes", "Add a relay", {0}},
		{"Add a relay", "Custom", {0}},
		{"Add a relay", "Back", {"name=office"}},
		{"Add a relay", "Custom", {0}},
		{"Add a relay", "Next", {"name=office", "default=no"}},
		{"Relay office: Custom relay", "Back", {"host=relay.test"}},
		/* The name is kept on the way back. */
		{"Add a relay", "Next", {0}},
		{"Relay office: Custom relay", "Test and review",
			{"host=relay.test", "login=me", "password=secret one"}},
		{"Review", "Back", {0}},
		{"Relay office: Custom relay", "Back", {0}},
		{"Add a relay", "Back", {0}},
		{"Add a relay", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript, "name=office\ndefault=no\n");
	assert_says(&fake->transcript, "[form edited] Relay office: Custom relay");
	assert_untouched(&machine);
	assert_int_equal(fake->audit.len, 0);
}

static void test_hang_up_at_each_step(void **state)
{
	static const struct fake_step steps[][6] = {
		{{"Relays and routes", "Gone", {0}}},
		{{"Relays and routes", "Add a relay", {0}}, {"Add a relay", "Gone", {0}}},
		{{"Relays and routes", "Add a relay", {0}}, {"Add a relay", "Custom", {0}},
			{"Add a relay", "Gone", {0}}},
		{{"Relays and routes", "Relay default", {0}}, {"Relay default", "Gone", {0}}},
		{{"Relays and routes", "Relay default", {0}}, {"Relay default", "Rename", {0}},
			{"Rename", "Gone", {0}}},
		{{"Relays and routes", "Relay default", {0}}, {"Relay default", "Rename", {0}},
			{"Rename", "Review", {"name=brevo"}}, {"Review", "Gone", {0}}},
		{{"Relays and routes", "Relay default", {0}},
			{"Relay default", "Other provider", {0}}, {"Relay default", "Gone", {0}}},
		{{"Relays and routes", "Relay default", {0}}, {"Relay default", "Test", {0}},
			{"The test passed", "Gone", {0}}},
		{{"Relays and routes", "All mail", {0}}, {"Mail without a route", "Gone", {0}}},
		{{"Relays and routes", "Add a route", {0}}, {"Add a route", "Gone", {0}}},
		{{"Relays and routes", "Who takes it?", {0}}, {"Who would", "Gone", {0}}},

	};

	(void)state;
	set_up_default();
	fake_forget(fake);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		fake->probe_next = 0;
		assert_int_equal(fake_run(fake, "relays", "relays", steps[i]), CONSOLE_GONE);
	}
	assert_int_equal(fake->audit.len, 0);
}

static void test_names_that_are_refused(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Add a relay", {0}},
		{"Add a relay", "Custom", {0}},
		{"Add a relay", "Next", {0}},
		{"Add a relay", "Next", {"name=Big Name"}},
		{"Add a relay", "Next", {"name=direct"}},
		{"Add a relay", "Next", {"name=default"}},
		{"Add a relay", "Back", {0}},
		{"Add a relay", "Grid", {0}},
		{"Add a relay", "Back", {0}},
		{"Add a relay", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	set_up_default();
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript, "refused name: Type a name for it, for example office.");
	assert_says(&fake->transcript, "refused name: \"Big Name\" is no name for a relay.");
	assert_says(&fake->transcript, "refused name: A relay cannot be named \"direct\"");
	assert_says(&fake->transcript, "refused name: There is a relay default already.");
	/* A provider's id is offered as the name, a custom relay's is asked. */
	assert_says(&fake->transcript, "name=grid\ndefault=no\n");
}

static void test_a_second_relay_is_idle(void **state)
{
	struct strbuf table = STRBUF_INIT;

	(void)state;
	set_up_default();
	set_up_office();
	assert_says(&fake->transcript,
		"Relay office is there. No mail goes to it yet: add a route that leads to it");
	assert_says(&fake->transcript, "default=no\n");
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
	machine_read(&machine, "config/relaycon_sasl_passwd", &table);
	assert_says(&table, "me@example.com:secret one");
	assert_says(&table, "office@example.com:secret two");
	strbuf_free(&table);
	/* What the home screen knows of the last test is about the default relay. */
	assert_says_not(&fake->transcript, "of smtp.office.test");
}

static void test_default_and_direct(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Make default", {0}},
		{"Review", "Back", {0}},
		{"Relay office", "Make default", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "All mail", {0}},
		{"Mail without a route", "direct", {0}},
		{"Review", "Back", {0}},
		{"Mail without a route", "office", {0}},
		{"Nothing to change", "", {0}},
		{"Relays and routes", "All mail", {0}},
		{"Mail without a route", "direct", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript,
		"All mail  ->  office: smtp.office.test:587 as office@example.com");
	assert_says(&fake->transcript, "+relayhost = [smtp.office.test]:587");
	/* The default comes first in the list, and is not offered to become it. */
	assert_says(&fake->transcript,
		"  Relay office: smtp.office.test:587 as office@example.com\n"
		"* Relay default: smtp-relay.brevo.com:587");
	assert_says(&fake->transcript, "All mail  ->  directly, through no relay");
	assert_says(&fake->transcript, "All mail: -> directly, through no relay");
	assert_says(&fake->audit, "relay default: ");
}

static void test_each_and_all(void **state)
{
	static const struct fake_step one[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Test", {0}},
		{"The test passed", "", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};
	static const struct fake_step all[] = {
		{"Relays and routes", "Test all", {0}},
		{"1 of 2 failed", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};
	static const struct fake_step stopped[] = {
		{"Relays and routes", "Test all", {0}},
		{"1 of 2 passed", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(one);
	assert_says(&fake->transcript, "probe smtp.office.test:587 starttls name "
				       "login=office@example.com password=10");
	fake_forget(fake);
	fake->probe_host = "smtp.office.test";
	fake->next_probe =
		(struct fake_probe){PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH, NULL};
	at_relays(all);
	assert_int_equal(fake->probes_run, 2);
	assert_says(&fake->transcript, "0 default\n1 office\n");
	assert_says(&fake->transcript, "step 0 ok 40 ");
	assert_says(&fake->transcript, "step 1 failed 40 explained: auth-refused");
	/* What failed is read first. */
	assert_says(&fake->transcript,
		"office failed: smtp.office.test:587 as office@example.com\n  explained: "
		"auth-refused\n  What to do: do something\n\nPassed:\ndefault: "
		"smtp-relay.brevo.com:587 as me@example.com, 40 ms\n");
	fake_forget(fake);
	fake->next_probe.cause = PROBE_CAUSE_CANCELLED;
	at_relays(stopped);
	assert_says(&fake->transcript, "Stopped: 1 not tested.");
}

static void test_somebody_elses_relay(void **state)
{
	static const struct fake_step steps[] = {{"Relays and routes", "Back", {0}}, {0}};

	(void)state;
	machine_append(&machine, "relayhost = [mail.example.net]:587\n");
	at_relays(steps);
	assert_says(&fake->transcript, "A relay is set up ([mail.example.net]:587), but not by "
				       "relaycon. What is added here takes its place.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_first_relay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_back_at_each_step_of_adding, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hang_up_at_each_step, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_that_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_second_relay_is_idle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_default_and_direct, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_each_and_all, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_somebody_elses_relay, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: several relays", tests, NULL, NULL);
}
