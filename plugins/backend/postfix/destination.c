#include "destination.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "../base/text.h"

static const char *const parameters[] = {"virtual_alias_maps", "mydestination",
	"virtual_alias_domains", "virtual_mailbox_domains", "relay_domains",
	"parent_domain_matches_subdomains", "local_transport", "virtual_transport",
	"relay_transport", "default_transport", "sender_dependent_default_transport_maps",
	"sender_dependent_relayhost_maps", "relayhost", "transport_maps", "recipient_delimiter",
	"myhostname", NULL};

struct search {
	const struct postfix *postfix;
	struct postfix_values values;
	const char *sender;
	struct destination *found;
};

static const char *value(const struct search *search, const char *name)
{
	const char *found = postfix_values_get(&search->values, name);

	return found ? found : "";
}

static const char *domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : "";
}

/* "user+extension@domain" -> "user@domain"; NULL where there is no extension (split_addr in Postfix). */
static char *without_extension(const struct search *search, const char *address)
{
	const char *delimiters = value(search, "recipient_delimiter");
	size_t local = strcspn(address, "@"), len = strcspn(address, delimiters);

	if (!*delimiters || len == 0 || len >= local)
		return NULL;
	if (address[len] == '-' &&
		(strncasecmp(address, "owner-", 6) == 0 ||
			(local > 8 && strncasecmp(address + local - 8, "-request", 8) == 0)))
		return NULL;
	return text_format("%.*s%s", (int)len, address, address + local);
}

/* By an address as mail_addr_find in Postfix does: whole, without extension, its domain. A local part
 * alone counts for domains that are local. */
static bool find_address(const struct search *search, const char *maps, const char *address,
	bool is_local, struct lookup_hit *hit, struct error *error)
{
	const char *domain = domain_of(address);
	char *plain = without_extension(search, address);
	char *keys[] = {text_dup(address), plain,
		is_local ? text_dup_len(address, strcspn(address, "@")) : NULL,
		text_format("@%s", domain)};
	bool ok = true;

	*hit = (struct lookup_hit){0};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (ok && !hit->table && keys[i] && keys[i][0] && strcmp(keys[i], "@") != 0)
			ok = lookup_maps(search->postfix, maps, keys[i], i > 0, hit, error);
		free(keys[i]);
	}
	return ok;
}

static bool is_null(const char *sender)
{
	return !*sender || strcmp(sender, "<>") == 0;
}

static bool find_sender(
	const struct search *search, const char *maps, struct lookup_hit *hit, struct error *error)
{
	if (is_null(search->sender))
		return lookup_maps(search->postfix, maps, "<>", false, hit, error);
	return find_address(search, maps, search->sender, false, hit, error);
}

static bool in_domains(
	const struct search *search, const char *parameter, bool *found, struct error *error)
{
	const char *parents = value(search, "parent_domain_matches_subdomains"), *at = parents;
	bool subdomains = false;
	char *word;

	while ((word = lookup_next_word(&at))) {
		subdomains = subdomains || strcmp(word, parameter) == 0;
		free(word);
	}
	return lookup_domain(search->postfix, value(search, parameter),
		domain_of(search->found->recipient), subdomains, found, error);
}

/* In the order in which Postfix asks. */
static const struct {
	const char *parameter;
	enum destination_class class;
	const char *transport;
} classes[] = {
	{"mydestination", DESTINATION_LOCAL, "local_transport"},
	{"virtual_alias_domains", DESTINATION_ALIAS, NULL},
	{"virtual_mailbox_domains", DESTINATION_MAILBOX, "virtual_transport"},
	{"relay_domains", DESTINATION_RELAY, "relay_transport"},
};

static bool find_class(struct search *search, const char **transport, struct error *error)
{
	struct destination *found = search->found;

	found->class = DESTINATION_OTHER;
	found->class_parameter = NULL;
	*transport = "default_transport";
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		bool is_it = false;

		if (!in_domains(search, classes[i].parameter, &is_it, error))
			return false;
		if (!is_it)
			continue;
		found->class = classes[i].class;
		found->class_parameter = classes[i].parameter;
		*transport = classes[i].transport;
		return true;
	}
	return true;
}

/* main.cf is somebody else's text, and this is shown. */
static char *cleaned(const char *text, size_t len)
{
	enum { SHOWN_MAX = 2000 };
	struct strbuf clean = STRBUF_INIT;

	text_clean(&clean, text, len, SHOWN_MAX);
	return strbuf_detach(&clean);
}

/* "transport:nexthop": what is left out is NULL. */
static void split(const char *text, char **transport, char **nexthop)
{
	size_t len = strcspn(text, ":");

	*transport = len ? cleaned(text, len) : NULL;
	*nexthop =
		text[len] && text[len + 1] ? cleaned(text + len + 1, strlen(text + len + 1)) : NULL;
}

static void decide(struct search *search, const char *parameter, struct lookup_hit *hit)
{
	search->found->parameter = parameter;
	lookup_hit_free(&search->found->hit);
	search->found->hit = *hit;
	*hit = (struct lookup_hit){0};
}

static void take(char **to, char *given)
{
	free(*to);
	*to = given;
}

/* A sender's own default transport; else the class's. */
static bool find_transport(struct search *search, const char *parameter, struct error *error)
{
	static const char by_sender[] = "sender_dependent_default_transport_maps";
	struct lookup_hit hit = {0};
	char *transport = NULL, *nexthop = NULL;

	if (search->found->class == DESTINATION_OTHER &&
		!find_sender(search, value(search, by_sender), &hit, error))
		return false;
	if (hit.table && hit.value[0] && strcasecmp(hit.value, "DUNNO") != 0) {
		split(hit.value, &transport, &nexthop);
		decide(search, by_sender, &hit);
	} else {
		lookup_hit_free(&hit);
		split(value(search, parameter), &transport, &nexthop);
		decide(search, parameter, &hit);
	}
	take(&search->found->transport, transport);
	take(&search->found->nexthop, nexthop);
	return true;
}

/* Where the transport names no next hop itself. */
static bool find_relayhost(struct search *search, struct error *error)
{
	static const char by_sender[] = "sender_dependent_relayhost_maps";
	struct destination *found = search->found;
	struct lookup_hit hit = {0};

	if (found->nexthop)
		return true;
	if (found->class == DESTINATION_RELAY || found->class == DESTINATION_OTHER) {
		if (!find_sender(search, value(search, by_sender), &hit, error))
			return false;
		if (hit.table && hit.value[0] && strcasecmp(hit.value, "DUNNO") != 0) {
			take(&found->nexthop, text_dup(hit.value));
			decide(search, by_sender, &hit);
		} else if (*value(search, "relayhost")) {
			lookup_hit_free(&hit);
			take(&found->nexthop, cleaned(value(search, "relayhost"),
						      strlen(value(search, "relayhost"))));
			decide(search, "relayhost", &hit);
		}
		lookup_hit_free(&hit);
	}
	if (!found->nexthop)
		take(&found->nexthop,
			text_dup(found->class == DESTINATION_LOCAL ? value(search, "myhostname")
								   : domain_of(found->recipient)));
	return true;
}

/* transport(5): the address, the address without extension, the domain, its parents, "*". */
static bool find_in_transport_maps(
	const struct search *search, struct lookup_hit *hit, struct error *error)
{
	const char *maps = value(search, "transport_maps"), *address = search->found->recipient;
	bool parents = strstr(value(search, "parent_domain_matches_subdomains"), "transport_maps");
	char *plain = without_extension(search, address);
	bool ok = lookup_maps(search->postfix, maps, address, false, hit, error);

	if (ok && !hit->table && plain)
		ok = lookup_maps(search->postfix, maps, plain, true, hit, error);
	free(plain);
	for (const char *key = domain_of(address); ok && !hit->table && key && *key;) {
		ok = lookup_maps(search->postfix, maps, key, true, hit, error);
		key = strchr(key + 1, '.');
		if (key && parents)
			key++;
	}
	if (ok && !hit->table)
		ok = lookup_maps(search->postfix, maps, "*", true, hit, error);
	return ok;
}

static bool override(struct search *search, struct error *error)
{
	struct destination *found = search->found;
	struct lookup_hit hit = {0};
	char *transport = NULL, *nexthop = NULL;

	if (!find_in_transport_maps(search, &hit, error))
		return false;
	if (hit.table)
		split(hit.value, &transport, &nexthop);
	if (transport || nexthop) {
		take(&found->nexthop, nexthop ? nexthop : text_dup(domain_of(found->recipient)));
		if (transport)
			take(&found->transport, transport);
		decide(search, "transport_maps", &hit);
	}
	lookup_hit_free(&hit);
	return true;
}

/* Follows aliases as long as there is one recipient. */
static bool follow_aliases(struct search *search, struct error *error)
{
	enum { ALIASES_MAX = 10 };
	struct destination *found = search->found;

	for (int i = 0; i < ALIASES_MAX; i++) {
		struct lookup_hit hit = {0};
		bool local = false;

		if (!in_domains(search, "mydestination", &local, error) ||
			!find_address(search, value(search, "virtual_alias_maps"), found->recipient,
				local, &hit, error))
			return false;
		const char *to = hit.table ? hit.value : "";
		bool same = strcasecmp(to, found->recipient) == 0;

		if (*to && !same && (strpbrk(to, ", ") || !strchr(to, '@')))
			found->aliases = text_dup(to);
		else if (*to && !same && to[0] == '@') /* another domain, the same local part */
			take(&found->recipient,
				text_format("%.*s%s", (int)strcspn(found->recipient, "@"),
					found->recipient, to));
		else if (*to && !same)
			take(&found->recipient, text_dup(to));
		bool end = !*to || same || found->aliases;

		lookup_hit_free(&hit);
		if (end)
			break;
	}
	return true;
}

bool destination_find(const struct postfix *postfix, const char *sender, const char *recipient,
	struct destination *destination, struct error *error)
{
	struct search search = {.postfix = postfix, .sender = sender, .found = destination};
	const char *transport = NULL;
	bool ok;

	*destination = (struct destination){.recipient = text_dup(recipient)};
	ok = postfix_ask(postfix, NULL, parameters, true, &search.values, error) &&
	     follow_aliases(&search, error);
	if (ok && !destination->aliases)
		ok = find_class(&search, &transport, error) &&
		     (!transport || (find_transport(&search, transport, error) &&
					    find_relayhost(&search, error))) &&
		     override(&search, error);
	postfix_values_free(&search.values);
	if (!ok)
		destination_free(destination);
	return ok;
}

void destination_free(struct destination *destination)
{
	free(destination->recipient);
	free(destination->aliases);
	free(destination->transport);
	free(destination->nexthop);
	lookup_hit_free(&destination->hit);
	*destination = (struct destination){0};
}
