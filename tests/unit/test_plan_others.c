/* edit.c, override.c, foreign.c: what somebody else wrote, before us or since, is kept and named. */
#include "plan_fixture.h"

static void edits_of_others_stay(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_of(IMPLICIT), "pw", &error), 1);
	append_text(f.main_cf, "# by hand\nmessage_size_limit = 1234567\n");
	replace_text(f.main_cf, "biff = no\n", "biff = yes\n");
	append_text(f.master_cf, "mine unix - - n - - pipe argv=/bin/true\n");
	assert_int_equal(configure(&f, relay_of(A), "pw", &error), 1);
	assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
	assert_true(holds(f.main_cf, "# by hand\nmessage_size_limit = 1234567\n"));
	assert_true(holds(f.main_cf, "biff = yes\n"));
	replace_text(f.main_cf, "# by hand\nmessage_size_limit = 1234567\n", "");
	replace_text(f.main_cf, "biff = yes\n", "biff = no\n");
	replace_text(f.master_cf, "mine unix - - n - - pipe argv=/bin/true\n", "");
	assert_untouched(&f);
	fixture_free(&f);
}

static void changed_parameter_is_kept_unless_forced(void **state)
{
	(void)state;
	for (int forced = 0; forced < 2; forced++) {
		struct fixture f;
		struct error error = {0};
		struct strbuf kept = STRBUF_INIT;
		fixture_make(&f, stock_main_cf);
		assert_int_equal(configure(&f, relay_of(A), "pw", &error), 1);
		replace_text(
			f.main_cf, "relayhost = [relay-a.test]:587", "relayhost = [mine.test]:25");
		assert_int_equal(deconfigure(&f, forced, &kept, &error), 1);
		if (forced) {
			assert_string_equal(kept.data, "");
		} else {
			assert_non_null(strstr(kept.data, "relayhost = [mine.test]:25"));
			assert_true(holds(f.main_cf, "\nrelayhost = [mine.test]:25\n"));
			/* Once more: nothing to do, still named; and force still can. */
			assert_int_equal(deconfigure(&f, false, &kept, &error), 0);
			assert_non_null(strstr(kept.data, "relayhost"));
			assert_int_equal(deconfigure(&f, true, &kept, &error), 1);
		}
		assert_untouched(&f);
		assert_int_equal(deconfigure(&f, false, &kept, &error), 0);
		strbuf_free(&kept);
		fixture_free(&f);
	}
}

/* What was left to someone else is what stood there before the next configure. */
static void kept_parameter_begins_anew(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};
	struct strbuf theirs = STRBUF_INIT;

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_of(A), "pw", &error), 1);
	replace_text(f.main_cf, "relayhost = [relay-a.test]:587", "relayhost = [mine.test]:25");
	assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
	read_bytes(&theirs, f.main_cf);
	assert_int_equal(configure(&f, relay_of(A), "pw", &error), 1);
	assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
	assert_bytes(f.main_cf, &theirs);
	strbuf_free(&theirs);
	fixture_free(&f);
}

/* A list that someone added to must not go on naming a table that Deconfigure removes. */
static void no_dangling_tables(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(configure(&f, relay_of(IMPLICIT), "pw", &error), 1);
	replace_text(f.main_cf, "relaycon_tls_policy\n", "relaycon_tls_policy, hash:/etc/mine\n");
	replace_text(f.main_cf, "default_transport = relaycon-tls",
		"default_transport = relaycon-tls:[x]:465");
	assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
	assert_true(holds(f.main_cf, "smtp_tls_policy_maps = hash:/etc/mine\n"));
	assert_false(holds(f.main_cf, "relaycon-tls"));
	assert_false(holds(f.main_cf, "relaycon_"));
	fixture_free(&f);
}

static void no_final_newline(void **state)
{
	(void)state;
	static const enum kind orders[][3] = {
		{A, IMPLICIT, NO_LOGIN}, {NO_LOGIN, A, DANE}, {NONE, FINGERPRINT, A}};

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		struct fixture f;
		struct error error = {0};
		fixture_make(&f, "compatibility_level = 3.6\nmyhostname = m.test\nmyorigin = y");
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(configure(&f, relay_of(orders[i][k]), "pw", &error), 1);
		assert_true(holds(f.main_cf, "\nmyorigin = y\n"));
		assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
		assert_untouched(&f);
		fixture_free(&f);
	}
}

static void foreign_relay_is_removed_after_a_backup(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct change_result result;
	struct error error = {0};
	char *text =
		text_format("%srelayhost = [theirs.test]:587\nsmtp_sasl_auth_enable = yes\n"
			    "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\n"
			    "smtp_sasl_security_options = noanonymous\n"
			    "smtp_tls_security_level = encrypt\nrelay_transport = smtp:[in.test]\n",
			stock_main_cf);

	fixture_make(&f, text);
	fixture_site(&f, &site);
	assert_ok(plan_remove_foreign(&plan, &site, &error), error);
	assert_non_null(strstr(plan.warnings.data, "/etc/postfix/sasl_passwd"));
	assert_non_null(strstr(plan.warnings.data, "smtp_tls_security_level = encrypt"));
	char *backup = text_dup(plan.files[plan.count - 1].path);
	assert_non_null(strstr(backup, "/state/backup/"));
	assert_ok(change_commit(&site, &plan, &result, &error), error);
	assert_true(result.changed);
	assert_false(holds(f.main_cf, "relayhost"));
	assert_false(holds(f.main_cf, "smtp_sasl"));
	assert_true(holds(f.main_cf, "relay_transport = smtp:[in.test]\n"));
	assert_bytes(backup, &f.main_first);
	struct stat st;
	assert_int_equal(stat(backup, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(deconfigure(&f, true, NULL, &error), 0);
	plan_free(&plan);
	site_close(&site);
	free(backup);
	free(text);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_of_others_stay),
		cmocka_unit_test(changed_parameter_is_kept_unless_forced),
		cmocka_unit_test(kept_parameter_begins_anew),
		cmocka_unit_test(no_dangling_tables),
		cmocka_unit_test(no_final_newline),
		cmocka_unit_test(foreign_relay_is_removed_after_a_backup),
	};

	return cmocka_run_group_tests_name("plan: what others wrote", tests, NULL, NULL);
}
