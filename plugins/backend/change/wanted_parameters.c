/*
 * wanted_parameters.c: wanted_set_parameters (wanted.h): main.cf, one function a parameter.
 *
 * Simple: the default relay decides them; others of the settings wait in the tables. Routed: relayhost,
 * the transports and the maps of routes; no smtp_ parameter, but where one that was made for the old
 * relayhost would now do harm to mail that goes direct.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/text.h"
#include "../postfix/table.h"
#include "ours.h"
#include "wanted.h"

enum { HEADER_SIZE_LIMIT = 4096000 };

/* --- what the settings ask for, in one look ------------------------------------------------------ */

struct need {
	const struct view *view;
	const struct wanted *wanted;
	const struct relay *relay; /* the default one; NULL: mail without a route goes direct */
	bool simple, routed;
	/* What the relay of the simple mode wants. */
	bool name, dane, fingerprint, login, clear_login;
};

static struct need need_of(const struct view *view, const struct wanted *wanted)
{
	struct need need = {.view = view,
		.wanted = wanted,
		.relay = settings_default(view->settings),
		.simple = wanted->mode == WANTED_SIMPLE,
		.routed = wanted->mode == WANTED_ROUTED};

	if (need.simple) {
		enum relay_verify verify = relay_verification(need.relay);
		need.name = verify == RELAY_VERIFY_NAME;
		need.dane = verify == RELAY_VERIFY_DANE;
		need.fingerprint = verify == RELAY_VERIFY_FINGERPRINT;
		need.login = need.relay->login != NULL;
		need.clear_login = need.login && need.relay->tls == RELAY_TLS_NONE;
	}
	return need;
}

static bool is_implicit(const struct need *need)
{
	return need->simple && need->relay->tls == RELAY_TLS_IMPLICIT;
}

/* --- judging what is there --------------------------------------------------------------------------- */

/* What ours took the place of was a reference, and Postfix cannot be asked any more what it was. */
static bool was_reference(const struct view *view, const char *name, const char *original)
{
	const struct hunk *hunk = baseline_find(&view->baseline->main, name);

	return hunk && hunk->existed && strchr(original, '$');
}

/* "smtp", "smtp:" and the like: a transport without a next hop. */
static bool is_transport(const char *value, const char *name)
{
	size_t len = strlen(name);

	return strncmp(value, name, len) == 0 &&
	       (value[len] == '\0' || strcmp(value + len, ":") == 0);
}

bool wanted_transport_relays(const char *value)
{
	static const char *const transports[] = {
		"smtp:", "relay:", WANTED_SERVICE_TLS ":", "smtps:"};

	if (ours_is_transport(value) && strchr(value, ':'))
		return true;
	for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
		size_t len = strlen(transports[i]);
		if (strncmp(value, transports[i], len) == 0 && value[len] != '\0')
			return true;
	}
	return false;
}

/* Debian's "Local only" installation: error, with or without a text. */
static bool is_local_only(const char *value)
{
	return strncmp(value, "error", 5) == 0 && (value[5] == '\0' || value[5] == ':');
}

/* --- the parameters, one function each: the value wanted, or NULL -------------------------------- */

static char *want_relayhost(const struct need *need)
{
	if (need->simple)
		return text_dup(need->wanted->default_way);
	if (!need->routed)
		return NULL;
	/* "direct" is a transport without a next hop, which relayhost would be. */
	char *original = wanted_original(need->view, "relayhost");
	char *value = *original ? text_dup("") : NULL;
	free(original);
	return value;
}

static char *want_transport(const struct need *need, const char *name, const char *plain)
{
	char *value = NULL;

	if (!need->relay)
		return NULL;
	char *original = wanted_original(need->view, name);
	bool local_only = is_local_only(original);
	bool stock = is_transport(original, "smtp") || is_transport(original, plain) ||
		     was_reference(need->view, name, original);
	if (need->routed && (stock || local_only))
		value = text_dup(need->wanted->default_way);
	else if (is_implicit(need) && (stock || local_only))
		value = text_dup(WANTED_SERVICE_TLS);
	else if (need->simple && local_only)
		value = text_dup(plain);
	free(original);
	return value;
}

static char *want_default_transport(const struct need *need)
{
	return want_transport(need, "default_transport", "smtp");
}

/* relayhost takes the mail for relay domains as well, through this transport. */
static char *want_relay_transport(const struct need *need)
{
	return want_transport(need, "relay_transport", "relay");
}

/* --- lists of tables --- */

/* As it is written, not expanded: other tables keep their place and their wording. */
static char *want_list(const struct need *need, const char *name, const char *ours, char *table)
{
	const struct view *view = need->view;
	const char *now = maincf_value(view->main, name);
	char *rest = NULL, *value;

	if (!now || !ours_cut(view->site, now, ours, &rest))
		rest = text_dup(now ? now : "");
	value = *rest ? text_format("%s, %s", table, rest) : text_dup(table);
	free(rest);
	free(table);
	return value;
}

static char *want_routes(const struct need *need, const char *name, const char *ours)
{
	const struct wanted_table *routes = wanted_table_named(need->wanted, ours);

	if (!routes)
		return NULL;
	char *path = ours_path(need->view->site, ours);
	char *table =
		routes->built ? text_format("%s:%s", routes->built, path) : wanted_table(path);
	free(path);
	return want_list(need, name, ours, table);
}

static char *want_sender_routes(const struct need *need)
{
	return want_routes(need, "sender_dependent_default_transport_maps", OURS_SENDER_ROUTES);
}

static char *want_sender_direct(const struct need *need)
{
	return want_routes(need, "sender_dependent_relayhost_maps", OURS_SENDER_DIRECT);
}

static char *want_recipient_routes(const struct need *need)
{
	return want_routes(need, "transport_maps", OURS_RECIPIENT_ROUTES);
}

static char *want_policy_maps(const struct need *need)
{
	if (!need->simple)
		return NULL;
	return want_list(need, "smtp_tls_policy_maps", "relaycon_tls_policy",
		wanted_table(need->view->site->tls_policy));
}

/* --- logins --- */

static bool had_relayhost(const struct need *need)
{
	char *original = wanted_original(need->view, "relayhost");
	bool had = *original != '\0';

	free(original);
	return had;
}

static bool had(const struct need *need, const char *name, const char *value)
{
	char *original = wanted_original(need->view, name);
	bool same = strcmp(original, value) == 0;

	free(original);
	return same;
}

/* Routed: a login that was there for the old relayhost, "static:" or not, would be offered to whatever
 * server mail goes to directly, now that relayhost is empty. */
static char *want_auth_enable(const struct need *need)
{
	if (need->routed && had_relayhost(need) && had(need, "smtp_sasl_auth_enable", "yes"))
		return text_dup("no");
	return need->login ? text_dup("yes") : NULL;
}

/* Ours alone: a look-up by bare host in an older table, or static:, would be answered before ours,
 * and would offer its login to our relay. */
static char *want_password_maps(const struct need *need)
{
	return need->login ? wanted_table(need->view->site->credentials) : NULL;
}

static char *want_security_options(const struct need *need)
{
	if (!need->login)
		return NULL;
	return text_dup(need->clear_login ? "noanonymous" : "noplaintext, noanonymous");
}

static char *want_tls_security_options(const struct need *need)
{
	return need->login ? text_dup("noanonymous") : NULL;
}

/* Follows the one above by default; one of the administrator's own could refuse every password. */
static char *want_verified_options(const struct need *need)
{
	static const char follow[] = "$smtp_sasl_tls_security_options";
	char *value = NULL;

	if (!need->login ||
		!maincf_value(need->view->main, "smtp_sasl_tls_verified_security_options"))
		return NULL;
	char *original = wanted_original(need->view, "smtp_sasl_tls_verified_security_options");
	if (strcmp(original, "noanonymous") != 0 && strcmp(original, follow) != 0)
		value = text_dup(follow);
	free(original);
	return value;
}

/* The administrator's own stays where it can be read. */
char *wanted_ca_file(const struct view *view)
{
	char *original = wanted_original(view, "smtp_tls_CAfile");

	if (*original == '\0' || access(original, R_OK) != 0)
		text_replace(&original, WANTED_CA_BUNDLE);
	return original;
}

static char *want_ca_file(const struct need *need)
{
	if (!need->name)
		return NULL;
	if (need->relay->ca_file)
		return text_dup(need->relay->ca_file);
	char *value = wanted_ca_file(need->view);
	char *original = wanted_original(need->view, "smtp_tls_CAfile");
	if (strcmp(value, original) == 0)
		text_replace(&value, NULL);
	free(original);
	return value;
}

static bool says_yes(const struct view *view, const char *name)
{
	char *value = wanted_current(view, name);
	bool yes = strcmp(value, "yes") == 0;

	free(value);
	return yes;
}

static char *want_security_level(const struct need *need)
{
	char *value = NULL;

	if (!need->simple || need->relay->tls == RELAY_TLS_NONE ||
		says_yes(need->view, "smtp_enforce_tls") || says_yes(need->view, "smtp_use_tls"))
		return NULL;
	char *original = wanted_original(need->view, "smtp_tls_security_level");
	if (*original == '\0' || was_reference(need->view, "smtp_tls_security_level", original))
		value = text_dup("may");
	free(original);
	return value;
}

/* Someone's older port 465 set-up: with it no STARTTLS relay could be spoken to, nor anybody directly
 * once its relayhost is gone. */
static char *want_wrappermode(const struct need *need)
{
	char *value = NULL;

	if (need->routed)
		return had_relayhost(need) && had(need, "smtp_tls_wrappermode", "yes")
			       ? text_dup("no")
			       : NULL;
	if (!need->simple || is_implicit(need))
		return NULL;
	char *original = wanted_original(need->view, "smtp_tls_wrappermode");
	if (strcmp(original, "yes") == 0 ||
		was_reference(need->view, "smtp_tls_wrappermode", original))
		value = text_dup("no");
	free(original);
	return value;
}

static char *want_dns_support(const struct need *need)
{
	return need->dane ? text_dup("dnssec") : NULL;
}

static char *want_fingerprint_digest(const struct need *need)
{
	return need->fingerprint ? text_dup("sha256") : NULL;
}

/* Raised, never lowered. */
static char *want_header_size_limit(const struct need *need)
{
	char *value = NULL;
	long limit;

	if (!need->simple && !need->routed)
		return NULL;
	char *original = wanted_original(need->view, "header_size_limit");
	if (was_reference(need->view, "header_size_limit", original) ||
		(text_to_number(original, 0, 2147483647L, &limit) && limit < HEADER_SIZE_LIMIT))
		value = text_format("%d", HEADER_SIZE_LIMIT);
	free(original);
	return value;
}

static const struct {
	const char *name;
	char *(*want)(const struct need *need);
} parameters[] = {
	{"relayhost", want_relayhost},
	{"default_transport", want_default_transport},
	{"relay_transport", want_relay_transport},
	{"sender_dependent_default_transport_maps", want_sender_routes},
	{"sender_dependent_relayhost_maps", want_sender_direct},
	{"transport_maps", want_recipient_routes},
	{"smtp_sasl_auth_enable", want_auth_enable},
	{"smtp_sasl_password_maps", want_password_maps},
	{"smtp_sasl_security_options", want_security_options},
	{"smtp_sasl_tls_security_options", want_tls_security_options},
	{"smtp_sasl_tls_verified_security_options", want_verified_options},
	{"smtp_tls_policy_maps", want_policy_maps},
	{"smtp_tls_security_level", want_security_level},
	{"smtp_tls_wrappermode", want_wrappermode},
	{"smtp_tls_CAfile", want_ca_file},
	{"smtp_dns_support_level", want_dns_support},
	{"smtp_tls_fingerprint_digest", want_fingerprint_digest},
	{"header_size_limit", want_header_size_limit},
};

void wanted_set_parameters(struct wanted *wanted, const struct view *view)
{
	struct need need = need_of(view, wanted);
	size_t count = sizeof parameters / sizeof *parameters;

	wanted->parameters = mem_calloc(count, sizeof *wanted->parameters);
	for (size_t i = 0; i < count; i++) {
		char *value = parameters[i].want(&need);
		if (value)
			wanted->parameters[wanted->count++] =
				(struct wanted_parameter){parameters[i].name, value};
	}
}
