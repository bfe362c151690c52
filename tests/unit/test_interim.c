/* test_interim.c: the table that stands while main.cf and master.cf change hands. */
#include "change/interim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name, *before, *after;
	const char *joined; /* NULL: none is needed */
} cases[] = {
	{"nothing was there", "", "a 1\n", NULL},
	{"the same", "a 1\nb 2\n", "a 1\nb 2\n", NULL},
	{"one more", "a 1\n", "b 2\na 1\n", NULL},
	{"another value", "a 1\n", "a 2\n", NULL},
	{"one gone", "a 1\nb 2\n", "b 2\n", "b 2\na 1\n"},
	{"all gone", "a 1\nb 2\n", "", "a 1\nb 2\n"},
	{"one for another", "a 1\n", "b 2\n", "b 2\na 1\n"},
	{"what is in both is there once, as it will be", "a 1\nb 2\nc 3\n", "c 9\nd 4\n",
		"c 9\nd 4\na 1\nb 2\n"},
	{"capitals are the same key", "[Host]:587 1\nb 2\n", "[host]:587 1\n",
		"[host]:587 1\nb 2\n"},
	{"a key that begins another", "[h]:25 1\n", "[h]:258 2\n", "[h]:258 2\n[h]:25 1\n"},
	{"zeros make another key", "[h]:025 1\n", "[h]:25 2\n", "[h]:25 2\n[h]:025 1\n"},
	{"no newline at either end", "a 1", "b 2", "b 2\na 1\n"},
	{"continued entries go, and stay, whole", "a 1\n  2\nb 3\n\t4\n", "a 9\n",
		"a 9\nb 3\n\t4\n"},
	{"tabs after the key", "a\t1\nb\t2\n", "a 1\n", "a 1\nb\t2\n"},
};

static void a_key_is_in_it_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t before = strlen(cases[i].before), after = strlen(cases[i].after);
		char to[128];
		print_message("  %s\n", cases[i].name);
		assert_int_equal(interim_is_needed(cases[i].before, before, cases[i].after, after),
			cases[i].joined != NULL);
		if (!cases[i].joined)
			continue;
		size_t len = interim_join(to, cases[i].before, before, cases[i].after, after);
		assert_string_equal(to, cases[i].joined);
		assert_int_equal(len, strlen(cases[i].joined));
		assert_true(len <= before + after + 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_in_it_once),
	};

	return cmocka_run_group_tests_name("interim", tests, NULL, NULL);
}
