/*
 * The commands for several relays on a private Postfix folder (which does not run), with a probe that
 * answers as told: relay, route, export, apply, and what status and test say of several.
 */
#include <json-c/json.h>

#include "test_drivers_site.h"

static struct machine machine;
static struct fake_host *const fake = &machine.fake;
static char *one, *two;

static int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_COMMAND);
	scratch_write(&machine.scratch, "one", "secret one\n", 11);
	scratch_write(&machine.scratch, "two", "secret two\n", 11);
	one = text_format("--password-file=%s/one", machine.scratch.dir);
	two = text_format("--password-file=%s/two", machine.scratch.dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(one);
	free(two);
	machine.fake.probe_host = NULL;
	machine_remove(&machine);
	return 0;
}

/* Default: brevo as me; grid: another provider; office: brevo's server again, as another. */
static void make_three(void)
{
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me@example.com", one,
				 "--no-test", NULL),
		0);
	assert_int_equal(
		fake_command(fake, "relay", "set", "grid", "grid", two, "--no-test", NULL), 0);
	assert_int_equal(fake_command(fake, "relay", "set", "office", "brevo",
				 "--login=office@example.com", two, "--no-test", NULL),
		0);
}

static void list(void)
{
	assert_int_equal(fake_command(fake, "relay", "list", NULL), 0);
}

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

static void add(const char *whose, const char *relay)
{
	if (fake_command(fake, "route", "add", whose, relay, NULL) != 0)
		fail_msg("%s: %s", whose, fake->err.data);
}

static void test_routes(void **state)
{
	(void)state;
	make_three();
	add("--sender=@Example.COM", "office");
	assert_says(&fake->out, "changed: mail from @example.com goes through office.");
	assert_int_equal(fake->probes_run, 0);
	add("--sender=boss@example.com", "grid");
	add("--sender=<>", "grid");
	add("--recipient=Example.net", "direct");
	add("--recipient=user@example.net", "office");
	assert_int_equal(fake_command(fake, "route", "list", NULL), 0);
	assert_string_equal(fake->out.data,
		"to user@example.net -> office: smtp-relay.brevo.com:587, STARTTLS, certificate "
		"verified, as office@example.com\n"
		"to example.net -> direct, by no relay\n"
		"from <> -> grid: smtp.grid.test:587, STARTTLS, certificate verified, as apikey\n"
		"from boss@example.com -> grid: smtp.grid.test:587, STARTTLS, certificate "
		"verified, as apikey\n"
		"from @example.com -> office: smtp-relay.brevo.com:587, STARTTLS, certificate "
		"verified, as office@example.com\n"
		"all other mail -> default: smtp-relay.brevo.com:587, STARTTLS, certificate "
		"verified, as me@example.com\n");
	/* Again is unchanged; elsewhere is refused, with where it leads. */
	add("--sender=@EXAMPLE.com", "office");
	assert_says(&fake->out, "unchanged: ");
	assert_int_equal(fake_command(fake, "route", "add", "--sender=@example.com", "grid", NULL),
		ERROR_USAGE);
	assert_says(&fake->err, "office");
	assert_int_equal(fake_command(fake, "route", "remove", "--recipient=example.NET", NULL), 0);
	assert_int_equal(fake_command(fake, "route", "list", "--json", NULL), 0);
	assert_says_not(&fake->out, "\"direct\"");
	assert_says(&fake->out, "\"pattern\":\"user@example.net\"");
	assert_int_equal(fake_command(fake, "deconfigure", NULL), 0);
	assert_untouched(&machine);
}

static void test_which_way(void **state)
{
	static const struct {
		const char *from, *to;
		const char *result, *relay, *why;
	} cases[] = {
		{"--from=a@example.com", "--to=x@y.test", "relay", "office", "@example.com"},
		{"--from=boss@example.com", "--to=x@y.test", "relay", "grid", "boss@example.com"},
		{"--from=BOSS+x@Example.com", "--to=x@y.test", "relay", "office", "@example.com"},
		{"--from=<>", "--to=x@y.test", "relay", "grid", "<>"},
		{"--from=a@other.test", "--to=x@y.test", "relay", "default", "is the default"},
		{"--from=boss@example.com", "--to=x@example.net", "direct", NULL, "example.net"},
		{"--from=<>", "--to=user@example.net", "relay", "office", "user@example.net"},
		{"--from=a@example.com", "--to=x@machine.test", "local", NULL, "mydestination"},
	};

	(void)state;
	make_three();
	add("--sender=@example.com", "office");
	add("--sender=boss@example.com", "grid");
	add("--sender=<>", "grid");
	add("--recipient=example.net", "direct");
	add("--recipient=user@example.net", "office");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *result = text_format("\"result\":\"%s\"", cases[i].result);
		char *relay = cases[i].relay ? text_format("\"name\":\"%s\"", cases[i].relay)
					     : text_dup("\"relay\":null");

		assert_int_equal(fake_command(fake, "route", "test", cases[i].from, cases[i].to,
					 "--json", NULL),
			0);
		assert_says(&fake->out, result);
		assert_says(&fake->out, relay);
		assert_int_equal(
			fake_command(fake, "route", "test", cases[i].from, cases[i].to, NULL), 0);
		assert_says(&fake->out, cases[i].why);
		free(result);
		free(relay);
	}
	assert_int_equal(fake_command(fake, "relay", "set", "office", "--fallback=grid",
				 "--sender-rewrite=office@example.com", NULL),
		0);
	assert_int_equal(fake_command(fake, "route", "test", "--from=a@foreign.test",
				 "--to=user@example.net", NULL),
		0);
	assert_says(&fake->out, "While that cannot take mail: grid\n");
	assert_says(&fake->out, "The sender becomes: office@example.com\n");
	assert_int_equal(
		fake_command(fake, "route", "test", "--from=<>", "--to=user@example.net", NULL), 0);
	assert_says_not(&fake->out, "The sender becomes");
}

/* --- export and apply ---------------------------------------------------------------------------- */

static int apply(const char *text, const char *option)
{
	char *path = scratch_path(&machine.scratch, "settings");
	int code;

	scratch_write(&machine.scratch, "settings", text, strlen(text));
	code = fake_command(fake, "apply", path, option, NULL);
	free(path);
	return code;
}

static void test_export_and_apply(void **state)
{
	struct strbuf exported = STRBUF_INIT, main_cf = STRBUF_INIT, now = STRBUF_INIT;
	char *text;

	(void)state;
	make_three();
	add("--sender=@example.com", "office");
	assert_int_equal(fake_command(fake, "export", NULL), 0);
	assert_says_not(&fake->out, "secret");
	assert_says(&fake->out, "[relay office]\n");
	assert_says(&fake->out, "# password-file = /root/office.password\n");
	strbuf_adds(&exported, fake->out.data);
	machine_read(&machine, "config/main.cf", &main_cf);
	assert_int_equal(apply(exported.data, NULL), 0);
	assert_says(&fake->out, "unchanged: ");
	assert_int_equal(fake->probes_run, 0);

	/* Where the passwords are not stored, each is missed by its relay's name. */
	assert_int_equal(fake_command(fake, "deconfigure", NULL), 0);
	assert_int_equal(apply(exported.data, NULL), ERROR_USAGE);
	assert_says(&fake->err, "[relay default]");
	assert_untouched(&machine);
	text = text_format("%s", exported.data);
	for (char *at = text; (at = strstr(at, "# password-file = /root/"));) {
		char *end = strchr(at, '\n');
		char *with = text_format("%.*spassword-file = %s/one%s", (int)(at - text), text,
			machine.scratch.dir, end);

		at = with + (at - text);
		free(text);
		text = with;
	}
	assert_int_equal(apply(text, NULL), 0);
	assert_int_equal(fake->probes_run, 3);
	machine_read(&machine, "config/main.cf", &now);
	assert_says(&now, "sender_dependent_default_transport_maps = ");
	assert_int_equal(apply(text, "--json"), 0);
	assert_says(&fake->out, "\"result\":\"unchanged\"");
	/* Now the files have their names in it. */
	assert_int_equal(fake_command(fake, "export", NULL), 0);
	assert_says_not(&fake->out, "# password-file");
	assert_int_equal(apply(fake->out.data, NULL), 0);
	assert_says(&fake->out, "unchanged: ");
	free(text);
	strbuf_free(&exported);
	strbuf_free(&main_cf);
	strbuf_free(&now);
}

static const char two_relays[] = "[settings]\n"
				 "default = a\n"
				 "[relay a]\n"
				 "host = a.test\n"
				 "login = me\n"
				 "[relay b]\n"
				 "host = b.test\n"
				 "login =\n";

/* Nothing is written where one of several fails its test; which one, and what the others said, is told. */
static void test_apply_is_all_or_nothing(void **state)
{
	(void)state;
	fake->next_probe =
		(struct fake_probe){PROBE_CAUSE_REFUSED, ERROR_UNAVAILABLE, PROBE_CONNECT, NULL};
	fake->probe_host = "b.test";
	assert_int_equal(apply(two_relays, one), ERROR_UNAVAILABLE);
	assert_int_equal(fake->probes_run, 2);
	assert_says(&fake->err, "a: ok\nb: failed, ");
	assert_says(&fake->err, "Relay b: ");
	assert_says(&fake->err, "Nothing was changed.");
	assert_untouched(&machine);
	assert_int_equal(apply(two_relays, "--no-test"), ERROR_USAGE);
	assert_says(&fake->err, "[relay a]");
	assert_untouched(&machine);
	assert_int_equal(apply(two_relays, one), ERROR_UNAVAILABLE);
	fake->probe_host = "nowhere.test";
	assert_int_equal(apply(two_relays, one), 0);
	assert_says(
		&fake->out, "changed: mail goes as the file says: relays 2, routes 0, default a.");
	assert_main_cf_has(&machine, "relayhost = [a.test]:587");
}

static void test_apply_refuses(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{"[relay a]\nhots = a.test\n", "host"},
		{"[relay a]\nhost = a.test\nlogin =\n[settings]\ndefault = b\n", "line 5"},
		{"[relay a]\nhost = a.test\nlogin =\n[routes]\nsender =\n\t@x.test c\n", "line 6"},
		{"[relais a]\nhost = a.test\n", "[relay NAME]"},
		{"[relay a]\nhost = a.test\nlogin = me\npassword-file = hunter2\n", "full path"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(apply(cases[i].text, NULL), ERROR_DATA);
		assert_says(&fake->err, cases[i].says);
		assert_says_not(&fake->err, "hunter2");
	}
	/* A login over a connection that anyone can read wants to be agreed to, in the file. */
	static const char exposed[] = "[relay default]\nhost = a.test\ntls = none\nlogin = me\n"
				      "allow-unencrypted-login = yes\n";
	char *silent =
		text_dup_len(exposed, strlen(exposed) - strlen("allow-unencrypted-login = yes\n"));

	assert_int_equal(apply(silent, one), ERROR_DATA);
	assert_says(&fake->err, "allow-unencrypted-login");
	assert_untouched(&machine);
	assert_int_equal(apply(exposed, one), 0);
	assert_says(&fake->transcript, "unencrypted=yes");
	assert_int_equal(fake_command(fake, "export", NULL), 0);
	assert_says(&fake->out, "allow-unencrypted-login = yes\n");
	free(silent);
}

static void test_apply_removes_what_it_does_not_name(void **state)
{
	(void)state;
	make_three();
	assert_int_equal(
		apply("[relay default]\nprovider = brevo\nlogin = me@example.com\n", NULL), 0);
	assert_int_equal(fake->probes_run, 0);
	list();
	assert_string_equal(fake->out.data,
		"default: smtp-relay.brevo.com:587, STARTTLS, certificate verified, as "
		"me@example.com; the default\n");
}

/* --- test ---------------------------------------------------------------------------------------- */

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
		TEST(test_routes),
		TEST(test_which_way),
		TEST(test_export_and_apply),
		TEST(test_apply_is_all_or_nothing),
		TEST(test_apply_refuses),
		TEST(test_apply_removes_what_it_does_not_name),
		TEST(test_test_of_one_and_all),
	};

	return cmocka_run_group_tests_name("drivers: several relays", tests, NULL, NULL);
}
