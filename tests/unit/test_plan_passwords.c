/* files.c, diff.c, mask.c: where a password is kept, when it is asked for anew, and what shows it: nothing. */
#include "plan_fixture.h"

static void password_is_kept_only_for_its_own_login(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};
	struct relay relay = relay_of(A);

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay, NULL, &error), -1);
	assert_int_equal(error.code, ERROR_USAGE);
	assert_untouched(&f);
	assert_int_equal(configure(&f, relay, "first secret", &error), 1);
	char *path = fill(&f, "@/relaycon_sasl_passwd");
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(holds(path, "[relay-a.test]:587 alice:first secret\n"));
	assert_int_equal(configure(&f, relay, NULL, &error), 0);
	relay.login = (char *)"carol";
	assert_int_equal(configure(&f, relay, NULL, &error), -1);
	assert_int_equal(error.code, ERROR_USAGE);
	relay = relay_of(IMPLICIT);
	assert_int_equal(configure(&f, relay, NULL, &error), -1);
	assert_int_equal(configure(&f, relay_of(A), "second", &error), 1);
	assert_true(holds(path, "[relay-a.test]:587 alice:second\n"));
	assert_false(holds(path, "first"));
	/* Someone opened it up: the same settings close it again. */
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(configure(&f, relay_of(A), NULL, &error), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	free(path);
	fixture_free(&f);
}

static void stored_password_is_found(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct error error = {0};
	struct secret secret = {0};
	struct relay relay = relay_of(A);
	bool found = true;

	fixture_make(&f, stock_main_cf);
	assert_true(secret_init(&secret, NULL));
	fixture_site(&f, &site);
	assert_ok(plan_stored_password(&site, &relay, &found, &secret, &error), error);
	assert_false(found);
	assert_int_equal(configure(&f, relay, "p:w x", &error), 1);
	assert_ok(plan_stored_password(&site, &relay, &found, &secret, &error), error);
	assert_true(found);
	assert_string_equal(secret_bytes(&secret), "p:w x");
	relay.login = (char *)"other";
	assert_ok(plan_stored_password(&site, &relay, &found, &secret, &error), error);
	assert_false(found);
	assert_true(secret_is_empty(&secret));
	site_close(&site);
	secret_free(&secret);
	fixture_free(&f);
}

static void leftover_databases_go(void **state)
{
	(void)state;
	static const char *const names[] = {"@/relaycon_sasl_passwd.db",
		"@/relaycon_sasl_passwd.lmdb", "@/relaycon_tls_policy.db",
		"@/relaycon_tls_policy.lmdb"};
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_of(A), "pw", &error), 1);
	for (size_t i = 0; i < 4; i++) {
		char *path = fill(&f, names[i]);
		write_text(path, "pw");
		free(path);
	}
	assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
	for (size_t i = 0; i < 4; i++) {
		char *path = fill(&f, names[i]);
		assert_false(there(path));
		free(path);
	}
	fixture_free(&f);
}

static void diff_hides_passwords(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct error error = {0};
	struct strbuf diff = STRBUF_INIT;
	char *text = text_format("%s# smtp_sasl_password_maps = static:old:HIDDEN0\n"
				 "smtp_sasl_password_maps = hash:/x,\n  static:me:HIDDEN1 HIDDEN2\n"
				 "  # HIDDENNOT\n\n  HIDDEN3\n",
		stock_main_cf);

	fixture_make(&f, text);
	fixture_site(&f, &site);
	assert_ok(plan_for(&plan, &site, relay_of(A), "HIDDEN4", &error), error);
	assert_ok(plan_diff(&plan, &diff, &error), error);
	for (int i = 0; i <= 4; i++) {
		char *secret = text_format("HIDDEN%d", i);
		if (strstr(diff.data, secret))
			fail_msg("%s in the diff:\n%s", secret, diff.data);
		free(secret);
	}
	assert_non_null(strstr(diff.data, "--- a/"));
	assert_non_null(strstr(diff.data, "/config/main.cf\n"));
	assert_non_null(strstr(diff.data, "-relayhost = \n+relayhost = [relay-a.test]:587\n"));
	assert_non_null(strstr(diff.data, "+[relay-a.test]:587 alice:********\n"));
	assert_non_null(strstr(diff.data, "+[relay-a.test]:587 secure servername=hostname\n"));
	assert_non_null(strstr(diff.data, "--- /dev/null\n"));
	assert_null(strstr(diff.data, "settings.ini"));
	plan_free(&plan);

	assert_int_equal(configure(&f, relay_of(A), "HIDDEN4", &error), 1);
	assert_ok(plan_for(&plan, &site, relay_of(A), "HIDDEN5", &error), error);
	assert_ok(plan_diff(&plan, &diff, &error), error);
	assert_non_null(strstr(diff.data, "-[relay-a.test]:587 alice:******** (old)\n"
					  "+[relay-a.test]:587 alice:******** (new)\n"));
	assert_null(strstr(diff.data, "HIDDEN"));
	plan_free(&plan);
	site_close(&site);
	strbuf_free(&diff);
	free(text);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(password_is_kept_only_for_its_own_login),
		cmocka_unit_test(stored_password_is_found),
		cmocka_unit_test(leftover_databases_go),
		cmocka_unit_test(diff_hides_passwords),
	};

	return cmocka_run_group_tests_name("plan: passwords", tests, NULL, NULL);
}
