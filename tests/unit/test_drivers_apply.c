/* The commands export and apply: relays and routes as a file, all or nothing. */
#include "test_drivers_three.h"

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_export_and_apply),
		TEST(test_apply_is_all_or_nothing),
		TEST(test_apply_refuses),
		TEST(test_apply_removes_what_it_does_not_name),
	};

	return cmocka_run_group_tests_name("drivers: export and apply", tests, NULL, NULL);
}
