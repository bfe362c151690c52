/*
 * The main.cf files of tests/corpus, as people have them: configure, look, deconfigure. In between
 * `postconf -n` differs in nothing but what was asked for; afterwards no byte does. The two that
 * Postfix itself cannot read are refused with the line, and left alone.
 */
#include "site_fixture.h"

#include <dirent.h>

static const char *const refused[] = {"21-zeus-all-indented.cf", "24-macos-broken-debugger.cf"};

static const char *const ours[] = {"relayhost", "default_transport", "relay_transport",
	"smtp_sasl_auth_enable", "smtp_sasl_password_maps", "smtp_sasl_security_options",
	"smtp_sasl_tls_security_options", "smtp_tls_policy_maps", "smtp_tls_security_level",
	"smtp_tls_wrappermode", "smtp_tls_CAfile", "header_size_limit"};

static bool is_one_of(const char *line, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(names[i]);
		if (strncmp(line, names[i], len) == 0 && (line[len] == '\0' || line[len] == ' '))
			return true;
	}
	return false;
}

/* `postconf -n` without the parameters that are ours to set. */
static char *others(struct fixture *f)
{
	const char *const argv[] = {"postconf", "-c", f->config, "-n", NULL};
	struct child child = {0};
	struct strbuf out = STRBUF_INIT;

	assert_true(child_run(&child, argv, 10000, NULL));
	assert_int_equal(child.status, 0);
	strbuf_reset(&out);
	for (char *line = child.out.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (is_one_of(line, ours, sizeof ours / sizeof *ours))
			continue;
		strbuf_adds(&out, line);
		strbuf_addc(&out, '\n');
	}
	child_free(&child);
	return strbuf_detach(&out);
}

static void round_trip(struct fixture *f, const char *name, struct relay relay)
{
	struct error error = {0};
	char *before = others(f);

	if (configure(f, relay, "pw", &error) != 1)
		fail_msg("%s: %s", name, error.message);
	char *between = others(f);
	if (strcmp(before, between) != 0)
		fail_msg("%s: parameters of others changed:\n%s\n%s", name, before, between);
	if (configure(f, relay, NULL, &error) != 0)
		fail_msg("%s, again: %s", name, error.message);
	if (deconfigure(f, false, NULL, &error) != 1)
		fail_msg("%s, back: %s", name, error.message);
	assert_untouched(f);
	assert_no_strays(f, false);
	free(before);
	free(between);
}

static void refuse(struct fixture *f, const char *name)
{
	struct site site;
	struct error error = {0};

	assert_false(site_open(&site, f->config, f->state, plan_parameters, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	if (!strstr(error.message, "line ") || !strstr(error.message, "main.cf"))
		fail_msg("%s: %s", name, error.message);
	assert_untouched(f);
	assert_no_strays(f, false);
	assert_false(there(f->state));
}

static void each_file(void **state)
{
	(void)state;
	DIR *folder = opendir("tests/corpus");
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		const char *dot = strrchr(entry->d_name, '.');
		if (!dot || strcmp(dot, ".cf") != 0)
			continue;
		struct fixture f;
		struct strbuf bytes = STRBUF_INIT;
		char *path = text_format("tests/corpus/%s", entry->d_name);
		read_bytes(&bytes, path);
		fixture_make_bytes(&f, bytes.data, bytes.len, false);
		if (is_one_of(entry->d_name, refused, 2)) {
			refuse(&f, entry->d_name);
		} else {
			round_trip(&f, entry->d_name, relay_a());
			round_trip(&f, entry->d_name, relay_b());
		}
		count++;
		strbuf_free(&bytes);
		free(path);
		fixture_free(&f);
	}
	closedir(folder);
	assert_int_equal(count, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_file)};

	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
