/*
 * docker.c: import_docker_mailserver (import.h): which relay and which login docker-mailserver would have
 * used for each sender, as relays and routes.
 *
 *   server of a sender  its own line of postfix-relaymap.cf, its domain's, an opt-out (direct), RELAY_HOST
 *                       (for the domains of accounts and aliases), DEFAULT_RELAY_HOST
 *   login               its own line of postfix-sasl-password.cf, its domain's, that of the server
 *
 * Postfix there asks sender_dependent_relayhost_maps before relayhost, and offers a login that is kept by
 * sender to whatever server the mail goes to. Here each login belongs to one server: sender, server and
 * login together are a relay.
 */
#include "docker.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"

/* --- who goes where ------------------------------------------------------------------------------ */

/* As a rank: how well does this key fit the server? A bare host is what Postfix looks up first; one
 * without a port it would find for a server without one only. 0: not at all. */
static int fits(const struct docker_credential *credential, const struct nexthop *hop)
{
	if (!text_equal(credential->hop.host, hop->host))
		return 0;
	if (credential->hop.has_port)
		return credential->hop.port == hop->port ? 2 : 0;
	return credential->hop.by_mx ? 3 : 1;
}

static struct docker_credential *find_by_server(struct docker *docker, const struct nexthop *hop)
{
	struct docker_credential *best = NULL;

	for (size_t i = 0; i < docker->server_count; i++) {
		struct docker_credential *credential = &docker->credentials[docker->servers[i]];
		if (fits(credential, hop) > (best ? fits(best, hop) : 0))
			best = credential;
	}
	return best;
}

static struct docker_credential *find_credential(
	struct docker *docker, const char *pattern, const struct nexthop *hop)
{
	struct docker_credential *found = pattern ? docker_find_login(docker, pattern) : NULL;
	const char *domain = pattern ? docker_domain_of(pattern) : NULL;

	if (!found && domain && domain != pattern)
		found = docker_find_login(docker, domain);
	return found ? found : find_by_server(docker, hop);
}

/* NULL with *direct: kept off every relay; NULL without: no relay for it. */
static const struct nexthop *find_server(
	const struct docker *docker, const char *pattern, bool *direct)
{
	const struct docker_mapping *mapping = docker_find_mapping(docker, pattern);
	const char *domain = docker_domain_of(pattern);

	*direct = false;
	if (!mapping && domain)
		mapping = docker_find_mapping(docker, domain);
	if (mapping) {
		*direct = mapping->out;
		return mapping->out ? NULL : &mapping->hop;
	}
	/* The null sender has no domain, so that RELAY_HOST never was for it. */
	if (docker->relay_hop.host && (domain || docker->relay_takes_all))
		return &docker->relay_hop;
	return docker->default_hop.host ? &docker->default_hop : NULL;
}

/* Would Postfix have found this key for the server? It looks for the bare host, and for the server just as
 * the relay map names it. */
static bool is_found_by_postfix(
	const struct docker_credential *credential, const struct nexthop *hop)
{
	const struct nexthop *key = &credential->hop;

	return credential->pattern || (key->by_mx && !key->has_port) ||
	       (key->by_mx == hop->by_mx && key->has_port == hop->has_port);
}

static void note_use(
	struct docker_credential *credential, const struct nexthop *hop, const char *relay)
{
	size_t len = strlen(relay);

	credential->missed |= !is_found_by_postfix(credential, hop);
	/* Often the same relay for one sender after another. */
	for (const char *at = credential->relays.len ? credential->relays.data : ""; *at;) {
		size_t word = strcspn(at, ",");
		if (word == len && strncmp(at, relay, len) == 0)
			return;
		at += word;
		at += strspn(at, ", ");
	}
	if (credential->relays.len)
		strbuf_adds(&credential->relays, ", ");
	strbuf_adds(&credential->relays, relay);
}

static struct import_server server_of(
	const struct nexthop *hop, const struct docker_credential *credential, const char *whose)
{
	return (struct import_server){
		.hop = hop,
		.login = credential ? credential->login : NULL,
		.password = credential ? credential->password : (struct span){0},
		.whose = whose,
	};
}

static bool same_fallbacks(const struct relay *a, const struct relay *b)
{
	bool same = a->fallback_count == b->fallback_count;

	for (size_t i = 0; same && i < a->fallback_count; i++)
		same = text_equal(a->fallbacks[i], b->fallbacks[i]);
	return same;
}

static bool has_fallback(const struct relay *relay, const char *name)
{
	for (size_t i = 0; i < relay->fallback_count; i++)
		if (text_equal(relay->fallbacks[i], name))
			return true;
	return text_equal(relay->name, name);
}

/* A relay has one list of those that it falls back to, whoever's mail it takes. */
static void set_fallbacks(struct docker *docker, struct relay *wanted)
{
	struct settings *settings = &docker->import->settings;
	const struct relay *now = settings_relay(settings, wanted->name);
	struct relay relay = {0};

	if (now->fallback_count == 0) {
		relay_copy(&relay, now);
		for (size_t i = 0; i < wanted->fallback_count; i++)
			relay_add_fallback(&relay, wanted->fallbacks[i]);
		settings_put_relay(settings, &relay);
		relay_free(&relay);
	} else if (!same_fallbacks(now, wanted)) {
		import_remark(docker->import,
			_("The relay \"%s\" is named with different servers behind it; the first "
			  "list counts for all of its mail."),
			wanted->name);
	}
}

/* The servers behind the first of a list, each with the login that is kept for it. */
static bool make_fallbacks(struct docker *docker, const char *pattern, const struct nexthop *hop,
	const char *whose, const char *relay, struct error *error)
{
	struct relay wanted = {.name = text_dup(relay)};
	bool ok = true;

	for (hop = hop->next; ok && hop; hop = hop->next) {
		struct docker_credential *credential = find_credential(docker, pattern, hop);
		const struct import_server server = server_of(hop, credential, whose);
		const char *name;
		bool other = false;

		ok = import_make_relay(&docker->maker, &server, &name, &other, error);
		if (ok && credential) {
			note_use(credential, hop, name);
			credential->doubted |= other;
		}
		if (ok && !has_fallback(&wanted, name))
			relay_add_fallback(&wanted, name);
	}
	if (ok && wanted.fallback_count > 0)
		set_fallbacks(docker, &wanted);
	relay_free(&wanted);
	return ok;
}

static bool make_default(struct docker *docker, struct error *error)
{
	const struct nexthop *hop =
		docker->default_hop.host ? &docker->default_hop : &docker->relay_hop;
	struct docker_credential *credential = find_credential(docker, NULL, hop);
	const struct import_server server = server_of(hop, credential, _("all other mail"));

	if (credential)
		note_use(credential, hop, RELAY_DEFAULT_NAME);
	return import_make_default(&docker->maker, &server, error) &&
	       make_fallbacks(docker, NULL, hop, server.whose, RELAY_DEFAULT_NAME, error);
}

/* *relay: where it goes; NULL where there is none for it. */
static bool route(
	struct docker *docker, const char *pattern, const char **relay, struct error *error)
{
	struct settings *settings = &docker->import->settings;
	const struct route *old = settings_route(settings, ROUTE_SENDER, pattern);
	const struct nexthop *hop;
	bool direct, other = false, ok = true;

	if (old) {
		*relay = old->relay;
		return true;
	}
	*relay = NULL;
	hop = find_server(docker, pattern, &direct);
	if (!hop && !direct)
		return true;
	*relay = RELAY_DIRECT;
	if (hop) {
		struct docker_credential *credential = find_credential(docker, pattern, hop);
		char *whose = text_format(_("the sender %s"), pattern);
		const struct import_server server = server_of(hop, credential, whose);

		ok = import_make_relay(&docker->maker, &server, relay, &other, error);
		if (ok && credential) {
			note_use(credential, hop, *relay);
			credential->doubted |= other;
		}
		char *first = text_dup(ok ? *relay : NULL);
		ok = ok && make_fallbacks(docker, pattern, hop, whose, first, error);
		/* It may have been put anew. */
		if (ok)
			*relay = settings_relay(settings, first)->name;
		free(first);
		free(whose);
	}
	if (!ok || !settings_add_route(settings, ROUTE_SENDER, pattern, *relay, error))
		return false;
	*relay = settings_route(settings, ROUTE_SENDER, pattern)->relay;
	return true;
}

static bool route_mappings(struct docker *docker, struct error *error)
{
	struct import *import = docker->import;
	const char *relay;

	for (size_t i = 0; i < docker->mapping_count; i++)
		if (!docker->mappings[i].dropped &&
			!route(docker, docker->mappings[i].pattern, &relay, error))
			return false;
	/* Not before all of them are there: a later line may give a relay its fallbacks. */
	for (size_t i = 0; i < docker->mapping_count; i++) {
		const struct docker_mapping *mapping = &docker->mappings[i];

		if (mapping->dropped)
			continue;
		if (!route(docker, mapping->pattern, &relay, error))
			return false;
		if (!mapping->out) {
			import_say(import, mapping->line, IMPORT_TAKEN,
				_("Senders %s go to the relay \"%s\"."), mapping->pattern, relay);
			docker_say_hops(import, mapping->line, &mapping->hop, relay);
		} else if (docker->default_hop.host) {
			import_say(import, mapping->line, IMPORT_CHANGED,
				_("Senders %s go direct; with docker-mailserver DEFAULT_RELAY_HOST "
				  "took their mail all the same."),
				mapping->pattern);
		} else {
			import_say(import, mapping->line, IMPORT_TAKEN, _("Senders %s go direct."),
				mapping->pattern);
		}
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_local(const struct docker *docker, const char *pattern)
{
	const char *domain = docker_domain_of(pattern);

	return domain && bsearch(&domain, docker->domains, docker->domain_count,
				 sizeof *docker->domains, by_name);
}

static bool route_credentials(struct docker *docker, struct error *error)
{
	struct import *import = docker->import;

	for (size_t i = 0; i < docker->credential_count; i++) {
		const struct docker_credential *credential = &docker->credentials[i];
		const char *relay;

		if (!credential->pattern)
			continue;
		if (!route(docker, credential->pattern, &relay, error))
			return false;
		if (!relay)
			import_say(import, credential->line, IMPORT_LEFT,
				_("No relay is named for this sender: docker-mailserver sent its "
				  "mail direct, and offered this login to every server that asked. "
				  "Name the relay in %s, or RELAY_HOST with --env."),
				DOCKER_RELAY_MAP);
		else if (strcmp(relay, RELAY_DIRECT) == 0)
			import_say(import, credential->line, IMPORT_LEFT,
				_("Mail of this sender goes direct, so that there is no relay for "
				  "the login; docker-mailserver offered it to every server that "
				  "asked."));
		else if (docker->relay_hop.host && !docker->relay_takes_all &&
			 docker->domain_count > 0 &&
			 !docker_find_mapping(docker, credential->pattern) &&
			 !is_local(docker, credential->pattern))
			import_say(import, credential->line, IMPORT_CHANGED,
				_("There is no account or alias of this domain, so that "
				  "docker-mailserver sent its mail direct; here it goes to "
				  "RELAY_HOST."));
	}
	return true;
}

static bool route_domains(struct docker *docker, struct error *error)
{
	const char *relay;

	for (size_t i = 0; i < docker->domain_count; i++)
		if (!route(docker, docker->domains[i], &relay, error))
			return false;
	return true;
}

/* --- words --------------------------------------------------------------------------------------- */

static void say_credentials(struct docker *docker)
{
	struct import *import = docker->import;

	for (size_t i = 0; i < docker->credential_count; i++) {
		const struct docker_credential *credential = &docker->credentials[i];
		size_t line = credential->line;

		if (credential->relays.len)
			import_say(import, line, IMPORT_TAKEN, _("The login of %s."),
				credential->relays.data);
		else if (import->lines[line].fate != IMPORT_LEFT)
			import_say(import, line, IMPORT_LEFT,
				credential->pattern
					? _("Nothing goes to a relay with this login.")
					: _("No mail goes to this server; the key has to be the "
					    "server, with its port, as the relay map names it."));
		if (credential->doubted)
			import_say(import, line, IMPORT_CHANGED,
				_("Another line has another password for this login at the same "
				  "server, and that one is taken: see which is right."));
		if (credential->missed)
			import_say(import, line, IMPORT_CHANGED,
				_("The relay is named otherwise elsewhere (brackets, port), so "
				  "that "
				  "Postfix did not find this login, and relayed without one."));
	}
}

/* --- all of it ----------------------------------------------------------------------------------- */

/* Is there a login for RELAY_HOST itself, or for nobody? Otherwise only the senders with a login go
 * there. */
static bool relay_host_can_take_all(struct docker *docker)
{
	return docker->options->all_mail ||
	       (docker->domain_count == 0 && (find_by_server(docker, &docker->relay_hop) ||
						     docker->credential_count == 0));
}

static bool make(struct docker *docker, struct error *error)
{
	struct import *import = docker->import;

	docker->relay_takes_all = docker->relay_hop.host && relay_host_can_take_all(docker);
	bool by_relay_host = docker->relay_takes_all && !docker->default_hop.host;
	if ((docker->default_hop.host || by_relay_host) && !make_default(docker, error))
		return false;
	if (!route_mappings(docker, error) || !route_credentials(docker, error))
		return false;
	/* What the default relay takes needs no routes. */
	if (docker->relay_hop.host && !by_relay_host && !route_domains(docker, error))
		return false;
	say_credentials(docker);
	docker_say_variables(docker);
	if (import->settings.relay_count == 0 && import->settings.route_count == 0) {
		error_set(error, ERROR_DATA, _("No relay could be taken over from it."));
		return error_advise(error,
			_("Where RELAY_HOST or DEFAULT_RELAY_HOST names the relay, name the env or "
			  "compose file with --env."));
	}
	return settings_check(&import->settings, error);
}

bool import_docker_mailserver(struct import *import, const char *folder,
	const struct import_options *options, struct error *error)
{
	struct docker docker = {.import = import, .options = options};
	bool ok;

	*import = (struct import){0};
	ok = import_maker_open(&docker.maker, import, options, error) &&
	     (!options->env_file || environment_read(&docker.environment, import, options->env_file,
					    folder, error)) &&
	     docker_read(&docker, folder, error);
	if (ok) {
		docker_take_variables(&docker);
		ok = make(&docker, error);
	}
	docker_free(&docker);
	return ok;
}
