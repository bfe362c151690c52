#include "form.h"

#include "fields.h"
#include "notes.h"

enum { SUBMIT, SERVER };

static const enum wish_field preset_fields[] = {WISH_LOGIN, WISH_PASSWORD, WISH_SERVER};
static const enum wish_field custom_fields[] = {WISH_HOST, WISH_PORT, WISH_TLS, WISH_VERIFY,
	WISH_FINGERPRINT, WISH_CA_FILE, WISH_LOGIN, WISH_PASSWORD};
static const enum wish_field server_fields[] = {
	WISH_LISTED, WISH_HOST, WISH_PORT, WISH_TLS, WISH_VERIFY, WISH_FINGERPRINT, WISH_CA_FILE};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void fill_all(
	struct fields *fields, const enum wish_field *ids, size_t count, struct console_field *out)
{
	for (size_t i = 0; i < count; i++)
		fields_fill(fields, ids[i], &out[i]);
}

/* Where this field stands among them; count when it does not. */
static size_t place_of(enum wish_field id, const enum wish_field *ids, size_t count)
{
	size_t i = 0;

	while (i < count && ids[i] != id)
		i++;
	return i;
}

static const char *server_help(void)
{
	return _(
		"Host: the name that the provider gives; its certificate must carry this name.\n\n"
		"Port and security belong together: 465 is implicit TLS (encrypted from the first "
		"byte); 587, 2525 and 25 are STARTTLS (encrypted before anything is said).\n\n"
		"Opportunistic encrypts only if the relay offers it; anyone on the way can take "
		"the offer out. A login is refused there unless you agree to it.\n\n"
		"Verification by name is what you want with any provider. DANE needs a validating "
		"resolver on this machine. A fingerprint pins one certificate, and mail stops when "
		"the relay renews it.\n\n"
		"CA file: for a relay whose certificate comes from an authority of your own.");
}

/* Edits a copy; Back leaves the wish as it was. */
static enum console_answer run_server(struct wish *wish, enum wish_field focus, const char *problem)
{
	const struct console_host *host = wish->work->host;
	struct wish_server copy = wish->server;
	struct console_field all[COUNT(server_fields)];
	struct fields fields;
	enum console_answer answer;
	size_t button = 0;

	fields_init(&fields, wish, &copy);
	fill_all(&fields, server_fields, COUNT(server_fields), all);
	struct console_form form = {
		.title = _("Server"),
		.text = _("Normally there is nothing to change here."),
		.help = server_help(),
		.fields = all,
		.count = COUNT(server_fields),
		.focus = place_of(focus, server_fields, COUNT(server_fields)),
		.problem = problem,
		.buttons = {_("Use")},
		.changed = fields_changed,
		.context = &fields,
	};

	if (form.focus == form.count)
		form.focus = place_of(WISH_HOST, server_fields, COUNT(server_fields));
	answer = host->form(host, &form, &button);
	if (answer == CONSOLE_OK) {
		wish->edited = wish->edited || memcmp(&copy, &wish->server, sizeof copy) != 0;
		wish->server = copy;
		wish_summarize(wish);
	}
	return answer;
}

static enum console_answer run_main(struct wish *wish, const char *problem, size_t *button)
{
	const struct console_host *host = wish->work->host;
	bool preset = wish->preset != NULL;
	const enum wish_field *ids = preset ? preset_fields : custom_fields;
	size_t count = preset ? COUNT(preset_fields) : COUNT(custom_fields);
	struct console_field all[COUNT(custom_fields)];
	struct strbuf text = STRBUF_INIT;
	struct strbuf help = STRBUF_INIT;
	struct fields fields;
	enum console_answer answer;
	char *title = text_dup(preset ? wish->preset->name : _("Custom relay"));

	fields_init(&fields, wish, &wish->server);
	fill_all(&fields, ids, count, all);
	if (wish->named) {
		char *which = text_format(_("Relay %s: %s"), wish->name, title);

		free(title);
		title = which;
	}
	if (preset) {
		size_t room = NOTES_LINES_MAX;

		if (wish->editing) {
			strbuf_adds(&text, _("Configured now. An empty password keeps the stored "
					     "one.\n"));
			room--;
		}
		notes_short(wish->preset, room, &text);
		notes_full(wish->preset, &help);
	} else {
		strbuf_adds(&text, wish->editing
					   ? _("Configured now. An empty password keeps the "
					       "stored one.")
					   : _("Any relay that takes mail from this machine."));
		strbuf_adds(&help, server_help());
	}
	struct console_form form = {
		.title = title,
		.text = text.data,
		.help = help.data,
		.fields = all,
		.count = count,
		.focus = wish->focus,
		.problem = problem,
		.buttons = {_("Test and review"), preset ? _("Server...") : NULL},
		.changed = preset ? NULL : fields_changed,
		.edited = wish->edited,
		.context = &fields,
	};

	answer = host->form(host, &form, button);
	secret_update(&wish->password);
	wish->edited = form.edited;
	wish->focus = form.focus;
	free(title);
	strbuf_free(&text);
	strbuf_free(&help);
	return answer;
}

static enum console_answer run_forms(struct wish *wish, const char *problem)
{
	for (;;) {
		size_t button = SUBMIT;
		enum console_answer answer = run_main(wish, problem, &button);

		if (answer != CONSOLE_OK || button == SUBMIT)
			return answer;
		problem = NULL;
		if (run_server(wish, WISH_HOST, NULL) == CONSOLE_GONE)
			return CONSOLE_GONE;
	}
}

enum console_answer form_run(struct wish *wish, enum wish_field field, const char *problem)
{
	const enum wish_field *ids = wish->preset ? preset_fields : custom_fields;
	size_t count = wish->preset ? COUNT(preset_fields) : COUNT(custom_fields);
	size_t place = place_of(field, ids, count);

	if (place < count) {
		wish->focus = place;
		return run_forms(wish, problem);
	}
	if (field != WISH_FIELDS && run_server(wish, field, problem) == CONSOLE_GONE)
		return CONSOLE_GONE;
	return run_forms(wish, NULL);
}
