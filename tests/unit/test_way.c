/* way.c, way_lay.c: how Postfix reaches each relay. */
#include "change/ours.h"
#include "way_fixture.h"

static const struct {
	const char *name, *settings;
	enum wanted_mode mode;
	const char *nexthops; /* of each relay */
	const char *ways;     /* of each relay, "-" where there is none */
	const char *services; /* keys */
	const char *policy;   /* of hops */
} cases[] = {
	{"nothing", "", WANTED_DIRECT, "", "", "", ""},
	{"idle relays alone", "a h.test 587 starttls name me\n", WANTED_DIRECT, "[h.test]:587 ",
		"- ", "", ""},
	{"simple", "a h.test 587 starttls name me\nby-default a\n", WANTED_SIMPLE, "[h.test]:587 ",
		"- ", "", ""},
	{"simple, with idle ones at the same place",
		"b h.test 587 starttls name you\na h.test 587 starttls name me\n"
		"c h.test 587 starttls name she\nby-default a\n",
		WANTED_SIMPLE, "[h.test]:0587 [h.test]:587 [h.test]:00587 ", "- - - ", "", ""},
	{"a route by sender",
		"a h.test 587 starttls name me\nb h.test 587 starttls name you\n"
		"by-default a\nsender @x.test b\n",
		WANTED_ROUTED, "[h.test]:587 [h.test]:0587 ",
		"relaycon:[h.test]:587 relaycon:[h.test]:0587 ", "relaycon/unix ", ""},
	{"routes, and no default", "a h.test 587 starttls name me\nrecipient x.test a\n",
		WANTED_ROUTED, "[h.test]:587 ", "relaycon:[h.test]:587 ", "relaycon/unix ", ""},
	{"a way round the default alone",
		"a h.test 465 implicit name me\nby-default a\nrecipient x.test direct\n",
		WANTED_ROUTED, "[h.test]:465 ", "relaycon-tls:[h.test]:465 ", "relaycon-tls/unix ",
		""},
	{"465 beside 587, one of them idle",
		"a h.test 587 starttls name me\nb h.test 465 implicit name me\n"
		"c i.test 465 implicit name me\nby-default a\nsender @x.test b\n",
		WANTED_ROUTED, "[h.test]:587 [h.test]:465 [i.test]:465 ",
		"relaycon:[h.test]:587 relaycon-tls:[h.test]:465 - ",
		"relaycon/unix relaycon-tls/unix ", ""},
	{"CA files of their own",
		"a h.test 587 starttls name me ca=/one\nb h.test 465 implicit name me ca=/one\n"
		"c i.test 587 starttls name me ca=/two\nd j.test 587 starttls name me\n"
		"e k.test 587 starttls none me ca=/two\n"
		"sender @a a\nsender @b b\nsender @c c\nsender @d d\nsender @e e\n",
		WANTED_ROUTED, "[h.test]:587 [h.test]:465 [i.test]:587 [j.test]:587 [k.test]:587 ",
		"relaycon-ca1:[h.test]:587 relaycon-tls-ca1:[h.test]:465 relaycon-ca2:[i.test]:587 "
		"relaycon:[j.test]:587 relaycon:[k.test]:587 ",
		"relaycon-ca1/unix relaycon-tls-ca1/unix relaycon-ca2/unix relaycon/unix ", ""},
	{"a login in clear goes by itself",
		"a h.test 25 none none me\nb i.test 25 none none -\nc j.test 587 opportunistic "
		"none me\n"
		"sender @a a\nsender @b b\nsender @c c\n",
		WANTED_ROUTED, "[h.test]:25 [i.test]:25 [j.test]:587 ",
		"relaycon-clear:[h.test]:25 relaycon:[i.test]:25 relaycon:[j.test]:587 ",
		"relaycon-clear/unix relaycon/unix ", ""},
	{"failover in one service",
		"a h.test 587 starttls name me fallback=b,c\nb i.test 587 starttls name me\n"
		"c h.test 587 starttls name you\nby-default a\n",
		WANTED_ROUTED, "[h.test]:587 [i.test]:587 [h.test]:0587 ",
		"relaycon:[h.test]:587,[i.test]:587,[h.test]:0587 - - ", "relaycon/unix ", ""},
	{"only its own fallbacks count",
		"a h.test 587 starttls name me fallback=b\nb i.test 587 starttls name me "
		"fallback=c\n"
		"c j.test 587 starttls name me\nby-default a\n",
		WANTED_ROUTED, "[h.test]:587 [i.test]:587 [j.test]:587 ",
		"relaycon:[h.test]:587,[i.test]:587 - - ", "relaycon/unix ", ""},
	{"failover to another service",
		"a h.test 587 starttls name me fallback=b\nb h.test 465 implicit name "
		"me\nby-default a\n",
		WANTED_ROUTED, "[h.test]:587 [h.test]:465 ", "relaycon-via-a:[h.test]:587 - ",
		"relaycon-tls-again/unix relaycon-cleanup/unix 127.0.0.1:10587/inet "
		"relaycon-via-a/unix ",
		"[127.0.0.1]:10587 none\n"},
	{"failover there and back",
		"a h.test 465 implicit name me fallback=b,c,d\nb i.test 465 implicit name me\n"
		"c h.test 587 starttls name me\nd j.test 465 implicit name me\nby-default a\n",
		WANTED_ROUTED, "[h.test]:465 [i.test]:465 [h.test]:587 [j.test]:465 ",
		"relaycon-via-a:[h.test]:465,[i.test]:465 - - - ",
		"relaycon-tls-again/unix relaycon-cleanup/unix 127.0.0.1:10587/inet "
		"relaycon-via-a_2/unix "
		"127.0.0.1:10588/inet relaycon-via-a/unix ",
		"[127.0.0.1]:10587 none\n"
		"[127.0.0.1]:10588 encrypt protocols=TLSv1.2 ciphers=medium exclude=eNULL\n"},
	{"rewriting", "a h.test 587 starttls name me rewrite=us@x.test\nby-default a\n",
		WANTED_ROUTED, "[h.test]:587 ", "relaycon-hop:[127.0.0.1]:10587 ",
		"relaycon/unix relaycon-cleanup-a/unix relaycon-hop/unix 127.0.0.1:10587/inet ",
		""},
	{"rewriting with failover, two of them",
		"a h.test 587 starttls name me rewrite=us@x.test fallback=c\n"
		"b i.test 587 starttls name me rewrite=us@x.test\nc h.test 465 implicit name -\n"
		"by-default a\nsender <> b\n",
		WANTED_ROUTED, "[h.test]:587 [i.test]:587 [h.test]:465 ",
		"relaycon-hop:[127.0.0.1]:10588 relaycon-hop:[127.0.0.1]:10589 - ",
		"relaycon-tls-again/unix relaycon-cleanup/unix 127.0.0.1:10587/inet "
		"relaycon-via-a/unix "
		"relaycon-cleanup-a/unix relaycon-hop/unix 127.0.0.1:10588/inet relaycon/unix "
		"relaycon-cleanup-b/unix 127.0.0.1:10589/inet ",
		"[127.0.0.1]:10587 none\n"},
};

static void every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct laid laid;
		struct strbuf nexthops = STRBUF_INIT, ways = STRBUF_INIT, services = STRBUF_INIT;

		lay(&laid, cases[i].settings, MASTER, no_port_is_taken);
		strbuf_reset(&nexthops);
		strbuf_reset(&ways);
		strbuf_reset(&services);
		for (size_t k = 0; k < laid.ways.count; k++) {
			const struct way *way = &laid.ways.list[k];
			strbuf_addf(&nexthops, "%s ", way->nexthop);
			strbuf_addf(&ways, "%s ", way->transport ? way->transport : "-");
		}
		for (size_t k = 0; k < laid.wanted.service_count; k++)
			strbuf_addf(&services, "%s ", laid.wanted.services[k].key);
		print_message("%s\n", cases[i].name);
		assert_int_equal(laid.ways.mode, cases[i].mode);
		assert_string_equal(nexthops.data, cases[i].nexthops);
		assert_string_equal(ways.data, cases[i].ways);
		assert_string_equal(services.data, cases[i].services);
		assert_string_equal(laid.policy.data, cases[i].policy);
		/* What is written can be read, and is known as ours without any state. */
		struct mastercf *master = mastercf_parse("master.cf", MASTER, strlen(MASTER), NULL);
		for (size_t k = 0; k < laid.wanted.service_count; k++) {
			const struct wanted_service *service = &laid.wanted.services[k];
			bool changed = false;
			assert_true(mastercf_set(
				master, service->key, service->line, NULL, &changed, NULL));
			assert_true(changed);
			assert_true(ours_is_service(master, service->key));
		}
		assert_false(ours_is_service(master, "smtp/unix"));
		assert_false(ours_is_service(master, "smtp/inet"));
		mastercf_free(master);
		strbuf_free(&nexthops);
		strbuf_free(&ways);
		strbuf_free(&services);
		laid_free(&laid);
	}
}

static void options_of_a_service(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *key, *with, *without;
	} options[] = {
		{"a h.test 587 starttls name me\nsender @x a\n", "relaycon/unix",
			"relaycon unix - - y - - smtp\n  -o smtp_tls_wrappermode=no\n"
			"  -o smtp_tls_security_level=encrypt\n"
			"  -o smtp_tls_policy_maps=texthash:/etc/postfix/relaycon_tls_policy\n"
			"  -o smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt\n"
			"  -o smtp_sasl_auth_enable=yes\n"
			"  -o smtp_sasl_password_maps=texthash:/etc/postfix/relaycon_sasl_passwd\n"
			"  -o smtp_sasl_security_options=noplaintext,noanonymous\n"
			"  -o smtp_sasl_tls_security_options=noanonymous\n"
			"  -o smtp_sasl_tls_verified_security_options=noanonymous\n"
			"  -o smtp_sender_dependent_authentication=no\n"
			"  -o smtp_sasl_auth_soft_bounce=yes\n"
			"  -o smtp_fallback_relay=",
			"dnssec"},
		{"a h.test 25 none none me\nsender @x a\n", "relaycon-clear/unix",
			"-o smtp_sasl_security_options=noanonymous\n", "CAfile"},
		{"a h.test 25 none none -\nsender @x a\n", "relaycon/unix",
			"-o smtp_sasl_auth_enable=no\n", "password_maps"},
		{"a h.test 587 starttls dane -\nsender @x a\n", "relaycon/unix",
			"-o smtp_dns_support_level=dnssec\n", "CAfile"},
		{"a h.test 465 implicit name - ca=/a\\b$c\nsender @x a\n", "relaycon-tls-ca1/unix",
			"-o smtp_tls_CAfile=/a\\b$$c\n", "wrappermode=no"},
		{"a h.test 465 implicit none -\nsender @x a\n", "relaycon-tls/unix",
			"-o smtp_tls_wrappermode=yes\n", "CAfile"},
		{"a h.test 587 starttls none me fallback=b\nb h.test 465 implicit none me\n"
		 "sender @x a\n",
			"relaycon-via-a/unix", "-o smtp_fallback_relay=[127.0.0.1]:10587",
			"smtp_fallback_relay=\n"},
		{"a h.test 587 starttls none me fallback=b\nb h.test 465 implicit none me\n"
		 "sender @x a\n",
			"127.0.0.1:10587/inet",
			"127.0.0.1:10587 inet n - y - - smtpd\n  -o "
			"syslog_name=postfix/relaycon-via-a\n"
			"  -o content_filter=relaycon-tls-again:[h.test]:465\n",
			"cleanup_service_name=relaycon-cleanup-"},
		{"a h.test 587 starttls none me fallback=b\nb h.test 465 implicit none me\n"
		 "sender @x a\n",
			"127.0.0.1:10587/inet",
			"  -o cleanup_service_name=relaycon-cleanup\n"
			"  -o receive_override_options=no_unknown_recipient_checks,"
			"no_header_body_checks,no_milters,no_address_mappings",
			"message_size_limit=1"},
		{"a h.test 587 starttls none me fallback=b\nb h.test 465 implicit none me\n"
		 "sender @x a\n",
			"relaycon-cleanup/unix",
			"relaycon-cleanup unix n - n - 0 cleanup\n  -o message_size_limit=0",
			"maps"},
		{"a h.test 587 starttls none me fallback=b\nb h.test 465 implicit none me\n"
		 "sender @x a\n",
			"relaycon-tls-again/unix",
			"  -o smtp_fallback_relay=\n  -o smtp_generic_maps=\n"
			"  -o smtp_header_checks=\n",
			"relaycon-again"},
		{"a h.test 587 starttls none me rewrite=us@x.test\nsender @x a\n",
			"relaycon-cleanup-a/unix",
			"relaycon-cleanup-a unix n - n - 0 cleanup\n"
			"  -o sender_canonical_maps=regexp:/etc/postfix/relaycon_sender_rewrite_a\n"
			"  -o sender_canonical_classes=envelope_sender\n",
			"receive_override"},
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		struct laid laid;
		lay(&laid, options[i].settings, MASTER, no_port_is_taken);
		const char *line = wanted_service(&laid.wanted, options[i].key);
		assert_non_null(line);
		if (!strstr(line, options[i].with) || strstr(line, options[i].without))
			fail_msg("%s reads:\n%s", options[i].key, line);
		laid_free(&laid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way),
		cmocka_unit_test(options_of_a_service),
	};

	return cmocka_run_group_tests_name("way", tests, NULL, NULL);
}
