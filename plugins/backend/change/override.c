/* override.c: wanted_warnings (wanted.h): what an administrator should know before applying. */
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "mask.h"
#include "ours.h"
#include "wanted.h"

enum { SHOWN_MAX = 160 };

/* Mail that finds its way by one of these does not go through the relay that is meant for it. Routed: our
 * services have options of their own against some of them. */
static const struct {
	const char *name;
	const char *harmless; /* besides empty */
	bool routed;          /* also in routed mode */
	const char *effect;
} overrides[] = {
	{"transport_maps", NULL, true,
		N_("recipients that are listed there do not go through the relay")},
	{"sender_dependent_relayhost_maps", NULL, true,
		N_("senders that are listed there go through another relay")},
	{"sender_dependent_default_transport_maps", NULL, true,
		N_("senders that are listed there take another way")},
	{"smtp_sender_dependent_authentication", "no", false,
		N_("a login that is stored for a sender address is used before that of the relay")},
	{"smtp_fallback_relay", NULL, false,
		N_("mail that the relay does not take for the time being goes there instead")},
	{"defer_transports", NULL, true, N_("mail by these transports is held back in the queue")},
};

static void warn_overrides(const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	for (size_t i = 0; i < sizeof overrides / sizeof *overrides; i++) {
		if (wanted->mode == WANTED_ROUTED && !overrides[i].routed)
			continue;
		char *value = wanted_current(view, overrides[i].name);
		char *rest = NULL;
		if (ours_cut_all(view->site, value, &rest)) {
			free(value);
			value = rest;
		}
		if (*value && !text_equal(value, overrides[i].harmless)) {
			char shown[SHOWN_MAX];
			mask_value(value, shown, sizeof shown);
			strbuf_addf(out, "%s = %s: %s\n", overrides[i].name, shown,
				_(overrides[i].effect));
		}
		free(value);
	}
}

/* A transport of the administrator's own, which we leave alone. */
static void warn_transport(const struct wanted *wanted, const struct view *view, const char *name,
	const char *plain, struct strbuf *out)
{
	bool implicit = wanted->mode == WANTED_SIMPLE && wanted->service_count > 0;
	bool routed = wanted->mode == WANTED_ROUTED;

	if (wanted_value(wanted, name))
		return;
	char *value = wanted_original(view, name);
	size_t len = strcspn(value, ":");
	bool stock = value[len] == '\0' || value[len + 1] == '\0';
	stock = stock && ((len == strlen(plain) && strncmp(value, plain, len) == 0) ||
				 (len == 4 && strncmp(value, "smtp", 4) == 0));
	if (!stock || implicit || (routed && wanted->default_way)) {
		char shown[SHOWN_MAX];
		mask_value(value, shown, sizeof shown);
		strbuf_addf(out, "%s = %s: %s\n", name, shown,
			implicit
				? _("mail that takes this transport does not go through the relay, "
				    "which needs a transport of its own for implicit TLS")
				: _("mail takes this transport, so that the relay may not be "
				    "used"));
	}
	free(value);
}

/* What someone had, and what ours takes the place of until Deconfigure. */
static void warn_set_aside(const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	char *table = wanted_table(view->site->credentials);
	char *maps = wanted_original(view, "smtp_sasl_password_maps");
	char *rest = NULL;
	char shown[SHOWN_MAX];

	mask_value(maps, shown, sizeof shown);
	bool ours = wanted_without_table(maps, table, &rest);
	if (!ours && *maps && wanted_value(wanted, "smtp_sasl_password_maps"))
		strbuf_addf(out, "smtp_sasl_password_maps = %s: %s\n", shown,
			_("not used until Deconfigure, since a login found there could take "
			  "the place of the relay's"));
	else if (!ours && *maps && wanted_value(wanted, "relayhost"))
		strbuf_addf(out, "smtp_sasl_password_maps = %s: %s\n", shown,
			_("stays in use; a login for this relay that is found there would be "
			  "sent"));
	free(rest);
	free(maps);
	free(table);

	char *per_site = wanted_current(view, "smtp_tls_per_site");
	if (*per_site && wanted_value(wanted, "smtp_tls_policy_maps")) {
		mask_value(per_site, shown, sizeof shown);
		strbuf_addf(out, "smtp_tls_per_site = %s: %s\n", shown,
			_("not used until Deconfigure: Postfix does not look there as soon as "
			  "there is a TLS policy table"));
	}
	free(per_site);
}

static void warn_certificates(
	const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	const struct wanted_table *policy = wanted_table_named(wanted, "relaycon_tls_policy");

	if (wanted->mode == WANTED_SIMPLE && policy && strstr(policy->text.data, " secure") &&
		!wanted_value(wanted, "smtp_tls_CAfile")) {
		char *file = wanted_original(view, "smtp_tls_CAfile");
		char shown[SHOWN_MAX];
		mask_value(file, shown, sizeof shown);
		if (strcmp(file, WANTED_CA_BUNDLE) != 0)
			strbuf_addf(out, "smtp_tls_CAfile = %s: %s\n", shown,
				_("stays in use; the relay's certificate must be issued by an "
				  "authority that is listed there"));
		free(file);
	}
	const char *digest = maincf_value(view->main, "smtp_tls_fingerprint_digest");
	const char *mine = wanted_value(wanted, "smtp_tls_fingerprint_digest");
	if (mine && digest && strcmp(mine, digest) != 0)
		strbuf_addf(out, "smtp_tls_fingerprint_digest: %s\n",
			_("was something else; fingerprints of other servers in your policy "
			  "tables must be SHA-256 ones until Deconfigure"));
}

/* Is this parameter one that decides how our relay is spoken to, as an option of its service? The
 * level is not: the policy table wins over it. */
static bool decides(const struct wanted *wanted, const char *name, size_t len)
{
	static const char *const besides[] = {"smtp_tls_wrappermode", "smtp_tls_CAfile"};
	bool found = false;

	for (size_t i = 0; i < wanted->count && !found; i++)
		found = strlen(wanted->parameters[i].name) == len &&
			strncmp(wanted->parameters[i].name, name, len) == 0 &&
			strncmp(name, "smtp_tls_security_level", len) != 0;
	for (size_t i = 0; i < sizeof besides / sizeof *besides && !found; i++)
		found = strlen(besides[i]) == len && strncmp(besides[i], name, len) == 0;
	return found;
}

/* "-o name=value" and "-o { name = value }" of the smtp service win over main.cf. */
static void warn_service_options(
	const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	struct strbuf command = STRBUF_INIT;

	strbuf_reset(&command);
	if (wanted->mode == WANTED_SIMPLE && wanted->service_count > 0)
		goto out;
	if (!mastercf_field(view->master, "smtp/unix", MASTERCF_COMMAND, &command)) {
		strbuf_addf(out, "master.cf, smtp/unix: %s\n",
			_("there is no such service; without it no mail can be handed to the "
			  "relay"));
		goto out;
	}
	for (const char *at = command.data; (at = strstr(at, "-o")); at += 2) {
		const char *name = at + 2 + strspn(at + 2, " \t{");
		size_t len = strcspn(name, " \t=}");
		if (decides(wanted, name, len))
			strbuf_addf(out, "master.cf, smtp/unix, -o %.*s: %s\n", (int)len, name,
				_("this option wins over main.cf, so that the relay may not be "
				  "used as set up here"));
	}
out:
	strbuf_free(&command);
}

/* Does mail go by "smtp:" although relays are set up: by a route to direct, or as no relay is the default? */
static bool leaves_directly(const struct wanted *wanted, const struct view *view)
{
	for (size_t i = 0; i < view->settings->route_count; i++)
		if (text_equal(view->settings->routes[i].relay, RELAY_DIRECT))
			return true;
	if (wanted->default_way)
		return false;
	char *transport = wanted_original(view, "default_transport");
	bool direct =
		strncmp(transport, "smtp", 4) == 0 && (transport[4] == '\0' || transport[4] == ':');

	free(transport);
	return direct;
}

/* Relays have services of their own, so that nobody else would tell. */
static void warn_no_direct_way(
	const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	struct strbuf command = STRBUF_INIT;

	if (leaves_directly(wanted, view) &&
		!mastercf_field(view->master, "smtp/unix", MASTERCF_COMMAND, &command))
		strbuf_addf(out, "master.cf, smtp/unix: %s\n",
			_("there is no such service; without it mail that goes direct, to no "
			  "relay, waits in the queue"));
	strbuf_free(&command);
}

/* qmgr(8) knows limits by the name of a transport. */
static void warn_limits(const struct view *view, struct strbuf *out)
{
	static const char *const prefixes[] = {
		"smtp_destination_", "smtp_initial_destination_", "smtp_transport_rate_delay"};
	char shown[SHOWN_MAX];

	for (size_t i = 0; i < maincf_count(view->main); i++) {
		const char *name = maincf_name(view->main, i);
		for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++)
			if (strncmp(name, prefixes[k], strlen(prefixes[k])) == 0) {
				mask_value(maincf_value(view->main, name), shown, sizeof shown);
				strbuf_addf(out, "%s = %s: %s\n", name, shown,
					_("holds for mail that goes direct; the relays' own "
					  "services have the limits of default_destination_..."));
			}
	}
}

/* A login of main.cf that was there for the old relayhost. */
static void warn_login_aside(
	const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	if (!text_equal(wanted_value(wanted, "smtp_sasl_auth_enable"), "no"))
		return;
	char *relayhost = wanted_original(view, "relayhost");
	char shown[SHOWN_MAX];
	mask_value(relayhost, shown, sizeof shown);
	strbuf_addf(out, "relayhost = %s: %s\n", shown,
		_("not used until Deconfigure, and neither is the login that main.cf has for it"));
	free(relayhost);
}

void wanted_warnings(const struct wanted *wanted, const struct view *view, struct strbuf *out)
{
	strbuf_grow(out, 0);
	if (wanted->mode == WANTED_DIRECT)
		return;
	warn_overrides(wanted, view, out);
	warn_transport(wanted, view, "default_transport", "smtp", out);
	warn_transport(wanted, view, "relay_transport", "relay", out);
	if (wanted->mode == WANTED_SIMPLE) {
		warn_service_options(wanted, view, out);
		warn_set_aside(wanted, view, out);
	} else {
		warn_no_direct_way(wanted, view, out);
		warn_login_aside(wanted, view, out);
		warn_limits(view, out);
	}
	warn_certificates(wanted, view, out);
}
