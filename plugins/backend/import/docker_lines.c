/* docker_lines.c: what the lines of both files have in common, and looking them up. */
#include "docker_lines.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"

const char *docker_domain_of(const char *pattern)
{
	return strchr(pattern, '@');
}

static void say_hop(struct import *import, size_t line, const struct nexthop *hop)
{
	if (hop->doubled)
		import_say(import, line, IMPORT_CHANGED,
			_("The server had brackets within brackets, so that Postfix found none of "
			  "that name; here it is %s."),
			hop->host);
	if (hop->by_mx)
		import_say(import, line, IMPORT_CHANGED,
			_("Without brackets Postfix asked for the mail servers (MX) of %s; "
			  "relaycon "
			  "connects to %s itself."),
			hop->host, hop->host);
	if (!hop->has_port)
		import_say(import, line, IMPORT_TAKEN, _("No port: 25."));
	else if (relay_tls_for_port(hop->port) == RELAY_TLS_IMPLICIT)
		import_say(import, line, IMPORT_CHANGED,
			_("Port %u gets implicit TLS; with docker-mailserver's settings it could "
			  "not work."),
			hop->port);
}

void docker_say_hops(
	struct import *import, size_t line, const struct nexthop *hop, const char *relay)
{
	const struct relay *first = settings_relay(&import->settings, relay);
	struct strbuf names = STRBUF_INIT;

	strbuf_reset(&names);
	for (size_t i = 0; first && i < first->fallback_count; i++)
		strbuf_addf(&names, "%s%s", i ? ", " : "", first->fallbacks[i]);
	if (hop->next && names.len > 0)
		import_say(import, line, IMPORT_TAKEN,
			_("Where \"%s\" does not take the mail, it goes on to: %s."), relay,
			names.data);
	else if (names.len > 0)
		import_say(import, line, IMPORT_CHANGED,
			_("Where \"%s\" does not take the mail, it goes on to: %s, as another line "
			  "names this server with others behind it."),
			relay, names.data);
	strbuf_free(&names);
	for (; hop; hop = hop->next)
		say_hop(import, line, hop);
}

struct docker_credential *docker_find_login(const struct docker *docker, const char *pattern)
{
	size_t at;

	return names_find(&docker->logins, pattern, &at) ? &docker->credentials[at] : NULL;
}

struct docker_mapping *docker_find_mapping(const struct docker *docker, const char *pattern)
{
	size_t at;

	return names_find(&docker->by_sender, pattern, &at) ? &docker->mappings[at] : NULL;
}

void docker_add_credential(struct docker *docker, const struct docker_credential *credential)
{
	size_t at = docker->credential_count;

	docker->credentials =
		mem_realloc_array(docker->credentials, at + 1, sizeof *docker->credentials);
	docker->credentials[docker->credential_count++] = *credential;
	if (credential->pattern) {
		names_put(&docker->logins, credential->pattern, at);
		return;
	}
	docker->servers = mem_realloc_array(
		docker->servers, docker->server_count + 1, sizeof *docker->servers);
	docker->servers[docker->server_count++] = at;
}

/* --- what a line says, in both files ------------------------------------------------------------- */

static bool is_null_sender(struct span key)
{
	return span_is(key, ROUTE_NULL_SENDER);
}

bool docker_is_sender(struct span key)
{
	return span_has(key, '@') || is_null_sender(key);
}

char *docker_sender_of(struct span key, struct error *why)
{
	char *text = span_text(key), *pattern = NULL;

	if (!route_parse(ROUTE_SENDER, text, &pattern, why))
		pattern = NULL;
	free(text);
	return pattern;
}

bool docker_check_readable(struct import *import, size_t line, const struct source_line *at)
{
	if (at->readable)
		return true;
	import_say(import, line, IMPORT_LEFT,
		_("It is not valid UTF-8, or holds control characters: Postfix would pass it over. "
		  "Type it anew."));
	return false;
}

void docker_say_indented(struct import *import, size_t line, const struct source_line *at)
{
	if (at->indented)
		import_say(import, line, IMPORT_CHANGED,
			_("It is indented, so that Postfix took it for the end of the line before "
			  "it; here it is a line of its own."));
}
