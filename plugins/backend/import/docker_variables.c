/*
 * docker_variables.c: what RELAY_* and DEFAULT_RELAY_HOST name, and what is to be said of them and of all.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "docker.h"

static bool is_set(const struct docker *docker, enum variable variable)
{
	return docker->environment.values[variable].set;
}

static const char *text_of(const struct docker *docker, enum variable variable)
{
	return secret_bytes(&docker->environment.values[variable].value);
}

static void say(
	struct docker *docker, enum variable variable, enum import_fate fate, const char *words)
{
	import_say(docker->import, docker->environment.values[variable].line, fate, "%s", words);
}

/* --- the variables ------------------------------------------------------------------------------- */

static void take_hop(struct docker *docker, enum variable variable, struct nexthop *hop)
{
	size_t line = docker->environment.values[variable].line;
	const char *why = NULL;

	if (!is_set(docker, variable))
		return;
	/* docker-mailserver puts brackets of its own round RELAY_HOST, which rules a list out. */
	bool ok = variable == VARIABLE_RELAY_HOST
			  ? nexthop_parse(hop, text_of(docker, variable), &why)
			  : nexthop_parse_list(hop, text_of(docker, variable), &why);
	if (!ok) {
		import_say(docker->import, line, IMPORT_LEFT, _("The server cannot be used: %s."),
			why);
		return;
	}
	/* docker-mailserver puts its own brackets, and its own port, round what RELAY_HOST is. */
	if (variable == VARIABLE_RELAY_HOST) {
		hop->doubled = *text_of(docker, variable) == '[' || hop->has_port;
		hop->by_mx = false;
	}
}

static void take_port(struct docker *docker)
{
	long port;

	if (!is_set(docker, VARIABLE_RELAY_PORT))
		return;
	if (!docker->relay_hop.host)
		say(docker, VARIABLE_RELAY_PORT, IMPORT_LEFT,
			_("Without RELAY_HOST it means nothing."));
	else if (docker->relay_hop.has_port)
		say(docker, VARIABLE_RELAY_PORT, IMPORT_LEFT, _("RELAY_HOST names a port itself."));
	else if (!text_to_number(text_of(docker, VARIABLE_RELAY_PORT), 1, 65535, &port))
		say(docker, VARIABLE_RELAY_PORT, IMPORT_LEFT,
			_("It is not a number from 1 to 65535; 25 is taken in its place."));
	else {
		docker->relay_hop.port = (unsigned)port;
		docker->relay_hop.has_port = true;
		say(docker, VARIABLE_RELAY_PORT, IMPORT_TAKEN, _("The port of RELAY_HOST."));
	}
}

static void take_login(struct docker *docker)
{
	bool user = is_set(docker, VARIABLE_RELAY_USER);
	bool password = is_set(docker, VARIABLE_RELAY_PASSWORD);
	const struct secret *bytes = &docker->environment.values[VARIABLE_RELAY_PASSWORD].value;
	struct error why = {0};

	if (!user && !password)
		return;
	if (user && password && !docker->relay_hop.host) {
		say(docker, VARIABLE_RELAY_USER, IMPORT_LEFT,
			_("Without RELAY_HOST it belongs to no server."));
		say(docker, VARIABLE_RELAY_PASSWORD, IMPORT_LEFT,
			_("Without RELAY_HOST it belongs to no server."));
		return;
	}
	if (!user) {
		say(docker, VARIABLE_RELAY_PASSWORD, IMPORT_LEFT,
			_("There is no RELAY_USER to it."));
		return;
	}
	if (!password) {
		say(docker, VARIABLE_RELAY_USER, IMPORT_LEFT,
			_("There is no RELAY_PASSWORD to it, so docker-mailserver relayed without "
			  "a "
			  "login."));
		return;
	}
	if (!relay_check_login(text_of(docker, VARIABLE_RELAY_USER), &why)) {
		say(docker, VARIABLE_RELAY_USER, IMPORT_LEFT, why.message);
		say(docker, VARIABLE_RELAY_PASSWORD, IMPORT_LEFT, _("RELAY_USER cannot be used."));
		return;
	}
	struct docker_credential credential = {
		.hop = docker->relay_hop,
		.login = text_dup(text_of(docker, VARIABLE_RELAY_USER)),
		.password = {secret_bytes(bytes), secret_length(bytes)},
		.line = docker->environment.values[VARIABLE_RELAY_USER].line,
	};
	credential.hop.host = text_dup(docker->relay_hop.host);
	docker_add_credential(docker, &credential);
	say(docker, VARIABLE_RELAY_PASSWORD, IMPORT_TAKEN, _("The password of RELAY_USER."));
}

void docker_take_variables(struct docker *docker)
{
	take_hop(docker, VARIABLE_DEFAULT_RELAY_HOST, &docker->default_hop);
	take_hop(docker, VARIABLE_RELAY_HOST, &docker->relay_hop);
	take_port(docker);
	take_login(docker);
	if (is_set(docker, VARIABLE_SASL_PASSWD))
		say(docker, VARIABLE_SASL_PASSWD, IMPORT_LEFT,
			_("It is of older versions. Put what it says into postfix-sasl-password.cf "
			  "as "
			  "a line."));
}

static void say_hosts(struct docker *docker)
{
	struct import *import = docker->import;
	size_t line = docker->environment.values[VARIABLE_DEFAULT_RELAY_HOST].line;
	bool by_default = docker->relay_takes_all && !docker->default_hop.host;

	if (docker->default_hop.host) {
		import_say(import, line, IMPORT_TAKEN,
			_("The default relay, for all mail that has "
			  "no route."));
		docker_say_hops(import, line, &docker->default_hop, RELAY_DEFAULT_NAME);
	}
	if (!docker->relay_hop.host)
		return;
	line = docker->environment.values[VARIABLE_RELAY_HOST].line;
	if (by_default && !docker->options->all_mail)
		import_say(import, line, IMPORT_CHANGED,
			_("The default relay, for all mail: no accounts or aliases say which "
			  "domains "
			  "it was for."));
	else if (by_default)
		import_say(import, line, IMPORT_CHANGED, _("The default relay, for all mail."));
	else
		import_say(import, line, IMPORT_TAKEN,
			_("The relay for senders of the domains that accounts, aliases and logins "
			  "name."));
	docker_say_hops(import, line, &docker->relay_hop, by_default ? RELAY_DEFAULT_NAME : "");
}

static void remark(struct docker *docker)
{
	struct import *import = docker->import;

	if (import->settings.relay_count > 0)
		import_remark(import,
			docker->options->verify_none
				? _("Encryption is required, and no certificate is verified, as "
				    "with docker-mailserver (--verify none).")
				: _("docker-mailserver required encryption and verified no "
				    "certificate. Here each relay's certificate is verified by its "
				    "name, and each login is offered to its own relay only; mail "
				    "that goes direct keeps this machine's TLS level."));
	for (size_t i = 0; i < import->settings.relay_count; i++)
		if (relay_host_is_address(import->settings.relays[i].host))
			import_remark(import,
				_("%s is an address, which no certificate can be verified for: "
				  "encryption is required, as before, and not verified. Give it by "
				  "its name if it has one."),
				import->settings.relays[i].host);
	if (!import->settings.default_relay)
		import_remark(import,
			_("All other mail, bounces and forwarded mail among it, goes direct, as it "
			  "did. Senders of further domains need a route of their own (relaycon "
			  "route add), or all mail goes to RELAY_HOST with --all-mail."));
	if (!docker->options->env_file)
		import_remark(import,
			_("No variables were read: RELAY_HOST and its like are in docker's env or "
			  "compose file, to be named with --env."));
	else if (!docker->relay_hop.host && docker->mapping_count + docker->credential_count)
		import_remark(import,
			_("Without RELAY_HOST docker-mailserver uses neither %s nor %s; here they "
			  "count."),
			DOCKER_RELAY_MAP, DOCKER_PASSWORDS);
}

void docker_say_variables(struct docker *docker)
{
	say_hosts(docker);
	remark(docker);
}
