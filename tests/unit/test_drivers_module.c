/* The module's table: what the console finds in it. */
#include "postfix_scratch.h"

#include "fake_host.h"

static void test_table_begins_with_the_abi(void **state)
{
	(void)state;
	assert_int_equal(console_module.abi, CONSOLE_ABI);
	assert_int_equal(console_module.size, sizeof(struct console_module));
	assert_string_equal(console_module.name, "relay");
}

static void test_drivers_and_their_commands(void **state)
{
	static const struct {
		const char *driver;
		bool runs;
		bool describes;
		const char *command;
	} cases[] = {
		{"preset", true, false, NULL},
		{"custom", true, false, "configure"},
		{"relays", true, false, NULL},
		{"relay", false, false, "relay"},
		{"route", false, false, "route"},
		{"export", false, false, "export"},
		{"apply", false, false, "apply"},
		{"import", false, false, "import"},
		{"test", true, false, "test"},
		{"deconfigure", true, false, "deconfigure"},
		{"status", false, true, "status"},
		{"providers", false, false, "providers"},
	};

	(void)state;
	assert_int_equal(console_module.driver_count, sizeof cases / sizeof *cases);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct console_driver *driver = &console_module.drivers[i];

		assert_string_equal(driver->name, cases[i].driver);
		assert_int_equal(driver->run != NULL, cases[i].runs);
		assert_int_equal(driver->describe != NULL, cases[i].describes);
		assert_int_equal(driver->command_count, cases[i].command ? 1 : 0);
		if (cases[i].command)
			assert_string_equal(driver->commands[0].word, cases[i].command);
	}
}

static const struct console_command *command_of(const char *driver)
{
	for (size_t i = 0; i < console_module.driver_count; i++)
		if (strcmp(console_module.drivers[i].name, driver) == 0)
			return console_module.drivers[i].commands;
	fail_msg("there is no driver %s", driver);
	return NULL;
}

static void test_options_are_those_of_the_design(void **state)
{
	static const char *const configure[] = {"host", "port", "region", "tls", "verify",
		"fingerprint", "ca-file", "login", "password-file", "no-auth",
		"allow-unencrypted-login", "fallback", "sender-rewrite", "no-test", "dry-run"};
	const struct console_command *command = command_of("custom");
	const struct console_command *test = command_of("test");

	(void)state;
	assert_int_equal(command->option_count, sizeof configure / sizeof *configure);
	for (size_t i = 0; i < command->option_count; i++) {
		assert_string_equal(command->options[i].name, configure[i]);
		assert_non_null(command->options[i].summary);
	}
	/* Those of what is tested, and --all. */
	assert_int_equal(test->option_count, command->option_count - 4 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_begins_with_the_abi),
		cmocka_unit_test(test_drivers_and_their_commands),
		cmocka_unit_test(test_options_are_those_of_the_design),
	};

	return cmocka_run_group_tests_name("module relay", tests, NULL, NULL);
}
