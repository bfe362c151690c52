/*
 * change.c: what is changed about a relay without talking to it: its name, the sender that it puts on
 * foreign mail, whether mail without a route goes to it, whether it is there at all.
 */
#include "apply.h"
#include "pick.h"
#include "screens.h"
#include "words.h"

/* One relay, and what it or the settings get instead. */
struct relay_edit {
	const char *name;
	const char *value; /* NULL: none */
};

static enum console_answer from_apply(enum apply_answer answer)
{
	return answer == APPLY_DONE   ? CONSOLE_OK
	       : answer == APPLY_GONE ? CONSOLE_GONE
				      : CONSOLE_BACK;
}

/* A form of one field, whose value is applied; shown again until it was, or the user goes back. */
static enum console_answer ask_and_apply(
	struct work *work, struct console_form *form, struct relay_edit *edit, struct apply *apply)
{
	char problem[1024] = "";

	form->buttons[0] = _("Review");
	form->count = 1;
	for (;;) {
		enum console_answer answer;
		size_t button = 0;

		form->problem = problem[0] ? problem : NULL;
		answer = work->host->form(work->host, form, &button);
		if (answer != CONSOLE_OK)
			return answer;
		edit->value = form->fields->value[0] ? form->fields->value : NULL;
		apply->context = edit;
		answer = from_apply(apply_run(work, apply, problem, sizeof problem));
		if (answer != CONSOLE_BACK)
			return answer;
	}
}

/* --- the name --------------------------------------------------------------------------------- */

static bool edit_name(struct settings *settings, const void *context, struct error *error)
{
	const struct relay_edit *edit = context;

	return settings_rename_relay(settings, edit->name, edit->value, error);
}

static bool check_name(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	struct error error = {0};

	(void)form;
	return settings_check_name(field->value, &error) || words_error(&error, why, size);
}

enum console_answer screen_rename(struct work *work, const struct relay *relay)
{
	char *name = text_dup(relay->name);
	char *title = text_format(_("Rename the relay %s"), name);
	struct relay_edit edit = {.name = name};
	char value[64];
	struct console_field field = {
		.name = "name",
		.label = _("Name"),
		.hint = _("Small letters, digits, dots and hyphens"),
		.kind = CONSOLE_FIELD_TEXT,
		.value = value,
		.size = sizeof value,
		.check = check_name,
	};
	struct console_form form = {
		.title = title,
		.text = _("Only relaycon knows the name. Routes and failover keep leading to it."),
		.fields = &field,
	};
	struct apply apply = {
		.edit = edit_name,
		.title = _("Review"),
		.intro = _("Mail goes the same ways as before."),
		.action = "relay rename",
		.done = _("The relay has its new name."),
	};
	enum console_answer answer;

	snprintf(value, sizeof value, "%s", name);
	answer = ask_and_apply(work, &form, &edit, &apply);
	free(title);
	free(name);
	return answer;
}

/* --- the sender ------------------------------------------------------------------------------- */

static bool edit_rewrite(struct settings *settings, const void *context, struct error *error)
{
	const struct relay_edit *edit = context;
	const struct relay *now = settings_relay(settings, edit->name);
	struct relay relay = {0};

	if (!now)
		return error_set(
			error, ERROR_USAGE, _("There is no relay %s any more."), edit->name);
	relay_copy(&relay, now);
	text_replace(&relay.sender_rewrite, edit->value);
	settings_put_relay(settings, &relay);
	relay_free(&relay);
	return true;
}

enum console_answer screen_rewrite(struct work *work, const struct relay *relay)
{
	char *name = text_dup(relay->name);
	char *title = text_format(_("Sender rewriting of %s"), name);
	struct relay_edit edit = {.name = name};
	char value[512];
	struct console_field field = {
		.name = "sender-rewrite",
		.label = _("Sender address"),
		.hint = _("An address that this relay takes. Empty: senders stay as they are"),
		.kind = CONSOLE_FIELD_TEXT,
		.value = value,
		.size = sizeof value,
	};
	struct console_form form = {
		.title = title,
		.text = _(
			"Many providers take mail only from your own, verified senders. Forwarded "
			"mail has others, and is refused. With an address here, mail that goes to "
			"this relay from another domain than this address's gets it as envelope "
			"sender.\n\nSenders of its domain, bounces (<>), recipients, what stands "
			"in "
			"the mail's header and mail that stays on this machine are not touched."),
		.fields = &field,
	};
	struct apply apply = {
		.edit = edit_rewrite,
		.title = _("Review"),
		.intro = _("Senders of other domains get this address, on the way to this relay."),
		.action = "relay set",
		.done = _("It is in use."),
	};
	enum console_answer answer;

	snprintf(value, sizeof value, "%s", relay->sender_rewrite ? relay->sender_rewrite : "");
	answer = ask_and_apply(work, &form, &edit, &apply);
	free(title);
	free(name);
	return answer;
}

/* --- the default ------------------------------------------------------------------------------ */

static bool edit_default(struct settings *settings, const void *context, struct error *error)
{
	const struct relay_edit *edit = context;

	if (edit->value && !settings_relay(settings, edit->value))
		return error_set(
			error, ERROR_USAGE, _("There is no relay %s any more."), edit->value);
	settings_set_default(settings, edit->value);
	return true;
}

static enum console_answer apply_default(struct work *work, const char *name)
{
	const struct settings *settings = &work->status.settings;
	struct relay_edit edit = {.value = strcmp(name, RELAY_DIRECT) == 0 ? NULL : name};
	struct strbuf intro = STRBUF_INIT;
	struct apply apply = {
		.edit = edit_default,
		.context = &edit,
		.title = _("Review"),
		.action = "relay default",
		.done = _("Mail without a route goes there now."),
	};
	enum console_answer answer;

	strbuf_adds(&intro, settings->route_count ? _("All other mail") : _("All mail"));
	strbuf_adds(&intro, "  ->  ");
	words_target(settings, name, &intro);
	apply.intro = intro.data;
	answer = from_apply(apply_run(work, &apply, NULL, 0));
	strbuf_free(&intro);
	return answer;
}

enum console_answer screen_default(struct work *work, const char *name)
{
	struct settings settings = {0};
	char *chosen = NULL;
	enum console_answer answer;

	if (name) {
		chosen = text_dup(name);
		answer = apply_default(work, chosen);
		free(chosen);
		return answer;
	}
	settings_copy(&settings, &work->status.settings);
	const struct pick pick = {
		.title = _("Mail without a route"),
		.text = _("Where does mail go that no route is for?"),
		.settings = &settings,
		.direct = true,
		.now = settings.default_relay ? settings.default_relay : RELAY_DIRECT,
	};

	do {
		answer = pick_relay(work->host, &pick, &chosen);
		if (answer != CONSOLE_OK)
			break;
		answer = apply_default(work, chosen);
		free(chosen);
	} while (answer == CONSOLE_BACK);
	settings_free(&settings);
	return answer;
}

/* --- no more ---------------------------------------------------------------------------------- */

static bool edit_remove(struct settings *settings, const void *context, struct error *error)
{
	const struct relay_edit *edit = context;

	return settings_remove_relay(settings, edit->name, error);
}

enum console_answer screen_remove_relay(struct work *work, const struct relay *relay)
{
	const struct settings *settings = &work->status.settings;
	bool is_default = text_equal(settings->default_relay, relay->name);
	char *name = text_dup(relay->name);
	const struct relay_edit edit = {.name = name};
	char *title = text_format(_("Remove the relay %s"), name);
	char *done = text_format(_("The relay %s is removed."), name);
	const struct apply apply = {
		.edit = edit_remove,
		.context = &edit,
		.title = title,
		.intro = is_default ? _("Warning: it is the default relay. Mail without a route "
					"goes directly then.")
				    : _("The relay goes, and its stored password."),
		.button = _("Remove"),
		.action = "relay remove",
		.done = done,
	};
	enum console_answer answer;

	answer = from_apply(apply_run(work, &apply, NULL, 0));
	free(title);
	free(done);
	free(name);
	return answer;
}
