/* relay.h: which relays make no sense, and what a relay looks like in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "settings/relay.h"

static struct error error;

#define HEX_32 "00112233445566778899aabbccddeeff"

/* A good relay, and what is changed in it. */
static struct relay good(void)
{
	return (struct relay){.name = (char *)"default",
		.provider = (char *)"custom",
		.host = (char *)"smtp.example.com",
		.port = 587,
		.login = (char *)"me"};
}

static void test_check(void **state)
{
	static char pin[] = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
			    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
	static const struct {
		const char *name;
		const char *host;
		unsigned port;
		enum relay_tls tls;
		enum relay_verify verify;
		const char *fingerprint;
		const char *relay_name;
		bool ok;
	} cases[] = {
		{"good", "smtp.example.com", 587, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL,
			"default", true},
		{"address", "127.0.0.1", 25, RELAY_TLS_NONE, RELAY_VERIFY_NONE, NULL, "default",
			true},
		{"IPv6", "::1", 465, RELAY_TLS_IMPLICIT, RELAY_VERIFY_FINGERPRINT, pin, "default",
			true},
		{"an address has no name to verify", "127.0.0.1", 587, RELAY_TLS_STARTTLS,
			RELAY_VERIFY_NAME, NULL, "default", false},
		{"an IPv6 address neither", "::1", 465, RELAY_TLS_IMPLICIT, RELAY_VERIFY_NAME, NULL,
			"default", false},
		{"a name without TLS", "h.example", 25, RELAY_TLS_NONE, RELAY_VERIFY_NAME, NULL,
			"default", false},
		{"a name, TLS if offered: Postfix would not look at it", "h.example", 25,
			RELAY_TLS_OPPORTUNISTIC, RELAY_VERIFY_NAME, NULL, "default", false},
		{"pinned", "h.example", 465, RELAY_TLS_IMPLICIT, RELAY_VERIFY_FINGERPRINT, pin,
			"default", true},
		{"DANE", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_DANE, NULL, "default",
			true},
		{"another name", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL,
			"office-2.x", true},
		{"capital letters", "Smtp.example.com", 587, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME,
			NULL, "default", false},
		{"brackets", "[smtp.example.com]", 587, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL,
			"default", false},
		{"port in the host", "smtp.example.com:25", 587, RELAY_TLS_STARTTLS,
			RELAY_VERIFY_NAME, NULL, "default", false},
		{"no host", NULL, 587, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL, "default",
			false},
		{"port 0", "h.example", 0, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL, "default",
			false},
		{"port too high", "h.example", 65536, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL,
			"default", false},
		{"DANE without TLS", "h.example", 25, RELAY_TLS_NONE, RELAY_VERIFY_DANE, NULL,
			"default", false},
		{"DANE, TLS if offered", "h.example", 25, RELAY_TLS_OPPORTUNISTIC,
			RELAY_VERIFY_DANE, NULL, "default", false},
		{"DANE for an address", "127.0.0.1", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_DANE,
			NULL, "default", false},
		{"DANE for an IPv6 address", "::1", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_DANE, NULL,
			"default", false},
		{"pinned without TLS", "h.example", 25, RELAY_TLS_NONE, RELAY_VERIFY_FINGERPRINT,
			pin, "default", false},
		{"pinned, TLS if offered", "h.example", 25, RELAY_TLS_OPPORTUNISTIC,
			RELAY_VERIFY_FINGERPRINT, pin, "default", false},
		{"no fingerprint", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_FINGERPRINT,
			NULL, "default", false},
		{"fingerprint not plain", "h.example", 25, RELAY_TLS_STARTTLS,
			RELAY_VERIFY_FINGERPRINT, HEX_32 HEX_32, "default", false},
		{"fingerprint without use", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME,
			pin, "default", false},
		{"no name", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL, "",
			false},
		{"name that means none", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME,
			NULL, "direct", false},
		{"name with a bracket", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME,
			NULL, "a]", false},
		{"name in capital letters", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME,
			NULL, "Office", false},
		{"name that begins with a hyphen", "h.example", 25, RELAY_TLS_STARTTLS,
			RELAY_VERIFY_NAME, NULL, "-a", false},
		{"name of two words", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL,
			"a b", false},
		{"long name", "h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, NULL,
			"abcdefghijabcdefghijabcdefghijabcdefghija", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct relay relay = good();
		print_message("  %s\n", cases[i].name);
		relay.name = (char *)cases[i].relay_name;
		relay.host = (char *)cases[i].host;
		relay.port = cases[i].port;
		relay.tls = cases[i].tls;
		relay.verify = cases[i].verify;
		relay.fingerprint = (char *)cases[i].fingerprint;
		error = (struct error){0};
		assert_int_equal(relay_check(&relay, &error), cases[i].ok);
		assert_int_equal(error.code, cases[i].ok ? ERROR_NONE : ERROR_DATA);
	}
}

static void test_check_login(void **state)
{
	char longest[514], too_long[515];
	memset(longest, 'x', 512);
	longest[512] = '\0';
	memset(too_long, 'x', 513);
	too_long[513] = '\0';
	const struct {
		const char *login;
		bool ok;
	} cases[] = {
		{"me@example.com", true},
		{"apikey", true},
		{"a|b|c", true},
		{"with space", true},
		{"J\u00fcrgen", true},
		{"#hash", true},
		{"$dollar", true},
		{"\"quoted\"", true},
		{longest, true},
		{"", false},
		{"a:b", false},
		{" a", false},
		{"\ta", false},
		{"a ", false},
		{"a\nb", false},
		{"a\tb", false},
		{"a\x7f", false},
		{"\xff", false},
		{too_long, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct relay relay = good();
		relay.login = (char *)cases[i].login;
		assert_int_equal(relay_check_login(cases[i].login, &error), cases[i].ok);
		assert_int_equal(relay_check(&relay, &error), cases[i].ok);
	}
	struct relay relay = good();
	relay.login = NULL;
	assert_true(relay_check(&relay, &error));
}

static void test_check_ca_file(void **state)
{
	static const struct {
		const char *content; /* NULL: no such file */
		bool ok;
	} cases[] = {
		{"# mine\n-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n", true},
		{"-----BEGIN TRUSTED CERTIFICATE-----\n", true},
		{"-----BEGIN PRIVATE KEY-----\n", false},
		{"", false},
		{"\x30\x82\x01", false},
		{NULL, false},
	};
	static const char *const paths[] = {
		"ca.pem", "", "/tmp/a b", "/tmp/a\nb", "/tmp/$x", "/tmp"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[] = "/tmp/relaycon-ca-XXXXXX";
		struct relay relay = good();
		int fd = mkstemp(path);
		assert_true(fd >= 0);
		if (cases[i].content)
			assert_int_equal(write(fd, cases[i].content, strlen(cases[i].content)),
				(ssize_t)strlen(cases[i].content));
		else
			unlink(path);
		close(fd);
		relay.ca_file = path;
		assert_int_equal(relay_check(&relay, &error), cases[i].ok);
		assert_true(relay_check_form(&relay, &error));
		unlink(path);
	}
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct relay relay = good();
		relay.ca_file = (char *)paths[i];
		assert_false(relay_check(&relay, &error));
	}
}

static void test_describe(void **state)
{
	static const struct {
		const char *host;
		unsigned port;
		enum relay_tls tls;
		enum relay_verify verify;
		const char *login;
		const char *want;
	} cases[] = {
		{"smtp-relay.brevo.com", 587, RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, "me@x",
			"smtp-relay.brevo.com:587, STARTTLS, certificate verified, as me@x"},
		{"h.example", 465, RELAY_TLS_IMPLICIT, RELAY_VERIFY_FINGERPRINT, "me",
			"h.example:465, implicit TLS, certificate pinned, as me"},
		{"h.example", 25, RELAY_TLS_STARTTLS, RELAY_VERIFY_NONE, NULL,
			"h.example:25, STARTTLS, certificate not verified, without a login"},
		{"::1", 25, RELAY_TLS_NONE, RELAY_VERIFY_NAME, NULL,
			"[::1]:25, not encrypted, without a login"},
		{"127.0.0.1", 25, RELAY_TLS_OPPORTUNISTIC, RELAY_VERIFY_NAME, NULL,
			"127.0.0.1:25, TLS only if offered, without a login"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct relay relay = good();
		struct strbuf out = STRBUF_INIT;
		relay.host = (char *)cases[i].host;
		relay.port = cases[i].port;
		relay.tls = cases[i].tls;
		relay.verify = cases[i].verify;
		relay.login = (char *)cases[i].login;
		relay_describe(&relay, &out);
		assert_string_equal(out.data, cases[i].want);
		strbuf_free(&out);
	}
}

static void test_words(void **state)
{
	enum relay_tls tls;
	enum relay_verify verify;

	(void)state;
	for (int i = 0; i < RELAY_TLS_MODES; i++) {
		assert_true(relay_tls_from_word(relay_tls_word((enum relay_tls)i), &tls));
		assert_int_equal(tls, i);
		assert_true(strlen(relay_tls_title(tls)) > 0);
	}
	for (int i = 0; i < RELAY_VERIFY_MODES; i++) {
		assert_true(
			relay_verify_from_word(relay_verify_word((enum relay_verify)i), &verify));
		assert_int_equal(verify, i);
		assert_true(strlen(relay_verify_title(verify)) > 0);
	}
	assert_false(relay_tls_from_word("ssl", &tls));
	assert_false(relay_tls_from_word(NULL, &tls));
	assert_false(relay_verify_from_word("", &verify));
	assert_true(relay_tls_is_encrypted(RELAY_TLS_STARTTLS));
	assert_true(relay_tls_is_encrypted(RELAY_TLS_IMPLICIT));
	assert_false(relay_tls_is_encrypted(RELAY_TLS_OPPORTUNISTIC));
	assert_false(relay_tls_is_encrypted(RELAY_TLS_NONE));
	assert_int_equal(relay_tls_for_port(465), RELAY_TLS_IMPLICIT);
	assert_int_equal(relay_tls_for_port(2465), RELAY_TLS_IMPLICIT);
	assert_int_equal(relay_tls_for_port(443), RELAY_TLS_IMPLICIT);
	assert_int_equal(relay_tls_for_port(587), RELAY_TLS_STARTTLS);
	assert_int_equal(relay_tls_for_port(25), RELAY_TLS_STARTTLS);
	assert_int_equal(relay_port_for_tls(RELAY_TLS_IMPLICIT), 465);
	assert_int_equal(relay_port_for_tls(RELAY_TLS_STARTTLS), 587);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_login),
		cmocka_unit_test(test_check_ca_file),
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
