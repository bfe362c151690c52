/*
 * adopt.c: import_postfix (import.h): the relay that this machine's main.cf leads to, which somebody else
 * set up: TurnKey's Confconsole, a guide, a person.
 *
 *   where   default_transport with a next hop, else relayhost
 *   login   smtp_sasl_password_maps, asked for the host and for the next hop as it is written, as smtp(8)
 *           does; and then, since that is where a login is often missed, in every other writing of it
 *   TLS     smtp_tls_policy_maps for the next hop, else smtp_tls_security_level and its elders
 *
 * What protects a password is never less afterwards than it was, and more where it was too little.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../change/mask.h"
#include "../postfix/logical.h"
#include "../postfix/lookup.h"
#include "parts.h"
#include "passwords.h"

enum { SHOWN_MAX = 200, LEVEL_SIZE = 32 };

struct run {
	struct import *import;
	const struct site *site;
	struct import_maker maker;
	struct strbuf main_cf;
	char *server;          /* the next hop as it is written */
	const char *parameter; /* the one that names it */
	size_t server_line;
	struct nexthop hop;
	struct password_entry login;
	bool auth;
	enum relay_tls tls;
	enum relay_verify verify;
};

static const char *value_of(const struct run *run, const char *name)
{
	const char *value = postfix_value(&run->site->postfix, name);

	return value ? value : "";
}

static bool says_yes(const struct run *run, const char *name)
{
	return strcmp(value_of(run, name), "yes") == 0;
}

/* --- lines of main.cf ---------------------------------------------------------------------------- */

/* Of the one that counts, the last; 0: it is not there. */
static unsigned line_of(const struct run *run, const char *name)
{
	struct logical_reader reader;
	struct logical_line line;
	size_t len = strlen(name);
	unsigned number = 0;

	logical_start(&reader, run->main_cf.data, run->main_cf.len);
	while (logical_next(&reader, &line)) {
		const char *text = run->main_cf.data + line.start;
		size_t size = line.end - line.start;
		if (size > len && memcmp(text, name, len) == 0 &&
			(text[len] == '=' || logical_is_space(text[len])))
			number = line.number;
	}
	return number;
}

static bool add_line(struct run *run, const char *name, size_t *index)
{
	unsigned number = line_of(run, name);
	char shown[SHOWN_MAX];

	if (number == 0)
		return false;
	if (strstr(name, "password"))
		mask_value(value_of(run, name), shown, sizeof shown);
	else
		text_clean_into(
			shown, sizeof shown, value_of(run, name), strlen(value_of(run, name)));
	char *text = text_format("%s = %s", name, shown);
	*index = import_add_line(run->import, "main.cf", number, text);
	free(text);
	return true;
}

/* --- where --------------------------------------------------------------------------------------- */

static const char *transport_server(const char *transport)
{
	static const char *const names[] = {"smtp:", "relay:", "smtps:"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(transport, names[i], strlen(names[i])) == 0 &&
			transport[strlen(names[i])])
			return transport + strlen(names[i]);
	return NULL;
}

static bool find_server(struct run *run, struct error *error)
{
	const char *server = transport_server(value_of(run, "default_transport"));
	const char *why = NULL;

	run->parameter = server ? "default_transport" : "relayhost";
	if (!server)
		server = value_of(run, "relayhost");
	if (!*server)
		return error_set(error, ERROR_DATA,
			_("No relay is set up on this machine, so that there is none to take over: "
			  "mail goes direct."));
	run->server = text_dup(server);
	if (nexthop_parse(&run->hop, server, &why))
		return true;
	char shown[SHOWN_MAX];
	text_clean_into(shown, sizeof shown, server, strlen(server));
	error_set(error, ERROR_DATA, _("%s = %s cannot be taken over: %s."), run->parameter, shown,
		why);
	return error_advise(error, _("Set it up anew: relaycon configure, or relaycon relay set."));
}

static void say_server(struct run *run)
{
	if (!add_line(run, run->parameter, &run->server_line))
		run->server_line = import_add_line(run->import, "main.cf", 0, run->parameter);
	import_say(run->import, run->server_line, IMPORT_TAKEN, _("The default relay."));
	if (run->hop.by_mx)
		import_say(run->import, run->server_line, IMPORT_CHANGED,
			_("Without brackets Postfix asked for the mail servers (MX) of %s; "
			  "relaycon "
			  "connects to %s itself."),
			run->hop.host, run->hop.host);
}

/* --- login --------------------------------------------------------------------------------------- */

static bool find_login(struct run *run, bool *loose, struct error *error)
{
	const struct postfix *postfix = &run->site->postfix;
	const char *maps = value_of(run, "smtp_sasl_password_maps");
	const char *host = run->hop.host;
	const char *const exact[] = {host, run->server, NULL};
	char *full = text_format("[%s]:%u", host, run->hop.port);
	char *bracketed = text_format("[%s]", host),
	     *bare = text_format("%s:%u", host, run->hop.port);
	const char *const others[] = {full, bracketed, bare, NULL};
	bool ok = password_find(postfix, maps, exact, &run->login, error);

	if (ok && !run->login.login) {
		ok = password_find(postfix, maps, others, &run->login, error);
		*loose = run->login.login != NULL;
	}
	free(full);
	free(bracketed);
	free(bare);
	return ok;
}

static bool take_login(struct run *run, struct error *error)
{
	struct import *import = run->import;
	bool loose = false;
	size_t line = 0;

	run->auth = says_yes(run, "smtp_sasl_auth_enable");
	bool there = add_line(run, "smtp_sasl_password_maps", &line);
	if (!run->auth) {
		if (there)
			import_say(import, line, IMPORT_LEFT,
				_("smtp_sasl_auth_enable is not yes, so that Postfix does not log "
				  "in."));
		return true;
	}
	if (!find_login(run, &loose, error))
		return error_advise(error,
			_("Mend the table, or set the relay up anew with its password: relaycon "
			  "configure."));
	if (!there)
		return true;
	if (!run->login.login) {
		import_say(import, line, IMPORT_LEFT,
			_("It has no login for %s, so that Postfix relays without one."),
			run->server);
		return true;
	}
	if (!relay_check_login(run->login.login, error))
		return false;
	import_say(import, line, IMPORT_TAKEN,
		_("The login %s goes to relaycon's own table, bound to this relay; what stands "
		  "here "
		  "stays for Deconfigure."),
		run->login.login);
	if (run->login.from_text)
		import_say(import, line, IMPORT_CHANGED,
			_("It was read from the text: Postfix's indexed file is missing or older "
			  "(postmap was not run)."));
	if (loose)
		import_say(import, line, IMPORT_CHANGED,
			_("Its key is not %s as %s has it, so that Postfix did not find it."),
			run->server, run->parameter);
	return true;
}

/* --- TLS ----------------------------------------------------------------------------------------- */

static bool find_level(
	struct run *run, char level[LEVEL_SIZE], bool *by_policy, struct error *error)
{
	const char *maps = value_of(run, "smtp_tls_policy_maps");
	struct lookup_hit hit = {0};
	const char *value = value_of(run, "smtp_tls_security_level");

	*by_policy = false;
	if (*maps && !lookup_maps(&run->site->postfix, maps, run->server, false, &hit, error))
		return false;
	if (hit.table) {
		value = hit.value;
		*by_policy = true;
	} else if (!*value) {
		value = says_yes(run, "smtp_enforce_tls") ? "encrypt"
			: says_yes(run, "smtp_use_tls")   ? "may"
							  : "none";
	}
	size_t len = strcspn(value, " \t,");
	text_clean_into(level, LEVEL_SIZE, value, len < LEVEL_SIZE ? len : LEVEL_SIZE - 1);
	lookup_hit_free(&hit);
	return true;
}

/* What becomes of a level of Postfix's. `guarded`: may a password be sent so? */
static const struct {
	const char *level;
	enum relay_tls tls;
	enum relay_verify verify;
	bool guarded;
	bool changed;
	const char *words;
} levels[] = {
	{"none", RELAY_TLS_NONE, RELAY_VERIFY_NONE, false, false, N_("Not encrypted, as it was.")},
	{"may", RELAY_TLS_OPPORTUNISTIC, RELAY_VERIFY_NONE, false, false,
		N_("TLS where the relay offers it, as it was.")},
	{"encrypt", RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, true, true,
		N_("Encryption is required, as it was; the certificate, which was not verified, is "
		   "now.")},
	{"dane", RELAY_TLS_STARTTLS, RELAY_VERIFY_DANE, true, true,
		N_("DANE is required; it was used where there were records.")},
	{"dane-only", RELAY_TLS_STARTTLS, RELAY_VERIFY_DANE, true, false,
		N_("DANE is required, as it was.")},
	{"fingerprint", RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, true, true,
		N_("The fingerprints are not taken over: the certificate is verified by its "
		   "name.")},
	{"verify", RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, true, false,
		N_("The certificate is verified by its name, as it was.")},
	{"secure", RELAY_TLS_STARTTLS, RELAY_VERIFY_NAME, true, false,
		N_("The certificate is verified by its name, as it was.")},
};

static bool take_protection(struct run *run, struct error *error)
{
	struct import *import = run->import;
	bool wrapper = says_yes(run, "smtp_tls_wrappermode");
	bool implicit = wrapper || relay_tls_for_port(run->hop.port) == RELAY_TLS_IMPLICIT;
	char level[LEVEL_SIZE];
	bool by_policy;
	size_t at = 0, count = sizeof levels / sizeof *levels, line;

	if (!find_level(run, level, &by_policy, error))
		return false;
	while (at < count && strcmp(levels[at].level, level) != 0)
		at++;
	/* Not one that Postfix knows: what is required then is what is always safe. */
	bool safe = at < count && (levels[at].guarded || (!run->login.login && !implicit));
	run->tls = safe ? levels[at].tls : RELAY_TLS_STARTTLS;
	run->verify = safe ? levels[at].verify : RELAY_VERIFY_NAME;
	if (implicit)
		run->tls = RELAY_TLS_IMPLICIT;
	if (!add_line(run, by_policy ? "smtp_tls_policy_maps" : "smtp_tls_security_level", &line))
		line = run->server_line;
	if (safe)
		import_say(import, line, levels[at].changed ? IMPORT_CHANGED : IMPORT_TAKEN, "%s",
			_(levels[at].words));
	else
		import_say(import, line, IMPORT_CHANGED,
			_("The level for this relay was \"%s\"; now encryption is required and the "
			  "certificate verified by its name."),
			level);
	if (wrapper && add_line(run, "smtp_tls_wrappermode", &line))
		import_say(import, line, IMPORT_TAKEN,
			_("Implicit TLS, for this relay alone: other mail keeps STARTTLS."));
	else if (implicit)
		import_say(import, run->server_line, IMPORT_CHANGED,
			_("Port %u gets implicit TLS, which it did not have."), run->hop.port);
	return true;
}

/* --- the rest ------------------------------------------------------------------------------------ */

static void say_others(struct run *run)
{
	static const struct {
		const char *name;
		const char *words;
	} others[] = {
		{"smtp_tls_CAfile", N_("Stays; the relay's certificate is verified by it.")},
		{"sender_dependent_relayhost_maps",
			N_("Stays as it is, and is not taken over: relaycon has routes for senders "
			   "(relaycon route add --sender).")},
		{"sender_dependent_default_transport_maps",
			N_("Stays as it is, and is not taken over: relaycon has routes for senders "
			   "(relaycon route add --sender).")},
		{"transport_maps", N_("Stays as it is, and goes before the relay.")},
		{"smtp_fallback_relay", N_("Stays as it is.")},
	};
	size_t line;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (*value_of(run, others[i].name) && add_line(run, others[i].name, &line))
			import_say(run->import, line,
				strncmp(others[i].name, "sender", 6) == 0 ? IMPORT_LEFT
									  : IMPORT_TAKEN,
				"%s", _(others[i].words));
	if (says_yes(run, "smtp_sender_dependent_authentication") &&
		add_line(run, "smtp_sender_dependent_authentication", &line))
		import_say(run->import, line, IMPORT_LEFT,
			_("Logins by sender are not taken over: give each login a relay (relaycon "
			  "relay set) and its senders a route (relaycon route add --sender)."));
}

static bool make(struct run *run, struct error *error)
{
	const struct import_server server = {
		.hop = &run->hop,
		.login = run->login.login,
		.password = {secret_bytes(&run->login.password),
			secret_length(&run->login.password)},
		.protection_known = true,
		.tls = run->tls,
		.verify = run->verify,
		.login_not_wanted = !run->auth,
		.whose = _("all mail"),
	};

	if (!import_make_default(&run->maker, &server, error))
		return false;
	if (relay_host_is_address(run->hop.host) && relay_tls_is_encrypted(run->tls))
		import_remark(run->import,
			_("%s is an address, which no certificate can be verified for: encryption "
			  "is "
			  "required, and not verified. Give it by its name if it has one."),
			run->hop.host);
	import_remark(run->import,
		_("Deconfigure puts back what stands here now, and all files of before stay where "
		  "they are until then."));
	return settings_check(&run->import->settings, error);
}

bool import_postfix(struct import *import, const struct site *site,
	const struct import_options *options, struct error *error)
{
	struct run run = {.import = import, .site = site};
	bool ok;

	*import = (struct import){0};
	ok = import_maker_open(&run.maker, import, options, error) &&
	     file_read(&run.main_cf, site->main_cf, FILE_MAX, NULL, error) &&
	     find_server(&run, error);
	if (ok) {
		say_server(&run);
		ok = take_login(&run, error) && take_protection(&run, error) && make(&run, error);
	}
	if (ok)
		say_others(&run);
	password_entry_free(&run.login);
	nexthop_free(&run.hop);
	free(run.server);
	strbuf_free(&run.main_cf);
	import_maker_close(&run.maker);
	return ok;
}
