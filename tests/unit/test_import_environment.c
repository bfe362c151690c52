/* The variables that name a relay, in the forms that env and compose files have; and files in their place. */
#include "import_fixture.h"

static struct error error;

static bool run(const struct import_folder *folder, struct import *import)
{
	const struct import_options options = {.env_file = folder->env};

	error = (struct error){0};
	return import_docker_mailserver(import, folder->path, &options, &error);
}

/* The password as it arrives; and whether anything is said of it. */
static void test_values(void **state)
{
	static const struct {
		const char *name;
		const char *line;
		const char *password;
		const char *words; /* NULL: taken as it stands */
	} cases[] = {
		{"plain", "RELAY_PASSWORD=secret", "secret", NULL},
		{"exported", "export RELAY_PASSWORD=secret", "secret", NULL},
		{"blanks round it", "  RELAY_PASSWORD =  secret  ", "secret", NULL},
		{"CR", "RELAY_PASSWORD=secret\r", "secret", NULL},
		{"blanks in it", "RELAY_PASSWORD=abcd efgh secret", "abcd efgh secret", NULL},
		{"single quotes", "RELAY_PASSWORD='se#cret $X \\n'", "se#cret $X \\n", NULL},
		{"double quotes", "RELAY_PASSWORD=\"a \\\"b\\\" \\\\ secret\"", "a \"b\" \\ secret",
			NULL},
		{"double quotes and a comment", "RELAY_PASSWORD=\"secret\" # mine", "secret", NULL},
		{"a comment", "RELAY_PASSWORD=secret # mine", "secret", "is a comment"},
		{"a hash in it", "RELAY_PASSWORD=secret#1", "secret#1", NULL},
		{"an equals sign", "RELAY_PASSWORD=se=cret==", "se=cret==", NULL},
		{"a backslash", "RELAY_PASSWORD=se\\cret", "se\\cret", NULL},
		{"a reference", "RELAY_PASSWORD=secret$HOME", "secret$HOME", "dollar sign"},
		{"a dollar that is none", "RELAY_PASSWORD=secret$1", "secret$1", NULL},
		{"an escaped dollar", "RELAY_PASSWORD=\"secret\\$HOME\"", "secret$HOME", NULL},
		{"a quote that is not closed", "RELAY_PASSWORD=\"secret", "\"secret", "Its quotes"},
		{"something behind the quote", "RELAY_PASSWORD='sec'ret", "'sec'ret", "Its quotes"},
		{"a list of compose's", "      - RELAY_PASSWORD=secret", "secret", NULL},
		{"a quoted one", "  - \"RELAY_PASSWORD=secret\"", "secret", NULL},
		{"a mapping of compose's", "  RELAY_PASSWORD: secret", "secret", NULL},
		{"a quoted mapping", "  RELAY_PASSWORD: 'it''s secret'", "it's secret", NULL},
		{"compose's dollar", "  RELAY_PASSWORD: \"secret$$HOME\"", "secret$HOME", NULL},
		{"twice: the last", "RELAY_PASSWORD=a\nRELAY_PASSWORD=secret", "secret",
			"set again"},
		{"empty is not set", "RELAY_PASSWORD=secret\nRELAY_PASSWORD=", "secret", NULL},
		{"others are not it",
			"XRELAY_PASSWORD=a\nRELAY_PASSWORDX=a\n#RELAY_PASSWORD=a\n"
			"RELAY_PASSWORD=secret",
			"secret", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *env = text_format("RELAY_HOST=h.test\nRELAY_USER=u\n%s", cases[i].line);
		const struct import_case files = {.env = env};
		struct strbuf words = STRBUF_INIT;
		struct import_folder folder;
		struct import import = {0};

		import_folder_make(&folder, &files);
		if (!run(&folder, &import))
			fail_msg("%s: %s", cases[i].name, error.message);
		const struct secret *password = import_password(&import, "default");
		assert_non_null(password);
		if (strcmp(secret_bytes(password), cases[i].password) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, secret_bytes(password));
		import_print_words(&import, &words);
		if (cases[i].words && !strstr(words.data, cases[i].words))
			fail_msg("%s: not said: %s\n%s", cases[i].name, cases[i].words, words.data);
		for (size_t k = 0; !cases[i].words && k < import.line_count; k++)
			if (strcmp(import.lines[k].text, "RELAY_PASSWORD=********") == 0)
				assert_int_equal(import.lines[k].fate, IMPORT_TAKEN);
		if (strstr(words.data, "secret"))
			fail_msg("%s: said: %s", cases[i].name, words.data);
		strbuf_free(&words);
		import_free(&import);
		import_folder_free(&folder);
		free(env);
	}
}

static void test_hosts(void **state)
{
	static const struct {
		const char *env;
		const char *relay; /* NULL: none can be made */
		const char *words;
	} cases[] = {
		{"RELAY_HOST=h.test\nRELAY_PORT=587", "h.test:587", "The port of RELAY_HOST."},
		{"RELAY_HOST=h.test\nRELAY_PORT=", "h.test:25", "No port: 25."},
		{"RELAY_HOST=h.test\nRELAY_PORT=x", "h.test:25", "25 is taken in its place"},
		{"RELAY_HOST=h.test:587", "h.test:587", "brackets within brackets"},
		{"RELAY_HOST=[h.test]\nRELAY_PORT=587", "h.test:587", "brackets within brackets"},
		{"RELAY_HOST=[h.test]:587\nRELAY_PORT=25", "h.test:587", "names a port itself"},
		{"RELAY_HOST=h.test\nRELAY_PORT=465", "h.test:465", "implicit TLS"},
		{"DEFAULT_RELAY_HOST=h.test", "h.test:25", "(MX) of h.test"},
		{"DEFAULT_RELAY_HOST=[h.test]:587", "h.test:587", "for all mail that has no route"},
		{"DEFAULT_RELAY_HOST=u:secret@h.test:587", NULL, "cannot be used"},
		{"RELAY_HOST=https://h.test/", NULL, "cannot be used"},
		{"RELAY_PORT=587\nRELAY_USER=u\nRELAY_PASSWORD=secret", NULL, "Without RELAY_HOST"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct import_case files = {.env = cases[i].env};
		struct strbuf words = STRBUF_INIT, relays = STRBUF_INIT;
		struct import_folder folder;
		struct import import = {0};

		import_folder_make(&folder, &files);
		if (run(&folder, &import) != (cases[i].relay != NULL))
			fail_msg("%s: %s", cases[i].env, error.message);
		import_print_relays(&import, &relays);
		import_print_words(&import, &words);
		if (cases[i].relay && !strstr(relays.data, cases[i].relay))
			fail_msg("%s: %s", cases[i].env, relays.data);
		if (!strstr(words.data, cases[i].words) || strstr(words.data, "secret"))
			fail_msg("%s: said: %s", cases[i].env, words.data);
		assert_null(strstr(error.message, "secret"));
		strbuf_free(&words);
		strbuf_free(&relays);
		import_free(&import);
		import_folder_free(&folder);
	}
}

/* A login that lacks its half is said, and the relay named that is without one now. */
static void test_halves(void **state)
{
	static const struct {
		const char *env;
		const char *words;
	} cases[] = {
		{"RELAY_HOST=h.test\nRELAY_USER=u", "There is no RELAY_PASSWORD to it"},
		{"RELAY_HOST=h.test\nRELAY_PASSWORD=secret", "There is no RELAY_USER to it"},
		{"RELAY_HOST=h.test\nRELAY_USER=u:v\nRELAY_PASSWORD=secret", "holds a colon"},
		{"RELAY_HOST=h.test\nRELAY_USER=u\nRELAY_PASSWORD__FILE=/nonexistent/secretfile",
			"There is no such file on this machine"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct import_case files = {.env = cases[i].env};
		struct strbuf words = STRBUF_INIT;
		struct import_folder folder;
		struct import import = {0};

		import_folder_make(&folder, &files);
		if (!run(&folder, &import))
			fail_msg("%s: %s", cases[i].env, error.message);
		import_print_words(&import, &words);
		if (!strstr(words.data, cases[i].words) ||
			!strstr(words.data, "without login: [h.test]:25: all other mail"))
			fail_msg("%s: said: %s", cases[i].env, words.data);
		strbuf_free(&words);
		import_free(&import);
		import_folder_free(&folder);
	}
}

static void expect_password(const char *env, const char *password)
{
	const struct import_case files = {.env = env};
	struct import_folder folder;
	struct import import = {0};
	char path[200];

	import_folder_make(&folder, &files);
	import_write(folder.path, "key", "secret in a file\n");
	if (!run(&folder, &import))
		fail_msg("%s: %s", env, error.message);
	assert_non_null(import_password(&import, "default"));
	assert_string_equal(secret_bytes(import_password(&import, "default")), password);
	import_free(&import);
	snprintf(path, sizeof path, "%s/key", folder.path);
	unlink(path);
	import_folder_free(&folder);
}

/* The container's path is the folder's here; a variable that is set counts before its file. */
static void test_files(void **state)
{
#define HEAD "RELAY_HOST=h.test\nRELAY_USER=u\n"
	(void)state;
	expect_password(HEAD "RELAY_PASSWORD__FILE=/tmp/docker-mailserver/key", "secret in a file");
	expect_password(HEAD "RELAY_PASSWORD__FILE=/tmp/docker-mailserver/key\nRELAY_PASSWORD=\n",
		"secret in a file");
	expect_password(HEAD
		"RELAY_PASSWORD__FILE=/tmp/docker-mailserver/key\nRELAY_PASSWORD=other\n",
		"other");
}

/* What this very process has in its environment is nobody's wish. */
static void test_own_environment(void **state)
{
	const struct import_case files = {.env = "RELAY_HOST=h.test\nRELAY_USER=u\n"};
	struct import_folder folder;
	struct import import = {0};

	(void)state;
	setenv("RELAY_HOST", "evil.test", 1);
	setenv("RELAY_PASSWORD", "secret", 1);
	setenv("DEFAULT_RELAY_HOST", "evil.test", 1);
	import_folder_make(&folder, &files);
	assert_true(run(&folder, &import));
	assert_int_equal(import.settings.relay_count, 1);
	assert_string_equal(import.settings.relays[0].host, "h.test");
	assert_null(import_password(&import, "default"));
	assert_true(import.without_login.len > 0);
	import_free(&import);
	import_folder_free(&folder);
}

static void test_nothing_there(void **state)
{
	const struct import_case none = {.name = "nothing"};
	const struct import_options options = {0};
	struct import_folder folder;
	struct import import = {0};

	(void)state;
	assert_false(import_docker_mailserver(&import, "/nonexistent", &options, &error));
	assert_int_equal(error.code, ERROR_IO);
	import_free(&import);
	assert_false(import_docker_mailserver(&import, "/etc/passwd", &options, &error));
	assert_int_equal(error.code, ERROR_DATA);
	import_free(&import);
	import_folder_make(&folder, &none);
	assert_false(import_docker_mailserver(&import, folder.path, &options, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.message, "postfix-relaymap.cf"));
	import_free(&import);
	/* The env file that was named has to be there. */
	assert_false(run(&folder, &import));
	assert_int_equal(error.code, ERROR_IO);
	import_free(&import);
	import_folder_free(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_own_environment),
		cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests_name("import_environment", tests, NULL, NULL);
}
