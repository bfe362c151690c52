/* wanted_from.c: wanted_from (wanted.h): TLS policy, tables of routes, services, and what must start. */
#include <stdlib.h>
#include <string.h>

#include "../postfix/map.h"
#include "hop_check.h"
#include "ours.h"
#include "wanted.h"
#include "way.h"

/* --- the TLS policy ------------------------------------------------------------------------------ */

/* By default Postfix sends the server's name (SNI, RFC 6066) only with DANE, whereas the probe sends
 * it always: a provider that picks its certificate by it must see the same client. An address is
 * not a name. */
static bool sends_server_name(const struct relay *relay)
{
	return relay->tls != RELAY_TLS_NONE && relay->verify != RELAY_VERIFY_DANE &&
	       !relay_host_is_address(relay->host);
}

static void add_policy(struct strbuf *out, const struct way *way)
{
	static const char *const verified[RELAY_VERIFY_MODES] = {
		[RELAY_VERIFY_NAME] = "secure",
		[RELAY_VERIFY_DANE] = "dane-only",
		[RELAY_VERIFY_FINGERPRINT] = "fingerprint",
		[RELAY_VERIFY_NONE] = "encrypt",
	};
	const struct relay *relay = way->relay;
	const char *level = verified[relay->verify];

	if (relay->tls == RELAY_TLS_OPPORTUNISTIC)
		level = "may";
	else if (relay->tls == RELAY_TLS_NONE)
		level = "none";
	strbuf_addf(out, "%s %s", way->nexthop, level);
	if (relay_verification(relay) == RELAY_VERIFY_FINGERPRINT)
		strbuf_addf(out, " match=%s", relay->fingerprint);
	if (sends_server_name(relay))
		strbuf_adds(out, " servername=hostname");
	strbuf_addc(out, '\n');
}

/* --- routes -------------------------------------------------------------------------------------- */

static const char *const route_tables[ROUTE_KINDS] = {
	[ROUTE_SENDER] = OURS_SENDER_ROUTES, [ROUTE_RECIPIENT] = OURS_RECIPIENT_ROUTES};

/* With relayhost empty a transport without a next hop is the recipient's own server. */
static const char *transport_of(const struct ways *ways, const struct route *route)
{
	const struct way *way = ways_find(ways, route->relay);

	return way ? way->transport : "smtp:";
}

/* Postfix looks an internationalised domain up as the mail has it: in A-labels or (SMTPUTF8) as people
 * write it. */
static void add_route(struct strbuf *text, const char *pattern, const char *transport)
{
	char *unicode = route_unicode(pattern);

	strbuf_addf(text, "%s %s\n", pattern, transport);
	if (unicode)
		strbuf_addf(text, "%s %s\n", unicode, transport);
	free(unicode);
}

static void add_routes(struct wanted *wanted, const struct view *view, const struct ways *ways)
{
	const struct settings *settings = view->settings;
	size_t counts[ROUTE_KINDS] = {0};

	for (size_t i = 0; i < settings->route_count; i++)
		counts[settings->routes[i].kind]++;
	for (enum route_kind kind = 0; kind < ROUTE_KINDS; kind++) {
		if (counts[kind] == 0)
			continue;
		struct wanted_table *table =
			wanted_add_table(wanted, WANTED_ROUTES, route_tables[kind]);
		if (counts[kind] > MAP_TEXT_MAX)
			table->built = map_best_type(&view->site->postfix);
		for (size_t i = 0; i < settings->route_count; i++)
			if (settings->routes[i].kind == kind)
				add_route(&table->text, settings->routes[i].pattern,
					transport_of(ways, &settings->routes[i]));
	}
}

/* A table of senders of the administrator's own with relayhosts would take what is to go direct: a
 * transport without a next hop leaves that to it. "DUNNO" is relayhost, which is empty. */
static void add_direct(struct wanted *wanted, const struct view *view)
{
	const struct wanted_table *routes = wanted_table_named(wanted, OURS_SENDER_ROUTES);
	const char *built = routes ? routes->built : NULL;
	char *others = wanted_original(view, "sender_dependent_relayhost_maps"), *rest = NULL;
	struct wanted_table *table = NULL;

	if (ours_cut_all(view->site, others, &rest)) {
		free(others);
		others = rest;
	}
	for (size_t i = 0; *others && i < view->settings->route_count; i++) {
		const struct route *route = &view->settings->routes[i];
		if (route->kind != ROUTE_SENDER || strcmp(route->relay, RELAY_DIRECT) != 0)
			continue;
		if (!table)
			table = wanted_add_table(wanted, WANTED_ROUTES, OURS_SENDER_DIRECT);
		strbuf_addf(&table->text, "%s DUNNO\n", route->pattern);
	}
	if (table)
		table->built = built;
	free(others);
}

/* --- what must start ----------------------------------------------------------------------------- */

enum { CHECKED_MAX = 4 };

static bool is_agent(const struct wanted_service *service)
{
	return strstr(service->line, " smtp\n") != NULL;
}

/* Routed: the default relay's service first. */
static char *services_to_check(const struct wanted *wanted, const struct view *view)
{
	struct strbuf list = STRBUF_INIT;
	size_t first = wanted->default_way ? strcspn(wanted->default_way, ":") : 0, count = 0;

	if (text_equal(wanted_value(wanted, "default_transport"), WANTED_SERVICE_TLS))
		return text_dup(WANTED_SERVICE_TLS);
	if (wanted->mode != WANTED_ROUTED)
		return mastercf_has(view->master, "smtp/unix") ? text_dup("smtp") : NULL;
	strbuf_reset(&list);
	if (first > 0) {
		strbuf_add(&list, wanted->default_way, first);
		count++;
	}
	for (size_t i = 0; i < wanted->service_count && count < CHECKED_MAX; i++) {
		const char *key = wanted->services[i].key;
		size_t len = strcspn(key, "/");
		if (!is_agent(&wanted->services[i]) ||
			(first > 0 && len == first && strncmp(key, wanted->default_way, len) == 0))
			continue;
		strbuf_adds(&list, list.len > 0 ? " " : "");
		strbuf_add(&list, key, len);
		count++;
	}
	if (list.len == 0 && mastercf_has(view->master, "smtp/unix"))
		strbuf_adds(&list, "smtp");
	hop_check_list(wanted, view->master, &list);
	return strbuf_detach(&list);
}

/* --- all of it ----------------------------------------------------------------------------------- */

static void add_simple_service(struct wanted *wanted, const struct view *view)
{
	struct strbuf chroot = STRBUF_INIT;

	strbuf_reset(&chroot);
	if (!mastercf_field(view->master, "smtp/unix", MASTERCF_CHROOT, &chroot))
		strbuf_adds(&chroot, "-");
	/* The level stands here only for what the policy table does not name. */
	wanted_add_service(wanted, text_dup(WANTED_SERVICE_TLS "/unix"),
		text_format(WANTED_SERVICE_TLS " unix - - %s - - smtp\n"
					       "  -o smtp_tls_wrappermode=yes\n"
					       "  -o smtp_tls_security_level=encrypt",
			chroot.data));
	strbuf_free(&chroot);
}

void wanted_from(struct wanted *wanted, const struct view *view)
{
	const struct relay *relay = settings_default(view->settings);
	struct strbuf policy = STRBUF_INIT;
	struct ways ways;

	*wanted = (struct wanted){0};
	ways_init(&ways, view->settings);
	wanted->mode = ways.mode;
	strbuf_reset(&policy);
	for (size_t i = 0; i < ways.count; i++)
		add_policy(&policy, &ways.list[i]);
	if (ways.mode == WANTED_ROUTED) {
		ways_lay(&ways, view, hop_port_is_unused, wanted, &policy);
		add_routes(wanted, view, &ways);
		add_direct(wanted, view);
	} else if (relay && relay->tls == RELAY_TLS_IMPLICIT) {
		add_simple_service(wanted, view);
	}
	if (relay) {
		const struct way *way = ways_find(&ways, relay->name);
		wanted->default_way =
			text_dup(ways.mode == WANTED_ROUTED ? way->transport : way->nexthop);
	}
	if (ways.mode != WANTED_DIRECT && policy.len > 0)
		strbuf_add(&wanted_add_table(wanted, WANTED_POLICY, "relaycon_tls_policy")->text,
			policy.data, policy.len);
	wanted_set_parameters(wanted, view);
	wanted->check_services = services_to_check(wanted, view);
	strbuf_free(&policy);
	ways_free(&ways);
}
