/* way.c, way_lay.c, hop.c: how Postfix reaches each relay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "change/ours.h"
#include "change/way.h"
#include "postfix/mastercf.h"
#include "settings_words.h"

#define MASTER                                                                                     \
	"smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\n"                                    \
	"cleanup unix n - n - 0 cleanup\n"

/* What somebody else listens on. */
static bool no_port_is_taken(const char *host, unsigned port)
{
	return strcmp(host, "127.0.0.1") == 0 && port != 0;
}

static bool two_ports_are_taken(const char *host, unsigned port)
{
	return strcmp(host, "127.0.0.1") == 0 && port != 10587 && port != 10588;
}

struct laid {
	struct settings settings;
	struct site site;
	struct maincf *main;
	struct mastercf *master;
	struct baseline baseline;
	struct ways ways;
	struct wanted wanted;
	struct strbuf policy;
};

static void lay(struct laid *laid, const char *text, const char *master, hop_port_is_free *is_free)
{
	*laid = (struct laid){0};
	settings_from(&laid->settings, text);
	laid->site.postfix.config_dir = (char *)"/etc/postfix";
	laid->site.credentials = (char *)"/etc/postfix/relaycon_sasl_passwd";
	laid->site.tls_policy = (char *)"/etc/postfix/relaycon_tls_policy";
	laid->main = maincf_parse("main.cf", "", 0, NULL);
	laid->master = mastercf_parse("master.cf", master, strlen(master), NULL);
	assert_non_null(laid->master);
	const struct view view = {
		&laid->site, &laid->settings, &laid->baseline, laid->main, laid->master};
	settings_place(&laid->settings, NULL);
	ways_init(&laid->ways, &laid->settings);
	strbuf_reset(&laid->policy);
	if (laid->ways.mode == WANTED_ROUTED)
		ways_lay(&laid->ways, &view, is_free, &laid->wanted, &laid->policy);
}

static void laid_free(struct laid *laid)
{
	wanted_free(&laid->wanted);
	ways_free(&laid->ways);
	strbuf_free(&laid->policy);
	maincf_free(laid->main);
	mastercf_free(laid->master);
	settings_free(&laid->settings);
}

/* --- ways ------------------------------------------------------------------------------------------ */

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

/* --- ports ----------------------------------------------------------------------------------------- */

#define HOPS                                                                                       \
	"a h.test 587 starttls name me fallback=b\nb h.test 465 implicit name me\n"                \
	"c i.test 587 starttls name me fallback=b\nsender @a a\nsender @c c\n"

static void ports_of_hops(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *master;
		hop_port_is_free *is_free;
		unsigned a, c;
	} ports[] = {
		{HOPS, MASTER, no_port_is_taken, 10587, 10588},
		{HOPS, MASTER, two_ports_are_taken, 10589, 10590},
		{HOPS, MASTER "127.0.0.1:10588 inet n - y - - smtpd\n", no_port_is_taken, 10587,
			10589},
		{HOPS, MASTER "10587 inet n - y - - smtpd\n[::1]:10588 inet n - y - - smtpd\n",
			no_port_is_taken, 10589, 10590},
		/* Ours already, though something listens there. */
		{HOPS,
			MASTER "127.0.0.1:10588 inet n - y - - smtpd\n"
			       " -o syslog_name=postfix/relaycon-via-a\n",
			two_ports_are_taken, 10588, 10589},
		/* It was not free when the first was made, and is now. */
		{HOPS,
			MASTER "127.0.0.1:10588 inet n - y - - smtpd\n"
			       " -o syslog_name=postfix/relaycon-via-a\n",
			no_port_is_taken, 10588, 10589},
		{HOPS,
			MASTER "127.0.0.1:10590 inet n - y - - smtpd\n"
			       " -o syslog_name=postfix/relaycon-via-c\n"
			       "127.0.0.1:10588 inet n - y - - smtpd\n"
			       " -o syslog_name=postfix/relaycon-via-a\n",
			no_port_is_taken, 10588, 10590},
		/* One that came before them is gone. */
		{HOPS,
			MASTER "127.0.0.1:10587 inet n - y - - smtpd\n"
			       " -o syslog_name=postfix/relaycon-via-gone\n"
			       "127.0.0.1:10588 inet n - y - - smtpd\n"
			       " -o syslog_name=postfix/relaycon-via-a\n",
			no_port_is_taken, 10587, 10588},
		/* A relay on this machine. */
		{HOPS "d 127.0.0.1 10587 none none -\n", MASTER, no_port_is_taken, 10588, 10589},
	};

	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
		struct laid laid;
		lay(&laid, ports[i].settings, ports[i].master, ports[i].is_free);
		char *a = text_format("-o smtp_fallback_relay=[127.0.0.1]:%u", ports[i].a);
		char *c = text_format("-o smtp_fallback_relay=[127.0.0.1]:%u", ports[i].c);
		assert_non_null(strstr(wanted_service(&laid.wanted, "relaycon-via-a/unix"), a));
		assert_non_null(strstr(wanted_service(&laid.wanted, "relaycon-via-c/unix"), c));
		free(c);
		free(a);
		laid_free(&laid);
	}
}

static void loopback_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *protocols, *host;
	} hosts[] = {{"all", "127.0.0.1"}, {"ipv4", "127.0.0.1"}, {"ipv4, ipv6", "127.0.0.1"},
		{"ipv6", "::1"}, {"ipv6,ipv4", "127.0.0.1"}, {"", "127.0.0.1"}};

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		assert_string_equal(hop_host(hosts[i].protocols), hosts[i].host);
	assert_int_equal(hop_first_port("/etc/postfix"), 10587);
	unsigned other = hop_first_port("/etc/postfix-out"), another = hop_first_port("/srv/p");
	assert_in_range(other, 10595, 11999);
	assert_in_range(another, 10595, 11999);
	assert_true(other + 8 <= another || another + 8 <= other);
	const struct hop six = {.host = "::1",
		.port = 10587,
		.label = "via-a",
		.way = "x:[y]:1",
		.cleanup = HOP_CLEANUP,
		.chroot = "y"};
	char *key, *line = hop_line(&six, &key), *label;
	assert_string_equal(key, "[::1]:10587/inet");
	assert_non_null(strstr(line, "\n  -o mynetworks=[::1]/128\n"));
	struct mastercf *before = mastercf_parse("master.cf", MASTER, strlen(MASTER), NULL);
	struct mastercf *after = mastercf_parse("master.cf", line, strlen(line), NULL);
	assert_true(hop_label(mastercf_value(after, key), &label));
	assert_string_equal(label, "via-a");
	assert_int_equal(hop_port_taken(after, after), 0);
	assert_int_equal(hop_port_taken(after, before), 0);
	mastercf_free(before);
	mastercf_free(after);
	free(label);
	free(key);
	free(line);
}

/* Somebody took the port since: Postfix's master must not be asked for it. */
static void taken_ports(void **state)
{
	(void)state;
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	const struct hop hop = {.host = "127.0.0.1",
		.port = ntohs(address.sin_port),
		.label = "rewrite-a",
		.way = "x:[y]:1",
		.cleanup = HOP_CLEANUP,
		.chroot = "y"};
	char *key, *line = hop_line(&hop, &key);
	struct mastercf *before = mastercf_parse("master.cf", MASTER, strlen(MASTER), NULL);
	struct mastercf *after = mastercf_parse("master.cf", line, strlen(line), NULL);
	assert_int_equal(hop_port_taken(before, after), hop.port);
	/* By our own Postfix, perhaps. */
	assert_int_equal(hop_port_taken(after, after), 0);
	close(fd);
	assert_int_equal(hop_port_taken(before, after), 0);
	mastercf_free(before);
	mastercf_free(after);
	free(key);
	free(line);
}

static void rewriting_tables(void **state)
{
	(void)state;
	static const struct {
		const char *address, *table;
	} tables[] = {
		{"us@example.com", "if /@/\n!/@example\\.com$/ us@example.com\nendif\n"},
		{"a$b@xn--bcher-kva.test", "if /@/\n!/@(xn--bcher-kva\\.test|bücher\\.test)$/ "
					   "a$$b@xn--bcher-kva.test\nendif\n"},
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct strbuf table = STRBUF_INIT;
		hop_rewrite_table(tables[i].address, &table);
		assert_string_equal(table.data, tables[i].table);
		strbuf_free(&table);
	}
}

/* --- names ----------------------------------------------------------------------------------------- */

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
		cmocka_unit_test(every_way),
		cmocka_unit_test(options_of_a_service),
		cmocka_unit_test(ports_of_hops),
		cmocka_unit_test(loopback_addresses),
		cmocka_unit_test(taken_ports),
		cmocka_unit_test(rewriting_tables),
		cmocka_unit_test(names_of_tables),
		cmocka_unit_test(lists_without_ours),
	};

	return cmocka_run_group_tests_name("way", tests, NULL, NULL);
}
