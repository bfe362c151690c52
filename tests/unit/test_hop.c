/* hop.c: ports and addresses of hops, and tables that rewrite senders. */
#include "way_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static bool two_ports_are_taken(const char *host, unsigned port)
{
	return strcmp(host, "127.0.0.1") == 0 && port != 10587 && port != 10588;
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_of_hops),
		cmocka_unit_test(loopback_addresses),
		cmocka_unit_test(taken_ports),
		cmocka_unit_test(rewriting_tables),
	};

	return cmocka_run_group_tests_name("hop", tests, NULL, NULL);
}
