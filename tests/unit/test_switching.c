/* From some settings to others and back, moment by moment: what Postfix would read in between. */
#include "routed_fixture.h"

#include "postfix/maincf.h"
#include "postfix/mastercf.h"

/* --- moments ------------------------------------------------------------------------- */

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
			char *what = text_format(
				"%s to %s", settings_all[from].name, settings_all[to].name);

			fixture_make(&f, stock_main_cf);
			if (apply(&f, settings_all[from].words, true, &error) != 1)
				fail_msg("%s: %s", what, error.message);
			fixture_site(&f, &site);
			assert_ok(plan_words(&plan, &site, settings_all[to].words, true, &error),
				error);
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
		assert_int_equal(apply(&f, settings_all[to].words, true, &error), 1);
		moment_read(&fresh, &f);
		for (size_t from = 0; from < SETTINGS; from++) {
			char *what = text_format(
				"%s to %s", settings_all[from].name, settings_all[to].name);
			if (from == to || apply(&f, settings_all[from].words, true, &error) != 1 ||
				apply(&f, settings_all[to].words, true, &error) != 1)
				assert_true(from == to);
			moment_read(&now, &f);
			assert_same(&now, &fresh, what);
			moment_free(&now);
			free(what);
		}
		moment_free(&fresh);
		assert_back(&f, settings_all[to].name);
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
			if (apply(&f, settings_all[k].words, true, &error) != 1)
				fail_msg("%s, %s: %s", names[i], settings_all[k].name,
					error.message);
		assert_back(&f, names[i]);
		strbuf_free(&bytes);
		free(path);
		fixture_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_to_any_and_back),
		cmocka_unit_test(no_trace_of_what_was_before),
		cmocka_unit_test(corpus_and_back),
	};

	return cmocka_run_group_tests_name("switching", tests, NULL, NULL);
}
