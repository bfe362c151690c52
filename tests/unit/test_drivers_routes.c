/*
 * The screens of routes, failover and sender rewriting, and "who would take this mail?": a script of
 * answers for each path, what was shown on it, and what Postfix's files say then.
 */
#include "test_drivers_several.h"

static void assert_settings_have(const char *words)
{
	struct strbuf now = STRBUF_INIT;

	machine_read(&machine, "state/settings.ini", &now);
	assert_says(&now, words);
	strbuf_free(&now);
}

static void add_route(const char *kind, const char *pattern, const char *relay)
{
	char *set[3] = {text_format("kind=%s", kind), text_format("pattern=%s", pattern),
		text_format("relay=%s", relay)};
	const struct fake_step steps[] = {
		{"Relays and routes", "Add a route", {0}},
		{"Add a route", "Review", {set[0], set[1], set[2]}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	at_relays(steps);
	for (size_t i = 0; i < 3; i++)
		free(set[i]);
}

static void test_routes_in_their_order(void **state)
{
	static const struct fake_step look[] = {{"Relays and routes", "Back", {0}}, {0}};

	(void)state;
	add_route("sender", "Example.COM", "office");
	add_route("sender", "boss@example.com", "default");
	add_route("sender", "<>", "direct");
	add_route("recipient", "example.net", "office");
	add_route("recipient", "you@example.net", "direct");
	fake_forget(fake);
	at_relays(look);
	assert_says(&fake->transcript,
		"Mail takes the first way below that fits. Enter on a line changes it.\n"
		"* Relay default: smtp-relay.brevo.com:587 as me@example.com\n"
		"  Relay office: smtp.office.test:587 as office@example.com\n"
		"  To you@example.net: -> directly, through no relay\n"
		"  To example.net: -> office: smtp.office.test:587 as office@example.com\n"
		"  Bounces, from <>: -> directly, through no relay\n"
		"  From boss@example.com: -> default: smtp-relay.brevo.com:587 as me@example.com\n"
		"  From @example.com: -> office: smtp.office.test:587 as office@example.com\n"
		"  All other mail: -> default: smtp-relay.brevo.com:587 as me@example.com\n");
	assert_main_cf_has(&machine, "sender_dependent_default_transport_maps = ");
	assert_main_cf_has(&machine, "transport_maps = ");
	assert_settings_have("@example.com office");
}

static void test_patterns_that_are_refused(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Add a route", {0}},
		{"Add a route", "Review", {0}},
		{"Add a route", "Review", {"pattern=two words@example.com"}},
		{"Add a route", "Review", {"kind=recipient", "pattern=<>"}},
		{"Add a route", "Review", {"kind=sender", "pattern=EXAMPLE.com"}},
		/* The very route that is there. */
		{"Nothing to change", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	add_route("sender", "example.com", "office");
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript,
		"refused pattern: Type an address (user@example.com) or a domain");
	assert_says(
		&fake->transcript, "kind=sender\npattern=two words@example.com\nrelay=office\n");
	assert_says(&fake->transcript, "refused pattern: ");
	assert_int_equal(fake->audit.len, 0);
}

static void test_conflicts_are_said_in_the_form(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Add a route", {0}},
		{"Add a route", "Review", {"pattern=@EXAMPLE.com", "relay=direct"}},
		{"Add a route", "Review", {"pattern=example.org"}},
		{"Review", "Back", {0}},
		{"Add a route", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	add_route("sender", "example.com", "office");
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript, "pattern=@EXAMPLE.com\nrelay=direct\nproblem: ");
	assert_says(&fake->transcript, "From @example.org  ->  directly, through no relay");
	assert_says(&fake->transcript, "[form edited] Add a route");
	assert_int_equal(fake->audit.len, 0);
}

static void test_change_and_remove_a_route(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "From @example.com", {0}},
		{"Route", "Review", {0}},
		{"Nothing to change", "", {0}},
		{"Relays and routes", "From @example.com", {0}},
		{"Route", "Review", {"pattern=example.org", "relay=direct"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "From @example.org", {0}},
		{"Route", "Remove", {0}},
		{"Remove the route", "Back", {0}},
		{"Route", "Remove", {0}},
		{"Remove the route", "Remove", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	add_route("sender", "example.com", "office");
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript, "kind=sender\npattern=@example.com\nrelay=office\n");
	assert_says(&fake->transcript,
		"From @example.org: this route goes. Its mail takes the next way that fits.");
	assert_says(&fake->audit, "route change: ");
	assert_says(&fake->audit, "route remove: ");
	/* Without routes the files are those of a single relay. */
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587\n");
	assert_false(machine_exists(&machine, "config/relaycon_sender_routes"));
}

static void test_a_relay_that_is_needed_stays(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay office", {0}},
		{"Relay office", "Remove", {0}},
		{"Relay office", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	add_route("sender", "example.com", "office");
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript, "Takes: From @example.com\n");
	assert_says(&fake->transcript, "[error 64] The relay office is still needed: ");
	assert_says(&fake->transcript, "@example.com");
	assert_int_equal(fake->audit.len, 0);
}

static void add_relay(const char *name, const char *host)
{
	char *title = text_format("Relay %s: Custom relay", name);
	char *set[2] = {text_format("name=%s", name), text_format("host=%s", host)};
	const struct fake_step steps[] = {
		{"Relays and routes", "Add a relay", {0}},
		{"Add a relay", "Custom", {0}},
		{"Add a relay", "Next", {set[0]}},
		{title, "Test and review", {set[1], "login=x", "password=y"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	fake->probe_next = 0;
	at_relays(steps);
	free(title);
	free(set[0]);
	free(set[1]);
}

static void test_failover_order(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay default", {0}},
		{"Relay default", "Failover", {0}},
		{"Failover of default", "Add", {0}},
		{"Another relay", "office", {0}},
		{"Failover of default", "Add", {0}},
		{"Another relay", "Back", {0}},
		{"Failover of default", "Add", {0}},
		{"Another relay", "backup", {0}},
		/* All that there are. */
		{"Failover of default", "2. backup", {0}},
		{"backup takes over from default", "Earlier", {0}},
		{"Failover of default", "Review", {0}},
		{"Review", "Back", {0}},
		{"Failover of default", "Back", {0}},
		{"Failover", "Keep editing", {0}},
		{"Failover of default", "Review", {0}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relay default", "Failover", {0}},
		{"Failover of default", "1. backup", {0}},
		{"backup takes over from default", "Later", {0}},
		{"Failover of default", "2. backup", {0}},
		{"backup takes over from default", "Take it out", {0}},
		{"Failover of default", "Back", {0}},
		{"Failover", "Throw away", {0}},
		{"Relay default", "Back", {0}},
		{"Relays and routes", "Relay backup", {0}},
		{"Relay backup", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	add_relay("backup", "smtp.backup.test");
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript, "default, else backup, else office\n");
	assert_says(&fake->transcript, "Falls back to: backup, office\n");
	assert_says(&fake->transcript, "Takes over from: default\n");
	assert_says(&fake->transcript,
		"Relay default: smtp-relay.brevo.com:587 as me@example.com, else backup, office\n");
	assert_settings_have("fallback = backup, office");
	assert_main_cf_has(&machine, "relaycon:[smtp-relay.brevo.com]:587,[smtp.backup.test]:587,"
				     "[smtp.office.test]:587\n");
}

static void test_sender_rewriting(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Relay default", {0}},
		{"Relay default", "Sender rewriting", {0}},
		{"Sender rewriting of default", "Review", {"sender-rewrite=no address"}},
		{"Sender rewriting of default", "Review", {"sender-rewrite=list@example.com"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relay default", "Sender rewriting", {0}},
		{"Sender rewriting of default", "Review", {"sender-rewrite="}},
		{"Review", "Back", {0}},
		{"Sender rewriting of default", "Back", {0}},
		{"Relay default", "Edit", {0}},
		{"Relay default: Brevo", "Test and review", {0}},
		/* The form does not ask for it, and does not forget it. */
		{"Nothing to change", "", {0}},
		{"Relay default", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	at_relays(steps);
	assert_says(&fake->transcript, "sender-rewrite=no address\nproblem: ");
	assert_says(&fake->transcript, "Senders of other domains become: list@example.com\n");
	assert_settings_have("sender-rewrite = list@example.com");
}

static void test_who_takes_it(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Who takes it?", {0}},
		{"Who would take this mail?", "Ask", {0}},
		{"Who would take this mail?", "Ask", {"sender=me", "recipient=you@example.net"}},
		{"Who would take this mail?", "Ask", {"sender=me@example.com"}},
		{"Who would take this mail?", "", {0}},
		{"Who would take this mail?", "Ask", {"sender="}},
		{"Who would take this mail?", "", {0}},
		{"Who would take this mail?", "Ask", {"sender=x@example.org"}},
		{"Who would take this mail?", "", {0}},
		{"Who would take this mail?", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	add_route("sender", "example.com", "office");
	add_route("sender", "<>", "direct");
	fake_forget(fake);
	at_relays(steps);
	assert_says(&fake->transcript, "refused recipient: Type a whole address");
	assert_says(&fake->transcript, "refused sender: Type a whole address");
	assert_says(&fake->transcript, "Mail from me@example.com to you@example.net:");
	assert_says(&fake->transcript, "Goes through: office: smtp.office.test:587");
	assert_says(&fake->transcript, "Mail from <> to you@example.net:");
	assert_says(&fake->transcript, "Mail from x@example.org to you@example.net:");
	assert_says(&fake->transcript, "Goes through: default: smtp-relay.brevo.com:587");
}

/* --- many ------------------------------------------------------------------------------------- */

static void set_up_many(size_t relays, size_t routes)
{
	struct strbuf file = STRBUF_INIT;
	char *path = scratch_path(&machine.scratch, "many.ini");

	strbuf_adds(&file, "[settings]\nformat = 1\ndefault = default\n");
	for (size_t i = 0; i < relays; i++) {
		if (i)
			strbuf_addf(&file, "[relay relay-%03zu]\n", i);
		else
			strbuf_adds(&file, "[relay default]\n");
		strbuf_addf(
			&file, "provider = custom\nhost = smtp%zu.test\nport = 587\nlogin =\n", i);
	}
	strbuf_adds(&file, "[routes]\nsender =\n");
	for (size_t i = 0; i < routes; i++)
		strbuf_addf(&file, "  @domain%04zu.test relay-%03zu\n", i, i % (relays - 1) + 1);
	scratch_write(&machine.scratch, "many.ini", file.data, file.len);
	if (fake_command(fake, "apply", path, "--no-test", NULL) != 0)
		fail_msg("%s", fake->err.data);
	strbuf_free(&file);
	free(path);
	fake_forget(fake);
}

static void test_many_are_searched(void **state)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Find a route", {0}},
		{"Find a route", "Find", {"find=nowhere"}},
		{"Find a route", "", {0}},
		{"Find a route", "Find", {"find=domain"}},
		{"Find a route", "Back", {0}},
		{"Find a route", "Find", {"find=DOMAIN0042"}},
		{"Find a route", "From @domain0042.test", {0}},
		{"Route", "Review", {"relay=relay-999"}},
		{"Route", "Review", {"relay=direct"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Find a relay", {0}},
		{"Find a relay", "Find", {"find=relay"}},
		{"Find a relay", "", {0}},
		{"Find a relay", "Find", {"find=smtp7.test"}},
		{"Find a relay", "relay-007", {0}},
		{"Relay relay-007", "Back", {0}},
		{"Relays and routes", "All other mail", {0}},
		{"Mail without a route", "Find", {"find=none of them"}},
		{"Mail without a route", "Back", {0}},
		{"Mail without a route", "Back", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	(void)state;
	set_up_many(80, 1000);
	at_relays(steps);
	assert_says(&fake->transcript,
		"* Relay default: smtp0.test:587, no login\n"
		"  Find a relay: one of 80, by name, server or login\n"
		"  Find a route: one of 1000, by address, domain or relay\n");
	assert_says(&fake->transcript, "The first 100 of 1000 routes that hold \"domain\".");
	assert_says(&fake->transcript, "refused relay: There is no relay of that name.");
	assert_says(&fake->transcript, "No route holds that");
	assert_says(&fake->transcript, "79 relays hold that. Type a longer part.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_routes_in_their_order, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_patterns_that_are_refused, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_conflicts_are_said_in_the_form, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_change_and_remove_a_route, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_relay_that_is_needed_stays, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_failover_order, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_sender_rewriting, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_who_takes_it, set_up_two, tear_down),
		cmocka_unit_test_setup_teardown(test_many_are_searched, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: routes", tests, NULL, NULL);
}
