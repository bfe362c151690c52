/* settings.ini: what is written is what is read back; anything else is refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings_text.h"

static struct error error;

#define PIN                                                                                        \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                         \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static bool load(struct settings *settings, const char *text)
{
	return settings_from_text(settings, text, NULL, &error);
}

static void test_read(void **state)
{
	struct settings settings;

	(void)state;
	assert_true(
		load(&settings, "# c\n[settings]\nformat = 1\ndefault = default\n"
				"[routes]\nrecipient = a@x.example direct\n"
				"sender =\n\t# c\n\n  <>   direct\n\t@x.example\tdefault\t\n"
				"[relay default]\nprovider = brevo\nhost = smtp-relay.brevo.com\n"
				"port = 587\ntls = starttls\nverify = name\nlogin = a ; b # c\n"));
	assert_int_equal(settings.relay_count, 1);
	const struct relay *relay = settings_default(&settings);
	assert_non_null(relay);
	assert_string_equal(relay->name, "default");
	assert_string_equal(relay->provider, "brevo");
	assert_null(relay->region);
	assert_string_equal(relay->host, "smtp-relay.brevo.com");
	assert_int_equal(relay->port, 587);
	assert_int_equal(relay->tls, RELAY_TLS_STARTTLS);
	assert_int_equal(relay->verify, RELAY_VERIFY_NAME);
	assert_string_equal(relay->login, "a ; b # c");
	assert_null(relay->password_file);
	assert_null(relay->sender_rewrite);
	assert_int_equal(relay->fallback_count, 0);
	assert_int_equal(settings.route_count, 3);
	assert_string_equal(settings_route(&settings, ROUTE_SENDER, "<>")->relay, "direct");
	assert_string_equal(
		settings_route(&settings, ROUTE_SENDER, "@x.example")->relay, "default");
	assert_string_equal(
		settings_route(&settings, ROUTE_RECIPIENT, "a@x.example")->relay, "direct");
	settings_free(&settings);
}

static void test_missing_file_is_empty(void **state)
{
	struct settings settings;

	(void)state;
	assert_true(settings_load(&settings, "/nonexistent/settings.ini", &error));
	assert_int_equal(settings.relay_count, 0);
	assert_null(settings_default(&settings));
	settings_free(&settings);
}

static void test_refused(void **state)
{
#define ROUTES HEAD RELAY "[routes]\n"
	static const struct {
		const char *name;
		const char *text;
		const char *words;
	} cases[] = {
		{"empty file", "", "no section [settings]"},
		{"no head", RELAY, "no section [settings]"},
		{"another format", "[settings]\nformat = 2\n", "line 1"},
		{"no format", "[settings]\n", "line 1"},
		{"unknown key in the head", HEAD "colour = red\n", "line 3"},
		{"unknown section", HEAD "[relays]\n", "line 3"},
		{"the former kind of routes", HEAD "[route 1]\nkind = sender\n", "line 3"},
		{"unknown key", HEAD RELAY "password = x\n", "line 8"},
		{"no host", HEAD "[relay a]\nport = 25\ntls = none\nverify = none\n", "\"host\""},
		{"login with a newline", HEAD RELAY "login = a\n b\n", "line break"},
		{"no port", HEAD "[relay a]\nhost = h\ntls = none\nverify = none\n", "\"port\""},
		{"no tls", HEAD "[relay a]\nhost = h\nport = 25\nverify = none\n", "\"tls\""},
		{"no verify", HEAD "[relay a]\nhost = h\nport = 25\ntls = none\n", "\"verify\""},
		{"bad port", HEAD "[relay a]\nhost = h\nport = 25x\ntls = none\nverify = none\n",
			"line 5: [relay a]: The port"},
		{"bad tls", HEAD "[relay a]\nhost = h\nport = 25\ntls = ssl\nverify = none\n",
			"line 6: [relay a]: the key \"tls\""},
		{"bad verify", HEAD "[relay a]\nhost = h\nport = 25\ntls = none\nverify = x\n",
			"line 7: [relay a]: the key \"verify\""},
		{"host not plain",
			HEAD "[relay a]\nhost = [h]\nport = 25\ntls = none\nverify = none\n",
			"plain form"},
		{"host with a port",
			HEAD "[relay a]\nhost = h:25\nport = 25\ntls = none\nverify = none\n",
			"plain form"},
		{"relay without a name",
			HEAD "[relay ]\nhost = h\nport = 25\ntls = none\nverify = none\n", "name"},
		{"relay with a bad name",
			HEAD "[relay A]\nhost = h\nport = 25\ntls = none\nverify = none\n",
			"line 3: [relay A]: \"A\" is no name"},
		{"a relay named direct",
			HEAD "[relay direct]\nhost = h\nport = 25\ntls = none\nverify = none\n",
			"line 3"},
		{"a provider that would break a screen", HEAD RELAY "provider = a\u202eb\n",
			"provider"},
		{"relay twice", HEAD RELAY RELAY, "twice"},
		{"default that is not there", HEAD "default = b\n" RELAY, "line 3: [settings]"},
		{"password file of no form", HEAD RELAY "login = l\npassword-file = pw\n",
			"password-file"},
		{"password file without a login", HEAD RELAY "password-file = /pw\n", "no login"},
		{"credential of no name", HEAD RELAY "login = l\npassword-file = credential:\n",
			"credential"},
		{"credential that leads out",
			HEAD RELAY "login = l\npassword-file = credential:../x\n", "credential"},
		{"rewritten sender that is none", HEAD RELAY "sender-rewrite = a b\n", "line 8"},
		{"rewritten sender not plain", HEAD RELAY "sender-rewrite = a@B.example\n",
			"line 8: [relay a]: the key \"sender-rewrite\" is not in its plain form"},
		{"fallback that is not there", HEAD RELAY "fallback = b\n", "line 8: [relay a]"},
		{"fallback to itself", HEAD RELAY "fallback = a\n", "itself"},
		{"fallback direct", HEAD RELAY "fallback = direct\n", "line 8"},
		{"fallback with nothing after a comma", HEAD RELAY "fallback = b,\n", "line 8"},
		{"route to nowhere", ROUTES "sender = @x.example b\n",
			"line 9: [routes]: the file has no relay \"b\""},
		{"route to nowhere, further down",
			ROUTES "sender =\n # c\n @x.example a\n\n @y.example b\n", "line 13"},
		{"route of one word", ROUTES "sender =\n @x.example a\n @y.example\n", "line 11"},
		{"route of three words", ROUTES "sender = @x.example a a\n", "line 9"},
		{"route of no kind", ROUTES "from = @x.example a\n", "\"from\""},
		{"route with a bad pattern",
			ROUTES "recipient =\n x.example a\n a..b@c.example a\n",
			"line 11: [routes]: The recipient \"a..b@c.example\""},
		{"route not plain", ROUTES "sender = x.example a\n", "plain form"},
		{"route in capitals", ROUTES "sender = @X.example a\n", "plain form"},
		{"route twice", ROUTES "sender =\n <> a\n @x.example a\n <> a\n",
			"line 12: [routes]: <> has a route already, in line 10 (to a)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings;
		print_message("  %s\n", cases[i].name);
		assert_false(load(&settings, cases[i].text));
		assert_int_equal(error.code, ERROR_DATA);
		assert_non_null(strstr(error.message, "/tmp/relaycon-settings-"));
		if (!strstr(error.message, cases[i].words))
			print_message("%s\n", error.message);
		assert_non_null(strstr(error.message, cases[i].words));
		assert_null(strstr(error.message, "\u202e"));
		assert_int_equal(settings.relay_count, 0);
		settings_free(&settings);
	}
}

/* The password that someone wrote where its file belongs is not said again. */
static void test_password_is_not_repeated(void **state)
{
	struct settings settings;

	(void)state;
	assert_false(load(&settings, HEAD RELAY "login = l\npassword-file = hunter2\n"));
	assert_null(strstr(error.message, "hunter2"));
	assert_null(strstr(error.advice, "hunter2"));
	assert_false(load(&settings, HEAD RELAY "password = hunter2\n"));
	assert_null(strstr(error.message, "hunter2"));
	assert_non_null(strstr(error.advice, "\"password-file\""));
}

static char ca_path[4000];
static char longest_login[513];
static char longest_host[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
			     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
			     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
			     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.example";
static char *fallbacks[] = {(char *)"plain", (char *)"dane", (char *)"long"};

static const struct relay relays[] = {
	{.name = "default",
		.provider = "amazon-ses",
		.region = "eu-west-1",
		.host = "email-smtp.eu-west-1.amazonaws.com",
		.port = 587,
		.tls = RELAY_TLS_STARTTLS,
		.verify = RELAY_VERIFY_NAME,
		.login = "AKIA",
		.password_file = "/root/the password's file, \u00fc",
		.sender_rewrite = "O'Brien+x@xn--mller-kva.de",
		.fallbacks = fallbacks,
		.fallback_count = sizeof fallbacks / sizeof *fallbacks},
	{.name = "office",
		.provider = "custom",
		.host = "::1",
		.port = 465,
		.tls = RELAY_TLS_IMPLICIT,
		.verify = RELAY_VERIFY_FINGERPRINT,
		.fingerprint = PIN,
		.login = "J\u00fcrgen ; #1 = \"x\"",
		.password_file = "credential:office_pw",
		.fallbacks = fallbacks,
		.fallback_count = 1},
	{.name = "plain",
		.provider = "custom",
		.host = "127.0.0.1",
		.port = 25,
		.tls = RELAY_TLS_NONE,
		.verify = RELAY_VERIFY_NONE},
	{.name = "long",
		.provider = "custom",
		.host = longest_host,
		.port = 65535,
		.tls = RELAY_TLS_STARTTLS,
		.verify = RELAY_VERIFY_NAME,
		.ca_file = ca_path,
		.login = longest_login},
	{.name = "clear",
		.provider = "custom",
		.host = "10.0.0.1",
		.port = 25,
		.tls = RELAY_TLS_OPPORTUNISTIC,
		.verify = RELAY_VERIFY_NONE,
		.login = "agreed"},
	{.name = "dane",
		.provider = "custom",
		.host = "h.example",
		.port = 25,
		.tls = RELAY_TLS_STARTTLS,
		.verify = RELAY_VERIFY_DANE},
};

static void test_written_is_read_back(void **state)
{
	static const struct route routes[] = {
		{ROUTE_SENDER, (char *)"<>", (char *)"plain"},
		{ROUTE_SENDER, (char *)"@xn--mller-kva.de", (char *)"direct"},
		{ROUTE_SENDER, (char *)"!#x@s.example", (char *)"office"},
		{ROUTE_SENDER, (char *)"=a@s.example", (char *)"office"},
		{ROUTE_RECIPIENT, (char *)"r.example", (char *)"direct"},
		{ROUTE_RECIPIENT, (char *)"user@r.example", (char *)"long"},
	};
	static const char *const nobody[] = {NULL};
	struct settings settings = {0}, again, copy, read;
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;

	(void)state;
	memset(longest_login, 'l', sizeof longest_login - 1);
	memset(ca_path, 'c', sizeof ca_path - 1);
	ca_path[0] = '/';
	for (size_t i = 0; i < sizeof relays / sizeof *relays; i++)
		settings_put_relay(&settings, &relays[i]);
	for (size_t i = sizeof routes / sizeof *routes; i-- > 0;)
		assert_true(settings_add_route(
			&settings, routes[i].kind, routes[i].pattern, routes[i].relay, &error));
	settings_set_default(&settings, "office");
	settings_format(&settings, &first);
	if (!load(&again, first.data))
		print_message("%s\n", error.message);
	assert_int_equal(error.code, ERROR_NONE);
	assert_true(settings_equal(&settings, &again));
	assert_ptr_equal(settings_default(&again), &again.relays[1]);
	settings_copy(&copy, &again);
	settings_format(&copy, &second);
	assert_string_equal(first.data, second.data);
	/* As export writes it, it is read by apply, where not even the provider is known. */
	assert_true(settings_from_text(&read, first.data, nobody, &error));
	assert_true(settings_equal(&settings, &read));
	strbuf_free(&first);
	strbuf_free(&second);
	settings_free(&settings);
	settings_free(&again);
	settings_free(&copy);
	settings_free(&read);
}

static void test_without_a_default(void **state)
{
	static const char *const nobody[] = {NULL};
	struct settings settings = {0}, again;
	struct strbuf text = STRBUF_INIT;

	(void)state;
	for (int relay = 0; relay < 2; relay++) {
		if (relay)
			settings_put_relay(&settings, &relays[0]);
		if (relay)
			settings.relays[0].fallback_count = 0;
		settings_format(&settings, &text);
		assert_non_null(strstr(text.data, "default = direct\n"));
		assert_true(load(&again, text.data));
		assert_null(again.default_relay);
		settings_free(&again);
		/* Also where a relay is named like the default. */
		assert_true(settings_from_text(&again, text.data, nobody, &error));
		assert_null(again.default_relay);
		settings_free(&again);
		strbuf_free(&text);
	}
	settings.relays[0].fallback_count = sizeof fallbacks / sizeof *fallbacks;
	settings_free(&settings);
}

/* As many routes as anybody has; quadratic reading would take hours. */
static void test_large(void **state)
{
	enum { RELAYS = 1000, ROUTES_MANY = 100000 };
	struct settings settings;
	struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;

	(void)state;
	strbuf_adds(&text, HEAD);
	for (int i = 0; i < RELAYS; i++)
		strbuf_addf(&text,
			"[relay r%d]\nhost = h%d.example\nport = 25\ntls = starttls\n"
			"verify = name\nlogin =\n",
			i, i);
	strbuf_adds(&text, "[routes]\nsender =\n");
	for (int i = 0; i < ROUTES_MANY; i++)
		strbuf_addf(&text, "\tuser%d@customer-with-a-name.example r%d\n",
			i * 7919 % ROUTES_MANY, i % RELAYS);
	assert_true(load(&settings, text.data));
	assert_int_equal(settings.route_count, ROUTES_MANY);
	assert_string_equal(
		settings_route(&settings, ROUTE_SENDER, "user7919@customer-with-a-name.example")
			->relay,
		"r1");
	settings_format(&settings, &again);
	settings_free(&settings);
	strbuf_adds(&text, "\tuser77@customer-with-a-name.example r5\n");
	assert_false(load(&settings, text.data));
	assert_non_null(strstr(error.message, "line 106005"));
	assert_non_null(strstr(error.message, "user77@"));
	assert_true(load(&settings, again.data));
	settings_free(&settings);
	strbuf_free(&text);
	strbuf_free(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_missing_file_is_empty),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_password_is_not_repeated),
		cmocka_unit_test(test_written_is_read_back),
		cmocka_unit_test(test_without_a_default),
		cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
