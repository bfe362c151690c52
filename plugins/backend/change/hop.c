#include "hop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../settings/domain.h"

#define LOGS_AS " -o syslog_name=postfix/relaycon-"

/* INSTANCES: with room for 8 hops, below 12,000. */
enum { PORT_MAX = 65535, INSTANCES = 170 };

/* --- ports --------------------------------------------------------------------------------------- */

const char *hop_host(const char *inet_protocols)
{
	bool six = strstr(inet_protocols, "ipv6") && !strstr(inet_protocols, "ipv4") &&
		   !strstr(inet_protocols, "all");

	return six ? "::1" : "127.0.0.1";
}

bool hop_port_is_unused(const char *host, unsigned port)
{
	const struct sockaddr_in four = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sockaddr_in6 six = {.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};
	const bool is_six = strchr(host, ':') != NULL;
	const int yes = 1;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return true;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	bool unused = (is_six ? bind(fd, (const struct sockaddr *)&six, sizeof six)
			      : bind(fd, (const struct sockaddr *)&four, sizeof four)) == 0 &&
		      listen(fd, 1) == 0;
	close(fd);
	return unused;
}

static void add(struct hop_ports *ports, unsigned port, char *label)
{
	ports->list = mem_realloc_array(ports->list, ports->count + 1, sizeof *ports->list);
	ports->list[ports->count++] = (struct hop_port){port, label};
}

/* The port of an inet service's key: "25/inet", "127.0.0.1:10025/inet", "[::1]:10025/inet"; 0: it is
 * named by a word, which no port of ours has. */
static unsigned port_of(const char *key)
{
	size_t end = strcspn(key, "/"), start = end;

	while (start > 0 && key[start - 1] >= '0' && key[start - 1] <= '9')
		start--;
	if (strcmp(key + end, "/inet") != 0 || (start > 0 && key[start - 1] != ':'))
		return 0;
	unsigned long port = strtoul(key + start, NULL, 10);
	return port <= PORT_MAX ? (unsigned)port : 0;
}

unsigned hop_first_port(const char *config_dir)
{
	unsigned place = 5381;

	if (strcmp(config_dir, "/etc/postfix") == 0)
		return HOP_PORT;
	for (; *config_dir; config_dir++)
		place = place * 33 + (unsigned char)*config_dir;
	return HOP_PORT + 8 * (1 + place % INSTANCES);
}

static int by_port(const void *left, const void *right)
{
	const struct hop_port *a = left, *b = right;

	return (a->port > b->port) - (a->port < b->port);
}

void hop_ports_init(struct hop_ports *ports, const char *host, unsigned first,
	const struct mastercf *master, const struct settings *settings, hop_port_is_free *is_free)
{
	*ports = (struct hop_ports){.next = first, .host = host, .is_free = is_free};
	for (size_t i = 0; i < mastercf_count(master); i++) {
		const char *key = mastercf_key(master, i);
		unsigned port = port_of(key);
		char *label = NULL;
		if (port == 0)
			continue;
		(void)hop_label(mastercf_value(master, key), &label);
		add(ports, port, label);
	}
	/* A relay on this machine: "[127.0.0.1]:PORT" would be both in the TLS policy. */
	for (size_t i = 0; i < settings->relay_count; i++)
		if (settings->relays[i].port >= HOP_PORT)
			add(ports, settings->relays[i].port, NULL);
	if (ports->count > 0)
		qsort(ports->list, ports->count, sizeof *ports->list, by_port);
}

void hop_ports_free(struct hop_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		free(ports->list[i].label);
	free(ports->list);
	*ports = (struct hop_ports){0};
}

/* May it be had? What we listen on already is ours to give to another hop. */
static bool is_available(const struct hop_ports *ports, unsigned port)
{
	bool ours = false;

	for (size_t i = 0; i < ports->count; i++) {
		if (ports->list[i].port != port)
			continue;
		if (!ports->list[i].label)
			return false;
		ours = true;
	}
	return ours || ports->is_free(ports->host, port);
}

/* The hop of ours after those that were met; NULL: there is none. */
static const struct hop_port *next_known(struct hop_ports *ports)
{
	while (ports->met < ports->count && !ports->list[ports->met].label)
		ports->met++;
	return ports->met < ports->count ? &ports->list[ports->met] : NULL;
}

unsigned hop_port(struct hop_ports *ports, const char *label)
{
	const struct hop_port *known = ports->strayed ? NULL : next_known(ports);

	if (known && text_equal(known->label, label)) {
		ports->met++;
		ports->next = known->port + 1;
		return known->port;
	}
	ports->strayed = true;
	while (ports->next < PORT_MAX && !is_available(ports, ports->next))
		ports->next++;
	return ports->next++;
}

unsigned hop_port_taken(const struct mastercf *before, const struct mastercf *after)
{
	for (size_t i = 0; i < mastercf_count(after); i++) {
		const char *key = mastercf_key(after, i);
		char *label = NULL;
		unsigned port = port_of(key);
		bool taken = port != 0 && !mastercf_has(before, key) &&
			     hop_label(mastercf_value(after, key), &label) &&
			     !hop_port_is_unused(*key == '[' ? "::1" : "127.0.0.1", port);
		free(label);
		if (taken)
			return port;
	}
	return 0;
}

/* --- master.cf ----------------------------------------------------------------------------------- */

bool hop_label(const char *entry, char **label)
{
	static const char *const kinds[] = {"via-", "rewrite-"};
	const char *at = strstr(entry, LOGS_AS);

	if (!at)
		return false;
	at += strlen(LOGS_AS);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strncmp(at, kinds[i], strlen(kinds[i])) == 0) {
			*label = text_dup_len(at, strcspn(at, " "));
			return true;
		}
	return false;
}

/* What the machine's own smtpd does for and against its clients is not for mail that it took already. */
static const char hop_options[] =
	"\n  -o smtpd_relay_restrictions=permit_mynetworks,permit_inet_interfaces,reject"
	"\n  -o smtpd_recipient_restrictions=permit_mynetworks,permit_inet_interfaces,reject"
	"\n  -o smtpd_client_restrictions="
	"\n  -o smtpd_helo_restrictions="
	"\n  -o smtpd_sender_restrictions="
	"\n  -o smtpd_data_restrictions="
	"\n  -o smtpd_end_of_data_restrictions="
	"\n  -o smtpd_etrn_restrictions=reject"
	"\n  -o smtpd_helo_required=no"
	"\n  -o smtpd_delay_reject=yes"
	"\n  -o smtpd_recipient_limit=1000"
	"\n  -o smtpd_discard_ehlo_keywords="
	"\n  -o smtpd_discard_ehlo_keyword_address_maps="
	"\n  -o strict_rfc821_envelopes=no"
	"\n  -o message_size_limit=0"
	/* Whatever it refuses after all is tried again, never bounced. */
	"\n  -o soft_bounce=yes"
	"\n  -o smtpd_reject_unlisted_sender=no"
	"\n  -o smtpd_reject_unlisted_recipient=no"
	"\n  -o smtpd_client_connection_count_limit=0"
	"\n  -o smtpd_client_connection_rate_limit=0"
	"\n  -o smtpd_client_message_rate_limit=0"
	"\n  -o smtpd_client_recipient_rate_limit=0"
	"\n  -o smtpd_proxy_filter="
	"\n  -o smtpd_upstream_proxy_protocol="
	"\n  -o smtpd_command_filter="
	"\n  -o smtpd_milters="
	"\n  -o smtpd_sasl_auth_enable=no"
	"\n  -o smtpd_use_tls=no"
	"\n  -o smtpd_enforce_tls=no"
	"\n  -o local_header_rewrite_clients=";

/* Without certificates, of which this machine need have none: nobody else can reach the port. TLS 1.3
 * cannot do without. */
static const char hop_tls[] = "\n  -o smtpd_tls_security_level=encrypt"
			      "\n  -o smtpd_tls_wrappermode=yes"
			      "\n  -o smtpd_tls_cert_file=none"
			      "\n  -o smtpd_tls_key_file="
			      "\n  -o smtpd_tls_eccert_file="
			      "\n  -o smtpd_tls_dcert_file="
			      "\n  -o smtpd_tls_chain_files="
			      "\n  -o smtpd_tls_req_ccert=no"
			      "\n  -o smtpd_tls_mandatory_protocols=TLSv1.2"
			      "\n  -o smtpd_tls_mandatory_ciphers=medium"
			      "\n  -o smtpd_tls_mandatory_exclude_ciphers="
			      "\n  -o smtpd_tls_exclude_ciphers=";
/* What the machine demands of servers elsewhere would rule that out. */
const char hop_policy_tls[] = "encrypt protocols=TLSv1.2 ciphers=medium exclude=eNULL";
const char hop_policy_clear[] = "none";
static const char hop_clear[] = "\n  -o smtpd_tls_security_level=none"
				"\n  -o smtpd_tls_wrappermode=no";

char *hop_nexthop(const char *host, unsigned port)
{
	return text_format("[%s]:%u", host, port);
}

char *hop_line(const struct hop *hop, char **key)
{
	struct strbuf line = STRBUF_INIT;

	const bool six = strchr(hop->host, ':') != NULL;
	char *name = text_format(six ? "[%s]:%u" : "%s:%u", hop->host, hop->port);

	*key = text_format("%s/inet", name);
	strbuf_addf(&line,
		"%s inet n - %s - - smtpd\n " LOGS_AS "%s\n  -o content_filter=%s"
		"\n  -o mynetworks=%s",
		name, hop->chroot, hop->label, hop->way, six ? "[::1]/128" : "127.0.0.0/8");
	free(name);
	strbuf_adds(&line, hop_options);
	strbuf_adds(&line, hop->tls ? hop_tls : hop_clear);
	strbuf_addf(&line,
		"\n  -o cleanup_service_name=%s"
		"\n  -o receive_override_options=no_unknown_recipient_checks,"
		"no_header_body_checks,no_milters%s",
		hop->cleanup, strcmp(hop->cleanup, HOP_CLEANUP) == 0 ? ",no_address_mappings" : "");
	return strbuf_detach(&line);
}

/* Every other mapping has been done when the mail first came in. */
char *hop_cleanup_line(const char *name, const char *table, const char *chroot)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_addf(&line, "%s unix n - %s - 0 cleanup", name, chroot);
	if (table)
		strbuf_addf(&line,
			"\n  -o sender_canonical_maps=regexp:%s"
			"\n  -o sender_canonical_classes=envelope_sender"
			"\n  -o canonical_maps="
			"\n  -o recipient_canonical_maps="
			"\n  -o virtual_alias_maps="
			"\n  -o masquerade_domains="
			"\n  -o always_bcc="
			"\n  -o sender_bcc_maps="
			"\n  -o recipient_bcc_maps=",
			table);
	strbuf_adds(&line, "\n  -o message_size_limit=0");
	return strbuf_detach(&line);
}

/* A domain in an expression. UTF-8 stands for itself. */
static void add_literal(struct strbuf *out, const char *domain)
{
	for (const char *c = domain; *c; c++) {
		if (!((*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'z') ||
			    *c == '-' || (unsigned char)*c >= 128))
			strbuf_addc(out, '\\');
		strbuf_addc(out, *c);
	}
}

void hop_rewrite_table(const char *address, struct strbuf *out)
{
	const char *at = strrchr(address, '@');
	const char *domain = at ? at + 1 : address;
	/* An SMTPUTF8 mail has its domain so. */
	char *unicode = domain_unicode(domain);

	/* The null sender has no "@" and stays: a bounce must not become a mail that can bounce. */
	strbuf_adds(out, "if /@/\n");
	strbuf_adds(out, unicode ? "!/@(" : "!/@");
	add_literal(out, domain);
	if (unicode) {
		strbuf_addc(out, '|');
		add_literal(out, unicode);
		strbuf_addc(out, ')');
	}
	free(unicode);
	strbuf_adds(out, "$/ ");
	for (const char *c = address; *c; c++) {
		if (*c == '$')
			strbuf_addc(out, '$');
		strbuf_addc(out, *c);
	}
	strbuf_adds(out, "\nendif\n");
}
