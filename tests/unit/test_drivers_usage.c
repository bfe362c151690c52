/* What the command line refuses: each with its code, naming the option, and nothing sent. */
#include "test_drivers_site.h"

static struct machine machine;

struct usage {
	const char *name;
	int code;
	const char *says;
	const char *words[8];
};

static const struct usage cases[] = {
	{"custom without host", 64, "--host", {"configure", "custom", "--login=x"}},
	{"no login", 64, "--login", {"configure", "brevo"}},
	{"no login: names --no-auth as well", 64, "--no-auth", {"configure", "brevo"}},
	{"no password", 64, "--password-file", {"configure", "brevo", "--login=me"}},
	{"fixed login, no password", 64, "--password-file", {"configure", "grid"}},
	{"empty login", 64, "--no-auth", {"configure", "brevo", "--login="}},
	{"another login than the fixed one", 64, "apikey", {"configure", "grid", "--login=me"}},
	{"unknown provider: nearest names", 64, "brevo", {"configure", "brevvo", "--login=x"}},
	{"unknown region", 64, "moon", {"configure", "grid", "--region=moon"}},
	{"region without regions", 64, "", {"configure", "brevo", "--region=eu", "--login=x"}},
	{"region of custom", 64, "--region", {"configure", "custom", "--region=eu", "--login=x"}},
	{"region and host", 64, "contradict",
		{"configure", "grid", "--region=eu", "--host=smtp.grid.test"}},
	{"no-auth and login", 64, "contradict", {"configure", "brevo", "--no-auth", "--login=x"}},
	{"no-auth and password", 64, "contradict",
		{"configure", "brevo", "--no-auth", "--password-file=-"}},
	{"port that is none", 64, "", {"configure", "brevo", "--login=x", "--port=smtp"}},
	{"port in host against port", 64, "2525",
		{"configure", "custom", "--host=[a.test]:2525", "--port=587", "--login=x"}},
	{"unknown tls", 64, "starttls, implicit, opportunistic or none",
		{"configure", "brevo", "--tls=always", "--login=x"}},
	{"unknown verify", 64, "name, dane, fingerprint or none",
		{"configure", "brevo", "--verify=maybe", "--login=x"}},
	{"fingerprint without its verification", 64, "--verify fingerprint",
		{"configure", "brevo", "--login=x", "--fingerprint=aa"}},
	{"its verification without fingerprint", 64, "--fingerprint",
		{"configure", "brevo", "--login=x", "--verify=fingerprint"}},
	{"fingerprint that is none", 64, "",
		{"configure", "brevo", "--login=x", "--verify=fingerprint", "--fingerprint=xyz"}},
	{"CA file without name verification", 64, "--ca-file",
		{"configure", "brevo", "--login=x", "--verify=none", "--ca-file=/x"}},
	{"verification without encryption", 64, "no certificate is verified",
		{"configure", "brevo", "--no-auth", "--tls=none", "--verify=dane"}},
	{"opportunistic verifies nothing", 64, "no certificate is verified",
		{"configure", "brevo", "--no-auth", "--tls=opportunistic", "--verify=name"}},
	{"login unencrypted", 64, "--allow-unencrypted-login",
		{"configure", "brevo", "--tls=none", "--login=x"}},
	{"login maybe unencrypted", 64, "--allow-unencrypted-login",
		{"configure", "brevo", "--tls=opportunistic", "--login=x"}},
	{"login with a colon", 65, "colon",
		{"configure", "brevo", "--login=a:b", "--password-file=-"}},
	{"host that is none", 64, "", {"configure", "custom", "--host=a b", "--login=x"}},
	{"test: custom without host", 64, "--host", {"test", "custom"}},
	{"test: fixed login, no password", 64, "--password-file", {"test", "grid"}},
	{"test: nothing configured", 64, "relaycon test", {"test"}},
	{"deconfigure: two ways at once", 64, "contradict",
		{"deconfigure", "--force", "--remove-foreign"}},
};

static void run_case(const struct usage *usage, bool json)
{
	const char *const *w = usage->words;
	struct fake_host *fake = &machine.fake;
	int code;

	/* The words end at the first NULL, --json comes before it. */
	if (json)
		code = fake_command(fake, w[0], "--json", w[1], w[2], w[3], w[4], w[5], NULL);
	else
		code = fake_command(fake, w[0], w[1], w[2], w[3], w[4], w[5], NULL);
	if (code != usage->code || !strstr(fake->err.data, usage->says))
		fail_msg("%s: exit code %d, expected %d and \"%s\". It said:\n%s", usage->name,
			code, usage->code, usage->says, fake->err.data);
	/* A complete sentence with what to do next. */
	assert_non_null(strchr(fake->err.data, '|'));
	assert_int_equal(fake->out.len, 0);
	assert_int_equal(fake->probes_run, 0);
	assert_int_equal(fake->audit.len, 0);
	assert_untouched(&machine);
	assert_false(machine_exists(&machine, "state"));
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		run_case(&cases[i], false);
		run_case(&cases[i], true);
	}
}

static int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_COMMAND);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	machine_remove(&machine);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("drivers: usage", tests, set_up, tear_down);
}
