/* The relays of the settings: names, replacing, renaming, removing, and what is wrong with the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/settings.h"

static struct error error;

static struct relay relay_named(const char *name)
{
	return (struct relay){.name = (char *)name,
		.provider = (char *)"custom",
		.host = (char *)"h.example",
		.port = 587};
}

/* default falls back to office and third; office has two routes, third one. */
static struct settings three_relays(void)
{
	static const char *const names[] = {"default", "office", "third"};
	struct settings settings = {0};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct relay copy, relay = relay_named(names[i]);
		relay_copy(&copy, &relay);
		if (i == 0) {
			relay_add_fallback(&copy, "office");
			relay_add_fallback(&copy, "third");
		}
		settings_put_relay(&settings, &copy);
		relay_free(&copy);
	}
	settings_set_default(&settings, "default");
	error = (struct error){0};
	assert_true(settings_add_route(&settings, ROUTE_SENDER, "@s.example", "office", &error));
	assert_true(settings_add_route(&settings, ROUTE_RECIPIENT, "r.example", "office", &error));
	assert_true(settings_add_route(&settings, ROUTE_SENDER, "<>", "third", &error));
	assert_true(settings_add_route(&settings, ROUTE_SENDER, "@d.example", "direct", &error));
	return settings;
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} cases[] = {
		{"default", true},
		{"a", true},
		{"0", true},
		{"eu.west-1", true},
		{"1234567890123456789012345678901234567890", true},
		{"12345678901234567890123456789012345678901", false},
		{"", false},
		{NULL, false},
		{"direct", false},
		{"Office", false},
		{"-a", false},
		{".a", false},
		{"a b", false},
		{"a_b", false},
		{"a,b", false},
		{"a]", false},
		{"a\nb", false},
		{"\u00fc", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].name ? cases[i].name : "(none)");
		error = (struct error){0};
		assert_int_equal(settings_check_name(cases[i].name, &error), cases[i].ok);
		assert_int_equal(error.code, cases[i].ok ? ERROR_NONE : ERROR_DATA);
	}
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
	settings_free(&settings);
}

static void test_need_names_the_nearest(void **state)
{
	struct settings settings = three_relays();

	(void)state;
	assert_ptr_equal(settings_need_relay(&settings, "office", &error), &settings.relays[1]);
	assert_null(settings_need_relay(&settings, "ofice", &error));
	assert_int_equal(error.code, ERROR_USAGE);
	assert_non_null(strstr(error.message, "\"ofice\""));
	assert_non_null(strstr(error.advice, "\"office\""));
	assert_null(settings_need_relay(&settings, "nothing-like-it", &error));
	assert_string_equal(error.advice, "");
	settings_free(&settings);
}

static void test_relays_are_equal_or_not(void **state)
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
	b.verify = a.verify;
	text_replace(&b.password_file, "/pw");
	assert_false(relay_equal(&a, &b));
	text_replace(&b.password_file, NULL);
	text_replace(&b.sender_rewrite, "a@b.example");
	assert_false(relay_equal(&a, &b));
	text_replace(&b.sender_rewrite, NULL);
	relay_add_fallback(&a, "x");
	assert_false(relay_equal(&a, &b));
	relay_add_fallback(&b, "y");
	assert_false(relay_equal(&a, &b));
	relay_free(&a);
	relay_free(&b);
	relay_free(&b);
}

static void test_settings_are_equal_or_not(void **state)
{
	struct settings a = three_relays(), b;

	(void)state;
	settings_copy(&b, &a);
	assert_true(settings_equal(&a, &b));
	assert_true(settings_remove_route(&b, ROUTE_SENDER, "<>", &error));
	assert_false(settings_equal(&a, &b));
	assert_true(settings_add_route(&b, ROUTE_SENDER, "<>", "direct", &error));
	assert_false(settings_equal(&a, &b));
	assert_true(settings_remove_route(&b, ROUTE_SENDER, "<>", &error));
	assert_true(settings_add_route(&b, ROUTE_SENDER, "<>", "third", &error));
	assert_true(settings_equal(&a, &b));
	settings_set_default(&b, NULL);
	assert_false(settings_equal(&a, &b));
	settings_set_default(&b, "default");
	b.relays[2].port = 25;
	assert_false(settings_equal(&a, &b));
	settings_free(&a);
	settings_free(&b);
}

static void test_rename_takes_everything_along(void **state)
{
	struct settings settings = three_relays();

	(void)state;
	assert_true(settings_rename_relay(&settings, "office", "bureau", &error));
	assert_null(settings_relay(&settings, "office"));
	assert_ptr_equal(settings_relay(&settings, "bureau"), &settings.relays[1]);
	assert_string_equal(settings.relays[0].fallbacks[0], "bureau");
	assert_string_equal(settings.relays[0].fallbacks[1], "third");
	assert_string_equal(settings_route(&settings, ROUTE_SENDER, "@s.example")->relay, "bureau");
	assert_string_equal(
		settings_route(&settings, ROUTE_RECIPIENT, "r.example")->relay, "bureau");
	assert_string_equal(settings_route(&settings, ROUTE_SENDER, "<>")->relay, "third");
	/* The default's name may be given by the very string that is replaced. */
	assert_true(settings_rename_relay(&settings, settings.default_relay, "main", &error));
	assert_string_equal(settings.default_relay, "main");
	assert_true(settings_rename_relay(&settings, "main", "main", &error));
	assert_true(settings_check(&settings, &error));
	settings_free(&settings);
}

static void test_rename_refused(void **state)
{
	static const struct {
		const char *name, *new_name;
		enum error_code code;
		const char *words;
	} cases[] = {
		{"ofice", "x", ERROR_USAGE, "\"ofice\""},
		{"office", "third", ERROR_USAGE, "third already"},
		{"office", "direct", ERROR_DATA, "direct"},
		{"office", "Office", ERROR_DATA, "Office"},
		{"office", "", ERROR_DATA, "name"},
	};
	struct settings settings = three_relays(), before;

	(void)state;
	settings_copy(&before, &settings);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s -> %s\n", cases[i].name, cases[i].new_name);
		error = (struct error){0};
		assert_false(
			settings_rename_relay(&settings, cases[i].name, cases[i].new_name, &error));
		assert_int_equal(error.code, cases[i].code);
		assert_non_null(strstr(error.message, cases[i].words));
		assert_true(settings_equal(&settings, &before));
	}
	settings_free(&settings);
	settings_free(&before);
}

static void test_remove(void **state)
{
	struct settings settings = three_relays();

	(void)state;
	assert_false(settings_remove_relay(&settings, "office", &error));
	assert_int_equal(error.code, ERROR_USAGE);
	assert_non_null(strstr(error.message, "the relay default (falls back to it), the route of "
					      "sender @s.example, the route of recipient "
					      "r.example."));
	assert_non_null(error.advice[0] ? error.advice : NULL);
	assert_false(settings_remove_relay(&settings, "oficce", &error));
	assert_non_null(strstr(error.advice, "\"office\""));
	assert_int_equal(settings.relay_count, 3);
	/* Its own fallbacks are no reason to keep it, and the default may go. */
	assert_true(settings_remove_relay(&settings, "default", &error));
	assert_null(settings.default_relay);
	assert_int_equal(settings.relay_count, 2);
	assert_false(settings_remove_relay(&settings, "third", &error));
	assert_non_null(strstr(error.message, "the route of sender <>."));
	assert_true(settings_remove_route(&settings, ROUTE_SENDER, "<>", &error));
	assert_true(settings_remove_relay(&settings, "third", &error));
	assert_string_equal(settings.relays[0].name, "office");
	assert_true(settings_check(&settings, &error));
	settings_free(&settings);
}

static void test_remove_names_only_a_few(void **state)
{
	struct settings settings = three_relays();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char *pattern = text_format("user%d@s.example", i);
		assert_true(settings_add_route(&settings, ROUTE_SENDER, pattern, "third", &error));
		free(pattern);
	}
	assert_false(settings_remove_relay(&settings, "third", &error));
	assert_non_null(strstr(error.message, "(falls back to it)"));
	assert_non_null(strstr(error.message, " and 998 more."));
	settings_free(&settings);
}

static void test_check(void **state)
{
	enum { DEFAULT, ROUTE, FALLBACK, ITSELF, TWICE, REWRITE, FORM, CASES };
	static const char *const words[CASES] = {
		[DEFAULT] = "The default relay, nowhere,",
		[ROUTE] = "The route of sender <> leads to nowhere,",
		[FALLBACK] = "The relay default falls back to nowhere,",
		[ITSELF] = "The relay default cannot fall back to itself",
		[TWICE] = "The relay default falls back to office twice",
		[REWRITE] = "\"not an address\"",
		[FORM] = "Relay \"office\": The port",
	};

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct settings settings = three_relays();
		struct relay *first = settings.relays;
		print_message("  %s\n", words[i]);
		assert_true(settings_check(&settings, &error));
		assert_int_equal(error.code, ERROR_NONE);
		switch (i) {
		case DEFAULT:
			settings_set_default(&settings, "nowhere");
			break;
		case ROUTE:
			text_replace(&settings.routes[0].relay, "nowhere");
			break;
		case FALLBACK:
			relay_add_fallback(first, "nowhere");
			break;
		case ITSELF:
			relay_add_fallback(first, "default");
			break;
		case TWICE:
			relay_add_fallback(first, "office");
			break;
		case REWRITE:
			text_replace(&first->sender_rewrite, "not an address");
			break;
		default:
			settings.relays[1].port = 0;
			break;
		}
		assert_false(settings_check(&settings, &error));
		assert_int_equal(error.code, ERROR_DATA);
		if (!strstr(error.message, words[i]))
			print_message("%s\n", error.message);
		assert_non_null(strstr(error.message, words[i]));
		settings_free(&settings);
		error = (struct error){0};
	}
}

static void test_index(void **state)
{
	struct settings settings = three_relays(), none = {0};
	struct relay_index index;

	(void)state;
	relay_index_init(&index, &settings);
	for (size_t i = 0; i < settings.relay_count; i++)
		assert_ptr_equal(
			relay_index_find(&index, settings.relays[i].name), &settings.relays[i]);
	assert_null(relay_index_find(&index, "a"));
	assert_null(relay_index_find(&index, "offices"));
	assert_null(relay_index_find(&index, "z"));
	relay_index_free(&index);
	relay_index_init(&index, &none);
	assert_null(relay_index_find(&index, "a"));
	relay_index_free(&index);
	settings_free(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_put_replaces),
		cmocka_unit_test(test_need_names_the_nearest),
		cmocka_unit_test(test_relays_are_equal_or_not),
		cmocka_unit_test(test_settings_are_equal_or_not),
		cmocka_unit_test(test_rename_takes_everything_along),
		cmocka_unit_test(test_rename_refused),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_remove_names_only_a_few),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
