/* The commands route list, add, remove and test: which mail goes which way. */
#include "test_drivers_three.h"

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_routes),
		TEST(test_which_way),
	};

	return cmocka_run_group_tests_name("drivers: routes by command", tests, NULL, NULL);
}
