/* settings.ini: what is written is what is read back; anything else is refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "settings/settings.h"

static struct error error;

#define PIN                                                                                        \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                         \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static bool load(struct settings *settings, const char *text)
{
	char path[] = "/tmp/relaycon-settings-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	error = (struct error){0};
	bool ok = settings_load(settings, path, &error);
	unlink(path);
	return ok;
}

static void test_read(void **state)
{
	struct settings settings;

	(void)state;
	assert_true(load(&settings,
		"# c\n[settings]\nformat = 1\ndefault = default\n"
		"[relay default]\nprovider = brevo\nhost = smtp-relay.brevo.com\n"
		"port = 587\ntls = starttls\nverify = name\nlogin = a ; b # c\n"
		"[route 1]\nkind = sender\npattern = @x.example\nrelay = direct\n"));
	assert_int_equal(settings.relay_count, 1);
	assert_int_equal(settings.route_count, 1);
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
	assert_int_equal(settings.routes[0].kind, ROUTE_SENDER);
	assert_string_equal(settings.routes[0].relay, "direct");
	settings_free(&settings);
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
#define HEAD "[settings]\nformat = 1\n"
#define RELAY "[relay a]\nhost = h.example\nport = 25\ntls = starttls\nverify = name\n"
	static const struct {
		const char *name;
		const char *text;
		const char *words;
	} cases[] = {
		{"empty file", "", "no section [settings]"},
		{"no head", RELAY, "no section [settings]"},
		{"another format", "[settings]\nformat = 2\n", "line 1"},
		{"unknown key in the head", HEAD "colour = red\n", "line 3"},
		{"unknown section", HEAD "[relays]\n", "line 3"},
		{"unknown key", HEAD RELAY "password = x\n", "line 8"},
		{"no host", HEAD "[relay a]\nport = 25\ntls = none\nverify = name\n", "line 3"},
		{"host with a newline", HEAD RELAY "login = a\n b\n", "line break"},
		{"no port", HEAD "[relay a]\nhost = h\ntls = none\nverify = name\n", "port"},
		{"bad port", HEAD "[relay a]\nhost = h\nport = 25x\ntls = none\nverify = name\n",
			"port"},
		{"bad tls", HEAD "[relay a]\nhost = h\nport = 25\ntls = ssl\nverify = name\n",
			"tls"},
		{"bad verify", HEAD "[relay a]\nhost = h\nport = 25\ntls = none\nverify = x\n",
			"verify"},
		{"host not plain",
			HEAD "[relay a]\nhost = [h]\nport = 25\ntls = none\nverify = name\n",
			"plain form"},
		{"relay without a name",
			HEAD "[relay ]\nhost = h\nport = 25\ntls = none\nverify = name\n", "name"},
		{"default that is not there", HEAD "default = b\n" RELAY, "\"b\""},
		{"route to nowhere",
			HEAD RELAY "[route 1]\nkind = sender\npattern = @x\nrelay = b\n", "\"b\""},
		{"route of no kind", HEAD RELAY "[route 1]\npattern = @x\nrelay = a\n", "kind"},
		{"route without a pattern", HEAD RELAY "[route 1]\nkind = sender\nrelay = a\n",
			"pattern"},
		{"relay twice", HEAD RELAY RELAY, "twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings;
		print_message("  %s\n", cases[i].name);
		assert_false(load(&settings, cases[i].text));
		assert_int_equal(error.code, ERROR_DATA);
		assert_non_null(strstr(error.message, "/tmp/relaycon-settings-"));
		assert_non_null(strstr(error.message, cases[i].words));
		assert_int_equal(settings.relay_count, 0);
		settings_free(&settings);
	}
}

static void test_written_is_read_back(void **state)
{
	static char longest_login[513];
	memset(longest_login, 'l', sizeof longest_login - 1);
	static char longest_host[] =
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.example";
	static char ca_path[4000];
	memset(ca_path, 'c', sizeof ca_path - 1);
	ca_path[0] = '/';
	static const struct relay relays[] = {
		{.name = "default",
			.provider = "amazon-ses",
			.region = "eu-west-1",
			.host = "email-smtp.eu-west-1.amazonaws.com",
			.port = 587,
			.tls = RELAY_TLS_STARTTLS,
			.verify = RELAY_VERIFY_NAME,
			.login = "AKIA"},
		{.name = "office",
			.provider = "custom",
			.host = "::1",
			.port = 465,
			.tls = RELAY_TLS_IMPLICIT,
			.verify = RELAY_VERIFY_FINGERPRINT,
			.fingerprint = PIN,
			.login = "J\u00fcrgen ; #1 = \"x\""},
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
		{.name = "dane",
			.provider = "custom",
			.host = "h.example",
			.port = 25,
			.tls = RELAY_TLS_STARTTLS,
			.verify = RELAY_VERIFY_DANE},
	};
	struct settings settings = {0}, again, copy;
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof relays / sizeof *relays; i++)
		settings_put_relay(&settings, &relays[i]);
	settings.default_relay = text_dup("office");
	settings_format(&settings, &first);
	if (!load(&again, first.data))
		print_message("%s\n", error.message);
	assert_int_equal(error.code, ERROR_NONE);
	assert_int_equal(again.relay_count, settings.relay_count);
	for (size_t i = 0; i < settings.relay_count; i++)
		assert_true(relay_equal(&again.relays[i], &relays[i]));
	assert_ptr_equal(settings_default(&again), &again.relays[1]);
	settings_copy(&copy, &again);
	settings_format(&copy, &second);
	assert_string_equal(first.data, second.data);
	strbuf_free(&first);
	strbuf_free(&second);
	settings_free(&settings);
	settings_free(&again);
	settings_free(&copy);

	settings_format(&settings, &first);
	assert_true(load(&again, first.data));
	assert_null(settings_default(&again));
	settings_free(&again);
	strbuf_free(&first);
}

static void test_routes_are_read_back(void **state)
{
	struct settings settings, again;
	struct strbuf text = STRBUF_INIT;

	(void)state;
	assert_true(load(&settings,
		HEAD RELAY "[route 1]\nkind = sender\npattern = <>\nrelay = a\n"
			   "[route 2]\nkind = recipient\npattern = @b.example\nrelay = direct\n"));
	settings_format(&settings, &text);
	assert_true(load(&again, text.data));
	assert_int_equal(again.route_count, 2);
	assert_string_equal(again.routes[0].pattern, "<>");
	assert_int_equal(again.routes[1].kind, ROUTE_RECIPIENT);
	settings_free(&settings);
	settings_free(&again);
	strbuf_free(&text);
}

static void test_put_replaces(void **state)
{
	struct settings settings = {0};
	static const struct relay one = {.name = "a", .host = "one.example", .port = 25};
	static const struct relay two = {.name = "a", .host = "two.example", .port = 26};

	(void)state;
	settings_put_relay(&settings, &one);
	settings_put_relay(&settings, &two);
	settings_put_relay(&settings, &settings.relays[0]);
	assert_int_equal(settings.relay_count, 1);
	assert_string_equal(settings_relay(&settings, "a")->host, "two.example");
	assert_null(settings_relay(&settings, "b"));
	assert_null(settings_default(&settings));
	settings_free(&settings);
}

static void test_equal(void **state)
{
	struct relay a, b;
	static const struct relay from = {
		.name = "a", .host = "h.example", .port = 25, .login = "l"};

	(void)state;
	relay_copy(&a, &from);
	relay_copy(&b, &from);
	assert_true(relay_equal(&a, &b));
	text_replace(&b.login, NULL);
	assert_false(relay_equal(&a, &b));
	text_replace(&b.login, "l");
	b.verify = RELAY_VERIFY_NONE;
	assert_false(relay_equal(&a, &b));
	relay_free(&a);
	relay_free(&b);
	relay_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_missing_file_is_empty),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_written_is_read_back),
		cmocka_unit_test(test_routes_are_read_back),
		cmocka_unit_test(test_put_replaces),
		cmocka_unit_test(test_equal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
