/* status.c, lasttest.c: what is true now. */
#include "site_fixture.h"

#include "status/status.h"

static const struct status_drift *drift_of(const struct status *status, const char *parameter)
{
	for (size_t i = 0; i < status->drift_count; i++)
		if (strstr(status->drift[i].parameter, parameter))
			return &status->drift[i];
	return NULL;
}

static const struct {
	const char *name, *extra;
	enum status_mode mode;
	const char *relayhost, *protection, *warning;
} cases[] = {
	{"stock", "", STATUS_DIRECT, NULL, NULL, NULL},
	{"Local only", "default_transport = error\n", STATUS_DIRECT, NULL, NULL, NULL},
	{"someone's relay", "relayhost = [theirs.test]:587\n", STATUS_FOREIGN, "[theirs.test]:587",
		"may", NULL},
	{"by reference", "theirs = x.test\nrelayhost = [$theirs]:25\n", STATUS_FOREIGN,
		"[x.test]:25", "may", NULL},
	{"by transport", "default_transport = smtp:[theirs.test]:25\n", STATUS_FOREIGN,
		"smtp:[theirs.test]:25", "may", NULL},
	{"old TLS words", "relayhost = [t]:25\nsmtp_tls_security_level =\nsmtp_enforce_tls = yes\n",
		STATUS_FOREIGN, "[t]:25", "encrypt", NULL},
	{"no TLS", "relayhost = [t]:25\nsmtp_tls_security_level =\n", STATUS_FOREIGN, "[t]:25",
		"none", NULL},
};

static void modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		struct status status;
		char *text = text_format("%s%s", stock_main_cf, cases[i].extra);
		fixture_make(&f, text);
		fixture_status(&f, &status);
		if (status.mode != cases[i].mode)
			fail_msg("%s: %s", cases[i].name, status_mode_word(status.mode));
		assert_true(text_equal(status.foreign_relayhost, cases[i].relayhost));
		assert_true(text_equal(status.foreign_protection, cases[i].protection));
		assert_int_equal(status.drift_count, 0);
		assert_false(status.running);
		assert_false(status.interrupted);
		assert_false(there(f.state));
		status_free(&status);
		free(text);
		fixture_free(&f);
	}
	assert_string_equal(status_mode_word(STATUS_DIRECT), "direct");
	assert_string_equal(status_mode_word(STATUS_RELAY), "relay");
	assert_string_equal(status_mode_word(STATUS_FOREIGN), "foreign");
}

static void ours(void **state)
{
	(void)state;
	struct relay relays[] = {relay_a(), relay_b()};

	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		struct status status;
		struct error error = {0};
		char *text = text_format("%stransport_maps = inline:{ x=smtp: }\n", stock_main_cf);
		fixture_make(&f, text);
		assert_int_equal(configure(&f, relays[i], "pw", &error), 1);
		fixture_status(&f, &status);
		assert_int_equal(status.mode, STATUS_RELAY);
		const struct relay *relay = settings_default(&status.settings);
		assert_non_null(relay);
		assert_string_equal(relay->host, relays[i].host);
		assert_int_equal(status.drift_count, 0);
		assert_non_null(strstr(status.warnings.data, "transport_maps"));
		status_free(&status);
		assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
		fixture_status(&f, &status);
		assert_int_equal(status.mode, STATUS_DIRECT);
		status_free(&status);
		free(text);
		fixture_free(&f);
	}
}

static const struct {
	const char *name, *file, *from, *to;
	enum status_mode mode;
	const char *parameter, *wanted, *found;
} drifts[] = {
	{"relayhost removed", "main.cf", "relayhost = [relay-b.test]:465\n", "", STATUS_DIRECT,
		"relayhost", "[relay-b.test]:465", NULL},
	{"another relayhost", "main.cf", "relayhost = [relay-b.test]:465",
		"relayhost = [x]:25\x1b[31m", STATUS_FOREIGN, "relayhost", "[relay-b.test]:465",
		"[x]:25 [31m"},
	{"login off", "main.cf", "smtp_sasl_auth_enable = yes", "smtp_sasl_auth_enable = no",
		STATUS_RELAY, "smtp_sasl_auth_enable", "yes", "no"},
	{"a static login", "main.cf", "smtp_sasl_password_maps = texthash:",
		"smtp_sasl_password_maps = static:", STATUS_RELAY, "smtp_sasl_password_maps", NULL,
		"static:********"},
	{"policy weakened", "relaycon_tls_policy", "secure", "may", STATUS_RELAY,
		"relaycon_tls_policy", "[relay-b.test]:465 secure", "[relay-b.test]:465 may"},
	{"service changed", "master.cf", "smtp_tls_wrappermode=yes", "smtp_tls_wrappermode=no",
		STATUS_RELAY, "master.cf", "relaycon-tls/unix", NULL},
	{"transport gone", "main.cf", "default_transport = relaycon-tls",
		"default_transport = smtp", STATUS_RELAY, "default_transport", "relaycon-tls",
		"smtp"},
};

static void drift(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof drifts / sizeof *drifts; i++) {
		struct fixture f;
		struct status status;
		struct error error = {0};
		fixture_make(&f, stock_main_cf);
		assert_int_equal(configure(&f, relay_b(), "pw", &error), 1);
		char *path = text_format("%s/%s", f.config, drifts[i].file);
		replace_text(path, drifts[i].from, drifts[i].to);
		fixture_status(&f, &status);
		const struct status_drift *found = drift_of(&status, drifts[i].parameter);
		if (!found || status.drift_count != 1 || status.mode != drifts[i].mode)
			fail_msg("%s: %zu drifted, mode %s", drifts[i].name, status.drift_count,
				status_mode_word(status.mode));
		/* The start of it: what else a policy says is a matter of test_plan.c. */
		if (drifts[i].wanted &&
			strncmp(found->wanted, drifts[i].wanted, strlen(drifts[i].wanted)) != 0)
			fail_msg("%s: wanted is %s", drifts[i].name, found->wanted);
		if (drifts[i].found &&
			strncmp(found->found, drifts[i].found, strlen(drifts[i].found)) != 0)
			fail_msg("%s: found is %s", drifts[i].name, found->found);
		if (strstr(drifts[i].name, "removed"))
			assert_null(found->found);
		status_free(&status);
		free(path);
		fixture_free(&f);
	}
}

static void credentials_missing_or_open(void **state)
{
	(void)state;
	struct fixture f;
	struct status status;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	char *path = text_format("%s/relaycon_sasl_passwd", f.config);
	assert_int_equal(chmod(path, 0644), 0);
	fixture_status(&f, &status);
	assert_non_null(drift_of(&status, "relaycon_sasl_passwd"));
	status_free(&status);
	assert_int_equal(unlink(path), 0);
	fixture_status(&f, &status);
	assert_non_null(drift_of(&status, "relaycon_sasl_passwd"));
	status_free(&status);
	free(path);
	fixture_free(&f);
}

/* Long before Deconfigure needs it. */
static void baseline_missing(void **state)
{
	(void)state;
	struct fixture f;
	struct status status;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	fixture_status(&f, &status);
	assert_string_equal(status.warnings.data, "");
	status_free(&status);
	char *path = text_format("%s/baseline/baseline.json", f.state);
	assert_int_equal(unlink(path), 0);
	fixture_status(&f, &status);
	assert_int_equal(status.mode, STATUS_RELAY);
	assert_non_null(strstr(status.warnings.data, path));
	status_free(&status);
	/* Nor does a later change bring back what is lost. */
	assert_int_equal(configure(&f, relay_b(), "pw", &error), 1);
	fixture_status(&f, &status);
	assert_non_null(strstr(status.warnings.data, path));
	status_free(&status);
	free(path);
	fixture_free(&f);
}

/* Somebody who is not root sees what Postfix says, and no error. */
static void without_permission(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};
	int result;

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_a(), "pw", &error), 1);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct site site;
		struct status status;
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(2);
		if (!site_open(&site, f.config, f.state, status_parameters, &error) ||
			!status_read(&status, &site, &error))
			_exit(3);
		bool ok = status.mode == STATUS_FOREIGN &&
			  strcmp(status.foreign_relayhost, "[relay-a.test]:587") == 0;
		status_free(&status);
		site_close(&site);
		_exit(ok ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &result, 0), pid);
	assert_int_equal(WEXITSTATUS(result), 0);
	fixture_free(&f);
}

static void unusable_configuration(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct error error = {0};

	fixture_make(&f, "compatibility_level = 3.6\noops\n");
	assert_false(site_open(&site, f.config, f.state, status_parameters, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	assert_untouched(&f);
	fixture_free(&f);
}

static void last_test_is_remembered(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct last_test test;
	struct error error = {0};
	struct relay relay = relay_a();
	struct probe_report report = {.ok = false, .cause = PROBE_CAUSE_REFUSED};

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	last_test_load(&site, &test);
	assert_false(test.known);
	snprintf(report.explanation, sizeof report.explanation, "nobody listens");
	assert_ok(last_test_save(&site, &relay, &report, &error), error);
	last_test_load(&site, &test);
	assert_true(test.known);
	assert_false(test.ok);
	assert_string_equal(test.host, "relay-a.test");
	assert_int_equal(test.port, 587);
	assert_string_equal(test.cause, probe_cause_word(PROBE_CAUSE_REFUSED));
	assert_string_equal(test.explanation, "nobody listens");
	assert_true(time(NULL) - test.when < 60);
	static const char *const broken[] = {"", "{", "[]", "{}", "{\"ok\":1}",
		"{\"ok\":true,\"when\":\"x\",\"port\":1}", "{\"ok\":true,\"when\":1,\"port\":-1}"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		write_text(site.last_test_file, broken[i]);
		last_test_load(&site, &test);
		assert_false(test.known);
	}
	site_close(&site);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(ours),
		cmocka_unit_test(drift),
		cmocka_unit_test(credentials_missing_or_open),
		cmocka_unit_test(baseline_missing),
		cmocka_unit_test(without_permission),
		cmocka_unit_test(unusable_configuration),
		cmocka_unit_test(last_test_is_remembered),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
