#include "wanted.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/text.h"
#include "../postfix/table.h"

enum { HEADER_SIZE_LIMIT = 4096000 };

/* --- what the settings ask for, in one look ------------------------------------------------------ */

struct need {
	const struct view *view;
	const struct relay *relay; /* the default one; NULL: mail goes direct */
	bool any, tls, name, dane, fingerprint, login, clear_login;
	const char *ca_file;
};

static struct need need_of(const struct view *view)
{
	struct need need = {.view = view, .relay = settings_default(view->settings)};

	for (size_t i = 0; i < view->settings->relay_count; i++) {
		const struct relay *relay = &view->settings->relays[i];
		bool encrypted = relay_tls_is_encrypted(relay->tls);
		need.any = true;
		need.tls |= relay->tls != RELAY_TLS_NONE;
		need.login |= relay->login != NULL;
		need.clear_login |= relay->login && relay->tls == RELAY_TLS_NONE;
		if (!encrypted)
			continue;
		need.name |= relay->verify == RELAY_VERIFY_NAME;
		need.dane |= relay->verify == RELAY_VERIFY_DANE;
		need.fingerprint |= relay->verify == RELAY_VERIFY_FINGERPRINT;
		if (relay->ca_file && (!need.ca_file || relay == need.relay))
			need.ca_file = relay->ca_file;
	}
	return need;
}

static bool is_implicit(const struct need *need)
{
	return need->relay && need->relay->tls == RELAY_TLS_IMPLICIT;
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
	static const char *const transports[] = {"smtp:", "relay:", WANTED_SERVICE ":", "smtps:"};

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
	return need->relay ? table_relay_key(need->relay->host, need->relay->port) : NULL;
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
	if (is_implicit(need) && (stock || local_only))
		value = text_dup(WANTED_SERVICE);
	else if (local_only)
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

static char *want_auth_enable(const struct need *need)
{
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

static char *want_policy_maps(const struct need *need)
{
	const struct view *view = need->view;
	char *rest = NULL, *value;

	if (!need->any)
		return NULL;
	/* As it is written, not expanded: other tables keep their place and their wording. */
	const char *now = maincf_value(view->main, "smtp_tls_policy_maps");
	char *table = wanted_table(view->site->tls_policy);
	if (!now || !wanted_without_table(now, table, &rest))
		rest = text_dup(now ? now : "");
	value = *rest ? text_format("%s, %s", table, rest) : text_dup(table);
	free(rest);
	free(table);
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
	if (need->ca_file)
		return text_dup(need->ca_file);
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

	if (!need->tls || says_yes(need->view, "smtp_enforce_tls") ||
		says_yes(need->view, "smtp_use_tls"))
		return NULL;
	char *original = wanted_original(need->view, "smtp_tls_security_level");
	if (*original == '\0' || was_reference(need->view, "smtp_tls_security_level", original))
		value = text_dup("may");
	free(original);
	return value;
}

/* Someone's older port 465 set-up: with it no STARTTLS relay could be spoken to. */
static char *want_wrappermode(const struct need *need)
{
	char *value = NULL;

	if (!need->relay || is_implicit(need))
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

	if (!need->any)
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

/* --- the policy table and the service ------------------------------------------------------------ */

/* By default Postfix sends the server's name (SNI, RFC 6066) only with DANE, whereas the probe sends
 * it always: a provider that picks its certificate by it must see the same client. An address is
 * not a name. */
static bool sends_server_name(const struct relay *relay)
{
	return relay->tls != RELAY_TLS_NONE && relay->verify != RELAY_VERIFY_DANE &&
	       !relay_host_is_address(relay->host);
}

static void add_policy(struct strbuf *out, const struct relay *relay)
{
	static const char *const verified[RELAY_VERIFY_MODES] = {
		[RELAY_VERIFY_NAME] = "secure",
		[RELAY_VERIFY_DANE] = "dane-only",
		[RELAY_VERIFY_FINGERPRINT] = "fingerprint",
		[RELAY_VERIFY_NONE] = "encrypt",
	};
	const char *level = verified[relay->verify];

	if (relay->tls == RELAY_TLS_OPPORTUNISTIC)
		level = "may";
	else if (relay->tls == RELAY_TLS_NONE)
		level = "none";
	char *key = table_relay_key(relay->host, relay->port);
	strbuf_addf(out, "%s %s", key, level);
	if (relay_tls_is_encrypted(relay->tls) && relay->verify == RELAY_VERIFY_FINGERPRINT)
		strbuf_addf(out, " match=%s", relay->fingerprint);
	if (sends_server_name(relay))
		strbuf_adds(out, " servername=hostname");
	strbuf_addc(out, '\n');
	free(key);
}

/* In or out of the chroot as the smtp service is, since certificates and resolver are where it
 * expects them. The level stands here only for what the policy table does not name. */
static char *service_line(const struct view *view)
{
	struct strbuf chroot = STRBUF_INIT;

	strbuf_reset(&chroot);
	if (!mastercf_field(view->master, "smtp/unix", MASTERCF_CHROOT, &chroot))
		strbuf_adds(&chroot, "-");
	char *line = text_format(WANTED_SERVICE " unix - - %s - - smtp\n"
						"  -o smtp_tls_wrappermode=yes\n"
						"  -o smtp_tls_security_level=encrypt",
		chroot.data);
	strbuf_free(&chroot);
	return line;
}

void wanted_from(struct wanted *wanted, const struct view *view)
{
	struct need need = need_of(view);
	size_t count = sizeof parameters / sizeof *parameters;

	*wanted = (struct wanted){0};
	wanted->parameters = mem_calloc(count, sizeof *wanted->parameters);
	for (size_t i = 0; i < count; i++) {
		char *value = parameters[i].want(&need);
		if (value)
			wanted->parameters[wanted->count++] =
				(struct wanted_parameter){parameters[i].name, value};
	}
	strbuf_reset(&wanted->policy);
	for (size_t i = 0; i < view->settings->relay_count; i++)
		add_policy(&wanted->policy, &view->settings->relays[i]);
	if (is_implicit(&need))
		wanted->service = service_line(view);
	if (text_equal(wanted_value(wanted, "default_transport"), WANTED_SERVICE))
		wanted->check_service = WANTED_SERVICE;
	else if (mastercf_has(view->master, "smtp/unix"))
		wanted->check_service = "smtp";
}

void wanted_free(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		free(wanted->parameters[i].value);
	free(wanted->parameters);
	free(wanted->service);
	strbuf_free(&wanted->policy);
	*wanted = (struct wanted){0};
}

const char *wanted_value(const struct wanted *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (strcmp(wanted->parameters[i].name, name) == 0)
			return wanted->parameters[i].value;
	return NULL;
}
