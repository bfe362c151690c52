/* way_lay.c: ways_lay (way.h): the services of master.cf, and what leads to each relay. */
#include <stdlib.h>
#include <string.h>

#include "ours.h"
#include "way.h"

/* What a rewriting hop is reached by: never a relay's options, nor what main.cf says for mail that
 * leaves the machine. */
#define HOP_SERVICE "relaycon-hop"

struct layer {
	struct ways *ways;
	const struct view *view;
	struct wanted *wanted;
	struct strbuf *policy;
	struct hop_ports ports;
	char *smtp_chroot, *cleanup_chroot;
	char *ca_file; /* for relays that name none of their own; NULL: main.cf has it */
	bool hop_service, hop_cleanup;
	bool *laid; /* of each group: first its service, then the one behind hops */
};

/* In or out of the chroot as the machine's own service is, since certificates and resolver are where
 * it expects them. */
static char *chroot_of(const struct view *view, const char *key)
{
	struct strbuf field = STRBUF_INIT;

	strbuf_reset(&field);
	if (!mastercf_field(view->master, key, MASTERCF_CHROOT, &field))
		strbuf_adds(&field, "-");
	return strbuf_detach(&field);
}

/* master(5): white space ends an argument that stands outside of braces. */
static void option(struct strbuf *line, const char *name, const char *value)
{
	bool blanks = strpbrk(value, " \t") != NULL;

	strbuf_adds(line, blanks ? "\n  -o { " : "\n  -o ");
	strbuf_addf(line, blanks ? "%s = " : "%s=", name);
	for (const char *c = value; *c; c++) {
		if (*c == '$')
			strbuf_addc(line, '$');
		strbuf_addc(line, *c);
	}
	strbuf_adds(line, blanks ? " }" : "");
}

static void table_option(struct strbuf *line, const char *name, const char *path)
{
	char *table = wanted_table(path);

	option(line, name, table);
	free(table);
}

/* What smtp(8) does to mail as it sends it. */
static const char *const client_changes[] = {"smtp_generic_maps", "smtp_header_checks",
	"smtp_mime_header_checks", "smtp_nested_header_checks", "smtp_body_checks"};

/* again: behind a hop, to which the mail was sent already.
 *
 * fallback: the hop that mail goes to when none of the relays takes it; "" is nowhere, whatever main.cf
 * says. Encryption is the rule for whatever the policy does not name. */
static void add_service(struct layer *layer, const char *name, const struct way_group *group,
	bool again, const char *fallback)
{
	const struct site *site = layer->view->site;
	struct strbuf line = STRBUF_INIT;
	const char *ca_file = group->ca_file ? group->ca_file : layer->ca_file;
	char *key = text_format("%s/unix", name);

	strbuf_addf(&line, "%s unix - - %s - - smtp", name, layer->smtp_chroot);
	option(&line, "smtp_tls_wrappermode", group->implicit ? "yes" : "no");
	option(&line, "smtp_tls_security_level", "encrypt");
	table_option(&line, "smtp_tls_policy_maps", site->tls_policy);
	if (group->name && ca_file)
		option(&line, "smtp_tls_CAfile", ca_file);
	if (group->dane)
		option(&line, "smtp_dns_support_level", "dnssec");
	if (group->fingerprint)
		option(&line, "smtp_tls_fingerprint_digest", "sha256");
	option(&line, "smtp_sasl_auth_enable", group->login ? "yes" : "no");
	if (group->login) {
		table_option(&line, "smtp_sasl_password_maps", site->credentials);
		option(&line, "smtp_sasl_security_options",
			group->clear_login ? "noanonymous" : "noplaintext,noanonymous");
		option(&line, "smtp_sasl_tls_security_options", "noanonymous");
		option(&line, "smtp_sasl_tls_verified_security_options", "noanonymous");
		/* The relay's login, never one that was stored for the sender. */
		option(&line, "smtp_sender_dependent_authentication", "no");
		/* A refused login moves on to the next relay, and is tried again. */
		option(&line, "smtp_sasl_auth_soft_bounce", "yes");
	}
	option(&line, "smtp_fallback_relay", fallback);
	for (size_t i = 0; again && i < sizeof client_changes / sizeof *client_changes; i++)
		option(&line, client_changes[i], "");
	wanted_add_service(layer->wanted, key, strbuf_detach(&line));
}

/* The service in which ways of this group end, where it has not been laid yet: its name (caller frees). */
static char *lay_group(struct layer *layer, size_t index, bool again)
{
	const struct way_group *group = &layer->ways->groups[index];
	bool *laid = &layer->laid[2 * index + again];
	char *name = text_format("%s%s", group->service, again ? "-again" : "");

	if (!*laid)
		add_service(layer, name, group, again, "");
	*laid = true;
	return name;
}

static void add_hop_service(struct layer *layer)
{
	static const char *const off[] = {"smtp_tls_policy_maps", "smtp_tls_per_site",
		"smtp_fallback_relay", "smtp_bind_address"};
	struct strbuf line = STRBUF_INIT;

	if (layer->hop_service)
		return;
	layer->hop_service = true;
	strbuf_addf(&line, HOP_SERVICE " unix - - %s - - smtp", layer->smtp_chroot);
	option(&line, "smtp_tls_security_level", "none");
	option(&line, "smtp_tls_wrappermode", "no");
	option(&line, "smtp_sasl_auth_enable", "no");
	for (size_t i = 0; i < sizeof off / sizeof *off; i++)
		option(&line, off[i], "");
	for (size_t i = 0; i < sizeof client_changes / sizeof *client_changes; i++)
		option(&line, client_changes[i], "");
	wanted_add_service(layer->wanted, text_dup(HOP_SERVICE "/unix"), strbuf_detach(&line));
}

static void add_hop_cleanup(struct layer *layer)
{
	if (!layer->hop_cleanup)
		wanted_add_service(layer->wanted, text_dup(HOP_CLEANUP "/unix"),
			hop_cleanup_line(HOP_CLEANUP, NULL, layer->cleanup_chroot));
	layer->hop_cleanup = true;
}

static unsigned add_hop(struct layer *layer, struct hop hop)
{
	char *key, *line;

	hop.host = layer->ports.host;
	hop.port = hop_port(&layer->ports, hop.label);
	hop.chroot = layer->smtp_chroot;
	line = hop_line(&hop, &key);
	wanted_add_service(layer->wanted, key, line);
	return hop.port;
}

/* --- one relay ----------------------------------------------------------------------------------- */

/* Of a relay and those that it falls back to. */
struct member {
	const struct way *way;
};

static size_t members_of(const struct layer *layer, const struct way *way, struct member **list)
{
	const struct relay *relay = way->relay;
	size_t count = 0;

	*list = mem_calloc(relay->fallback_count + 1, sizeof **list);
	(*list)[count++].way = way;
	for (size_t i = 0; i < relay->fallback_count; i++)
		if (((*list)[count].way = ways_find(layer->ways, relay->fallbacks[i])))
			count++;
	return count;
}

/* The way to those from members[at] on; the parts behind a hop are laid first. */
static char *lay_from(
	struct layer *layer, const struct member *members, size_t count, size_t at, size_t part)
{
	const struct way_group *group = &layer->ways->groups[members[at].way->group];
	struct strbuf hops = STRBUF_INIT;
	char *way;
	size_t end = at;

	for (; end < count && members[end].way->group == members[at].way->group; end++)
		strbuf_addf(&hops, "%s%s", end > at ? "," : "", members[end].way->nexthop);
	if (end == count) {
		char *name = lay_group(layer, members[at].way->group, part > 1);
		way = text_format("%s:%s", name, hops.data);
		free(name);
		strbuf_free(&hops);
		return way;
	}
	char *rest = lay_from(layer, members, count, end, part + 1);
	const char *name = members[0].way->relay->name;
	char *label =
		part > 1 ? text_format("via-%s_%zu", name, part) : text_format("via-%s", name);
	add_hop_cleanup(layer);
	unsigned port = add_hop(layer, (struct hop){.label = label,
					       .way = rest,
					       .cleanup = HOP_CLEANUP,
					       .tls = group->implicit});
	char *fallback = hop_nexthop(layer->ports.host, port);
	char *service = text_format(OURS_PREFIX "-%s", label);
	add_service(layer, service, group, part > 1, fallback);
	/* A service that speaks TLS from the start does so with a hop as well. */
	strbuf_addf(layer->policy, "%s %s\n", fallback,
		group->implicit ? hop_policy_tls : hop_policy_clear);
	way = text_format("%s:%s", service, hops.data);
	free(service);
	free(fallback);
	free(label);
	free(rest);
	strbuf_free(&hops);
	return way;
}

/* The mail goes in at a hop whose cleanup service knows the address, and on from there. */
static char *lay_rewrite(struct layer *layer, const struct relay *relay, const char *way)
{
	char *label = text_format("rewrite-%s", relay->name);
	char *cleanup = text_format(OURS_PREFIX "-cleanup-%s", relay->name);
	char *name = text_format(OURS_SENDER_REWRITE "%s", relay->name);
	char *path = ours_path(layer->view->site, name);

	hop_rewrite_table(relay->sender_rewrite,
		&wanted_add_table(layer->wanted, WANTED_REWRITE, name)->text);
	wanted_add_service(layer->wanted, text_format("%s/unix", cleanup),
		hop_cleanup_line(cleanup, path, layer->cleanup_chroot));
	add_hop_service(layer);
	unsigned port =
		add_hop(layer, (struct hop){.label = label, .way = way, .cleanup = cleanup});
	free(path);
	free(name);
	free(cleanup);
	free(label);
	char *nexthop = hop_nexthop(layer->ports.host, port);
	char *transport = text_format(HOP_SERVICE ":%s", nexthop);
	free(nexthop);
	return transport;
}

static void lay_one(struct layer *layer, struct way *way)
{
	struct member *members;
	size_t count = members_of(layer, way, &members);

	way->transport = lay_from(layer, members, count, 0, 1);
	free(members);
	if (way->relay->sender_rewrite) {
		char *rewriting = lay_rewrite(layer, way->relay, way->transport);
		free(way->transport);
		way->transport = rewriting;
	}
}

void ways_lay(struct ways *ways, const struct view *view, hop_port_is_free *is_free,
	struct wanted *wanted, struct strbuf *policy)
{
	struct layer layer = {.ways = ways,
		.view = view,
		.wanted = wanted,
		.policy = policy,
		.smtp_chroot = chroot_of(view, "smtp/unix"),
		.cleanup_chroot = chroot_of(view, "cleanup/unix"),
		.ca_file = wanted_ca_file(view),
		.laid = mem_calloc(2 * ways->group_count + 1, sizeof *layer.laid)};
	char *original = wanted_original(view, "smtp_tls_CAfile");
	char *protocols = wanted_current(view, "inet_protocols");

	if (strcmp(original, layer.ca_file) == 0)
		text_replace(&layer.ca_file, NULL);
	free(original);
	hop_ports_init(&layer.ports, hop_host(protocols),
		hop_first_port(view->site->postfix.config_dir), view->master, view->settings,
		is_free);
	for (size_t i = 0; i < ways->count; i++)
		if (ways->list[i].entry)
			lay_one(&layer, &ways->list[i]);
	hop_ports_free(&layer.ports);
	free(protocols);
	free(layer.smtp_chroot);
	free(layer.cleanup_chroot);
	free(layer.ca_file);
	free(layer.laid);
}
