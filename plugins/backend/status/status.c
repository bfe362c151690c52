#include "status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../change/baseline.h"
#include "../change/change.h"
#include "../change/mask.h"
#include "../change/ours.h"
#include "../change/parameters.h"
#include "../change/wanted.h"
#include "../change/way.h"
#include "../postfix/map.h"

enum { SHOWN_MAX = 200 };

const char *const status_parameters[] = {RELAY_PARAMETERS, NULL};

const char *status_mode_word(enum status_mode mode)
{
	static const char *const words[] = {"direct", "relay", "foreign"};

	return words[mode];
}

void status_free(struct status *status)
{
	settings_free(&status->settings);
	free(status->foreign_relayhost);
	free(status->foreign_protection);
	for (size_t i = 0; i < status->drift_count; i++) {
		free(status->drift[i].parameter);
		free(status->drift[i].wanted);
		free(status->drift[i].found);
	}
	free(status->drift);
	strbuf_free(&status->warnings);
	*status = (struct status){0};
}

static char *cleaned(const char *bytes, size_t len)
{
	char shown[SHOWN_MAX];

	text_clean_into(shown, sizeof shown, bytes, len);
	return text_dup(shown);
}

/* --- drift --------------------------------------------------------------------------------------- */

static void add_drift(
	struct status *status, const char *parameter, const char *wanted, const char *found)
{
	char shown[SHOWN_MAX];

	status->drift =
		mem_realloc_array(status->drift, status->drift_count + 1, sizeof *status->drift);
	/* A password table of someone else's may be one that stands in main.cf itself. */
	if (found && strstr(parameter, "password"))
		mask_value(found, shown, sizeof shown);
	else if (found)
		text_clean_into(shown, sizeof shown, found, strlen(found));
	status->drift[status->drift_count++] = (struct status_drift){
		.parameter = text_dup(parameter),
		.wanted = text_dup(wanted),
		.found = found ? text_dup(shown) : NULL,
	};
}

static void drift_parameters(
	struct status *status, const struct wanted *wanted, const struct view *view)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct wanted_parameter *parameter = &wanted->parameters[i];
		const char *found = maincf_value(view->main, parameter->name);
		if (!found || !maincf_value_equal(found, parameter->value))
			add_drift(status, parameter->name, parameter->value, found);
	}
}

static void drift_services(
	struct status *status, const struct wanted *wanted, const struct view *view)
{
	const struct strbuf *bytes = mastercf_bytes(view->master);
	struct mastercf *probe = NULL;

	if (wanted->service_count > 0)
		probe = mastercf_parse("master.cf", bytes->data, bytes->len, NULL);
	for (size_t i = 0; probe && i < wanted->service_count; i++) {
		const struct wanted_service *service = &wanted->services[i];
		struct strbuf found = STRBUF_INIT;
		bool changed = false;
		if (!mastercf_set(probe, service->key, service->line, NULL, &changed, NULL) ||
			!changed)
			continue;
		bool there = mastercf_field(view->master, service->key, MASTERCF_COMMAND, &found);
		add_drift(status, view->site->master_cf, service->key, there ? found.data : NULL);
		strbuf_free(&found);
	}
	mastercf_free(probe);
}

static void drift_table(
	struct status *status, const struct wanted_table *table, const struct site *site)
{
	char *path = ours_path(site, table->name);
	struct strbuf found = STRBUF_INIT;
	bool exists = false;

	if (file_read(&found, path, FILE_MAX, &exists, NULL) &&
		(!exists || found.len != table->text.len ||
			memcmp(found.data, table->text.data, found.len) != 0)) {
		char *should = cleaned(table->text.data, table->text.len);
		add_drift(status, path, should, exists ? found.data : NULL);
		free(should);
	}
	if (table->built) {
		char *built = text_format("%s%s", path, map_ending(table->built));
		if (access(built, F_OK) != 0 && errno == ENOENT)
			add_drift(status, built, _("the table that Postfix reads"), NULL);
		free(built);
	}
	strbuf_free(&found);
	free(path);
}

/* Does Postfix read the credentials? They may be there for relays that are not used. */
static bool uses_credentials(const struct wanted *wanted)
{
	bool uses = wanted_value(wanted, "smtp_sasl_password_maps") != NULL;

	for (size_t i = 0; !uses && i < wanted->service_count; i++)
		uses = strstr(wanted->services[i].line, "smtp_sasl_password_maps=") != NULL;
	return uses;
}

/* Without its login a relay would be sent mail all the same, unless it refuses. */
static void drift_logins(struct status *status, const struct view *view, const char *path)
{
	enum { TOLD = 5 };
	struct secret_table table = {0};
	struct ways ways;
	bool exists, found;
	size_t missing = 0;

	if (!secret_table_load(&table, path, &exists, NULL))
		return;
	ways_init(&ways, view->settings);
	for (size_t i = 0; i < ways.count && missing < TOLD; i++) {
		const struct relay *relay = ways.list[i].relay;
		char *login = NULL;
		if (!relay->login || !secret_table_find(&table, ways.list[i].nexthop, &found,
					     &login, NULL, NULL))
			continue;
		if (!found || !text_equal(login, relay->login)) {
			char *should = text_format(_("the login of the relay \"%s\" for %s"),
				relay->name, ways.list[i].nexthop);
			add_drift(status, path, should, NULL);
			free(should);
			missing++;
		}
		free(login);
	}
	ways_free(&ways);
	secret_table_free(&table);
}

static void drift_tables(
	struct status *status, const struct wanted *wanted, const struct view *view)
{
	const struct site *site = view->site;
	struct stat st;

	for (size_t i = 0; i < wanted->table_count; i++)
		drift_table(status, &wanted->tables[i], site);
	if (!uses_credentials(wanted))
		return;
	if (lstat(site->credentials, &st) != 0 && errno == ENOENT)
		add_drift(status, site->credentials, _("the relay's login and password"), NULL);
	else
		drift_logins(status, view, site->credentials);
	if (stat(site->credentials, &st) == 0 && (st.st_mode & 077) != 0)
		add_drift(status, site->credentials, _("readable by root alone"),
			_("readable by others"));
}

/* --- mode ---------------------------------------------------------------------------------------- */

static void find_foreign(struct status *status, const struct view *view)
{
	char *relayhost = wanted_current(view, "relayhost");
	char *transport = wanted_current(view, "default_transport");
	const char *relays = *relayhost ? relayhost : NULL;

	/* A next hop in the transport itself wins over relayhost. */
	if (wanted_transport_relays(transport))
		relays = transport;
	if (relays) {
		status->mode = STATUS_FOREIGN;
		status->foreign_relayhost = cleaned(relays, strlen(relays));
	}
	free(transport);
	free(relayhost);
}

static bool is_yes(const struct view *view, const char *name)
{
	char *value = wanted_current(view, name);
	bool yes = strcmp(value, "yes") == 0;

	free(value);
	return yes;
}

static void find_protection(struct status *status, const struct view *view)
{
	char *level = wanted_current(view, "smtp_tls_security_level");
	const char *shown = level;

	if (*level == '\0')
		shown = is_yes(view, "smtp_enforce_tls") ? "encrypt"
			: is_yes(view, "smtp_use_tls")   ? "may"
							 : "none";
	status->foreign_protection = cleaned(shown, strlen(shown));
	free(level);
}

/* Does a list name our table, of whatever type? */
static bool list_is_ours(
	const struct view *view, const struct wanted *wanted, const char *name, const char *table)
{
	const char *now = maincf_value(view->main, name);
	char *rest = NULL;
	bool ours =
		wanted_table_named(wanted, table) && now && ours_cut(view->site, now, table, &rest);

	free(rest);
	return ours;
}

/* Simple: relayhost is ours. Routed: the default relay's way is, or, where mail goes direct by default,
 * one of the maps. */
static bool relays_by_us(const struct wanted *wanted, const struct view *view)
{
	char *relayhost = wanted_current(view, "relayhost");
	char *transport = wanted_current(view, "default_transport");
	const char *wish = wanted_value(wanted, "relayhost");
	bool ours = false;

	if (wanted->mode == WANTED_SIMPLE)
		ours = wish && maincf_value_equal(wish, relayhost) &&
		       !wanted_transport_relays(transport);
	else if (wanted->mode == WANTED_ROUTED && wanted->default_way)
		ours = strcmp(transport, wanted->default_way) == 0;
	else if (wanted->mode == WANTED_ROUTED)
		ours = *relayhost == '\0' && !wanted_transport_relays(transport) &&
		       (list_is_ours(view, wanted, "transport_maps", OURS_RECIPIENT_ROUTES) ||
			       list_is_ours(view, wanted, "sender_dependent_default_transport_maps",
				       OURS_SENDER_ROUTES));
	free(transport);
	free(relayhost);
	return ours;
}

/* A value that leads to something of ours came from us, so that the baseline has what it took the place of.
 * Said while it can still be mended, not only when Deconfigure needs it. */
static void warn_of_lost_baseline(
	struct status *status, const struct wanted *wanted, const struct view *view)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const char *name = wanted->parameters[i].name;
		const char *now = maincf_value(view->main, name);
		char *rest = NULL;
		bool ours = now && (ours_is_transport(now) || ours_cut_all(view->site, now, &rest));
		free(rest);
		if (!ours || baseline_find(&view->baseline->main, name))
			continue;
		strbuf_addf(&status->warnings,
			_("What stood there before relaycon is not known any more, so that "
			  "Deconfigure cannot restore it: the record in %s is missing or "
			  "incomplete. Put that file back from a backup of the machine.\n"),
			view->site->baseline_file);
		return;
	}
}

static void judge(struct status *status, const struct view *view)
{
	struct wanted wanted = {0};

	wanted_from(&wanted, view);
	if (relays_by_us(&wanted, view))
		status->mode = STATUS_RELAY;
	else
		find_foreign(status, view);
	if (status->mode == STATUS_FOREIGN)
		find_protection(status, view);
	drift_parameters(status, &wanted, view);
	drift_services(status, &wanted, view);
	drift_tables(status, &wanted, view);
	wanted_warnings(&wanted, view, &status->warnings);
	warn_of_lost_baseline(status, &wanted, view);
	wanted_free(&wanted);
}

/* --- all of it ----------------------------------------------------------------------------------- */

/* Our state is closed to other users: for them there are simply no settings of ours. */
static bool load_state(struct status *status, const struct site *site, struct baseline *baseline,
	struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	struct error why = {0};
	bool exists;
	bool ok =
		settings_load(&status->settings, site->settings_file, &why) &&
		baseline_load(baseline, site->baseline_file, &bytes, &exists, &why) &&
		baseline_check_owner(baseline, site->baseline_file, site->postfix.config_dir, &why);

	strbuf_free(&bytes);
	if (!ok && why.code == ERROR_DATA && !why.advice[0])
		error_advise(&why,
			_("Put the file back from a backup of the machine; or move it away: it is "
			  "only relaycon's note of what it set up, and Deconfigure works without "
			  "it."));
	if (ok || why.code == ERROR_DENIED)
		return true;
	if (error)
		*error = why;
	return false;
}

bool status_read(struct status *status, const struct site *site, struct error *error)
{
	struct baseline baseline = {0};
	struct strbuf main_bytes = STRBUF_INIT, master_bytes = STRBUF_INIT;
	struct maincf *main = NULL;
	struct mastercf *master = NULL;
	bool ok = false;

	*status = (struct status){0};
	strbuf_reset(&status->warnings);
	if (!load_state(status, site, &baseline, error) ||
		!file_read(&main_bytes, site->main_cf, FILE_MAX, NULL, error) ||
		!file_read(&master_bytes, site->master_cf, FILE_MAX, NULL, error))
		goto out;
	main = maincf_parse(site->main_cf, main_bytes.data, main_bytes.len, error);
	if (!main)
		goto out;
	master = mastercf_parse(site->master_cf, master_bytes.data, master_bytes.len, error);
	if (!master)
		goto out;
	struct view view = {site, &status->settings, &baseline, main, master};
	judge(status, &view);
	status->settings_lost = status->settings.relay_count == 0 &&
				status->settings.route_count == 0 && ours_is_led_to(site, main);
	status->running = postfix_is_running(&site->postfix);
	status->interrupted = change_is_interrupted(site);
	ok = true;
out:
	maincf_free(main);
	mastercf_free(master);
	strbuf_free(&main_bytes);
	strbuf_free(&master_bytes);
	baseline_free(&baseline);
	if (!ok)
		status_free(status);
	return ok;
}
