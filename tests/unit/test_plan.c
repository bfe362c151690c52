/* plan.c, wanted_from.c, edit.c, files.c: from settings to edits, in their order, and back. */
#include "plan_fixture.h"

#include "postfix/maincf.h"

#define CRED "texthash:@/relaycon_sasl_passwd"
#define POLICY "texthash:@/relaycon_tls_policy"
#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"

struct expectation {
	const char *name, *value; /* NULL: not in main.cf */
};

static const struct {
	const char *name;
	const char *extra; /* after Debian's stock */
	enum kind relay;
	struct expectation expect[16];
	const char *policy;
	const char *warning; /* a word of it; NULL: there is none */
} cases[] = {
	{"stock", "", A,
		{{"relayhost", "[relay-a.test]:587"}, {"smtp_sasl_auth_enable", "yes"},
			{"smtp_sasl_password_maps", CRED},
			{"smtp_sasl_security_options", "noplaintext, noanonymous"},
			{"smtp_sasl_tls_security_options", "noanonymous"},
			{"smtp_tls_policy_maps", POLICY}, {"smtp_tls_CAfile", BUNDLE},
			{"smtp_tls_security_level", "may"}, {"header_size_limit", "4096000"},
			{"default_transport", NULL}, {"relay_transport", NULL},
			{"smtp_dns_support_level", NULL}, {"smtp_tls_wrappermode", NULL}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"implicit TLS", "", IMPLICIT,
		{{"relayhost", "[relay-a.test]:465"}, {"default_transport", "relaycon-tls"},
			{"relay_transport", "relaycon-tls"}, {"smtp_tls_wrappermode", NULL}},
		"[relay-a.test]:465 secure servername=hostname\n", NULL},
	{"opportunistic keeps plain text logins in", "", OPPORTUNISTIC,
		{{"smtp_sasl_security_options", "noplaintext, noanonymous"},
			{"smtp_tls_CAfile", NULL}},
		"[relay-a.test]:587 may servername=hostname\n", NULL},
	{"no TLS, login on the user's word", "", NONE,
		{{"smtp_sasl_security_options", "noanonymous"}, {"smtp_tls_CAfile", NULL}},
		"[relay-a.test]:587 none\n", NULL},
	{"DANE", "", DANE, {{"smtp_dns_support_level", "dnssec"}, {"smtp_tls_CAfile", NULL}},
		"[relay-a.test]:587 dane-only\n", NULL},
	{"fingerprint", "", FINGERPRINT, {{"smtp_tls_fingerprint_digest", "sha256"}},
		"[relay-a.test]:587 fingerprint "
		"match=00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
		"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF servername=hostname\n",
		NULL},
	{"TLS without verification", "", UNVERIFIED, {{"smtp_tls_CAfile", NULL}},
		"[relay-a.test]:587 encrypt servername=hostname\n", NULL},
	{"without a login", "", NO_LOGIN,
		{{"relayhost", "[relay-a.test]:587"}, {"smtp_sasl_auth_enable", NULL},
			{"smtp_sasl_password_maps", NULL}, {"smtp_sasl_security_options", NULL}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"CA file of the relay", "", CA, {{"smtp_tls_CAfile", "/etc/ssl/certs/ISRG_Root_X1.pem"}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"IPv6 address", "", SIX, {{"relayhost", "[2001:db8::1]:587"}},
		"[2001:db8::1]:587 encrypt\n", NULL},
	{"Local only", "default_transport = error\nrelay_transport = error\n", A,
		{{"default_transport", "smtp"}, {"relay_transport", "relay"}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"Local only, implicit", "default_transport = error:local only\nrelay_transport=error\n",
		IMPLICIT,
		{{"default_transport", "relaycon-tls"}, {"relay_transport", "relaycon-tls"}},
		"[relay-a.test]:465 secure servername=hostname\n", NULL},
	{"a transport of someone's own", "default_transport = uucp:hub\n", A,
		{{"default_transport", "uucp:hub"}},
		"[relay-a.test]:587 secure servername=hostname\n", "default_transport"},
	{"a relay_transport of someone's own", "relay_transport = smtp:[inside.test]\n", IMPLICIT,
		{{"default_transport", "relaycon-tls"}, {"relay_transport", "smtp:[inside.test]"}},
		"[relay-a.test]:465 secure servername=hostname\n", "relay_transport"},
	{"other relays keep their policy", "smtp_tls_policy_maps = inline:{ x=secure }\n", A,
		{{"smtp_tls_policy_maps", POLICY ", inline:{ x=secure }"}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"an older password map is set aside", "smtp_sasl_password_maps = hash:/etc/x\n", A,
		{{"smtp_sasl_password_maps", CRED}},
		"[relay-a.test]:587 secure servername=hostname\n",
		"smtp_sasl_password_maps = hash:/etc/x"},
	{"a static login is not shown", "smtp_sasl_password_maps = static:me:topsecret\n", A,
		{{"smtp_sasl_password_maps", CRED}},
		"[relay-a.test]:587 secure servername=hostname\n",
		"smtp_sasl_password_maps = static:********"},
	{"an old map without a login of ours", "smtp_sasl_password_maps = hash:/etc/x\n", NO_LOGIN,
		{{"smtp_sasl_password_maps", "hash:/etc/x"}},
		"[relay-a.test]:587 secure servername=hostname\n", "stays in use"},
	{"a readable CA file stays", "smtp_tls_CAfile = /etc/hostname\n", A,
		{{"smtp_tls_CAfile", "/etc/hostname"}},
		"[relay-a.test]:587 secure servername=hostname\n",
		"smtp_tls_CAfile = /etc/hostname"},
	{"an unreadable CA file goes", "smtp_tls_CAfile = /nowhere.pem\n", A,
		{{"smtp_tls_CAfile", BUNDLE}}, "[relay-a.test]:587 secure servername=hostname\n",
		NULL},
	{"a CA file by reference", "smtp_tls_CAfile = $smtpd_tls_CAfile\n", A,
		{{"smtp_tls_CAfile", BUNDLE}}, "[relay-a.test]:587 secure servername=hostname\n",
		NULL},
	{"a larger header limit stays", "header_size_limit = 9999999\n", A,
		{{"header_size_limit", "9999999"}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"an old port 465 set-up", "smtp_tls_wrappermode = yes\n", A,
		{{"smtp_tls_wrappermode", "no"}}, "[relay-a.test]:587 secure servername=hostname\n",
		NULL},
	{"no TLS level", "smtp_tls_security_level =\n", A, {{"smtp_tls_security_level", "may"}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"no TLS level, but smtp_use_tls", "smtp_tls_security_level =\nsmtp_use_tls = yes\n", A,
		{{"smtp_tls_security_level", ""}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"SASL options of someone's own", "smtp_sasl_tls_verified_security_options = noplaintext\n",
		A, {{"smtp_sasl_tls_verified_security_options", "$smtp_sasl_tls_security_options"}},
		"[relay-a.test]:587 secure servername=hostname\n", NULL},
	{"transport map", "transport_maps = inline:{ x=smtp: }\n", A,
		{{"relayhost", "[relay-a.test]:587"}},
		"[relay-a.test]:587 secure servername=hostname\n", "transport_maps"},
	{"sender-dependent map", "sender_dependent_relayhost_maps = static:[x]\n", A,
		{{"relayhost", "[relay-a.test]:587"}},
		"[relay-a.test]:587 secure servername=hostname\n",
		"sender_dependent_relayhost_maps"},
	{"per-site table", "smtp_tls_per_site = hash:/etc/x\n", A,
		{{"relayhost", "[relay-a.test]:587"}},
		"[relay-a.test]:587 secure servername=hostname\n", "smtp_tls_per_site"},
};

static void check_parameters(const struct fixture *f, size_t i)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, f->main_cf);
	struct maincf *cf = maincf_parse("main.cf", bytes.data, bytes.len, NULL);
	assert_non_null(cf);
	for (const struct expectation *e = cases[i].expect; e->name; e++) {
		const char *found = maincf_value(cf, e->name);
		char *value = e->value ? fill(f, e->value) : NULL;
		if (!text_equal(found, value))
			fail_msg("%s: %s = %s instead of %s", cases[i].name, e->name, found, value);
		free(value);
	}
	maincf_free(cf);
	strbuf_free(&bytes);
}

static void check_warnings(struct fixture *f, size_t i)
{
	struct site site;
	struct plan plan = {0};
	struct error error = {0};

	fixture_site(f, &site);
	assert_ok(plan_for(&plan, &site, relay_of(cases[i].relay), "pw", &error), error);
	const char *warning = cases[i].warning;
	if (warning ? !strstr(plan.warnings.data, warning) : plan.warnings.len > 0)
		fail_msg("%s: warnings are: %s", cases[i].name, plan.warnings.data);
	assert_null(strstr(plan.warnings.data, "topsecret"));
	plan_free(&plan);
	site_close(&site);
}

/* Each case: what it writes; the same again changes nothing; and all of it back. */
static void every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		struct error error = {0};
		struct strbuf policy = STRBUF_INIT;
		/* A parameter of the stock file again: Postfix goes by the last one, and so must we. */
		char *text = text_format("%s%s", stock_main_cf, cases[i].extra);
		fixture_make(&f, text);
		check_warnings(&f, i);
		if (configure(&f, relay_of(cases[i].relay), "pw", &error) != 1)
			fail_msg("%s: %s", cases[i].name, error.message);
		check_parameters(&f, i);
		char *path = fill(&f, "@/relaycon_tls_policy");
		read_bytes(&policy, path);
		if (strcmp(policy.data, cases[i].policy) != 0)
			fail_msg("%s: policy is %s", cases[i].name, policy.data);
		if (configure(&f, relay_of(cases[i].relay), NULL, &error) != 0)
			fail_msg("%s, again: changed (%s)", cases[i].name, error.message);
		if (deconfigure(&f, false, NULL, &error) != 1)
			fail_msg("%s, back: %s", cases[i].name, error.message);
		assert_untouched(&f);
		assert_no_strays(&f, false);
		strbuf_free(&policy);
		free(path);
		free(text);
		fixture_free(&f);
	}
}

/* From every relay to every other, then back: byte for byte where it began. */
static void any_to_any_and_back(void **state)
{
	(void)state;
	static const char *const texts[] = {"",
		"default_transport = error\nrelay_transport = error", "relayhost = [old.test]:25"};

	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
		for (enum kind from = A; from <= SIX; from++) {
			struct fixture f;
			struct error error = {0};
			char *text = text_format("%s%s", stock_main_cf, texts[t]);
			fixture_make(&f, text);
			assert_int_equal(configure(&f, relay_of(from), "pw", &error), 1);
			for (enum kind to = A; to <= SIX; to++) {
				int changed = configure(&f, relay_of(to), "pw", &error);
				if (changed != (to == from && to == A ? 0 : 1) && changed < 0)
					fail_msg("%d to %d: %s", (int)from, (int)to, error.message);
			}
			assert_int_equal(deconfigure(&f, false, NULL, &error), 1);
			assert_untouched(&f);
			assert_no_strays(&f, false);
			free(text);
			fixture_free(&f);
		}
}

static void tables_come_first_and_go_last(void **state)
{
	(void)state;
	static const enum plan_file_kind adding[] = {PLAN_TABLE, PLAN_SECRET_TABLE, PLAN_MASTER_CF,
		PLAN_MAIN_CF, PLAN_STATE, PLAN_STATE};
	static const enum plan_file_kind removing[] = {PLAN_MAIN_CF, PLAN_MASTER_CF, PLAN_TABLE,
		PLAN_SECRET_TABLE, PLAN_STATE, PLAN_STATE};
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	assert_ok(plan_for(&plan, &site, relay_of(IMPLICIT), "pw", &error), error);
	assert_int_equal(plan.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(plan.files[i].kind, adding[i]);
	assert_string_equal(plan.check_service, "relaycon-tls");
	assert_non_null(strstr(plan.summary, "relay [relay-a.test]:465 as alice, implicit"));
	plan_free(&plan);
	assert_int_equal(configure(&f, relay_of(IMPLICIT), "pw", &error), 1);
	/* Another relay: both tables hold both relays while main.cf changes hands. */
	assert_ok(plan_for(&plan, &site, relay_of(A), "pw2", &error), error);
	const struct plan_file *table = file_of(&plan, PLAN_SECRET_TABLE);
	assert_true(table->has_interim);
	assert_memory_equal(table->secret_interim.bytes,
		"[relay-a.test]:587 alice:pw2\n[relay-a.test]:465 alice:pw\n", 56);
	assert_string_equal(file_of(&plan, PLAN_TABLE)->interim.data,
		"[relay-a.test]:587 secure servername=hostname\n[relay-a.test]:465 secure "
		"servername=hostname\n");
	plan_free(&plan);
	assert_ok(plan_deconfigure(&plan, &site, false, &error), error);
	assert_int_equal(plan.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(plan.files[i].kind, removing[i]);
	assert_string_equal(plan.check_service, "smtp");
	plan_free(&plan);
	site_close(&site);
	fixture_free(&f);
}

static void what_is_refused(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct plan plan;
	struct error error = {0};
	struct relay relay = relay_of(A);
	struct route route = {ROUTE_SENDER, (char *)"@x", (char *)"nowhere"};
	struct settings settings = settings_of(&relay);

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	settings.routes = &route;
	settings.route_count = 1;
	assert_false(plan_configure(&plan, &site, &settings, NULL, 0, &error));
	assert_int_equal(error.code, ERROR_DATA);
	relay.login = (char *)"a:b";
	assert_false(plan_for(&plan, &site, relay, "pw", &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_false(plan_for(&plan, &site, relay_of(A), "pw\nx", &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_null(strstr(error.message, "pw"));
	/* A damaged baseline stops everything. */
	assert_int_equal(configure(&f, relay_of(A), "pw", &error), 1);
	write_text(site.baseline_file, "{\"version\": 1}");
	assert_false(plan_deconfigure(&plan, &site, true, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_false(plan_for(&plan, &site, relay_of(A), "pw", &error));
	assert_int_equal(error.code, ERROR_DATA);
	site_close(&site);
	fixture_free(&f);
}

static void nothing_to_restore(void **state)
{
	(void)state;
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(deconfigure(&f, false, NULL, &error), 0);
	assert_int_equal(deconfigure(&f, true, NULL, &error), 0);
	assert_untouched(&f);
	assert_false(there(f.state));
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case),
		cmocka_unit_test(any_to_any_and_back),
		cmocka_unit_test(tables_come_first_and_go_last),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(nothing_to_restore),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
