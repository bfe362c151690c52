/* Several relays, routes, fallbacks and rewriting as plans, and the ways between them and back. */
#include "site_fixture.h"

#include <dirent.h>

#include "change/ours.h"
#include "postfix/maincf.h"
#include "postfix/map.h"
#include "postfix/mastercf.h"
#include "settings_words.h"

/* Each relay's password is its name and "-pw". */
static bool plan_words(struct plan *plan, const struct site *site, const char *words,
	bool with_passwords, struct error *error)
{
	struct settings settings;

	settings_from(&settings, words);
	struct plan_password *given = mem_calloc(settings.relay_count + 1, sizeof *given);
	struct secret *secrets = mem_calloc(settings.relay_count + 1, sizeof *secrets);
	for (size_t i = 0; with_passwords && i < settings.relay_count; i++) {
		char *text = text_format("%s-pw", settings.relays[i].name);
		assert_true(secret_init(&secrets[i], NULL));
		assert_true(secret_set(&secrets[i], text, strlen(text), NULL));
		given[i] = (struct plan_password){settings.relays[i].name, &secrets[i]};
		free(text);
	}
	bool ok = plan_configure(
		plan, site, &settings, given, with_passwords ? settings.relay_count : 0, error);
	for (size_t i = 0; with_passwords && i < settings.relay_count; i++)
		secret_free(&secrets[i]);
	free(secrets);
	free(given);
	settings_free(&settings);
	return ok;
}

static int apply(struct fixture *f, const char *words, bool with_passwords, struct error *error)
{
	struct site site;
	struct plan plan = {0};
	struct change_result result = {0};

	fixture_site(f, &site);
	bool ok = plan_words(&plan, &site, words, with_passwords, error) &&
		  change_commit(&site, &plan, &result, error);
	plan_free(&plan);
	site_close(&site);
	return ok ? result.changed : -1;
}

/* No file of ours is left, whatever its name, hidden ones included. */
static void assert_nothing_of_ours(const struct fixture *f)
{
	DIR *folder = opendir(f->config);
	const struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)))
		if (strstr(entry->d_name, "relaycon"))
			fail_msg("%s was left behind", entry->d_name);
	closedir(folder);
}

static void assert_back(struct fixture *f, const char *name)
{
	struct error error = {0};

	if (deconfigure(f, false, NULL, &error) != 1)
		fail_msg("%s, back: %s", name, error.message);
	assert_untouched(f);
	assert_nothing_of_ours(f);
}

static char *in_config(const struct fixture *f, const char *name)
{
	return text_format("%s/%s", f->config, name);
}

static bool config_holds(const struct fixture *f, const char *name, const char *text)
{
	char *path = in_config(f, name);
	bool found = there(path) && holds(path, text);

	free(path);
	return found;
}

static bool is_there(const struct fixture *f, const char *name)
{
	char *path = in_config(f, name);
	bool is = there(path);

	free(path);
	return is;
}

/* --- what stands where ----------------------------------------------------------------------------- */

#define TWO                                                                                        \
	"default a.test 587 starttls name me\nb b.test 465 implicit name you\n"                    \
	"c a.test 587 starttls name she\nd b.test 465 implicit name he fallback=b,c\n"             \
	"r a.test 2525 starttls none us rewrite=us@ours.test\n"

static const char SIMPLE[] = TWO "by-default default\n";
static const char IMPLICIT[] = TWO "by-default b\n";
static const char IDLE[] = TWO;
static const char ROUTES[] = TWO "by-default default\nsender @x.test b\nsender u@x.test c\n"
				 "recipient y.test direct\n";
static const char SENDERS[] = TWO "sender <> b\n";
static const char FAILOVER[] = TWO "by-default d\n";
static const char REWRITE[] = TWO "by-default r\nsender @x.test d\nrecipient z.test r\n";
static const char OTHERS[] = "default c.test 587 starttls name me fallback=e\n"
			     "e a.test 587 opportunistic none me\nby-default default\n";

static const struct {
	const char *name, *words;
} settings[] = {{"simple", SIMPLE}, {"implicit", IMPLICIT}, {"idle", IDLE}, {"routes", ROUTES},
	{"senders", SENDERS}, {"failover", FAILOVER}, {"rewrite", REWRITE}, {"others", OTHERS}};
enum { SETTINGS = sizeof settings / sizeof *settings };

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
		NULL, "relaycon-via-d relaycon-again", NULL},
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
		NULL, "relaycon-hop relaycon-again relaycon-via-d relaycon", NULL},
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
	assert_string_equal(plan.check_service, cases[i].checks);
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

/* --- from one to the other ------------------------------------------------------------------------- */

/* What Postfix would read while a plan is put in place: one text a file, by its name. */
struct moment {
	struct strbuf main_cf, master_cf, policy, passwords, senders, recipients;
};

static struct strbuf *text_of(struct moment *moment, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return strcmp(name, "main.cf") == 0                     ? &moment->main_cf
	       : strcmp(name, "master.cf") == 0                 ? &moment->master_cf
	       : strcmp(name, "relaycon_tls_policy") == 0       ? &moment->policy
	       : strcmp(name, "relaycon_sasl_passwd") == 0      ? &moment->passwords
	       : strcmp(name, "relaycon_sender_routes") == 0    ? &moment->senders
	       : strcmp(name, "relaycon_recipient_routes") == 0 ? &moment->recipients
								: NULL;
}

static void set_text(struct moment *moment, const char *path, const char *bytes, size_t len)
{
	struct strbuf *text = text_of(moment, path);

	if (!text)
		return;
	strbuf_reset(text);
	strbuf_addc(text, '\n');
	strbuf_add(text, bytes ? bytes : "", len);
}

static bool has_key(const struct strbuf *table, const char *key, size_t len)
{
	char *line = text_format("\n%.*s ", (int)len, key);
	bool has = strstr(table->data, line) != NULL;

	free(line);
	return has;
}

/* Each "[host]:port" of a text: are the demands on its TLS there, and its login, where the service (or
 * main.cf) asks for one? Relays of these tests all have a login. */
static void check_nexthops(const struct moment *moment, const char *text, const char *what)
{
	for (const char *at = text; (at = strchr(at, '[')); at++) {
		size_t len = strcspn(at, " ,\n");
		if (!strstr(at, "]:") || strncmp(at, "[127.0.0.1]", 11) == 0 ||
			strncmp(at, "[::", 3) == 0)
			continue;
		if (!has_key(&moment->policy, at, len))
			fail_msg("%s: no TLS policy for %.*s", what, (int)len, at);
		if (!has_key(&moment->passwords, at, len))
			fail_msg("%s: no login for %.*s", what, (int)len, at);
	}
}

static char *parameter(const struct moment *moment, const char *name)
{
	struct maincf *cf =
		maincf_parse("main.cf", moment->main_cf.data, moment->main_cf.len, NULL);
	assert_non_null(cf);
	char *value = text_format("= %s\n", maincf_value(cf, name) ? maincf_value(cf, name) : "");

	maincf_free(cf);
	return value;
}

/* Has the service itself the relays' logins and TLS demands, or main.cf? A hop's has neither. */
static bool is_equipped(const struct moment *moment, const char *name, size_t len)
{
	struct mastercf *cf =
		mastercf_parse("master.cf", moment->master_cf.data, moment->master_cf.len, NULL);
	char *key = text_format("%.*s/unix", (int)len, name);
	char *policy = parameter(moment, "smtp_tls_policy_maps");
	const char *value = cf ? mastercf_value(cf, key) : NULL;
	bool is = !value || strcmp(key, "relaycon-hop/unix") == 0 ||
		  strstr(policy, "relaycon_tls_policy") || strstr(value, "smtp_tls_policy_maps=");

	mastercf_free(cf);
	free(policy);
	free(key);
	return is;
}

/* Each service that a text names is there (or, where it need not be, is not there), and fit for relays. */
static void check_services(
	const struct moment *moment, const char *text, bool must_be_there, const char *what)
{
	for (const char *at = text; (at = strstr(at, "relaycon")); at++) {
		size_t len = strcspn(at, ":, \n");
		if (at > text && (at[-1] == '/' || at[len] != ':') &&
			!(at > text + 1 && at[-2] == '=' && at[len] == '\n'))
			continue;
		char *line = text_format("\n%.*s unix ", (int)len, at);
		if (must_be_there && !strstr(moment->master_cf.data, line))
			fail_msg("%s: no service %.*s", what, (int)len, at);
		if (!is_equipped(moment, at, len))
			fail_msg("%s: bare service %.*s", what, (int)len, at);
		free(line);
	}
}

/* services: whether those that are named have to be there as well. */
static void check_moment(const struct moment *moment, bool services, const char *what)
{
	static const char *const names[] = {"relayhost", "default_transport", "relay_transport"};
	char *senders = parameter(moment, "sender_dependent_default_transport_maps");
	char *recipients = parameter(moment, "transport_maps");

	for (size_t i = 0; i < 3; i++) {
		char *value = parameter(moment, names[i]);
		check_nexthops(moment, value, what);
		check_services(moment, value, services, what);
		free(value);
	}
	if (strstr(senders, "relaycon_sender_routes")) {
		assert_true(moment->senders.len > 1);
		check_nexthops(moment, moment->senders.data, what);
		check_services(moment, moment->senders.data, services, what);
	}
	if (strstr(recipients, "relaycon_recipient_routes")) {
		assert_true(moment->recipients.len > 1);
		check_nexthops(moment, moment->recipients.data, what);
		check_services(moment, moment->recipients.data, services, what);
	}
	free(senders);
	free(recipients);
}

static void moment_read(struct moment *moment, const struct fixture *f)
{
	static const char *const names[] = {"main.cf", "master.cf", "relaycon_tls_policy",
		"relaycon_sasl_passwd", "relaycon_sender_routes", "relaycon_recipient_routes"};

	*moment = (struct moment){0};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = in_config(f, names[i]);
		struct strbuf bytes = STRBUF_INIT;
		strbuf_reset(&bytes);
		if (there(path))
			read_bytes(&bytes, path);
		set_text(moment, path, bytes.data, bytes.len);
		strbuf_free(&bytes);
		free(path);
	}
}

static void moment_free(struct moment *moment)
{
	struct strbuf *const all[] = {&moment->main_cf, &moment->master_cf, &moment->policy,
		&moment->passwords, &moment->senders, &moment->recipients};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		strbuf_free(all[i]);
}

/* Does master.cf lose services and get others? Then mail waits for one of them for a moment, and that is
 * all. */
static bool is_mixed(const struct plan *plan)
{
	bool comes = false, goes = false;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_file *file = &plan->files[i];
		if (file->kind != PLAN_MASTER_CF)
			continue;
		struct mastercf *old =
			mastercf_parse("", file->before.data, file->before.len, NULL);
		struct mastercf *new = mastercf_parse("", file->after.data, file->after.len, NULL);
		for (size_t k = 0; k < mastercf_count(new); k++)
			comes |= !mastercf_has(old, mastercf_key(new, k));
		for (size_t k = 0; k < mastercf_count(old); k++)
			goes |= !mastercf_has(new, mastercf_key(old, k));
		mastercf_free(old);
		mastercf_free(new);
	}
	return comes && goes;
}

/* Renames, in their order: the interim versions, then the files of the plan. After each of them mail
 * that main.cf and the routes send to a relay has that relay's login, TLS demands, and service. */
static void check_every_moment(const struct fixture *f, const struct plan *plan, const char *what)
{
	const bool services = !is_mixed(plan);
	struct moment moment;

	moment_read(&moment, f);
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_file *file = &plan->files[i];
		bool secret = file->kind == PLAN_SECRET_TABLE;
		if (!file->has_interim)
			continue;
		set_text(&moment, file->path,
			secret ? file->secret_interim.bytes : file->interim.data,
			secret ? file->secret_interim.len : file->interim.len);
		check_moment(&moment, services, what);
	}
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_file *file = &plan->files[i];
		bool secret = file->kind == PLAN_SECRET_TABLE;
		if (file->remove)
			set_text(&moment, file->path, "", 0);
		else
			set_text(&moment, file->path,
				secret ? file->secret_after.bytes : file->after.data,
				secret ? file->secret_after.len : file->after.len);
		check_moment(&moment, services, what);
	}
	moment_free(&moment);
}

/* From each to each, and back from there. */
static void any_to_any_and_back(void **state)
{
	(void)state;
	for (size_t from = 0; from < SETTINGS; from++)
		for (size_t to = 0; to < SETTINGS; to++) {
			struct fixture f;
			struct site site;
			struct plan plan = {0};
			struct change_result result;
			struct error error = {0};
			char *what =
				text_format("%s to %s", settings[from].name, settings[to].name);

			fixture_make(&f, stock_main_cf);
			if (apply(&f, settings[from].words, true, &error) != 1)
				fail_msg("%s: %s", what, error.message);
			fixture_site(&f, &site);
			assert_ok(
				plan_words(&plan, &site, settings[to].words, true, &error), error);
			if ((plan.count == 0) != (from == to))
				fail_msg("%s: %zu files", what, plan.count);
			check_every_moment(&f, &plan, what);
			assert_ok(change_commit(&site, &plan, &result, &error), error);
			plan_free(&plan);
			assert_ok(plan_deconfigure(&plan, &site, false, &error), error);
			char *back = text_format("%s, back", what);
			check_every_moment(&f, &plan, back);
			plan_free(&plan);
			site_close(&site);
			assert_back(&f, what);
			free(back);
			free(what);
			fixture_free(&f);
		}
}

static void assert_same(const struct moment *a, const struct moment *b, const char *what)
{
	const struct strbuf *const left[] = {
		&a->main_cf, &a->master_cf, &a->policy, &a->passwords, &a->senders, &a->recipients};
	const struct strbuf *const right[] = {
		&b->main_cf, &b->master_cf, &b->policy, &b->passwords, &b->senders, &b->recipients};

	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		if (strcmp(left[i]->data, right[i]->data) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", what, left[i]->data, right[i]->data);
}

/* The same settings make the same files, whatever was there before: places and ports too. */
static void no_trace_of_what_was_before(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "default_transport = error", "relayhost = [o.test]"};

	for (size_t to = 0; to < SETTINGS; to++) {
		struct fixture f;
		struct error error = {0};
		struct moment fresh, now;
		char *text = text_format("%s%s", stock_main_cf, texts[to % 3]);

		fixture_make(&f, text);
		assert_int_equal(apply(&f, settings[to].words, true, &error), 1);
		moment_read(&fresh, &f);
		for (size_t from = 0; from < SETTINGS; from++) {
			char *what =
				text_format("%s to %s", settings[from].name, settings[to].name);
			if (from == to || apply(&f, settings[from].words, true, &error) != 1 ||
				apply(&f, settings[to].words, true, &error) != 1)
				assert_true(from == to);
			moment_read(&now, &f);
			assert_same(&now, &fresh, what);
			moment_free(&now);
			free(what);
		}
		moment_free(&fresh);
		assert_back(&f, settings[to].name);
		free(text);
		fixture_free(&f);
	}
}

/* As people have them. */
static void corpus_and_back(void **state)
{
	(void)state;
	static const char *const names[] = {"01-debian-stock", "04-german-mysql",
		"07-office365-relay", "08-long-relay-nobracket", "10-docker-mailserver",
		"11-sendgrid-static", "12-mysql-nonl", "13-pgsql-comments-in-cont",
		"16-froxlor-tabs", "22-danwin-inline-braces", "23-french-dups"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct fixture f;
		struct error error = {0};
		struct strbuf bytes = STRBUF_INIT;
		char *path = text_format("tests/corpus/%s.cf", names[i]);

		read_bytes(&bytes, path);
		fixture_make_bytes(&f, bytes.data, bytes.len, false);
		for (size_t k = 0; k < SETTINGS; k++)
			if (apply(&f, settings[k].words, true, &error) != 1)
				fail_msg("%s, %s: %s", names[i], settings[k].name, error.message);
		assert_back(&f, names[i]);
		strbuf_free(&bytes);
		free(path);
		fixture_free(&f);
	}
}

/* --- passwords ------------------------------------------------------------------------------------- */

static void passwords_stay_with_their_login(void **state)
{
	(void)state;
	static const char *const steps[] = {
		/* The default changes: the zeros go to the other. */
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
		assert_true(config_holds(&f, "relaycon_sasl_passwd", " me:default-pw\n"));
		assert_true(config_holds(&f, "relaycon_sasl_passwd", " she:c-pw\n"));
	}
	assert_true(config_holds(&f, "relaycon_sasl_passwd",
		"[a.test]:587 me:default-pw\n"
		"[a.test]:0587 she:c-pw\n"));
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

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nothing quadratic: on a slow machine this takes a second. */
static void a_thousand_relays_and_a_hundred_thousand_routes(void **state)
{
	(void)state;
	enum { RELAYS = 1000, MANY = 100000, LIMIT = 20 };
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
	double start = seconds();
	assert_ok(plan_configure(&plan, &site, &large, NULL, 0, &error), error);
	double took = seconds() - start;
	if (took > LIMIT)
		fail_msg("the plan took %.1f seconds", took);
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
		cmocka_unit_test(any_to_any_and_back),
		cmocka_unit_test(no_trace_of_what_was_before),
		cmocka_unit_test(corpus_and_back),
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
