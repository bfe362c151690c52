/* relay.h: what people type or paste for a host, a port, a fingerprint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/relay.h"

static struct error error;

#define LABEL_63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"
#define HEX_32 "00112233445566778899aabbccddeeff"

static void test_hosts(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		unsigned port; /* 0: none in the text */
	} cases[] = {
		{"smtp.example.com", "smtp.example.com", 0},
		{" Smtp.Example.COM \n", "smtp.example.com", 0},
		{"smtp.example.com.", "smtp.example.com", 0},
		{"smtp.example.com:2525", "smtp.example.com", 2525},
		{"[smtp.example.com]", "smtp.example.com", 0},
		{"[smtp.example.com]:587", "smtp.example.com", 587},
		{"localhost", "localhost", 0},
		{"relay", "relay", 0},
		{"a-b.c1", "a-b.c1", 0},
		{"3com.example", "3com.example", 0},
		{"smtp.m\u00fcller.de", "smtp.xn--mller-kva.de", 0},
		{"SMTP.M\u00dcLLER.DE:465", "smtp.xn--mller-kva.de", 465},
		{"stra\u00dfe.de", "xn--strae-oqa.de", 0},
		{"smtp.xn--mller-kva.de", "smtp.xn--mller-kva.de", 0},
		{"\u4f8b\u3048\u3002\u30c6\u30b9\u30c8", "xn--r8jz45g.xn--zckzah", 0},
		{LABEL_63 ".example", LABEL_63 ".example", 0},
		{"127.0.0.1", "127.0.0.1", 0},
		{"[127.0.0.1]:2525", "127.0.0.1", 2525},
		{"127.0.0.1.", "127.0.0.1", 0},
		{"192.0.2.7:25", "192.0.2.7", 25},
		{"::1", "::1", 0},
		{"2001:DB8::0001", "2001:db8::1", 0},
		{"[2001:db8::1]", "2001:db8::1", 0},
		{"[2001:db8::1]:587", "2001:db8::1", 587},
		{"[IPv6:2001:db8::1]:587", "2001:db8::1", 587},
		{"::ffff:192.0.2.7", "::ffff:192.0.2.7", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *host = NULL;
		unsigned port = 4711;
		print_message("  %s\n", cases[i].text);
		assert_true(relay_parse_host(cases[i].text, &host, &port, &error));
		assert_string_equal(host, cases[i].host);
		assert_int_equal(port, cases[i].port ? cases[i].port : 4711);
		free(host);
	}
}

static void test_hosts_refused(void **state)
{
	static const struct {
		const char *text;
		const char *word; /* in the message */
	} cases[] = {
		{"", "empty"},
		{"  ", "empty"},
		{"[]", "no host"},
		{"[]:25", "no host"},
		{":25", "no host"},
		{"smtp://smtp.example.com", "web address"},
		{"https://example.com/smtp", "web address"},
		{"smtp.example.com/x", "slash"},
		{"me@example.com", "@"},
		{"a b.example", "space"},
		{"a\nb.example", "newline"},
		/* The plugin that this replaces let a second parameter in this way. */
		{"smtp.example.com\nmynetworks = 0.0.0.0/0", "newline"},
		{"a.example, b.example", "space"},
		{"a.example,b.example", "commas"},
		{"a\033[2J.example", "control"},
		{"\xff.example", "UTF-8"},
		{"a_b.example", "underscore"},
		{"-a.example", "hyphen"},
		{"a-.example", "hyphen"},
		{"a..example", "empty part"},
		{".example", "empty part"},
		{".", "empty part"},
		{"a!b.example", "letters"},
		{"$myhostname", "letters"},
		{"a.example#x", "letters"},
		{LABEL_63 "x.example", "63"},
		{LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, "253"},
		{"[smtp.example.com", "closing"},
		{"[smtp.example.com]587", "closing"},
		{"smtp.example.com]", "letters"},
		{"[[h]]:25", "closing"},
		{"300.1.1.1", "IPv4"},
		{"10.1", "IPv4"},
		{"1", "IPv4"},
		{"0x7f.0x1", "IPv4"},
		{"a.example:25:26", "IPv6"},
		{"::1::2", "IPv6"},
		{"[::1", "closing"},
		{"fe80::1%eth0", "interface"},
		{"smtp.example.com:", "port"},
		{"smtp.example.com:0", "port"},
		{"smtp.example.com:65536", "port"},
		{"smtp.example.com:25x", "port"},
		{"[smtp.example.com]:", "port"},
		{"[smtp.example.com]:-1", "port"},
		{"xn--a.example", NULL},
		{"\u2100.example", "letters"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *host = NULL;
		unsigned port = 4711;
		error = (struct error){0};
		bool ok = relay_parse_host(cases[i].text, &host, &port, &error);
		if (ok)
			print_message("accepted: %s\n", cases[i].text);
		assert_false(ok);
		assert_null(host);
		assert_int_equal(port, 4711);
		assert_int_equal(error.code, ERROR_DATA);
		if (cases[i].word && !strstr(error.message, cases[i].word))
			print_message("  %s: %s\n", cases[i].text, error.message);
		assert_true(!cases[i].word || strstr(error.message, cases[i].word));
		for (const char *at = error.message; *at; at++)
			assert_true((unsigned char)*at >= ' ');
	}
}

static void test_ports(void **state)
{
	static const struct {
		const char *text;
		unsigned want; /* 0: refused */
	} cases[] = {
		{"25", 25},
		{" 587 ", 587},
		{"65535", 65535},
		{"1", 1},
		{"", 0},
		{"0", 0},
		{"65536", 0},
		{"-25", 0},
		{"+25", 0},
		{"25x", 0},
		{"smtp", 0},
		{"2 5", 0},
		{"0x19", 0},
		{"25.0", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned port = 4711;
		assert_int_equal(
			relay_parse_port(cases[i].text, &port, &error), cases[i].want != 0);
		assert_int_equal(port, cases[i].want ? cases[i].want : 4711);
	}
}

static void test_fingerprints(void **state)
{
	static const char want[] = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
				   "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
		{HEX_32 HEX_32, true},
		{want, true},
		{"sha256:" HEX_32 HEX_32, true},
		{"SHA-256: " HEX_32 HEX_32 "\n", true},
		{"sha256 Fingerprint=00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
		 "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\n",
			true},
		{" 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff\n"
		 "00-11-22-33-44-55-66-77-88-99-AA-BB-CC-DD-EE-FF",
			true},
		{"", false},
		{HEX_32, false},
		{HEX_32 "00112233", false},
		{HEX_32 HEX_32 "00", false},
		{HEX_32 HEX_32 "0", false},
		{"0 0" HEX_32, false},
		{"g0112233445566778899aabbccddeeff" HEX_32, false},
		{"sha1:" HEX_32 HEX_32, false},
		{"sha256//4pY8s0S9gYvAj0GkB3o3M0b1mE9vN0Zc2yT5sQ1xw0A=", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *got = NULL;
		assert_int_equal(relay_parse_fingerprint(cases[i].text, &got, &error), cases[i].ok);
		if (cases[i].ok)
			assert_string_equal(got, want);
		else
			assert_true(strlen(error.advice) > 0);
		free(got);
	}
	char *none = NULL;
	assert_false(relay_parse_fingerprint(HEX_32 "00112233", &none, &error));
	assert_non_null(strstr(error.message, "SHA-1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_hosts_refused),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_fingerprints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
