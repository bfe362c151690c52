/*
 * The commands on a private Postfix folder (which does not run), with a probe that answers as told:
 * exit codes, documents, and what stands in the files afterwards.
 */
#include <json-c/json.h>

#include "test_drivers_site.h"

static struct machine machine;
static struct fake_host *const fake = &machine.fake;
static char *password_option;

static int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_COMMAND);
	scratch_write(&machine.scratch, "password", "secret one\n", 11);
	scratch_write(&machine.scratch, "other", "secret two\n", 11);
	scratch_write(&machine.scratch, "empty", "\n", 1);
	password_option = text_format("--password-file=%s/password", machine.scratch.dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(password_option);
	machine_remove(&machine);
	return 0;
}

/* Standard output is one JSON document; a path "a.0.b" in it, as text ("" for null). */
static char *json_at(const char *path)
{
	struct json_object *document = json_tokener_parse(fake->out.data);
	struct json_object *at = document;
	char *copy = text_dup(path);
	char *value;

	if (!document)
		fail_msg("not a JSON document: %s", fake->out.data);
	for (char *word = copy, *next; word && *word; word = next) {
		next = strchr(word, '.');
		if (next)
			*next++ = '\0';
		if (json_object_is_type(at, json_type_array))
			at = json_object_array_get_idx(at, strtoul(word, NULL, 10));
		else if (!json_object_object_get_ex(at, word, &at))
			fail_msg("%s is not in %s", path, fake->out.data);
	}
	value = text_dup(at ? json_object_get_string(at) : "");
	free(copy);
	json_object_put(document);
	return value;
}

static void assert_json(const char *path, const char *expected)
{
	char *value = json_at(path);

	if (strcmp(value, expected) != 0)
		fail_msg("%s is \"%s\", expected \"%s\", in %s", path, value, expected,
			fake->out.data);
	free(value);
}

static int configure_brevo(void)
{
	return fake_command(fake, "configure", "brevo", "--login=me@example.com", password_option,
		"--no-test", NULL);
}

static void test_configure_then_unchanged_then_back(void **state)
{
	struct strbuf before = STRBUF_INIT;
	struct strbuf after = STRBUF_INIT;

	(void)state;
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me@example.com",
				 password_option, "--json", NULL),
		0);
	assert_json("result", "changed");
	assert_json("test.result", "ok");
	assert_json("test.steps.0.name", "resolve");
	assert_json("test.steps.0.result", "ok");
	assert_json("test.steps.0.ms", "5");
	assert_json("test.steps.0.detail", "detail of resolve");
	assert_json("test.cause", "");
	assert_says(&fake->out, "+relayhost = [smtp-relay.brevo.com]:587");
	assert_says_not(&fake->out, "secret one");
	assert_says(&fake->audit, "configure: direct -> relay [smtp-relay.brevo.com]:587 as "
				  "me@example.com, starttls, verify name: ok");
	assert_says_not(&fake->audit, "secret one");

	machine_read(&machine, "state/last-test.json", &before);
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me@example.com",
				 password_option, "--json", NULL),
		0);
	assert_json("result", "unchanged");
	assert_json("test", "");
	assert_json("diff", "");
	assert_int_equal(fake->probes_run, 0);
	assert_int_equal(fake->audit.len, 0);
	machine_read(&machine, "state/last-test.json", &after);
	assert_string_equal(before.data, after.data);

	/* Kept without being asked for, where nobody can be asked. */
	assert_int_equal(
		fake_command(fake, "configure", "brevo", "--login=me@example.com", NULL), 0);
	assert_says(&fake->out, "unchanged: ");

	assert_int_equal(fake_command(fake, "deconfigure", "--json", NULL), 0);
	assert_json("result", "changed");
	assert_json("kept", "[ ]");
	assert_says(&fake->audit, "deconfigure: smtp-relay.brevo.com:587, ");
	assert_untouched(&machine);
	assert_int_equal(fake_command(fake, "deconfigure", "--json", NULL), 0);
	assert_json("result", "unchanged");
	assert_int_equal(fake->audit.len, 0);
	strbuf_free(&before);
	strbuf_free(&after);
}

static void test_dry_run_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me", password_option,
				 "--dry-run", NULL),
		0);
	assert_says(&fake->out, "+relayhost = [smtp-relay.brevo.com]:587");
	assert_says_not(&fake->out, "secret one");
	assert_int_equal(fake->probes_run, 0);
	assert_untouched(&machine);
	assert_false(machine_exists(&machine, "state"));
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me", password_option,
				 "--dry-run", "--json", NULL),
		0);
	assert_json("result", "planned");
	assert_json("test", "");
	assert_int_equal(fake->audit.len, 0);

	assert_int_equal(configure_brevo(), 0);
	assert_int_equal(fake_command(fake, "deconfigure", "--dry-run", "--json", NULL), 0);
	assert_json("result", "planned");
	assert_says(&fake->out, "-relayhost = [smtp-relay.brevo.com]:587");
	assert_says_not(&fake->out, "secret one");
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
}

static void test_a_failed_test_writes_nothing(void **state)
{
	static const struct {
		enum probe_cause cause;
		enum error_code code;
		enum probe_step_id step;
		const char *word;
	} cases[] = {
		{PROBE_CAUSE_NAME_NOT_FOUND, ERROR_UNAVAILABLE, PROBE_RESOLVE, "name-not-found"},
		{PROBE_CAUSE_TLS_NOT_OFFERED, ERROR_UNAVAILABLE, PROBE_STARTTLS, "tls-not-offered"},
		{PROBE_CAUSE_AUTH_REFUSED, ERROR_DENIED, PROBE_AUTH, "auth-refused"},
		{PROBE_CAUSE_AUTH_TEMPORARY, ERROR_BUSY, PROBE_AUTH, "auth-temporary"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct fake_probe answer = {
			cases[i].cause, cases[i].code, cases[i].step, NULL};
		char code[8];

		for (int json = 0; json < 2; json++) {
			fake->next_probe = answer;
			assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me",
						 password_option, json ? "--json" : NULL, NULL),
				cases[i].code);
			assert_untouched(&machine);
			assert_false(machine_exists(&machine, "state"));
		}
		snprintf(code, sizeof code, "%d", cases[i].code);
		assert_json("result", "failed");
		assert_json("error.code", code);
		assert_json("error.advice", "do something");
		assert_json("test.result", "failed");
		assert_json("test.cause", cases[i].word);
		fake->next_probe = answer;
		assert_int_equal(fake_command(fake, "test", "brevo", "--login=me", password_option,
					 "--json", NULL),
			cases[i].code);
		assert_json("result", "failed");
		assert_json("cause", cases[i].word);
		assert_json("advice", "do something");
		assert_false(machine_exists(&machine, "state"));
	}
	fake->next_probe = (struct fake_probe){0};
}

static void test_where_the_password_comes_from(void **state)
{
	char *empty = text_format("--password-file=%s/empty", machine.scratch.dir);
	char *missing = text_format("--password-file=%s/missing", machine.scratch.dir);
	struct strbuf table = STRBUF_INIT;

	(void)state;
	assert_int_equal(
		fake_command(fake, "configure", "brevo", "--login=me", empty, "--no-test", NULL),
		65);
	assert_true(fake_command(fake, "configure", "brevo", "--login=me", missing, NULL) != 0);
	assert_says(&fake->err, "missing");
	fake->face.terminal = true;
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me", NULL), 130);
	fake->terminal_secret = "";
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me", NULL), 64);
	assert_untouched(&machine);
	fake->terminal_secret = "typed secret";
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me", NULL), 0);
	/* The host adds the colon. */
	assert_says(&fake->transcript, "[secret] Password of me at smtp-relay.brevo.com\n");
	fake->terminal_secret = "";
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me", NULL), 0);
	assert_says(&fake->transcript, "empty keeps the stored one");
	assert_says(&fake->out, "unchanged");
	machine_read(&machine, "config/relaycon_sasl_passwd", &table);
	assert_says(&table, "[smtp-relay.brevo.com]:587 me:typed secret\n");
	strbuf_free(&table);
	free(empty);
	free(missing);
}

static void test_options_make_the_relay(void **state)
{
	static const struct {
		const char *provider;
		const char *options[3];
		const char *probe;
	} cases[] = {
		{"brevo", {"--login=me"}, "probe smtp-relay.brevo.com:587 starttls name login=me"},
		{"brevo", {"--login=me", "--port=465"}, ".com:465 implicit name"},
		{"brevo", {"--login=me", "--tls=implicit"}, ".com:465 implicit name"},
		{"brevo", {"--login=me", "--port=2525"}, ".com:2525 starttls name"},
		{"brevo", {"--login=me", "--tls=implicit", "--port=2465"}, ".com:2465 implicit"},
		{"brevo", {"--login=me", "--host=other.test"}, "probe other.test:587 starttls"},
		{"brevo", {"--login=me", "--verify=none"}, ".com:587 starttls none"},
		{"brevo", {"--login=me", "--tls=none", "--allow-unencrypted-login"},
			".com:587 none none login=me password=10 unencrypted=yes"},
		{"grid", {"--region=eu"}, "probe smtp.eu.grid.test:587 starttls name login=apikey"},
		{"grid", {NULL}, "probe smtp.grid.test:587 starttls name login=apikey"},
		{"custom", {"--host=[Relay.Test]:465", "--login=me"},
			"probe relay.test:465 implicit name"},
		{"custom", {"--host=relay.test", "--login=me", "--tls=implicit"},
			"probe relay.test:465 implicit name"},
		{"custom", {"--host=relay.test", "--login=me", "--verify=fingerprint"},
			"probe relay.test:587 starttls fingerprint"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(fake_command(fake, "test", cases[i].provider, password_option,
					 cases[i].options[0], cases[i].options[1],
					 cases[i].options[2], NULL),
			0);
		assert_says(&fake->transcript, cases[i].probe);
	}
}

static void test_test_of_the_configured_relay(void **state)
{
	struct strbuf record = STRBUF_INIT;

	(void)state;
	assert_int_equal(configure_brevo(), 0);
	assert_false(machine_exists(&machine, "state/last-test.json"));
	assert_int_equal(fake_command(fake, "test", "--json", NULL), 0);
	assert_says(&fake->transcript, "starttls name login=me@example.com password=10");
	assert_json("result", "ok");
	assert_json("cause", "");
	machine_read(&machine, "state/last-test.json", &record);
	assert_says(&record, "smtp-relay.brevo.com");
	/* Another port: the stored password is bound to the one that it was given for. */
	assert_int_equal(fake_command(fake, "test", "--port=2525", NULL), 64);
	assert_says(&fake->err, "--password-file");
	assert_int_equal(fake->probes_run, 0);
	assert_int_equal(fake_command(fake, "test", "--port=2525", password_option, NULL), 0);
	assert_says(&fake->out, "Look up the name: ok, 5 ms");
	assert_says(&fake->out, "Test passed");
	strbuf_free(&record);
}

static void test_status_and_drift(void **state)
{
	char panel[2000];

	(void)state;
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
	assert_json("mode", "direct");
	assert_json("relays", "[ ]");
	assert_json("postfix.installed", "true");
	assert_json("postfix.running", "false");
	assert_json("postfix.config_dir", machine.config);
	assert_json("drift", "[ ]");
	assert_json("last_test", "{ }");
	assert_int_equal(configure_brevo(), 0);
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
	assert_json("mode", "relay");
	assert_json("relays.0.name", "default");
	assert_json("relays.0.provider", "brevo");
	assert_json("relays.0.host", "smtp-relay.brevo.com");
	assert_json("relays.0.port", "587");
	assert_json("relays.0.tls", "starttls");
	assert_json("relays.0.verify", "name");
	assert_json("relays.0.login", "me@example.com");
	assert_int_equal(fake_command(fake, "status", NULL), 0);
	assert_says(&fake->out, "Mail goes: through smtp-relay.brevo.com port 587 (Brevo)\n");
	assert_says(&fake->out, "Queue: 0 incoming, 0 active, 0 deferred\n");
	fake_driver("status")->describe(&fake->face, panel, sizeof panel);
	assert_non_null(strstr(panel, "Postfix: 3."));
	assert_non_null(strstr(panel, ", not running; mail waits until it is started\n"));
	assert_non_null(strstr(panel, "Last test: none yet\n"));

	machine_append(&machine, "smtp_sasl_auth_enable = no\n");
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
	assert_json("drift.0.parameter", "smtp_sasl_auth_enable");
	assert_json("drift.0.wanted", "yes");
	assert_json("drift.0.found", "no");
	fake_driver("status")->describe(&fake->face, panel, sizeof panel);
	assert_non_null(strstr(panel, "Changed since by someone else: smtp_sasl_auth_enable\n"));
}

static void test_deconfigure_keeps_what_others_changed(void **state)
{
	static const struct fake_step kept[] = {
		{"Deconfigure", "Restore those too", {0}},
		{"Deconfigure", "Restore", {0}},
		{"Restored", "", {0}},
		{0},
	};

	(void)state;
	assert_int_equal(configure_brevo(), 0);
	machine_append(&machine, "header_size_limit = 5000000\n");
	assert_int_equal(fake_command(fake, "deconfigure", "--json", NULL), 0);
	assert_json("result", "changed");
	assert_says(&fake->out, "header_size_limit");
	assert_main_cf_has(&machine, "header_size_limit = 5000000");
	assert_main_cf_has(&machine, "relayhost =\n");

	machine_reset_files(&machine);
	assert_int_equal(configure_brevo(), 0);
	machine_append(&machine, "header_size_limit = 5000000\n");
	fake_forget(fake);
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", kept), CONSOLE_OK);
	assert_says(&fake->transcript, "Changed by someone else since, and kept as it is:\n");
	assert_says(&fake->transcript, "-relayhost = [smtp-relay.brevo.com]:587");
	assert_says(&fake->transcript, "Mail goes: directly");
	assert_main_cf_has(&machine, "relayhost =\n");
}

static void test_deconfigure_on_the_screen(void **state)
{
	static const struct fake_step nothing[] = {{"Nothing to restore", "", {0}}, {0}};
	static const struct fake_step back[] = {{"Deconfigure", "Back", {0}}, {0}};
	static const struct fake_step restore[] = {
		{"Deconfigure", "Restore", {0}}, {"Restored", "", {0}}, {0}};

	(void)state;
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", nothing), CONSOLE_BACK);
	fake->face.mode = CONSOLE_COMMAND;
	assert_int_equal(configure_brevo(), 0);
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", back), CONSOLE_BACK);
	assert_main_cf_has(&machine, "relayhost = [smtp-relay.brevo.com]:587");
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", restore), CONSOLE_OK);
	assert_untouched(&machine);
	assert_says_not(&fake->transcript, "secret one");
}

static void test_foreign(void **state)
{
	static const struct fake_step back[] = {{"Set up by someone else", "Back", {0}}, {0}};
	static const struct fake_step remove[] = {
		{"Set up by someone else", "Show the changes", {0}},
		{"Remove the relay settings", "Remove", {0}},
		{"The relay settings are removed", "", {0}},
		{0},
	};

	(void)state;
	machine_append(&machine, "relayhost = [elsewhere.test]:587\n");
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
	assert_json("mode", "foreign");
	assert_json("relays", "[ ]");
	assert_int_equal(fake_command(fake, "deconfigure", NULL), 0);
	assert_says(&fake->out, "unchanged");
	assert_says(&fake->err, "--remove-foreign");
	assert_main_cf_has(&machine, "relayhost = [elsewhere.test]:587");
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", back), CONSOLE_BACK);
	assert_main_cf_has(&machine, "relayhost = [elsewhere.test]:587");
	assert_int_equal(fake_run(fake, "deconfigure", "deconfigure", remove), CONSOLE_OK);
	assert_true(machine_exists(&machine, "state/backup"));
	assert_says(&fake->audit, "remove-foreign: foreign [elsewhere.test]:587 -> ");
	fake->face.mode = CONSOLE_COMMAND;
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
	assert_json("mode", "direct");
}

static void test_providers(void **state)
{
	(void)state;
	fake->config_dir = "/nonexistent";
	assert_int_equal(fake_command(fake, "providers", "--json", NULL), 0);
	assert_json("providers.0.id", "brevo");
	assert_json("providers.1.login", "apikey");
	assert_json("providers.1.regions.eu", "smtp.eu.grid.test");
	assert_int_equal(fake_command(fake, "providers", NULL), 0);
	assert_says(&fake->out, "brevo ");
	assert_says(&fake->out, "regions: global eu\n");
	assert_says(&fake->out, "custom ");
}

static void test_without_postfix_or_root(void **state)
{
	(void)state;
	fake->config_dir = "/nonexistent/postfix";
	assert_int_equal(fake_command(fake, "status", "--json", NULL), 78);
	assert_says(&fake->err, "/nonexistent/postfix");
	/* A relay can be tested all the same. */
	assert_int_equal(
		fake_command(fake, "test", "brevo", "--login=me", password_option, NULL), 0);
	fake->config_dir = machine.config;
	fake->face.privileged = false;
	assert_int_equal(fake_command(fake, "test", NULL), 77);
	assert_says(&fake->err, "sudo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_configure_then_unchanged_then_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dry_run_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_failed_test_writes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_where_the_password_comes_from, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options_make_the_relay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_test_of_the_configured_relay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_status_and_drift, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_deconfigure_keeps_what_others_changed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deconfigure_on_the_screen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_foreign, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_providers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_postfix_or_root, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: commands", tests, NULL, NULL);
}
