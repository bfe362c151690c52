/* One relay among several, on the screen: edited, given another provider or name, removed. */
#include "test_drivers_several.h"

static void make_office_the_default(void)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Make default", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	at_relays(steps);
	fake_forget(fake);
}

static void test_one_relay_in_words(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay default", {0}},
		{"Relay default", "Back", {0}},
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript, "Takes: all mail without a route");
	assert_says(&fake->transcript, "Takes: nothing; no route leads to it");
	assert_says(
		&fake->transcript, "  Relay office: smtp.office.test:587 as office@example.com");
}

static void test_edit_keeps_the_stored_password(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Edit", {0}},
		{"Relay office: Custom relay", "Test and review", {"tls=implicit"}},
		/* Another port is another server. */
		{"Relay office: Custom relay", "Test and review", {"password=secret two"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relay office", "Edit", {0}},
		{"Relay office: Custom relay", "Test and review", {0}},
		{"Nothing to change", "", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript, "probe smtp.office.test:465 implicit name "
				       "login=office@example.com password=10");
	assert_says(&fake->transcript, "Relay office: smtp.office.test:465");
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
}

static void test_another_provider_under_the_name(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Other provider", {0}},
		{"Relay office", "Grid", {0}},
		{"Grid", "Back", {0}},
		{"Relay office", "Grid", {0}},
		{"Grid", "Go on", {0}},
		{"Grid", "eu", {0}},
		{"Relay office: Grid", "Test and review", {"password=secret three"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript, "Relay office: smtp.eu.grid.test:587 as apikey");
}

static void test_simple_flow_beside_named_relays(void **state)
{
	static const struct fake_step custom[] = {
		{"Custom relay", "Test and review",
			{"login=new@example.com", "password=secret two"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};
	static const struct fake_step look[] = {{"Relays and routes", "Back", {0}}, {0}};

	(void)state;
	make_office_the_default();
	/* The menu's own entries are about the default relay, whatever its name. */
	assert_int_equal(fake_run(fake, "custom", "custom", custom), CONSOLE_OK);
	assert_says(&fake->transcript, "host=smtp.office.test");
	at_relays(look);
	assert_says(&fake->transcript,
		"* Relay office: smtp.office.test:587 as new@example.com\n"
		"  Relay default: smtp-relay.brevo.com:587 as me@example.com");
}

static void test_another_provider_replaces_no_named_relay(void **state)
{
	static const struct fake_step grid[] = {
		{"Grid", "Go on", {0}},
		{"Grid", "eu", {0}},
		{"Grid", "Test and review", {"password=secret three"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};
	static const struct fake_step look[] = {{"Relays and routes", "Back", {0}}, {0}};

	(void)state;
	make_office_the_default();
	/* Routes may lead to "office" and to "default": what these are stays. */
	assert_int_equal(fake_run(fake, "preset", "grid", grid), CONSOLE_OK);
	at_relays(look);
	assert_says(&fake->transcript,
		"* Relay grid: smtp.eu.grid.test:587 as apikey\n"
		"  Relay default: smtp-relay.brevo.com:587 as me@example.com\n"
		"  Relay office: smtp.office.test:587 as office@example.com\n");
}

static void test_rename(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Rename", {0}},
		{"Rename the relay office", "Review", {"name=No Name"}},
		{"Rename the relay office", "Review", {"name=default"}},
		{"Rename the relay office", "Review", {"name=branch"}},
		{"Review", "Back", {0}},
		{"Rename the relay office", "Review", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Relay branch", {0}},
		{"Relay branch", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript, "refused name: \"No Name\" is no name");
	assert_says(&fake->transcript, "problem: There is a relay default already.");
	assert_says(&fake->transcript, "Mail goes the same ways as before.");
	assert_says(&fake->transcript, "(no visible change in Postfix's files");
}

static void test_remove(void **state)
{
	static const struct fake_step idle[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Remove", {0}},
		{"Remove the relay office", "Back", {0}},
		{"Relay office", "Remove", {0}},
		{"Remove the relay office", "Remove", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Relay default", {0}},
		{"Relay default", "Remove", {0}},
		{"Remove the relay default", "Back", {0}},
		{"Relay default", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};
	struct strbuf table = STRBUF_INIT;

	(void)state;
	at_relays(idle);
	assert_says(&fake->transcript, "The relay goes, and its stored password.");
	assert_says(&fake->transcript, "The relay office is removed.");
	assert_says(&fake->transcript,
		"Warning: it is the default relay. Mail without a route goes directly then.");
	machine_read(&machine, "config/relaycon_sasl_passwd", &table);
	assert_says(&table, "secret one");
	assert_says_not(&table, "secret two");
	strbuf_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_relay_in_words, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_edit_keeps_the_stored_password, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_another_provider_under_the_name, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_simple_flow_beside_named_relays, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_another_provider_replaces_no_named_relay, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_rename, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_remove, set_up_two, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: one of several relays", tests, NULL, NULL);
}
