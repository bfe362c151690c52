/* A relay that somebody else set up on this machine: where main.cf has it, its login, its TLS. */
#include "site_fixture.h"

#include "import_fixture.h"

static struct error error;

struct machine_case {
	const char *name;
	const char *main_cf;   /* behind Debian's own; '@' is the config folder */
	const char *passwords; /* NULL, or the text of @/sasl_passwd, indexed where it is hash: */
	const char *relay;     /* as import_print_relays; NULL: refused, with these words: */
	const char *words[4];
};

static void expand(struct strbuf *out, const char *text, const char *folder)
{
	for (; *text; text++) {
		if (*text == '@')
			strbuf_adds(out, folder);
		else
			strbuf_addc(out, *text);
	}
}

static void add_table(const struct fixture *f, const struct machine_case *c)
{
	char *path = text_format("%s/sasl_passwd", f->config);
	char *table = text_format("hash:%s", path);
	const char *const argv[] = {"postmap", "-c", f->config, table, NULL};
	struct child child = {0};

	write_text(path, c->passwords);
	if (strstr(c->main_cf, "hash:@") && !strstr(c->main_cf, "texthash:@")) {
		assert_ok(child_run(&child, argv, 10000, &error), error);
		assert_int_equal(child.status, 0);
		child_free(&child);
	}
	free(table);
	free(path);
}

/* The relay lines without the duplicate warnings of Postfix: "relayhost =" of the stock is left out. */
static void make_machine(struct fixture *f, const struct machine_case *c)
{
	struct strbuf text = STRBUF_INIT, all = STRBUF_INIT;

	fixture_make(f, "compatibility_level = 3.6\nmyhostname = machine.test\n");
	expand(&text, c->main_cf, f->config);
	read_bytes(&all, f->main_cf);
	strbuf_add(&all, text.data, text.len);
	write_bytes(f->main_cf, all.data, all.len);
	if (c->passwords)
		add_table(f, c);
	strbuf_free(&text);
	strbuf_free(&all);
}

static void check_one(const struct machine_case *c)
{
	static const char *const providers[] = {"providers", NULL};
	const struct import_options options = {.folders = providers};
	struct strbuf relays = STRBUF_INIT, words = STRBUF_INIT;
	struct import import = {0};
	struct site site = {0};
	struct fixture f;

	error = (struct error){0};
	make_machine(&f, c);
	assert_ok(site_open(&site, f.config, f.state, plan_parameters, &error), error);
	bool ok = import_postfix(&import, &site, &options, &error);
	if (ok != (c->relay != NULL))
		fail_msg("%s: %s", c->name, ok ? "not refused" : error.message);
	import_print_relays(&import, &relays);
	import_print_words(&import, &words);
	strbuf_addf(&words, "%s\n%s\n", error.message, error.advice);
	if (c->relay && strcmp(relays.data, c->relay) != 0)
		fail_msg("%s: %s, not %s", c->name, relays.data, c->relay);
	for (size_t i = 0; c->words[i]; i++)
		if (!strstr(words.data, c->words[i]))
			fail_msg("%s: not said: %s\n%s", c->name, c->words[i], words.data);
	if (strstr(words.data, "secret"))
		fail_msg("%s: a password is said: %s", c->name, words.data);
	strbuf_free(&relays);
	strbuf_free(&words);
	import_free(&import);
	site_close(&site);
	fixture_free(&f);
}

static void check(const struct machine_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_one(&cases[i]);
}

#define CHECK(cases) check(cases, sizeof cases / sizeof *cases)

#define LOGIN                                                                                      \
	"smtp_sasl_auth_enable = yes\nsmtp_sasl_security_options = noanonymous\n"                  \
	"smtp_sasl_password_maps = hash:@/sasl_passwd\n"

static void test_where(void **state)
{
	static const struct machine_case cases[] = {
		{"Confconsole's own form, at a provider",
			"relayhost = [smtp-relay.brevo.com]:587\nsmtp_tls_security_level = "
			"may\n" LOGIN,
			"[smtp-relay.brevo.com]:587 me@x.test:secret\n",
			"default* smtp-relay.brevo.com:587 starttls name me@x.test:secret\n",
			{"relayhost = [smtp-relay.brevo.com]:587", "The level for this relay was"}},
		{"without brackets", "relayhost = h.test:587\n" LOGIN, "h.test:587 u:secret\n",
			"default* h.test:587 starttls name u:secret\n", {"mail servers (MX)"}},
		{"without a port", "relayhost = [h.test]\n" LOGIN, "[h.test] u:secret\n",
			"default* h.test:25 starttls name u:secret\n", {NULL}},
		{"by default_transport",
			"default_transport = smtp:[h.test]:587\nrelayhost = [other.test]\n" LOGIN,
			"[h.test]:587 u:secret\n", "default* h.test:587 starttls name u:secret\n",
			{"default_transport = smtp:[h.test]:587"}},
		{"the last of two lines counts",
			"relayhost = [a.test]:587\nrelayhost = [h.test]:587\n" LOGIN,
			"[h.test]:587 u:secret\n", "default* h.test:587 starttls name u:secret\n",
			{NULL}},
		{"nothing", "relayhost =\n", NULL, NULL, {"mail goes direct"}},
		{"several servers", "relayhost = [a.test]:587, [b.test]:587\n", NULL, NULL,
			{"it names several servers"}},
		{"no server", "relayhost = [a.test]:password\n", NULL, NULL,
			{"cannot be taken over", "is not a port"}},
	};

	(void)state;
	CHECK(cases);
}

static void test_login(void **state)
{
	static const struct machine_case cases[] = {
		{"the bare host comes first, as in Postfix", "relayhost = [h.test]:587\n" LOGIN,
			"[h.test]:587 u:secret1\nh.test v:secret2\n",
			"default* h.test:587 starttls name v:secret2\n", {NULL}},
		{"a password with blanks and colons", "relayhost = [h.test]:587\n" LOGIN,
			"[h.test]:587 u:secret a:b c\n",
			"default* h.test:587 starttls name u:secret a:b c\n", {NULL}},
		{"keys differ in case", "relayhost = [H.Test]:587\n" LOGIN,
			"[h.TEST]:587 u:secret\n", "default* h.test:587 starttls name u:secret\n",
			{NULL}},
		{"a key that Postfix does not find", "relayhost = [h.test]:587\n" LOGIN,
			"[h.test] u:secret\n", "default* h.test:587 starttls name u:secret\n",
			{"so that Postfix did not find it"}},
		{"no login is found", "relayhost = [h.test]:587\n" LOGIN, "[i.test]:587 u:secret\n",
			"default* h.test:587 none none -\n",
			{"without login: [h.test]:587", "It has no login for [h.test]:587"}},
		{"logging in is off",
			"relayhost = [h.test]\nsmtp_sasl_password_maps = hash:@/sasl_passwd\n",
			"[h.test] u:secret\n", "default* h.test:25 none none -\n",
			{"smtp_sasl_auth_enable is not yes"}},
		{"static:",
			"relayhost = [h.test]:587\nsmtp_sasl_auth_enable = yes\n"
			"smtp_sasl_password_maps = static:u:secret:x\n",
			NULL, "default* h.test:587 starttls name u:secret:x\n",
			{"smtp_sasl_password_maps = static:********"}},
		{"static: in braces",
			"relayhost = [h.test]:587\nsmtp_sasl_auth_enable = yes\n"
			"smtp_sasl_password_maps = static:{ u:secret x }\n",
			NULL, "default* h.test:587 starttls name u:secret x\n", {NULL}},
		{"inline:",
			"relayhost = [h.test]:587\nsmtp_sasl_auth_enable = yes\n"
			"smtp_sasl_password_maps = inline:{ [i.test]=w:secret1, "
			"{ [h.test]:587 = u:secret x } }\n",
			NULL, "default* h.test:587 starttls name u:secret x\n",
			{"smtp_sasl_password_maps = inline:********"}},
		{"texthash:, behind another table",
			"relayhost = [h.test]:587\nsmtp_sasl_auth_enable = yes\n"
			"smtp_sasl_password_maps = inline:{a=b}, texthash:@/sasl_passwd\n",
			"[h.test]:587 u:secret\n", "default* h.test:587 starttls name u:secret\n",
			{NULL}},
		{"a table that Postfix cannot read",
			"relayhost = [h.test]:587\nsmtp_sasl_auth_enable = yes\n"
			"smtp_sasl_password_maps = pcre:@/nonexistent\n",
			NULL, NULL, {"cannot read its table"}},
		{"logins by sender are named",
			"relayhost = [h.test]:587\nsmtp_sender_dependent_authentication = yes\n"
			"sender_dependent_relayhost_maps = inline:{@a.test=[b.test]}\n" LOGIN,
			"[h.test]:587 u:secret\n@a.test v:secret\n",
			"default* h.test:587 starttls name u:secret\n",
			{"Logins by sender are not taken over", "relaycon has routes for senders"}},
	};

	(void)state;
	CHECK(cases);
}

#define AT "relayhost = [h.test]:587\n"
#define KEY "[h.test]:587 u:secret\n"

static void test_protection(void **state)
{
	static const struct machine_case cases[] = {
		{"secure", AT LOGIN "smtp_tls_security_level = secure\n", KEY,
			"default* h.test:587 starttls name u:secret\n", {"as it was"}},
		{"encrypt", AT LOGIN "smtp_tls_security_level = encrypt\n", KEY,
			"default* h.test:587 starttls name u:secret\n",
			{"which was not verified, is now"}},
		{"dane-only", AT LOGIN "smtp_tls_security_level = dane-only\n", KEY,
			"default* h.test:587 starttls dane u:secret\n", {NULL}},
		{"fingerprint", AT LOGIN "smtp_tls_security_level = fingerprint\n", KEY,
			"default* h.test:587 starttls name u:secret\n",
			{"The fingerprints are not taken over"}},
		{"none with a login", AT LOGIN "smtp_tls_security_level = none\n", KEY,
			"default* h.test:587 starttls name u:secret\n", {"was \"none\""}},
		{"its elders", AT LOGIN "smtp_enforce_tls = yes\n", KEY,
			"default* h.test:587 starttls name u:secret\n", {"is now"}},
		{"may without a login", AT "smtp_tls_security_level = may\n", NULL,
			"default* h.test:587 opportunistic none -\n", {"as it was"}},
		{"nothing without a login", AT, NULL, "default* h.test:587 none none -\n",
			{"Not encrypted, as it was."}},
		{"the policy of this server before the level",
			AT LOGIN "smtp_tls_security_level = may\n"
				 "smtp_tls_policy_maps = inline:{ {[h.test]:587 = dane-only} }\n",
			KEY, "default* h.test:587 starttls dane u:secret\n",
			{"DANE is required, as it was"}},
		{"wrapper mode",
			"relayhost = [h.test]:465\n" LOGIN
			"smtp_tls_wrappermode = yes\nsmtp_tls_security_level = encrypt\n",
			"[h.test]:465 u:secret\n", "default* h.test:465 implicit name u:secret\n",
			{"for this relay alone"}},
		{"465 without it, which cannot have worked", "relayhost = [h.test]:465\n" LOGIN,
			"[h.test]:465 u:secret\n", "default* h.test:465 implicit name u:secret\n",
			{"Port 465 gets implicit TLS"}},
		{"an address",
			"relayhost = [192.0.2.1]:587\n" LOGIN "smtp_tls_security_level = may\n",
			"[192.0.2.1]:587 u:secret\n",
			"default* 192.0.2.1:587 starttls none u:secret\n", {"is an address"}},
	};

	(void)state;
	CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_protection),
	};

	return cmocka_run_group_tests_name("import_postfix", tests, NULL, NULL);
}
