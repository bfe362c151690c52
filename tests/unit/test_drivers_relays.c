/*
 * The commands for several relays on a private Postfix folder (which does not run), with a probe that
 * answers as told: relay, and what status and test say of several. Routes: test_drivers_ways.c; the whole
 * as a file: test_drivers_apply.c.
 */
#include <json-c/json.h>

#include "test_drivers_three.h"

static void test_set_and_list(void **state)
{
	(void)state;
	make_three();
	list();
	assert_string_equal(fake->out.data,
		"default: smtp-relay.brevo.com:587, STARTTLS, certificate verified, as "
		"me@example.com; the default\n"
		"grid: smtp.grid.test:587, STARTTLS, certificate verified, as apikey\n"
		"office: smtp-relay.brevo.com:587, STARTTLS, certificate verified, as "
		"office@example.com\n");
	/* The same again, with the stored password. */
	assert_int_equal(fake_command(fake, "relay", "set", "office", "brevo",
				 "--login=office@example.com", NULL),
		0);
	assert_says(&fake->out, "unchanged: ");
	assert_int_equal(fake->probes_run, 0);
	/* configure is `relay set default`, and leaves the others alone. */
	assert_int_equal(fake_command(fake, "relay", "set", "default", "brevo",
				 "--login=me@example.com", NULL),
		0);
	assert_says(&fake->out, "unchanged: ");
	assert_int_equal(fake_command(fake, "configure", "grid", "--region=eu", two, NULL), 0);
	assert_int_equal(fake->probes_run, 1);
	list();
	assert_says(&fake->out, "default: smtp.eu.grid.test:587");
	assert_says(&fake->out, "office: smtp-relay.brevo.com:587");
}

/* A relay that is not the default and that no route leads to takes no mail: main.cf stays. */
static void test_an_idle_relay_changes_no_mail(void **state)
{
	struct strbuf before = STRBUF_INIT;

	(void)state;
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me@example.com", one,
				 "--no-test", NULL),
		0);
	machine_read(&machine, "config/main.cf", &before);
	assert_int_equal(fake_command(fake, "relay", "set", "grid", "grid", two, NULL), 0);
	assert_says(&fake->out, "No mail goes there yet");
	assert_int_equal(fake->probes_run, 1);
	assert_says(&fake->transcript, "probe smtp.grid.test:587");
	assert_main_cf_has(&machine, before.data);
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
	assert_says(&fake->out, "\"default\":\"default\"");
	assert_says(&fake->out, "\"routes\":0");
	assert_int_equal(fake_command(fake, "status", NULL), 0);
	assert_says(&fake->out, "through smtp-relay.brevo.com port 587 (Brevo)");
	assert_says(&fake->out, "Relays: 2; routes: 0\n");
	strbuf_free(&before);
}

/* Without a provider only what is said changes; with one, all but what no provider knows. */
static void test_change_and_say_anew(void **state)
{
	(void)state;
	make_three();
	assert_int_equal(fake_command(fake, "relay", "set", "office", "--port=2525",
				 "--fallback=grid,default", "--sender-rewrite=Office@EXAMPLE.com",
				 two, "--no-test", NULL),
		0);
	list();
	assert_says(&fake->out,
		"office: smtp-relay.brevo.com:2525, STARTTLS, certificate verified, as "
		"office@example.com; else grid, default; foreign senders become "
		"Office@example.com\n");
	assert_int_equal(fake_command(fake, "relay", "set", "office", "grid", "--region=eu", two,
				 "--no-test", NULL),
		0);
	list();
	assert_says(&fake->out,
		"office: smtp.eu.grid.test:587, STARTTLS, certificate verified, as apikey; else "
		"grid, default; foreign senders become Office@example.com\n");
	assert_int_equal(
		fake_command(fake, "relay", "set", "office", "--region=global", "--port=2525",
			"--fallback=none", "--sender-rewrite=none", two, "--no-test", NULL),
		0);
	list();
	assert_says(&fake->out, "office: smtp.grid.test:2525, STARTTLS, certificate verified, as "
				"apikey\n");
	/* What becomes encrypted is verified. */
	assert_int_equal(fake_command(fake, "relay", "set", "office", "--tls=none", "--no-auth",
				 "--no-test", NULL),
		0);
	list();
	assert_says(&fake->out, "office: smtp.grid.test:2525, not encrypted");
	assert_int_equal(fake_command(fake, "relay", "set", "office", "--tls=starttls",
				 "--login=apikey", two, "--no-test", NULL),
		0);
	list();
	assert_says(&fake->out, "office: smtp.grid.test:2525, STARTTLS, certificate verified");
}

static void test_usage(void **state)
{
	const struct {
		const char *words[6];
		const char *says;
	} cases[] = {
		{{"relay", "set", "Office", "grid", two}, "name"},
		{{"relay", "set", "direct", "grid", two}, "direct"},
		{{"relay", "set", "new", "--port=25"}, "--host"},
		{{"relay", "set", "new", "gird", two}, "grid"},
		{{"relay", "set", "new", "grid", "--fallback=grdi", two}, "\"grid\""},
		{{"relay", "set", "grid", "--fallback=grid"}, "itself"},
		{{"relay", "set", "grid", "--fallback=ofice"}, "ofice"},
		{{"relay", "set", "grid", "--sender-rewrite=nobody"}, "nobody"},
		{{"relay", "set", "grid", "--region=mars"}, "mars"},
		{{"relay", "remove", "ofice"}, "office"},
		{{"relay", "rename", "ofice", "new"}, "office"},
		{{"relay", "rename", "office", "grid"}, "grid"},
		{{"relay", "rename", "office", "Not A Name"}, "name"},
		{{"route", "add", "office"}, "--sender"},
		{{"route", "add", "office", "--sender=@a.test", "--recipient=a.test"}, "each one"},
		{{"route", "add", "ofice", "--sender=@a.test"}, "office"},
		{{"route", "add", "office", "--sender=not an address"}, "not an address"},
		{{"route", "remove", "--sender=@a.test"}, "@a.test"},
		{{"route", "remove"}, "--sender"},
		{{"route", "test", "--from=a@b.test"}, "--to"},
		{{"route", "test", "--from=a@b.test", "--to=b.test"}, "b.test"},
		{{"apply", "/nowhere/at/all"}, "/nowhere/at/all"},
		{{"test", "--all", "grid"}, "--all"},
		{{"test", "--all", "--port=25"}, "--port"},
	};
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;

	(void)state;
	make_three();
	machine_read(&machine, "state/settings.ini", &before);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const *words = cases[i].words;
		int code = fake_command(
			fake, words[0], words[1], words[2], words[3], words[4], words[5], NULL);

		if (code != ERROR_USAGE && strcmp(words[0], "apply") != 0)
			fail_msg("row %zu: exit code %d: %s", i, code, fake->err.data);
		assert_int_not_equal(code, 0);
		assert_says(&fake->err, cases[i].says);
	}
	machine_read(&machine, "state/settings.ini", &after);
	assert_string_equal(before.data, after.data);
	strbuf_free(&before);
	strbuf_free(&after);
}

static void test_remove_and_rename(void **state)
{
	(void)state;
	make_three();
	assert_int_equal(fake_command(fake, "relay", "set", "grid", "--fallback=office", NULL), 0);
	assert_int_equal(fake_command(fake, "relay", "remove", "office", NULL), ERROR_USAGE);
	assert_says(&fake->err, "grid");
	assert_int_equal(fake_command(fake, "relay", "rename", "office", "branch", NULL), 0);
	assert_says(&fake->out, "changed: relay office is called branch now.");
	assert_int_equal(fake->probes_run, 0);
	list();
	assert_says(&fake->out, "branch: smtp-relay.brevo.com:587");
	assert_says(&fake->out, "as apikey; else branch\n");
	assert_int_equal(fake_command(fake, "relay", "remove", "grid", "--dry-run", NULL), 0);
	list();
	assert_says(&fake->out, "grid: ");
	assert_int_equal(fake_command(fake, "relay", "remove", "grid", "--json", NULL), 0);
	assert_says(&fake->out, "\"result\":\"changed\"");
	list();
	assert_says_not(&fake->out, "grid: ");
	/* The default goes by another name as well, and without it mail is direct. */
	assert_int_equal(fake_command(fake, "relay", "rename", "default", "main", NULL), 0);
	list();
	assert_says(&fake->out, "main: smtp-relay.brevo.com:587, STARTTLS, certificate verified, "
				"as me@example.com; the default\n");
	assert_int_equal(fake_command(fake, "relay", "remove", "main", NULL), 0);
	assert_int_equal(fake_command(fake, "route", "list", NULL), 0);
	assert_string_equal(fake->out.data, "all mail -> direct, by no relay\n");
	assert_int_equal(fake_command(fake, "relay", "rename", "branch", "default", NULL), 0);
	list();
	assert_says(&fake->out, "; the default\n");
	assert_int_equal(fake_command(fake, "deconfigure", NULL), 0);
	assert_untouched(&machine);
}

static void test_test_of_one_and_all(void **state)
{
	(void)state;
	make_three();
	assert_int_equal(fake_command(fake, "test", "office", NULL), 0);
	assert_says(&fake->transcript,
		"probe smtp-relay.brevo.com:587 starttls name login=office@example.com "
		"password=10 ");
	assert_int_equal(fake_command(fake, "test", "office", "--port=2525", two, NULL), 0);
	assert_says(&fake->transcript, "probe smtp-relay.brevo.com:2525 ");
	assert_int_equal(fake_command(fake, "test", "--all", NULL), 0);
	assert_int_equal(fake->probes_run, 3);
	assert_says(&fake->out, "default: Test passed: smtp-relay.brevo.com port 587");
	assert_says(&fake->out, "grid: Test passed: smtp.grid.test port 587");
	assert_says(&fake->out, "office: Test passed: smtp-relay.brevo.com port 587");
	fake->next_probe =
		(struct fake_probe){PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH, NULL};
	fake->probe_host = "smtp.grid.test";
	assert_int_equal(fake_command(fake, "test", "--all", NULL), ERROR_DENIED);
	assert_says(&fake->out, "grid: Test failed: explained: auth-refused\n");
	assert_says(&fake->err, "1 of 3 relays failed the test.");
	assert_int_equal(fake_command(fake, "test", "--all", "--json", NULL), ERROR_DENIED);
	struct json_object *document = json_tokener_parse(fake->out.data);

	assert_non_null(document);
	json_object_put(document);
	assert_says(&fake->out, "\"relay\":\"grid\"");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_set_and_list),
		TEST(test_an_idle_relay_changes_no_mail),
		TEST(test_change_and_say_anew),
		TEST(test_usage),
		TEST(test_remove_and_rename),
		TEST(test_test_of_one_and_all),
	};

	return cmocka_run_group_tests_name("drivers: several relays by command", tests, NULL, NULL);
}
