/* Several relays, routes, fallbacks and rewriting as plans: what stands where, and back. */
#include "routed_fixture.h"

#include "postfix/map.h"

/* --- what stands where ----------------------------------------------------------------------------- */

struct line {
	const char *file, *text; /* "!": not in there */
};

static const struct {
	const char *name, *extra, *words;
	struct line lines[12];
	const char *summary, *checks;
	const char *warning; /* NULL: none */
} cases[] = {
	{"simple, with idle ones", "", SIMPLE,
		{{"main.cf", "\nrelayhost = [a.test]:587\n"}, {"main.cf", "!\ndefault_transport"},
			{"master.cf", "!relaycon"},
			{"relaycon_sasl_passwd", "[a.test]:587 me:default-pw\n"},
			{"relaycon_sasl_passwd", "[a.test]:0587 she:c-pw\n"},
			{"relaycon_sasl_passwd", "[b.test]:465 you:b-pw\n"},
			{"relaycon_sasl_passwd", "[b.test]:0465 he:d-pw\n"},
			{"relaycon_tls_policy", "[a.test]:0587 secure"}},
		"relay [a.test]:587 as me, starttls, verify name, 5 relays, 0 routes", "smtp",
		NULL},
	{"nothing but idle ones", "", IDLE,
		{{"main.cf", "\nrelayhost = \n"}, {"main.cf", "!relaycon_"},
			{"relaycon_sasl_passwd", "[a.test]:2525 us:r-pw\n"},
			{"master.cf", "!relaycon"}},
		"no relay, 5 relays, 0 routes", "smtp", NULL},
	{"routes", "", ROUTES,
		{{"main.cf", "\nrelayhost = \n"},
			{"main.cf", "\ndefault_transport = relaycon:[a.test]:587\n"},
			{"main.cf", "\nrelay_transport = relaycon:[a.test]:587\n"},
			{"main.cf", "!\nsmtp_sasl"}, {"main.cf", "!smtp_tls_policy_maps"},
			{"main.cf", "/relaycon_sender_routes\n"},
			{"relaycon_sender_routes", "@x.test relaycon-tls:[b.test]:465\n"},
			{"relaycon_sender_routes", "u@x.test relaycon:[a.test]:0587\n"},
			{"relaycon_recipient_routes", "y.test smtp:\n"},
			{"master.cf", "\nrelaycon-tls unix - - y - - smtp\n"}},
		"relay [a.test]:587 as me, starttls, verify name, 5 relays, 3 routes",
		"relaycon relaycon-tls", NULL},
	{"routes where somebody relays already",
		"relayhost = [old.test]:25\nsmtp_sasl_auth_enable = yes\n"
		"smtp_sasl_password_maps = static:them:topsecret\nsmtp_tls_wrappermode = yes\n",
		SENDERS,
		{{"main.cf", "\nrelayhost = \n"}, {"main.cf", "\nsmtp_sasl_auth_enable = no\n"},
			{"main.cf", "\nsmtp_tls_wrappermode = no\n"},
			{"main.cf", "!\ndefault_transport"}, {"main.cf", "static:them:topsecret"}},
		"no relay, 5 relays, 1 routes", "relaycon-tls", "relayhost = [old.test]:25"},
	{"routes beside the administrator's own",
		"transport_maps = inline:{ q.test=smtp: }\n"
		"smtp_sasl_auth_enable = yes\nsmtp_fallback_relay = [last.test]\n",
		ROUTES,
		{{"main.cf", "/relaycon_recipient_routes, inline:{ q.test=smtp: }\n"},
			{"main.cf", "\nsmtp_sasl_auth_enable = yes\n"}},
		NULL, "relaycon relaycon-tls", "transport_maps = inline:********"},
	{"local only", "default_transport = error\nrelay_transport = error\n", FAILOVER,
		{{"main.cf", "\ndefault_transport = relaycon-via-d:[b.test]:465,[b.test]:0465\n"}},
		NULL, "relaycon-via-d relaycon-again 127.0.0.1:/inet", NULL},
	{"senders that have a relayhost of the administrator's",
		"sender_dependent_relayhost_maps = inline:{ @x.test=[q] }\n",
		TWO "sender @x.test direct\nsender @y.test b\n",
		{{"main.cf", "/relaycon_sender_direct, inline:{ @x.test=[q] }\n"},
			{"relaycon_sender_direct", "@x.test DUNNO\n"},
			{"relaycon_sender_direct", "!@y.test"}},
		NULL, "relaycon-tls", "sender_dependent_relayhost_maps = inline:********"},
	{"a transport of somebody's own", "default_transport = uucp:hub\n", ROUTES,
		{{"main.cf", "\ndefault_transport = uucp:hub\n"}}, NULL, "relaycon relaycon-tls",
		"default_transport = uucp:hub"},
	{"rewriting", "", REWRITE,
		{{"relaycon_sender_rewrite_r", "us@ours.test\n"},
			{"relaycon_recipient_routes", "z.test relaycon-hop:[127.0.0.1]:"},
			{"relaycon_sender_routes", "@x.test relaycon-via-d:[b.test]:0465,[b.test]"},
			{"master.cf", "\nrelaycon-cleanup-r unix n - y - 0 cleanup\n"},
			{"main.cf", "\ndefault_transport = relaycon-hop:[127.0.0.1]:"}},
		NULL,
		"relaycon-hop relaycon-again relaycon-via-d relaycon 127.0.0.1:/inet "
		"127.0.0.1:/inet",
		NULL},
};

static void check_lines(const struct fixture *f, size_t i)
{
	for (const struct line *line = cases[i].lines; line->file; line++) {
		bool absent = line->text[0] == '!';
		if (config_holds(f, line->file, line->text + absent) == absent) {
			struct strbuf bytes = STRBUF_INIT;
			char *path = in_config(f, line->file);
			read_bytes(&bytes, path);
			fail_msg("%s: %s: %s\n%s", cases[i].name, line->file, line->text,
				bytes.data);
		}
	}
}

/* A hop's port depends on the folder's name. Caller frees. */
static char *without_ports(const char *list)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_reset(&out);
	for (const char *at = list; *at; at++) {
		strbuf_addc(&out, *at);
		if (*at == ':')
			at += strspn(at + 1, "0123456789");
	}
	return strbuf_detach(&out);
}

static void check_plan(struct fixture *f, size_t i)
{
	struct site site;
	struct plan plan = {0};
	struct error error = {0};

	fixture_site(f, &site);
	assert_ok(plan_words(&plan, &site, cases[i].words, true, &error), error);
	const char *warning = cases[i].warning;
	if (warning ? !strstr(plan.warnings.data, warning) : plan.warnings.len > 0)
		fail_msg("%s: warnings are: %s", cases[i].name, plan.warnings.data);
	assert_null(strstr(plan.warnings.data, "topsecret"));
	if (cases[i].summary)
		assert_string_equal(plan.summary, cases[i].summary);
	char *checks = without_ports(plan.check_service);
	assert_string_equal(checks, cases[i].checks);
	free(checks);
	plan_free(&plan);
	site_close(&site);
}

/* Each case: what it writes; the same again, without passwords, changes nothing; all of it back. */
static void every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		struct error error = {0};
		char *text = text_format("%s%s", stock_main_cf, cases[i].extra);
		fixture_make(&f, text);
		check_plan(&f, i);
		if (apply(&f, cases[i].words, true, &error) != 1)
			fail_msg("%s: %s", cases[i].name, error.message);
		check_lines(&f, i);
		if (apply(&f, cases[i].words, false, &error) != 0)
			fail_msg("%s, again: changed (%s)", cases[i].name, error.message);
		assert_back(&f, cases[i].name);
		free(text);
		fixture_free(&f);
	}
}

/* --- passwords ------------------------------------------------------------------------------------- */

/* A bug: the default relay never had zeros, so that another default exchanged the logins of two next hops
 * while mail was on its way to them. */
static void passwords_stay_with_their_login(void **state)
{
	(void)state;
	static const char *const steps[] = {
		/* The default changes. */
		TWO "by-default c\n",
		/* Renamed, with another order. */
		"new a.test 587 starttls name she\nother a.test 587 starttls name me\n"
		"third b.test 465 implicit name you\nby-default other\n",
		/* Another TLS mode and fallbacks; all of them idle. */
		"x a.test 587 starttls none me fallback=y\ny a.test 587 opportunistic none she\n",
		"x a.test 587 starttls name me\ny a.test 587 starttls name she\nsender @a y\n",
	};
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(apply(&f, SIMPLE, true, &error), 1);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (apply(&f, steps[i], false, &error) != 1)
			fail_msg("step %zu: %s", i, error.message);
		assert_true(
			config_holds(&f, "relaycon_sasl_passwd", "[a.test]:587 me:default-pw\n"));
		assert_true(config_holds(&f, "relaycon_sasl_passwd", "[a.test]:0587 she:c-pw\n"));
	}
	assert_false(config_holds(&f, "relaycon_sasl_passwd", "b.test"));
	assert_back(&f, "passwords");
	fixture_free(&f);
}

static void what_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *words, *says;
		enum error_code code;
	} refused[] = {
		{"a a.test 587 starttls name me\nb a.test 587 starttls none me\n",
			"\"a\" and \"b\"", ERROR_DATA},
		{"a a.test 587 starttls name -\nb a.test 587 starttls none -\n", "without a login",
			ERROR_DATA},
		{"a a.test 587 starttls name me fallback=b\nb b.test 587 starttls name you\n"
		 "by-default a\n",
			"relay \"a\"", ERROR_USAGE},
		{"a a.test 587 starttls name me\nsender @x a\n", "relay \"a\" (me at [a.test]:587)",
			ERROR_USAGE},
		{"a a.test 587 starttls name - fallback=nobody\nby-default a\n", "nobody",
			ERROR_DATA},
	};
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_equal(
			apply(&f, refused[i].words, refused[i].code == ERROR_DATA, &error), -1);
		assert_int_equal(error.code, refused[i].code);
		if (!strstr(error.message, refused[i].says))
			fail_msg("%s: %s", refused[i].says, error.message);
	}
	assert_untouched(&f);
	assert_nothing_of_ours(&f);
	fixture_free(&f);
}

/* --- without state ----------------------------------------------------------------------------------- */

/* Only the names are left to go by. */
static void lost_state(void **state)
{
	(void)state;
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct change_result result;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	assert_int_equal(apply(&f, REWRITE, true, &error), 1);
	nftw(f.state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	fixture_site(&f, &site);
	assert_ok(plan_deconfigure(&plan, &site, false, &error), error);
	assert_true(plan.lost);
	assert_int_equal(plan.count, 0);
	plan_free(&plan);
	assert_ok(plan_remove_foreign(&plan, &site, &error), error);
	assert_ok(change_commit(&site, &plan, &result, &error), error);
	assert_false(holds(f.main_cf, "relaycon_"));
	assert_false(holds(f.main_cf, "= relaycon"));
	assert_bytes(f.master_cf, &f.master_first);
	assert_nothing_of_ours(&f);
	plan_free(&plan);
	site_close(&site);
	fixture_free(&f);
}

/* Settings and baseline alone are lost, and main.cf is as it was: the tables go. */
static void stray_tables_go(void **state)
{
	(void)state;
	static const char *const names[] = {"relaycon_sender_routes", "relaycon_sender_routes.db",
		"relaycon_recipient_routes.lmdb", "relaycon_sender_rewrite_old",
		"relaycon_sasl_passwd.cdb"};
	struct fixture f;

	fixture_make(&f, stock_main_cf);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = in_config(&f, names[i]);
		write_text(path, "x y\n");
		free(path);
	}
	assert_back(&f, "strays");
	fixture_free(&f);
}

/* What a change that was killed may have left, postmap's work among it; and what is not ours. */
static void strays_of_every_table(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool stays;
	} files[] = {
		{".relaycon_sender_routes.relaycon-new", false},
		{".relaycon_sender_routes.db.relaycon-new", false},
		{".relaycon_sender_routes.db.relaycon-new.source", false},
		{".relaycon_recipient_routes.lmdb.relaycon-new.source.lmdb", false},
		{".relaycon_sender_direct.relaycon-old", false},
		{".relaycon_sender_rewrite_a.b.relaycon-old", false},
		{".relaycon_tls_policy.relaycon-mid", false},
		{".relaycon_other.relaycon-new", true},
		{".relaycon_sender_routes.relaycon-newer", true},
		{"relaycon_sender_routes.relaycon-new", true},
	};
	struct fixture f;
	struct site site;
	struct error error = {0};
	enum change_recovery what;

	fixture_make(&f, stock_main_cf);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *path = in_config(&f, files[i].name);
		write_text(path, "x y\n");
		free(path);
	}
	fixture_site(&f, &site);
	assert_true(change_is_interrupted(&site));
	assert_ok(change_recover(&site, &what, &error), error);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (is_there(&f, files[i].name) != files[i].stays)
			fail_msg("%s", files[i].name);
	assert_false(change_is_interrupted(&site));
	site_close(&site);
	fixture_free(&f);
}

/* --- large ------------------------------------------------------------------------------------------- */

static char *many(size_t relays, size_t routes)
{
	struct strbuf words = STRBUF_INIT;

	strbuf_reset(&words);
	for (size_t i = 0; i < relays; i++)
		strbuf_addf(&words, "r%zu h%zu.test 587 starttls name u%zu\n", i, i / 3, i);
	strbuf_adds(&words, "by-default r0\n");
	/* In the order in which they end up. */
	for (size_t i = 0; i < routes; i++)
		strbuf_addf(&words, "sender @s%07zu.test r%zu\n", i, i % relays);
	return strbuf_detach(&words);
}

static void large_tables_are_built(void **state)
{
	(void)state;
	const struct {
		size_t routes;
		bool built;
	} sizes[] = {{10, false}, {MAP_TEXT_MAX, false}, {MAP_TEXT_MAX + 1, true},
		{MAP_TEXT_MAX + 2, true}, {10, false}, {MAP_TEXT_MAX + 2, true}};
	struct fixture f;
	struct site site;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	fixture_site(&f, &site);
	const char *type = map_best_type(&site.postfix);
	site_close(&site);
	assert_non_null(type);
	char *built = text_format("relaycon_sender_routes%s", map_ending(type));
	char *named = text_format("\nsender_dependent_default_transport_maps = %s:", type);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *words = many(10, sizes[i].routes);
		if (apply(&f, words, i == 0, &error) != 1)
			fail_msg("%zu routes: %s", sizes[i].routes, error.message);
		assert_int_equal(is_there(&f, built), sizes[i].built);
		assert_int_equal(config_holds(&f, "main.cf", named), sizes[i].built);
		assert_int_equal(apply(&f, words, false, &error), 0);
		struct stat st;
		char *path = in_config(&f, built);
		if (sizes[i].built && (stat(path, &st) != 0 || (st.st_mode & 07777) != 0644))
			fail_msg("%s has mode %o", path, st.st_mode & 07777);
		/* One that was lost is built again. */
		if (sizes[i].built) {
			assert_int_equal(unlink(path), 0);
			assert_int_equal(apply(&f, words, false, &error), 1);
			assert_true(there(path));
		}
		free(path);
		free(words);
	}
	assert_back(&f, "large");
	free(named);
	free(built);
	fixture_free(&f);
}

/* What it costs is measured by `make bench`. */
static void a_thousand_relays_and_a_hundred_thousand_routes(void **state)
{
	(void)state;
	enum { RELAYS = 1000, MANY = 100000 };
	struct fixture f;
	struct site site;
	struct plan plan = {0};
	struct error error = {0};
	struct settings large = {0};
	char *words = many(RELAYS, 0);

	fixture_make(&f, stock_main_cf);
	assert_int_equal(apply(&f, words, true, &error), 1);
	settings_from(&large, words);
	large.routes = mem_calloc(MANY, sizeof *large.routes);
	large.route_count = MANY;
	for (size_t i = 0; i < MANY; i++)
		large.routes[i] = (struct route){ROUTE_SENDER, text_format("@s%07zu.test", i),
			text_format("r%zu", i % RELAYS)};
	fixture_site(&f, &site);
	assert_ok(plan_configure(&plan, &site, &large, NULL, 0, &error), error);
	assert_true(plan.count > 0);
	plan_free(&plan);
	site_close(&site);
	settings_free(&large);
	assert_back(&f, "large");
	free(words);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case),
		cmocka_unit_test(passwords_stay_with_their_login),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(lost_state),
		cmocka_unit_test(stray_tables_go),
		cmocka_unit_test(strays_of_every_table),
		cmocka_unit_test(large_tables_are_built),
		cmocka_unit_test(a_thousand_relays_and_a_hundred_thousand_routes),
	};

	return cmocka_run_group_tests_name("routed", tests, NULL, NULL);
}
