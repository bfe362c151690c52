/* Routes: what people type, what is there already, and which of them a mail takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/settings.h"

static struct error error;

#define LABEL_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define S ROUTE_SENDER
#define R ROUTE_RECIPIENT

static void test_parse(void **state)
{
	static const struct {
		enum route_kind kind;
		const char *typed;
		const char *pattern;
	} cases[] = {
		{S, "@example.com", "@example.com"},
		{S, "example.com", "@example.com"},
		{S, "Example.COM", "@example.com"},
		{S, "@example.com.", "@example.com"},
		{S, " User@example.com\n", "user@example.com"},
		{S, "<User@Example.com>", "user@example.com"},
		{S, "<@Example.com>", "@example.com"},
		{S, "@m\u00fcller.de", "@xn--mller-kva.de"},
		{S, "@M\u00dcLLER.de", "@xn--mller-kva.de"},
		{S, "@xn--mller-kva.de", "@xn--mller-kva.de"},
		{S, "@XN--MLLER-KVA.DE", "@xn--mller-kva.de"},
		{S, "@stra\u00dfe.example", "@xn--strae-oqa.example"},
		{S, "info@\u043f\u0440\u0438\u043c\u0435\u0440.example",
			"info@xn--e1afmkfd.example"},
		{S, "<>", "<>"},
		{S, " <> ", "<>"},
		{S, "@localhost", "@localhost"},
		{S, "*@example.net", "*@example.net"}, /* a local part like any other */
		{S, "a+b@example.com", "a+b@example.com"},
		{S, "o'brien=x/y%z!w@example.com", "o'brien=x/y%z!w@example.com"},
		{S, "prvs=12ab34=user@example.com", "prvs=12ab34=user@example.com"},
		{S, "a@" LABEL_63 ".example", "a@" LABEL_63 ".example"},
		{S, LABEL_63 "x@example.com", LABEL_63 "x@example.com"},
		{R, "example.net", "example.net"},
		{R, "@Example.NET", "example.net"},
		{R, "User@Example.net", "user@example.net"},
		{R, "\u4f8b\u5b50.example", "xn--fsqu00a.example"},
		{R, "lan", "lan"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *pattern = NULL, *again = NULL;
		print_message("  %s %s\n", route_word(cases[i].kind), cases[i].typed);
		error = (struct error){0};
		assert_true(route_parse(cases[i].kind, cases[i].typed, &pattern, &error));
		assert_int_equal(error.code, ERROR_NONE);
		assert_string_equal(pattern, cases[i].pattern);
		/* What was parsed is parsed to itself. */
		assert_true(route_parse(cases[i].kind, pattern, &again, &error));
		assert_string_equal(again, pattern);
		free(pattern);
		free(again);
	}
}

static void test_parse_refused(void **state)
{
	static const struct {
		enum route_kind kind;
		const char *typed;
		const char *words;
	} cases[] = {
		{S, "", "empty"},
		{S, "  ", "empty"},
		{R, "<>", "without a recipient"},
		{S, "@", "no domain"},
		{S, "user@", "no domain"},
		{S, "a@b@c.example", "more than one @"},
		{S, "@@c.example", "more than one @"},
		{S, "a b@c.example", "space"},
		{S, "a@c.example d", "space"},
		{S, "a\tb@c.example", "control character"},
		{S, "a\nb@c.example", "control character"},
		{S, "a\x7f@c.example", "control character"},
		{S, "\xff@c.example", "UTF-8"},
		{S, "\"a b\"@c.example", "space"},
		{S, "\"a\"@c.example", "quoted"},
		{S, "a\\b@c.example", "quoted"},
		{S, "a@c.example,b@c.example", "without quotes"},
		{S, "a;b@c.example", "without quotes"},
		{S, "a|b@c.example", "without quotes"},
		{S, "a(b)@c.example", "without quotes"},
		{S, "a:b@c.example", "without quotes"},
		{S, "User <user@c.example>", "space"},
		{S, "#a@c.example", "comment"},
		{S, ".a@c.example", "dot"},
		{S, "a.@c.example", "dot"},
		{S, "a..b@c.example", "dot"},
		{S, "\u00fc@c.example", "ASCII"},
		{S, LABEL_63 "xy@c.example", "64"},
		{S, "a@[127.0.0.1]", "IP address"},
		{S, "a@127.0.0.1", "IP address"},
		{S, "a@c.example:25", "without quotes"},
		{S, "a@c..example", "empty part"},
		{S, "a@-c.example", "hyphen"},
		{S, "a@c_d.example", "underscore"},
		{S, "a@" LABEL_63 "x.example", "63"},
		{R, ".example.net", "subdomain"},
		{R, "*.example.net", "subdomain"},
		{S, "@.example.net", "subdomain"},
		{R, "*", "default relay"},
		{R, "c.\u202eexample", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *pattern = NULL;
		print_message("  %s %s\n", route_word(cases[i].kind), cases[i].typed);
		error = (struct error){0};
		assert_false(route_parse(cases[i].kind, cases[i].typed, &pattern, &error));
		assert_null(pattern);
		assert_int_equal(error.code, ERROR_DATA);
		if (cases[i].words && !strstr(error.message, cases[i].words))
			print_message("%s\n", error.message);
		assert_true(!cases[i].words || strstr(error.message, cases[i].words));
		assert_null(strstr(error.message, "\u202e"));
		assert_true(error.advice[0]);
	}
}

static void test_unicode(void **state)
{
	static const struct {
		const char *pattern;
		const char *unicode;
	} cases[] = {
		{"@xn--mller-kva.de", "@m\u00fcller.de"},
		{"user@mail.xn--mller-kva.de", "user@mail.m\u00fcller.de"},
		{"xn--fsqu00a.example", "\u4f8b\u5b50.example"},
		{"xn--strae-oqa.example", "stra\u00dfe.example"},
		{"@example.com", NULL},
		{"<>", NULL},
		{"xn--a@example.com", NULL},
		{"xn--mller-kva@example.com", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *unicode = route_unicode(cases[i].pattern), *again;
		print_message("  %s\n", cases[i].pattern);
		assert_true(text_equal(unicode, cases[i].unicode));
		if (unicode) {
			assert_true(route_parse(*unicode == '@' || strchr(unicode, '@') ? S : R,
				unicode, &again, &error));
			assert_string_equal(again, cases[i].pattern);
			free(again);
		}
		free(unicode);
	}
}

static void test_parse_address(void **state)
{
	static const struct {
		const char *typed;
		const char *address; /* NULL: refused */
	} cases[] = {
		{"Bounce@M\u00fcller.de", "Bounce@xn--mller-kva.de"},
		{" <me@example.com> ", "me@example.com"},
		{"example.com", NULL},
		{"@example.com", NULL},
		{"<>", NULL},
		{"", NULL},
		{"a$1@example.com", NULL},
		{"a,b@example.com", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *address = NULL;
		print_message("  %s\n", cases[i].typed);
		error = (struct error){0};
		assert_int_equal(relay_parse_address(cases[i].typed, &address, &error),
			cases[i].address != NULL);
		assert_int_equal(error.code, cases[i].address ? ERROR_NONE : ERROR_DATA);
		if (cases[i].address)
			assert_string_equal(address, cases[i].address);
		free(address);
	}
}

static void put(struct settings *settings, const char *name)
{
	const struct relay relay = {.name = (char *)name, .host = (char *)"h.example", .port = 25};

	settings_put_relay(settings, &relay);
}

/* As the commands do it: what was typed is parsed first. */
static bool add(
	struct settings *settings, enum route_kind kind, const char *typed, const char *relay)
{
	char *pattern;

	error = (struct error){0};
	assert_true(route_parse(kind, typed, &pattern, &error));
	bool ok = settings_add_route(settings, kind, pattern, relay, &error);
	free(pattern);
	return ok;
}

static void test_add_and_remove(void **state)
{
	struct settings settings = {0};

	(void)state;
	put(&settings, "office");
	put(&settings, "third");
	assert_true(add(&settings, S, "@M\u00fcller.de", "office"));
	assert_true(add(&settings, S, "user@example.com", "third"));
	assert_true(add(&settings, R, "example.com", "direct"));
	assert_true(add(&settings, S, "example.com", "office"));
	assert_int_equal(settings.route_count, 4);

	/* The same again changes nothing, however it is written. */
	assert_true(add(&settings, S, "xn--mller-kva.DE", "office"));
	assert_true(add(&settings, S, "USER@EXAMPLE.COM", "third"));
	assert_int_equal(settings.route_count, 4);

	assert_false(add(&settings, S, "@M\u00dcLLER.DE", "third"));
	assert_int_equal(error.code, ERROR_USAGE);
	assert_string_equal(
		error.message, "The sender @xn--mller-kva.de has a route already: to office.");
	assert_false(add(&settings, R, "EXAMPLE.com.", "office"));
	assert_string_equal(
		error.message, "The recipient example.com has a route already: to direct.");
	assert_false(add(&settings, R, "example.org", "ofice"));
	assert_int_equal(error.code, ERROR_USAGE);
	assert_non_null(strstr(error.advice, "\"office\""));
	assert_int_equal(settings.route_count, 4);

	/* Sorted by kind and pattern, and found so. */
	assert_string_equal(settings.routes[0].pattern, "@example.com");
	assert_string_equal(settings.routes[1].pattern, "@xn--mller-kva.de");
	assert_string_equal(settings.routes[2].pattern, "user@example.com");
	assert_int_equal(settings.routes[3].kind, R);
	assert_null(settings_route(&settings, R, "user@example.com"));

	assert_false(settings_remove_route(&settings, R, "user@example.com", &error));
	assert_int_equal(error.code, ERROR_USAGE);
	assert_non_null(strstr(error.message, "user@example.com has no route"));
	assert_true(settings_remove_route(&settings, S, "@example.com", &error));
	assert_null(settings_route(&settings, S, "@example.com"));
	assert_int_equal(settings.route_count, 3);
	assert_true(add(&settings, S, "@example.com", "direct"));
	assert_string_equal(settings_route(&settings, S, "@example.com")->relay, "direct");
	settings_free(&settings);
}

/* Each of many routes is found, whatever the order in which they came. */
static void test_many(void **state)
{
	enum { COUNT = 5000 };
	struct settings settings = {0}, copy;

	(void)state;
	put(&settings, "a");
	for (unsigned i = 0; i < COUNT; i++) {
		char *pattern = text_format("user@d%u.example", i * 2003 % COUNT);
		assert_true(settings_add_route(&settings, i % 2 ? S : R, pattern, "a", &error));
		free(pattern);
	}
	assert_int_equal(settings.route_count, COUNT);
	settings_copy(&copy, &settings);
	for (unsigned i = 0; i < COUNT; i++) {
		char *pattern = text_format("user@d%u.example", i * 2003 % COUNT);
		assert_non_null(settings_route(&settings, i % 2 ? S : R, pattern));
		assert_null(settings_route(&settings, i % 2 ? R : S, pattern));
		assert_true(settings_remove_route(&copy, i % 2 ? S : R, pattern, &error));
		free(pattern);
	}
	assert_int_equal(copy.route_count, 0);
	settings_free(&settings);
	settings_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refused),
		cmocka_unit_test(test_unicode),
		cmocka_unit_test(test_parse_address),
		cmocka_unit_test(test_add_and_remove),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
