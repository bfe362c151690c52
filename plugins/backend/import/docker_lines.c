/* docker_lines.c: the folder's files, one after the other; what their lines have in common. */
#include "docker_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* --- all of it ----------------------------------------------------------------------------------- */

static bool check_folder(const char *folder, struct error *error)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot read the folder %s"), folder);
	return S_ISDIR(st.st_mode) ||
	       error_set(error, ERROR_DATA, _("%s is not a folder."), folder);
}

static bool read_one(
	struct source *source, const char *folder, const char *name, struct error *error)
{
	char *path = text_format("%s/%s", folder, name);
	bool ok = source_read(source, path, error);

	free(path);
	return ok;
}

bool docker_read(struct docker *docker, const char *folder, struct error *error)
{
	struct source accounts = {0}, aliases = {0}, overrides = {0};
	bool ok = check_folder(folder, error) &&
		  read_one(&docker->map, folder, DOCKER_RELAY_MAP, error) &&
		  read_one(&docker->passwords, folder, DOCKER_PASSWORDS, error) &&
		  read_one(&accounts, folder, DOCKER_ACCOUNTS, error) &&
		  read_one(&aliases, folder, DOCKER_ALIASES, error) &&
		  read_one(&overrides, folder, DOCKER_OVERRIDES, error);

	if (ok && !docker->map.exists && !docker->passwords.exists && !docker->options->env_file) {
		ok = error_set(error, ERROR_DATA, _("In %s there is neither %s nor %s."), folder,
			DOCKER_RELAY_MAP, DOCKER_PASSWORDS);
		error_advise(error,
			_("Name the folder that docker-mailserver sees as /tmp/docker-mailserver "
			  "(docker-data/dms/config); if the relay is set by variables alone, name "
			  "their file with --env."));
	}
	if (ok) {
		for (size_t i = 0; i < docker->map.count; i++)
			docker_take_mapping(docker, &docker->map.lines[i]);
		docker_take_credentials(docker);
		docker_add_domains(docker, &accounts);
		docker_add_domains(docker, &aliases);
		docker_say_overrides(docker, &overrides);
	}
	source_free(&overrides);
	source_free(&accounts);
	source_free(&aliases);
	return ok;
}

void docker_free(struct docker *docker)
{
	for (size_t i = 0; i < docker->mapping_count; i++) {
		free(docker->mappings[i].pattern);
		nexthop_free(&docker->mappings[i].hop);
	}
	for (size_t i = 0; i < docker->credential_count; i++) {
		free(docker->credentials[i].pattern);
		free(docker->credentials[i].login);
		nexthop_free(&docker->credentials[i].hop);
		strbuf_free(&docker->credentials[i].relays);
	}
	for (size_t i = 0; i < docker->domain_count; i++)
		free(docker->domains[i]);
	free(docker->mappings);
	free(docker->credentials);
	free(docker->servers);
	names_free(&docker->by_sender);
	names_free(&docker->logins);
	free(docker->domains);
	nexthop_free(&docker->default_hop);
	nexthop_free(&docker->relay_hop);
	import_maker_close(&docker->maker);
	environment_free(&docker->environment);
	source_free(&docker->map);
	source_free(&docker->passwords);
	*docker = (struct docker){0};
}
