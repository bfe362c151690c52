/* plan.c, wanted.c, edit.c, files.c, override.c, diff.c: from settings to edits and back. */
#include "site_fixture.h"

#include "postfix/maincf.h"

#define CRED "texthash:@/relaycon_sasl_passwd"
#define POLICY "texthash:@/relaycon_tls_policy"
#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"

/* "@" stands for the configuration folder. */
static char *fill(const struct fixture *f, const char *text)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_reset(&out);
	for (; *text; text++)
		if (*text == '@' && text[1] == '/')
			strbuf_adds(&out, f->config);
		else
			strbuf_addc(&out, *text);
	return strbuf_detach(&out);
}

enum kind { A, IMPLICIT, OPPORTUNISTIC, NONE, DANE, FINGERPRINT, UNVERIFIED, NO_LOGIN, CA, SIX };

static struct relay relay_of(enum kind kind)
{
	struct relay relay = relay_a();

	switch (kind) {
	case A:
		break;
	case IMPLICIT:
		relay.port = 465;
		relay.tls = RELAY_TLS_IMPLICIT;
		break;
	case OPPORTUNISTIC:
		relay.tls = RELAY_TLS_OPPORTUNISTIC;
		relay.verify = RELAY_VERIFY_NONE;
		break;
	case NONE:
		relay.tls = RELAY_TLS_NONE;
		relay.verify = RELAY_VERIFY_NONE;
		break;
	case DANE:
		relay.verify = RELAY_VERIFY_DANE;
		break;
	case FINGERPRINT:
		relay.verify = RELAY_VERIFY_FINGERPRINT;
		relay.fingerprint = (char *)"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
					    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
		break;
	case UNVERIFIED:
		relay.verify = RELAY_VERIFY_NONE;
		break;
	case NO_LOGIN:
		relay.login = NULL;
		break;
	case CA:
		relay.ca_file = (char *)"/etc/ssl/certs/ISRG_Root_X1.pem";
		break;
	case SIX:
		relay.host = (char *)"2001:db8::1";
		relay.verify = RELAY_VERIFY_NONE;
		break;
	}
	return relay;
}

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

static const struct plan_file *file_of(const struct plan *plan, enum plan_file_kind kind)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->files[i].kind == kind)
			return &plan->files[i];
	return NULL;
}

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

static void append_text(const char *path, const char *text)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, path);
	strbuf_adds(&bytes, text);
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

static void replace_text(const char *path, const char *from, const char *to)
{
	struct strbuf bytes = STRBUF_INIT;

	read_bytes(&bytes, path);
	const char *at = strstr(bytes.data, from);
	assert_non_null(at);
	size_t start = (size_t)(at - bytes.data);
	strbuf_splice(&bytes, start, start + strlen(from), to, strlen(to));
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

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

/* --- passwords ----------------------------------------------------------------------------------- */

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

/* --- diff ---------------------------------------------------------------------------------------- */

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

/* --- order and refusal --------------------------------------------------------------------------- */

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

/* --- relays that someone else set up ------------------------------------------------------------- */

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
		cmocka_unit_test(every_case),
		cmocka_unit_test(any_to_any_and_back),
		cmocka_unit_test(edits_of_others_stay),
		cmocka_unit_test(changed_parameter_is_kept_unless_forced),
		cmocka_unit_test(kept_parameter_begins_anew),
		cmocka_unit_test(no_dangling_tables),
		cmocka_unit_test(no_final_newline),
		cmocka_unit_test(password_is_kept_only_for_its_own_login),
		cmocka_unit_test(stored_password_is_found),
		cmocka_unit_test(leftover_databases_go),
		cmocka_unit_test(diff_hides_passwords),
		cmocka_unit_test(tables_come_first_and_go_last),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(nothing_to_restore),
		cmocka_unit_test(foreign_relay_is_removed_after_a_backup),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
