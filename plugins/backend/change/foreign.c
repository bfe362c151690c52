/*
 * foreign.c: plan_remove_foreign (plan.h): relay settings that someone else made.
 *
 * Taken out are the parameters that send all mail to a relay and log in there; with them gone mail
 * goes direct. What other mail may rest on (TLS level, CA file, maps by sender or recipient) stays,
 * and so do files that are not ours: the warnings name them. main.cf, and master.cf where it
 * changes, are kept in STATE_DIR/backup/TIME/.
 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "edit.h"
#include "wanted.h"

static const char *const relay_parameters[] = {"relayhost", "smtp_sasl_auth_enable",
	"smtp_sasl_password_maps", "smtp_sasl_security_options", "smtp_sasl_tls_security_options",
	"smtp_sasl_tls_verified_security_options", "smtp_sasl_mechanism_filter",
	"smtp_tls_wrappermode"};

/* A hunk that says "there was nothing, and we wrote this" takes the parameter out by force. */
static void take_out(struct edit *edit, const char *name)
{
	const char *value = maincf_value(edit->main, name);
	struct hunk hunk = {.key = text_dup(name)};

	if (value) {
		strbuf_reset(&hunk.before);
		strbuf_addf(&hunk.after, "%s = %s\n", name, value);
		(void)maincf_restore(edit->main, &hunk, true);
	}
	hunk_free(&hunk);
	for (size_t i = edit->baseline.main.count; i > 0; i--)
		if (strcmp(edit->baseline.main.hunks[i - 1].hunk.key, name) == 0)
			baseline_forget(&edit->baseline.main, i - 1);
}

/* "smtp:[relay]:587" is a relay as well. relay_transport with a next hop is not: that is where an
 * incoming gateway hands its domains' mail to. */
static void take_out_transport(struct edit *edit, const struct view *view, const char *name)
{
	char *value = wanted_current(view, name);

	if ((strcmp(name, "default_transport") == 0 && wanted_transport_relays(value)) ||
		ours_is_transport(value))
		take_out(edit, name);
	free(value);
}

/* Only after its state folder was lost are there services of ours that no baseline knows. */
static void take_out_services(struct edit *edit)
{
	for (size_t i = mastercf_count(edit->master); i > 0; i--) {
		const char *key = mastercf_key(edit->master, i - 1);
		if (!key || !ours_is_service(edit->master, key))
			continue;
		struct hunk hunk = {.key = text_dup(key)};
		strbuf_reset(&hunk.before);
		strbuf_addf(&hunk.after, "%s\n", mastercf_value(edit->master, key));
		(void)mastercf_restore(edit->master, &hunk, true);
		hunk_free(&hunk);
	}
}

/* The same table reference may stand in a list of the administrator's own. */
static bool cut_list(struct edit *edit, const char *name, struct error *error)
{
	const char *now = maincf_value(edit->main, name);
	char *rest = NULL;
	bool ok = true, changed;

	if (now && ours_cut_all(edit->site, now, &rest)) {
		if (*rest)
			ok = maincf_set(edit->main, name, rest, NULL, &changed, error);
		else
			take_out(edit, name);
	}
	free(rest);
	return ok;
}

static bool cut_lists(struct edit *edit, struct error *error)
{
	return cut_list(edit, "smtp_tls_policy_maps", error) &&
	       cut_list(edit, "transport_maps", error) &&
	       cut_list(edit, "sender_dependent_default_transport_maps", error) &&
	       cut_list(edit, "sender_dependent_relayhost_maps", error);
}

/* --- warnings ------------------------------------------------------------------------------------ */

static void warn_password_files(const struct view *view, struct strbuf *out)
{
	char *maps = wanted_current(view, "smtp_sasl_password_maps");
	static const char separators[] = ", \t\r\n";
	const char *at = maps + strspn(maps, separators);

	while (*at) {
		size_t len = strcspn(at, separators);
		const char *slash = memchr(at, '/', len);
		char path[512];
		if (slash && strncmp(at, "static:", 7) != 0 && strncmp(at, "inline:", 7) != 0) {
			text_clean_into(path, sizeof path, slash, len - (size_t)(slash - at));
			if (strcmp(path, view->site->credentials) != 0)
				strbuf_addf(out, "%s: %s\n", path,
					_("is left where it is, with any .db beside it; it still "
					  "holds the login, so remove it when you need it no "
					  "more"));
		}
		at += len;
		at += strspn(at, separators);
	}
	free(maps);
}

static void warn_remains(const struct view *view, struct strbuf *out)
{
	static const struct {
		const char *name;
		const char *effect;
	} remains[] = {
		{"transport_maps", N_("stays; it may still send some recipients' mail to a relay")},
		{"sender_dependent_relayhost_maps",
			N_("stays; it may still send some senders' mail to a relay")},
		{"sender_dependent_default_transport_maps",
			N_("stays; it may still send some senders' mail to a relay")},
	};
	static const char *const strict[] = {
		"encrypt", "verify", "secure", "fingerprint", "dane-only", NULL};
	char shown[160];

	for (size_t i = 0; i < sizeof remains / sizeof *remains; i++) {
		char *value = wanted_current(view, remains[i].name);
		text_clean_into(shown, sizeof shown, value, strlen(value));
		if (*value)
			strbuf_addf(
				out, "%s = %s: %s\n", remains[i].name, shown, _(remains[i].effect));
		free(value);
	}
	char *level = wanted_current(view, "smtp_tls_security_level");
	for (size_t i = 0; strict[i]; i++)
		if (strcmp(level, strict[i]) == 0)
			strbuf_addf(out, "smtp_tls_security_level = %s: %s\n", level,
				_("stays; mail that now goes direct waits in the queue wherever "
				  "the receiving server cannot meet it (\"may\" is usual)"));
	free(level);
}

/* --- the plan ------------------------------------------------------------------------------------ */

static bool changed(const struct edit_file *file, const struct strbuf *now)
{
	return file->bytes.len != now->len || memcmp(file->bytes.data, now->data, now->len) != 0;
}

static void add_backup(
	struct plan *plan, const char *folder, const char *name, const struct strbuf *bytes)
{
	plan->files = mem_realloc_array(plan->files, plan->count + 1, sizeof *plan->files);
	struct plan_file *file = &plan->files[plan->count++];

	*file = (struct plan_file){.kind = PLAN_STATE, .mode = 0600};
	file->path = text_format("%s/%s", folder, name);
	strbuf_reset(&file->before);
	strbuf_add(&file->after, bytes->data, bytes->len);
}

static void add_backups(struct plan *plan, const struct edit *edit)
{
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32];

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
	char *folder = text_format("%s/backup/%s", edit->site->state_dir, stamp);
	if (changed(&edit->main_file, maincf_bytes(edit->main)))
		add_backup(plan, folder, "main.cf", &edit->main_file.bytes);
	if (changed(&edit->master_file, mastercf_bytes(edit->master)))
		add_backup(plan, folder, "master.cf", &edit->master_file.bytes);
	free(folder);
}

bool plan_remove_foreign(struct plan *plan, const struct site *site, struct error *error)
{
	const struct settings none = {0};
	struct edit edit = {0};
	struct wanted wanted = {0};
	bool ok = false;

	*plan = (struct plan){0};
	strbuf_reset(&plan->warnings);
	strbuf_reset(&plan->kept);
	if (!edit_open(&edit, site, error))
		goto out;
	struct view view = edit_view(&edit, &none);
	warn_password_files(&view, &plan->warnings);
	warn_remains(&view, &plan->warnings);
	wanted_from(&wanted, &view);
	/* What is ours goes back first: someone may have put a relay over one of ours. */
	if (!edit_apply(&edit, &wanted, false, error) || !cut_lists(&edit, error))
		goto out;
	strbuf_reset(&edit.kept);
	take_out_transport(&edit, &view, "default_transport");
	take_out_transport(&edit, &view, "relay_transport");
	for (size_t i = 0; i < sizeof relay_parameters / sizeof *relay_parameters; i++)
		take_out(&edit, relay_parameters[i]);
	take_out_services(&edit);
	if (!edit_plan(&edit, plan, &wanted, NULL, NULL, error))
		goto out;
	add_backups(plan, &edit);
	plan->summary = text_dup("remove the relay settings that were not made by relaycon");
	ok = true;
out:
	wanted_free(&wanted);
	edit_close(&edit);
	if (!ok)
		plan_free(plan);
	return ok;
}
