#include "decision.h"

#include <string.h>

/* The tables of routes that relaycon makes, by the parameter that names them. */
static const struct {
	const char *parameter;
	const char *table;
	enum route_kind kind;
} own_tables[] = {
	{"transport_maps", "/" OURS_RECIPIENT_ROUTES, ROUTE_RECIPIENT},
	{"sender_dependent_default_transport_maps", "/" OURS_SENDER_ROUTES, ROUTE_SENDER},
};

const char *decision_result_word(enum decision_result result)
{
	static const char *const words[DECISION_RESULTS] = {
		[DECISION_RELAY] = "relay",
		[DECISION_DIRECT] = "direct",
		[DECISION_LOCAL] = "local",
		[DECISION_ALIASES] = "aliases",
		[DECISION_REFUSED] = "refused",
		[DECISION_OTHER] = "other",
	};

	return words[result];
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* --- whose decision it is ------------------------------------------------------------------------ */

static void decide(struct decision *decision, enum decision_result result, char *why)
{
	decision->result = result;
	free(decision->why);
	decision->why = why;
}

/* "transport_maps, hash:/etc/postfix/transport, has "example.net"" */
static char *place(const struct destination *destination)
{
	const struct lookup_hit *hit = &destination->hit;

	if (hit->table)
		return text_format(
			_("%s has \"%s\" in %s"), destination->parameter, hit->key, hit->table);
	return text_format(_("%s says so"), destination->parameter);
}

static void take_relay(struct decision *decision, const struct relay *relay, char *why)
{
	const char *rewrite = relay->sender_rewrite;
	const char *domain = rewrite ? strrchr(rewrite, '@') : NULL;
	bool is_null = strcmp(decision->sender, ROUTE_NULL_SENDER) == 0;

	decision->relay = relay;
	if (domain && !is_null && !ends_with(decision->sender, domain))
		decision->new_sender = text_dup(rewrite);
	decide(decision, DECISION_RELAY, why);
}

/* A table of ours had it: the settings know what the key stands for. */
static bool take_route(struct decision *decision, const struct settings *settings)
{
	const struct destination *destination = &decision->destination;
	const struct route *route = NULL;
	char *where;

	if (!destination->hit.table)
		return false;
	for (size_t i = 0; i < sizeof own_tables / sizeof *own_tables && !route; i++)
		if (strcmp(destination->parameter, own_tables[i].parameter) == 0 &&
			ends_with(destination->hit.table, own_tables[i].table))
			route = settings_route(settings, own_tables[i].kind, destination->hit.key);
	if (!route)
		return false;
	const struct relay *relay = settings_relay(settings, route->relay);

	where = text_format(route->kind == ROUTE_SENDER ? _("the sender has a route, %s (%s)")
							: _("the recipient has a route, %s (%s)"),
		route->pattern, destination->hit.table);
	if (relay)
		take_relay(decision, relay, where);
	else
		decide(decision, DECISION_DIRECT, where);
	return true;
}

static bool is_drifted(const struct status *status, const char *parameter)
{
	for (size_t i = 0; i < status->drift_count; i++)
		if (strcmp(status->drift[i].parameter, parameter) == 0)
			return true;
	return false;
}

/* The parameters that the default relay is written into. */
static bool take_default(struct decision *decision, const struct status *status)
{
	static const char *const parameters[] = {
		"relayhost", "default_transport", "relay_transport"};
	const struct destination *destination = &decision->destination;
	const struct relay *relay = settings_default(&status->settings);

	if (!relay || status->mode != STATUS_RELAY || destination->hit.table)
		return false;
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		if (strcmp(destination->parameter, parameters[i]) != 0 ||
			is_drifted(status, parameters[i]))
			continue;
		take_relay(decision, relay,
			status->settings.route_count > 0
				? text_format(_("no route is for it, and %s is the default (%s)"),
					  relay->name, parameters[i])
				: text_format(
					  _("%s is the default (%s)"), relay->name, parameters[i]));
		return true;
	}
	return false;
}

/* One of Postfix's own SMTP services, with the recipient's domain as next hop: no relay in between. */
static bool is_direct(const struct destination *destination)
{
	const char *at = strrchr(destination->recipient, '@');

	return destination->transport && destination->nexthop && at &&
	       (strcmp(destination->transport, "smtp") == 0 ||
		       strcmp(destination->transport, "relay") == 0) &&
	       strcasecmp(destination->nexthop, at + 1) == 0;
}

static void judge(struct decision *decision, const struct work *work)
{
	const struct destination *destination = &decision->destination;
	const struct settings *settings = &work->status.settings;
	bool plain = destination->parameter && !destination->hit.table;

	if (destination->aliases) {
		decide(decision, DECISION_ALIASES, text_dup(_("virtual_alias_maps has it")));
	} else if (!destination->parameter) {
		decide(decision, DECISION_REFUSED,
			text_dup(_("its domain is one of aliases alone "
				   "(virtual_alias_domains), and it is none of them")));
	} else if (take_route(decision, settings) || take_default(decision, &work->status)) {
		return;
	} else if (plain && (destination->class == DESTINATION_LOCAL ||
				    destination->class == DESTINATION_MAILBOX)) {
		decide(decision, DECISION_LOCAL,
			text_format(_("its domain is one of this machine's own (%s)"),
				destination->class_parameter));
	} else if (plain && is_direct(destination)) {
		decide(decision, DECISION_DIRECT,
			text_dup(settings->route_count > 0
					 ? _("no route is for it, and no relay is the default")
					 : _("no relay is the default")));
	} else {
		decide(decision, DECISION_OTHER, place(destination));
	}
}

/* --- the question -------------------------------------------------------------------------------- */

static bool read_address(
	enum route_kind kind, const char *text, char **address, struct error *error)
{
	bool is_null = kind == ROUTE_SENDER && (!*text || strcmp(text, ROUTE_NULL_SENDER) == 0);

	*address = NULL;
	if (is_null) {
		*address = text_dup(ROUTE_NULL_SENDER);
		return true;
	}
	if (!route_parse(kind, text, address, error)) {
		error->code = ERROR_USAGE;
		return false;
	}
	const char *at = strchr(*address, '@');

	if (at && at != *address)
		return true;
	error_set(error, ERROR_USAGE, _("\"%.100s\" is no whole address."), *address);
	free(*address);
	*address = NULL;
	return error_advise(error, _("Give it as USER@DOMAIN."));
}

bool decision_find(struct decision *decision, const struct work *work, const char *sender,
	const char *recipient, struct error *error)
{
	char *to = NULL;
	bool ok;

	memset(decision, 0, sizeof *decision);
	ok = read_address(ROUTE_SENDER, sender, &decision->sender, error) &&
	     read_address(ROUTE_RECIPIENT, recipient, &to, error) &&
	     destination_find(
		     &work->site.postfix, decision->sender, to, &decision->destination, error);
	if (ok)
		judge(decision, work);
	else
		decision_free(decision);
	free(to);
	return ok;
}

void decision_free(struct decision *decision)
{
	free(decision->sender);
	free(decision->new_sender);
	free(decision->why);
	destination_free(&decision->destination);
	memset(decision, 0, sizeof *decision);
}

/* --- in words ------------------------------------------------------------------------------------ */

static void describe_relay(const struct decision *decision, struct strbuf *out)
{
	const struct relay *relay = decision->relay;

	strbuf_addf(out, _("Goes through: %s: "), relay->name);
	relay_describe(relay, out);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < relay->fallback_count; i++)
		strbuf_addf(out, i ? ", %s" : _("While that cannot take mail: %s"),
			relay->fallbacks[i]);
	if (relay->fallback_count > 0)
		strbuf_addc(out, '\n');
	if (decision->new_sender)
		strbuf_addf(out, _("The sender becomes: %s\n"), decision->new_sender);
}

void decision_describe(const struct decision *decision, struct strbuf *out)
{
	const struct destination *destination = &decision->destination;

	switch (decision->result) {
	case DECISION_RELAY:
		describe_relay(decision, out);
		break;
	case DECISION_DIRECT:
		strbuf_addf(out, _("Goes directly: to the servers of %s\n"),
			strrchr(destination->recipient, '@') + 1);
		break;
	case DECISION_LOCAL:
		strbuf_addf(out, _("Stays here: Postfix's service %s delivers it\n"),
			destination->transport ? destination->transport : "");
		break;
	case DECISION_ALIASES:
		strbuf_addf(out, _("Becomes: %s (ask for each of them)\n"), destination->aliases);
		break;
	case DECISION_REFUSED:
		strbuf_adds(out, _("Is refused: there is no such recipient\n"));
		break;
	case DECISION_OTHER:
	default:
		strbuf_adds(
			out, _("Goes as somebody else's setting says, not one of relaycon's\n"));
		break;
	}
	if (!destination->aliases)
		strbuf_addf(out, _("Recipient: %s\n"), destination->recipient);
	strbuf_addf(out, _("Why: %s\n"), decision->why);
	if (destination->transport)
		strbuf_addf(out, _("Postfix: %s:%s\n"), destination->transport,
			destination->nexthop ? destination->nexthop : "");
}
