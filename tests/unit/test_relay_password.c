/* Where a relay's password is read from: a file, a systemd credential. */
#include "folder_fixture.h"

#include <sys/stat.h>

#include "settings/relay.h"

static struct error error;
static char folder[] = "/tmp/relaycon-password-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	folder_write(folder, "office", "s3cret\n");
	folder_write(folder, "crlf", "s3cret\r\n");
	folder_write(folder, "empty", "\n");
	folder_write(folder, "two-lines", "one\ntwo\n");
	folder_write(folder, "blank-end", "s3cret \n");
	char *fifo = text_format("%s/fifo", folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	free(fifo);
	char *link = text_format("%s/link", folder), *target = text_format("%s/office", folder);
	assert_int_equal(symlink(target, link), 0);
	free(link);
	free(target);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

/* '@' in a source stands for the folder. */
static bool read_from(const char *source, struct secret *password)
{
	char *path = source[0] == '@' ? text_format("%s%s", folder, source + 1) : text_dup(source);
	const struct relay relay = {
		.name = (char *)"office", .login = (char *)"me", .password_file = path};

	error = (struct error){0};
	bool ok = relay_read_password(&relay, password, &error);
	free(path);
	return ok;
}

static void test_read(void **state)
{
	static const char *const sources[] = {
		"@/office", "@/crlf", "@/link", "credential:office", "credential:crlf"};

	(void)state;
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct secret password = {0};
		print_message("  %s\n", sources[i]);
		assert_true(read_from(sources[i], &password));
		assert_string_equal(secret_bytes(&password), "s3cret");
		secret_free(&password);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *source;
		const char *credentials; /* the variable; NULL: as in a service */
		enum error_code code;
		const char *words;
		const char *advice;
	} cases[] = {
		{"@/none", NULL, ERROR_IO, "/none", "office"},
		{"@/empty", NULL, ERROR_DATA, "empty", "office"},
		/* A bug: whose password of many it was did not stand there. */
		{"@/two-lines", NULL, ERROR_DATA, "line break", "of relay office"},
		{"@/blank-end", NULL, ERROR_DATA, "white space", "of relay office"},
		{"@", NULL, ERROR_IO, "Cannot read", "office"},
		/* A bug: it was waited for for ever. */
		{"@/fifo", NULL, ERROR_DATA, "FIFO", "office"},
		{"credential:fifo", NULL, ERROR_DATA, "FIFO", "office"},
		{"credential:none", NULL, ERROR_IO, "/none", "office"},
		{"credential:empty", NULL, ERROR_DATA, "empty", "office"},
		{"credential:office", "", ERROR_USAGE, "CREDENTIALS_DIRECTORY",
			"LoadCredential=office"},
		{"credential:office", "relative", ERROR_USAGE, "CREDENTIALS_DIRECTORY",
			"LoadCredential=office"},
		{"credential:../office", NULL, ERROR_DATA, "credential", ""},
		{"credential:a/b", NULL, ERROR_DATA, "credential", ""},
		{"credential:", NULL, ERROR_DATA, "credential", ""},
		{"office", NULL, ERROR_DATA, "full path", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct secret password = {0};
		print_message("  %s\n", cases[i].source);
		setenv("CREDENTIALS_DIRECTORY",
			cases[i].credentials ? cases[i].credentials : folder, 1);
		assert_false(read_from(cases[i].source, &password));
		assert_int_equal(error.code, cases[i].code);
		assert_non_null(strstr(error.message, cases[i].words));
		assert_non_null(strstr(error.advice, cases[i].advice));
		assert_true(secret_is_empty(&password));
		secret_free(&password);
	}
	struct secret password = {0};
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_false(read_from("credential:office", &password));
	assert_int_equal(error.code, ERROR_USAGE);
	secret_free(&password);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
