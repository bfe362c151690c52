/* plan.c: plan_configure and plan_deconfigure (plan.h). */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "edit.h"
#include "parameters.h"
#include "wanted.h"

const char *const plan_parameters[] = {RELAY_PARAMETERS, NULL};

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_file *file = &plan->files[i];
		free(file->path);
		strbuf_free(&file->before);
		strbuf_free(&file->after);
		strbuf_free(&file->interim);
		secret_table_free(&file->secret_before);
		secret_table_free(&file->secret_after);
		secret_table_free(&file->secret_interim);
	}
	free(plan->files);
	free(plan->check_service);
	free(plan->summary);
	strbuf_free(&plan->warnings);
	strbuf_free(&plan->kept);
	*plan = (struct plan){0};
}

static void start(struct plan *plan)
{
	*plan = (struct plan){0};
	strbuf_reset(&plan->warnings);
	strbuf_reset(&plan->kept);
}

/* --- checks -------------------------------------------------------------------------------------- */

static bool check_settings(const struct settings *settings, struct error *error)
{
	if (settings->route_count > 0)
		return error_set(error, ERROR_DATA,
			_("The settings hold routes, which this version of relaycon cannot apply "
			  "yet."));
	if (settings->default_relay && !settings_default(settings))
		return error_set(error, ERROR_DATA,
			_("The default relay \"%s\" is not among the relays of the settings."),
			settings->default_relay);
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];
		if (!relay_check(relay, error) ||
			(relay->login && !table_check_login(relay->login, error)))
			return false;
		for (size_t k = 0; k < i; k++)
			if (settings->relays[k].port == relay->port &&
				strcasecmp(settings->relays[k].host, relay->host) == 0)
				return error_set(error, ERROR_DATA,
					_("Two relays of the settings, \"%s\" and \"%s\", are the "
					  "same server and port; Postfix could not tell them "
					  "apart."),
					settings->relays[k].name, relay->name);
	}
	return true;
}

/* --- credentials --------------------------------------------------------------------------------- */

static const struct secret *given_password(
	const struct plan_password *passwords, size_t count, const char *relay)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(passwords[i].relay, relay) == 0 && passwords[i].password &&
			!secret_is_empty(passwords[i].password))
			return passwords[i].password;
	return NULL;
}

/* The stored password counts only for the same server, port and login that it was given for. */
static bool find_stored(const struct secret_table *table, const struct relay *relay, bool *found,
	struct secret *password, struct error *error)
{
	char *key = table_relay_key(relay->host, relay->port);
	char *login = NULL;
	bool ok = secret_table_find(table, key, found, &login, password, error);

	if (ok && *found && !text_equal(login, relay->login)) {
		*found = false;
		secret_clear(password);
	}
	free(login);
	free(key);
	return ok;
}

static bool add_credential(struct secret_table *table, const struct edit *edit,
	const struct relay *relay, const struct secret *given, struct error *error)
{
	struct secret stored = {0};
	bool found = given != NULL, ok = false;
	char *key = table_relay_key(relay->host, relay->port);

	if (!given) {
		if (!secret_init(&stored, error) ||
			!find_stored(&edit->credentials, relay, &found, &stored, error))
			goto out;
		given = &stored;
	}
	if (!found) {
		error_set(error, ERROR_USAGE,
			_("No password was given for %s at %s, and none is stored for it."),
			relay->login, key);
		error_advise(error, _("Give the password that belongs to this login."));
		goto out;
	}
	ok = table_check_password(given, error) &&
	     secret_table_add(table, key, relay->login, given, error);
out:
	free(key);
	secret_free(&stored);
	return ok;
}

static bool make_credentials(struct secret_table *table, const struct edit *edit,
	const struct settings *settings, const struct plan_password *passwords,
	size_t password_count, struct error *error)
{
	size_t size = 1;

	for (size_t i = 0; i < settings->relay_count; i++)
		if (settings->relays[i].login)
			size += strlen(settings->relays[i].host) +
				strlen(settings->relays[i].login) + SECRET_MAX + 32;
	if (!secret_table_init(table, size, error))
		return false;
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];
		if (relay->login &&
			!add_credential(table, edit, relay,
				given_password(passwords, password_count, relay->name), error))
			return false;
	}
	return true;
}

bool plan_stored_password(const struct site *site, const struct relay *relay, bool *found,
	struct secret *password, struct error *error)
{
	struct secret_table table = {0};
	bool exists = false;
	bool ok;

	*found = false;
	ok = secret_table_load(&table, site->credentials, &exists, error);
	if (ok && exists && relay->login)
		ok = find_stored(&table, relay, found, password, error);
	secret_table_free(&table);
	return ok;
}

char *plan_ca_file(const struct site *site, const struct relay *relay)
{
	struct strbuf main_bytes = STRBUF_INIT, baseline_bytes = STRBUF_INIT;
	struct baseline baseline = {0};
	struct maincf *main = NULL;
	char *path = NULL;
	bool exists;

	if (relay->ca_file)
		return text_dup(relay->ca_file);
	/* Only root can read the baseline; for others the value is the one that stands there now. */
	if (!baseline_load(&baseline, site->baseline_file, &baseline_bytes, &exists, NULL))
		baseline = (struct baseline){0};
	if (file_read(&main_bytes, site->main_cf, FILE_MAX, NULL, NULL))
		main = maincf_parse(site->main_cf, main_bytes.data, main_bytes.len, NULL);
	if (main) {
		const struct view view = {.site = site, .baseline = &baseline, .main = main};
		path = wanted_ca_file(&view);
	}
	maincf_free(main);
	baseline_free(&baseline);
	strbuf_free(&main_bytes);
	strbuf_free(&baseline_bytes);
	return path;
}

/* --- the plans ----------------------------------------------------------------------------------- */

/* One line of the system log: names are checked already, and free of what could break a line. */
static char *summary_of(const struct settings *settings)
{
	const struct relay *relay = settings_default(settings);

	if (!relay)
		return text_dup("no relay");
	char *key = table_relay_key(relay->host, relay->port);
	char *summary = text_format("relay %s%s%s, %s, verify %s", key, relay->login ? " as " : "",
		relay->login ? relay->login : " without login", relay_tls_word(relay->tls),
		relay_verify_word(relay->verify));
	free(key);
	return summary;
}

bool plan_configure(struct plan *plan, const struct site *site, const struct settings *settings,
	const struct plan_password *passwords, size_t password_count, struct error *error)
{
	struct edit edit = {0};
	struct wanted wanted = {0};
	struct secret_table secret = {0};
	bool ok = false;

	start(plan);
	if (!check_settings(settings, error) || !edit_open(&edit, site, error) ||
		!make_credentials(&secret, &edit, settings, passwords, password_count, error))
		goto out;
	struct view view = edit_view(&edit, settings);
	wanted_from(&wanted, &view);
	wanted_warnings(&wanted, &view, &plan->warnings);
	ok = edit_apply(&edit, &wanted, false, error) &&
	     edit_plan(&edit, plan, &wanted, &secret, settings, error);
	plan->summary = summary_of(settings);
out:
	wanted_free(&wanted);
	secret_table_free(&secret);
	edit_close(&edit);
	if (!ok)
		plan_free(plan);
	return ok;
}

bool plan_deconfigure(struct plan *plan, const struct site *site, bool force, struct error *error)
{
	const struct settings none = {0};
	struct edit edit = {0};
	struct wanted wanted = {0};
	bool ok = false;

	start(plan);
	if (!edit_open(&edit, site, error))
		goto out;
	struct view view = edit_view(&edit, &none);
	wanted_from(&wanted, &view);
	ok = edit_apply(&edit, &wanted, force, error);
	/* Without our tables, and still pointing to them, Postfix would hold back all mail. */
	plan->lost = ok && edit_leads_to_ours(&edit);
	ok = ok && (plan->lost || edit_plan(&edit, plan, &wanted, NULL, NULL, error));
	plan->summary = text_dup(force ? "deconfigure, forced" : "deconfigure");
out:
	wanted_free(&wanted);
	edit_close(&edit);
	if (!ok)
		plan_free(plan);
	return ok;
}
