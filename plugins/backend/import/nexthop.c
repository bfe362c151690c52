#include "nexthop.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "../base/text.h"
#include "../settings/relay.h"

/* What services(5) may call the ports of SMTP. */
static const struct {
	const char *name;
	unsigned port;
} services[] = {
	{"smtp", 25},
	{"mail", 25},
	{"submission", 587},
	{"submissions", 465},
	{"smtps", 465},
	{"ssmtp", 465},
	{"urd", 465},
};

static bool parse_port(const char *text, unsigned *port)
{
	long number;

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		if (strcasecmp(text, services[i].name) == 0) {
			*port = services[i].port;
			return true;
		}
	}
	if (!text_to_number(text, 1, 65535, &number))
		return false;
	*port = (unsigned)number;
	return true;
}

static bool take_port(struct nexthop *hop, const char *text, const char **why)
{
	if (*text == '\0')
		return true;
	if (*text != ':' || !parse_port(text + 1, &hop->port)) {
		*why = _("what follows the host is not a port");
		return false;
	}
	hop->has_port = true;
	return true;
}

static bool take_host(struct nexthop *hop, const char *text, const char **why)
{
	struct error ignored = {0};
	unsigned port = 0;

	if (!relay_parse_host(text, &hop->host, &port, &ignored)) {
		*why = _("it is not the name or address of a server");
		return false;
	}
	return true;
}

/* "[...]" with what may follow it. Whatever stands inside has the last word about the port: that is
 * where a person wrote it. */
static bool parse_bracketed(struct nexthop *hop, const char *text, const char **why)
{
	const char *close = strrchr(text, ']');
	bool ok;

	if (!close) {
		*why = _("there is no closing bracket");
		return false;
	}
	char *inner = text_dup_len(text + 1, (size_t)(close - text) - 1);
	if (*inner == '[') {
		hop->doubled = true;
		ok = parse_bracketed(hop, inner, why) &&
		     (hop->has_port || take_port(hop, close + 1, why));
	} else {
		/* "[h:587]:25", where somebody put both into RELAY_HOST. */
		char *colon = strchr(inner, ':');
		bool both = colon && !strchr(colon + 1, ':');

		hop->doubled |= both;
		ok = true;
		if (both) {
			ok = take_port(hop, colon, why);
			*colon = '\0';
		}
		ok = ok && take_host(hop, inner, why) &&
		     (hop->has_port || take_port(hop, close + 1, why));
	}
	free(inner);
	return ok;
}

static bool parse_bare(struct nexthop *hop, const char *text, const char **why)
{
	char *host = text_dup(text);
	char *colon = strchr(host, ':');
	bool ok = true;

	hop->by_mx = true;
	if (colon && !strchr(colon + 1, ':')) {
		ok = take_port(hop, colon, why);
		*colon = '\0';
	}
	ok = ok && take_host(hop, host, why);
	/* An address has no MX. */
	if (ok && relay_host_is_address(hop->host))
		hop->by_mx = false;
	free(host);
	return ok;
}

static const char separators[] = ", \t";

bool nexthop_parse(struct nexthop *hop, const char *text, const char **why)
{
	bool ok;

	*hop = (struct nexthop){.port = NEXTHOP_PORT};
	if (strpbrk(text, separators)) {
		*why = _("it names several servers; relaycon gives each a name, and lets one fall "
			 "back "
			 "to others");
		return false;
	}
	ok = *text == '[' ? parse_bracketed(hop, text, why) : parse_bare(hop, text, why);
	if (!ok)
		nexthop_free(hop);
	return ok;
}

/* What stands in brackets is a server, so that it may be shown. */
static bool parse_member(struct nexthop *hop, const char *text, size_t len, const char **why)
{
	char *member = text_dup_len(text, len);
	bool ok = *member == '[';

	if (ok)
		ok = nexthop_parse(hop, member, why);
	else
		*why = _("of several servers each has to stand in brackets");
	free(member);
	return ok;
}

bool nexthop_parse_list(struct nexthop *hop, const char *text, const char **why)
{
	struct nexthop *at = hop;
	size_t len = strcspn(text, separators);

	if (text[len] == '\0')
		return nexthop_parse(hop, text, why);
	*hop = (struct nexthop){0};
	while (parse_member(at, text, len, why)) {
		text += len;
		text += strspn(text, separators);
		len = strcspn(text, separators);
		if (len == 0)
			return true;
		at->next = mem_calloc(1, sizeof *at->next);
		at = at->next;
	}
	nexthop_free(hop);
	return false;
}

void nexthop_free(struct nexthop *hop)
{
	struct nexthop *next = hop->next, *after;

	for (; next; next = after) {
		after = next->next;
		free(next->host);
		free(next);
	}
	free(hop->host);
	*hop = (struct nexthop){0};
}

bool nexthop_equal(const struct nexthop *a, const struct nexthop *b)
{
	return a->port == b->port && text_equal(a->host, b->host);
}

bool nexthop_equal_list(const struct nexthop *a, const struct nexthop *b)
{
	for (; a && b && nexthop_equal(a, b); a = a->next)
		b = b->next;
	return !a && !b;
}
