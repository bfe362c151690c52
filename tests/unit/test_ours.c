/* ours.c: what is known as ours by its name alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "change/ours.h"

static void names_of_tables(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool is, built;
	} names[] = {
		{"relaycon_sasl_passwd", true, false},
		{"relaycon_sasl_passwd.db", true, true},
		{"relaycon_tls_policy.lmdb", true, true},
		{"relaycon_sender_routes", true, false},
		{"relaycon_sender_direct", true, false},
		{"relaycon_recipient_routes.cdb", true, true},
		{"relaycon_sender_rewrite_a-b.c", true, false},
		{"relaycon_sender_rewrite_", false, false},
		{"relaycon_sender_rewrite_A", false, false},
		{"relaycon_sender_rewrite_a/b", false, false},
		{"relaycon_sender_routes.txt", false, false},
		{"relaycon_sender_routes~", false, false},
		{"relaycon", false, false},
		{"main.cf", false, false},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		bool built = false;
		if (ours_is_table(names[i].name, &built) != names[i].is || built != names[i].built)
			fail_msg("%s", names[i].name);
	}
}

static void lists_without_ours(void **state)
{
	(void)state;
	struct site site = {.postfix.config_dir = (char *)"/etc/postfix"};
	static const struct {
		const char *list, *rest; /* NULL: nothing of ours */
	} lists[] = {
		{"texthash:/etc/postfix/relaycon_sender_routes", ""},
		{"hash:/etc/postfix/relaycon_sender_routes, hash:/etc/x", "hash:/etc/x"},
		{"hash:/etc/x lmdb:/etc/postfix/relaycon_recipient_routes cdb:/etc/y",
			"hash:/etc/x cdb:/etc/y"},
		{"texthash:/etc/postfix/relaycon_tls_policy,texthash:/etc/postfix/"
		 "relaycon_sasl_passwd",
			""},
		{"texthash:/etc/q/relaycon_sender_routes", NULL},
		{"texthash:/etc/postfix/relaycon_sender_routes2", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char *rest = NULL;
		if (ours_cut_all(&site, lists[i].list, &rest) != (lists[i].rest != NULL) ||
			!text_equal(rest, lists[i].rest))
			fail_msg("%s: %s", lists[i].list, rest ? rest : "nothing of ours");
		free(rest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_tables),
		cmocka_unit_test(lists_without_ours),
	};

	return cmocka_run_group_tests_name("ours", tests, NULL, NULL);
}
