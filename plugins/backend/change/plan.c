/* plan.c: plan_configure and plan_deconfigure (plan.h). */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "edit.h"
#include "parameters.h"
#include "wanted.h"
#include "way.h"

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

struct server_login {
	const struct relay *relay;
};

static int by_login(const void *left, const void *right)
{
	const struct relay *a = ((const struct server_login *)left)->relay;
	const struct relay *b = ((const struct server_login *)right)->relay;
	int order = strcasecmp(a->host, b->host);

	if (order == 0)
		order = (a->port > b->port) - (a->port < b->port);
	return order != 0 ? order : strcmp(a->login ? a->login : "", b->login ? b->login : "");
}

/* A password is stored for a login at a server and port. */
static bool check_doubles(const struct settings *settings, struct error *error)
{
	struct server_login *sorted = mem_calloc(settings->relay_count + 1, sizeof *sorted);
	bool ok = true;

	for (size_t i = 0; i < settings->relay_count; i++)
		sorted[i].relay = &settings->relays[i];
	qsort(sorted, settings->relay_count, sizeof *sorted, by_login);
	for (size_t i = 1; ok && i < settings->relay_count; i++) {
		const struct relay *relay = sorted[i].relay;
		if (by_login(&sorted[i - 1], &sorted[i]) != 0)
			continue;
		ok = error_set(error, ERROR_DATA,
			relay->login
				? _("The relays \"%s\" and \"%s\" are the same server, port and "
				    "login.")
				: _("The relays \"%s\" and \"%s\" are the same server and "
				    "port, both without a login."),
			sorted[i - 1].relay->name, relay->name);
		error_advise(
			error, _("One relay is enough for it; let all routes that mean it lead "
				 "there."));
	}
	free(sorted);
	return ok;
}

static bool check_settings(const struct settings *settings, struct error *error)
{
	if (!settings_check(settings, error))
		return false;
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];
		/* All but this file was looked at by settings_check, which says whose it is. */
		if (!relay_check(relay, error)) {
			error_append(error, _("It is the CA file of relay %s."), relay->name);
			return false;
		}
		if (relay->login && !table_check_login(relay->login, error))
			return false;
	}
	return check_doubles(settings, error);
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

static bool add_credential(struct secret_table *table, const struct edit *edit,
	const struct way *way, const struct secret *given, struct error *error)
{
	const struct relay *relay = way->relay;
	struct secret stored = {0};
	bool found = given != NULL, ok = false;

	if (!given) {
		if (!secret_init(&stored, error) ||
			!secret_table_find_login(&edit->credentials, relay->host, relay->port,
				relay->login, &found, &stored, error))
			goto out;
		given = &stored;
	}
	if (!found) {
		char *server = table_relay_key(relay->host, relay->port);
		if (strcmp(relay->name, RELAY_DEFAULT_NAME) == 0)
			error_set(error, ERROR_USAGE,
				_("No password was given for %s at %s, and none is stored for it."),
				relay->login, server);
		else
			error_set(error, ERROR_USAGE,
				_("No password was given for the relay \"%s\" (%s at %s), and none "
				  "is stored for it."),
				relay->name, relay->login, server);
		error_advise(error, _("Give the password that belongs to this login."));
		free(server);
		goto out;
	}
	ok = table_check_password(given, error) &&
	     secret_table_add(table, way->nexthop, relay->login, given, error);
out:
	secret_free(&stored);
	return ok;
}

/* Of all relays, those that are not used included: their passwords are kept here. */
static bool make_credentials(struct secret_table *table, const struct edit *edit,
	const struct settings *settings, const struct plan_password *passwords,
	size_t password_count, struct error *error)
{
	struct ways ways;
	size_t size = 1;
	bool ok;

	ways_init(&ways, settings);
	for (size_t i = 0; i < ways.count; i++)
		if (ways.list[i].relay->login)
			size += strlen(ways.list[i].nexthop) + strlen(ways.list[i].relay->login) +
				SECRET_MAX + 4;
	ok = secret_table_init(table, size, error);
	for (size_t i = 0; ok && i < ways.count; i++) {
		const struct relay *relay = ways.list[i].relay;
		if (relay->login)
			ok = add_credential(table, edit, &ways.list[i],
				given_password(passwords, password_count, relay->name), error);
	}
	ways_free(&ways);
	return ok;
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
		ok = secret_table_find_login(
			&table, relay->host, relay->port, relay->login, found, password, error);
	if (!*found)
		secret_clear(password);
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

	struct strbuf summary = STRBUF_INIT;

	if (relay) {
		char *key = table_relay_key(relay->host, relay->port);
		strbuf_addf(&summary, "relay %s%s%s, %s, verify %s", key,
			relay->login ? " as " : "", relay->login ? relay->login : " without login",
			relay_tls_word(relay->tls), relay_verify_word(relay->verify));
		free(key);
	} else {
		strbuf_adds(&summary, "no relay");
	}
	if (settings->relay_count > (relay ? 1 : 0) || settings->route_count > 0)
		strbuf_addf(&summary, ", %zu relays, %zu routes", settings->relay_count,
			settings->route_count);
	return strbuf_detach(&summary);
}

static bool lacks_place(const struct settings *settings)
{
	for (size_t i = 0; i < settings->relay_count; i++)
		if (settings->relays[i].place == 0)
			return true;
	return false;
}

bool plan_configure(struct plan *plan, const struct site *site, const struct settings *settings,
	const struct plan_password *passwords, size_t password_count, struct error *error)
{
	struct edit edit = {0};
	struct wanted wanted = {0};
	struct secret_table secret = {0};
	struct settings placed = {0}, stored = {0};
	bool ok = false;

	start(plan);
	if (!check_settings(settings, error) || !edit_open(&edit, site, error))
		goto out;
	if (lacks_place(settings)) {
		/* What cannot be read gives no place. */
		(void)!settings_load(&stored, site->settings_file, NULL);
		settings_copy(&placed, settings);
		settings_place(&placed, &stored);
		settings = &placed;
	}
	if (!make_credentials(&secret, &edit, settings, passwords, password_count, error))
		goto out;
	struct view view = edit_view(&edit, settings);
	wanted_from(&wanted, &view);
	wanted_warnings(&wanted, &view, &plan->warnings);
	ok = edit_apply(&edit, &wanted, false, error) &&
	     edit_plan(&edit, plan, &wanted, &secret, settings, error);
	plan->summary = summary_of(settings);
out:
	settings_free(&placed);
	settings_free(&stored);
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
	plan->lost = ok && ours_is_led_to(site, edit.main);
	ok = ok && (plan->lost || edit_plan(&edit, plan, &wanted, NULL, NULL, error));
	plan->summary = text_dup(force ? "deconfigure, forced" : "deconfigure");
out:
	wanted_free(&wanted);
	edit_close(&edit);
	if (!ok)
		plan_free(plan);
	return ok;
}
