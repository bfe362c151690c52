/*
 * route.c: the form of one route: whose mail, and where it goes.
 */
#include "apply.h"
#include "pick.h"
#include "screens.h"
#include "words.h"

enum { REVIEW, REMOVE };
enum { KIND, PATTERN, RELAY };
/* With more relays than this the name is typed. */
enum { CHOICES_MAX = 30 };

struct route_form {
	const struct settings *settings;
	const struct route *before; /* NULL: a new one */
	char kind[16];
	char pattern[512];
	char relay[64];
	struct console_choice kinds[ROUTE_KINDS];
	struct console_choice relays[CHOICES_MAX + 1];
	struct strbuf titles[CHOICES_MAX];
	size_t relay_count;
};

/* One route instead of another, or of none; or none instead of it. */
struct route_edit {
	const struct route *before;
	enum route_kind kind;
	char *pattern; /* NULL: it goes */
	const char *relay;
};

static bool edit_route(struct settings *settings, const void *context, struct error *error)
{
	const struct route_edit *edit = context;

	if (edit->before &&
		!settings_remove_route(settings, edit->before->kind, edit->before->pattern, error))
		return false;
	return !edit->pattern ||
	       settings_add_route(settings, edit->kind, edit->pattern, edit->relay, error);
}

static enum route_kind kind_of(const struct route_form *form)
{
	return strcmp(form->kind, route_word(ROUTE_RECIPIENT)) == 0 ? ROUTE_RECIPIENT
								    : ROUTE_SENDER;
}

static bool check_pattern(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	struct error error = {0};
	char *pattern = NULL;

	if (!field->value[0]) {
		snprintf(why, size, "%s",
			_("Type an address (user@example.com) or a domain (example.com)."));
		return false;
	}
	if (!route_parse(kind_of(form->context), field->value, &pattern, &error))
		return words_error(&error, why, size);
	free(pattern);
	return true;
}

static bool check_relay(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct route_form *own = form->context;

	if (strcmp(field->value, RELAY_DIRECT) == 0 || settings_relay(own->settings, field->value))
		return true;
	snprintf(why, size,
		field->value[0]
			? _("There is no relay of that name. \"direct\" is no relay at all.")
			: _("Say which relay, or \"direct\"."));
	return false;
}

static void fill_relays(struct route_form *form)
{
	const struct settings *settings = form->settings;

	if (settings->relay_count > CHOICES_MAX)
		return;
	for (size_t i = 0; i < settings->relay_count; i++) {
		words_target(settings, settings->relays[i].name, &form->titles[i]);
		form->relays[i].word = settings->relays[i].name;
		form->relays[i].title = form->titles[i].data;
	}
	form->relay_count = settings->relay_count;
	form->relays[form->relay_count].word = RELAY_DIRECT;
	form->relays[form->relay_count++].title = _("directly, through no relay");
}

static void init_form(
	struct route_form *form, const struct settings *settings, const struct route *before)
{
	*form = (struct route_form){.settings = settings, .before = before};
	form->kinds[0].word = route_word(ROUTE_SENDER);
	form->kinds[0].title = _("From: whoever sends it");
	form->kinds[1].word = route_word(ROUTE_RECIPIENT);
	form->kinds[1].title = _("To: whoever gets it");
	fill_relays(form);
	snprintf(form->kind, sizeof form->kind, "%s",
		route_word(before ? before->kind : ROUTE_SENDER));
	if (before) {
		snprintf(form->pattern, sizeof form->pattern, "%s", before->pattern);
		snprintf(form->relay, sizeof form->relay, "%s", before->relay);
		return;
	}
	/* Whoever adds a route wants mail to leave the usual way. */
	for (size_t i = 0; i < form->relay_count && !form->relay[0]; i++)
		if (!text_equal(form->relays[i].word, settings->default_relay))
			snprintf(form->relay, sizeof form->relay, "%s", form->relays[i].word);
}

static void free_form(struct route_form *form)
{
	for (size_t i = 0; i < CHOICES_MAX; i++)
		strbuf_free(&form->titles[i]);
}

/* The form's route comes in the place of the one before; remove: none does. problem: see apply_run. */
static enum apply_answer apply(
	struct work *work, struct route_form *form, bool remove, char *problem, size_t size)
{
	struct route_edit edit = {.before = form->before, .kind = kind_of(form)};
	struct strbuf intro = STRBUF_INIT;
	struct error error = {0};
	enum apply_answer answer;

	edit.relay = form->relay;
	if (!remove && !route_parse(edit.kind, form->pattern, &edit.pattern, &error)) {
		words_error(&error, problem, size);
		return APPLY_BACK;
	}
	if (remove) {
		words_route(form->before->kind, form->before->pattern, &intro);
		strbuf_adds(&intro, _(": this route goes. Its mail takes the next way that fits."));
	} else {
		words_route(edit.kind, edit.pattern, &intro);
		strbuf_adds(&intro, "  ->  ");
		words_target(form->settings, form->relay, &intro);
	}
	const struct apply plan = {
		.edit = edit_route,
		.context = &edit,
		.title = remove ? _("Remove the route") : _("Review"),
		.intro = intro.data,
		.button = remove ? _("Remove") : NULL,
		.action = remove         ? "route remove"
			  : form->before ? "route change"
					 : "route add",
		.done = remove ? _("The route is removed.") : _("The route is in use."),
	};

	answer = apply_run(work, &plan, problem, size);
	strbuf_free(&intro);
	free(edit.pattern);
	return answer;
}

static const char *route_help(void)
{
	return _("From: the envelope sender decides, which bounces go back to. To: the recipient "
		 "decides; each recipient of a mail by itself.\n\n"
		 "user@example.com is one address, example.com all addresses of that domain, but "
		 "not of its subdomains. <> as sender are bounces and other mail that nobody is to "
		 "answer; some providers take none, so these may have to go another way.\n\n"
		 "A recipient's route counts before a sender's, an address before its domain.\n\n"
		 "Directly: to the recipient's own server, with this machine's own settings.");
}

static enum console_answer run_form(struct work *work, struct route_form *route)
{
	const struct console_host *host = work->host;
	bool many = route->relay_count == 0;
	struct console_field fields[] = {
		[KIND] = {.name = "kind",
			.label = _("Mail"),
			.hint = _("Which of its two addresses decides"),
			.kind = CONSOLE_FIELD_CHOICE,
			.value = route->kind,
			.size = sizeof route->kind,
			.choices = route->kinds,
			.choice_count = ROUTE_KINDS},
		[PATTERN] = {.name = "pattern",
			.label = _("Address or domain"),
			.hint = _("user@example.com, or example.com for all of it; <> are bounces"),
			.kind = CONSOLE_FIELD_TEXT,
			.value = route->pattern,
			.size = sizeof route->pattern,
			.check = check_pattern},
		[RELAY] = {.name = "relay",
			.label = _("Goes to"),
			.hint = many ? _("A relay's name, or direct")
				     : _("The relay that takes this mail"),
			.kind = many ? CONSOLE_FIELD_TEXT : CONSOLE_FIELD_CHOICE,
			.value = route->relay,
			.size = sizeof route->relay,
			.choices = route->relays,
			.choice_count = route->relay_count,
			.check = check_relay},
	};
	char problem[1024] = "";
	struct console_form form = {
		.title = route->before ? _("Route") : _("Add a route"),
		.text = _("Mail from some senders, or to some recipients, takes a way of its own."),
		.help = route_help(),
		.fields = fields,
		.count = sizeof fields / sizeof *fields,
		.focus = PATTERN,
		.buttons = {_("Review"), route->before ? _("Remove") : NULL},
		.context = route,
	};

	for (;;) {
		size_t button = REVIEW;
		enum console_answer answer;

		form.problem = problem[0] ? problem : NULL;
		answer = host->form(host, &form, &button);
		if (answer != CONSOLE_OK)
			return answer;
		switch (apply(work, route, button == REMOVE, problem, sizeof problem)) {
		case APPLY_DONE:
			return CONSOLE_OK;
		case APPLY_GONE:
			return CONSOLE_GONE;
		case APPLY_BACK:
			if (problem[0])
				form.focus = PATTERN;
			break;
		}
	}
}

enum console_answer screen_route(struct work *work, const struct route *route)
{
	struct settings settings = {0};
	struct route before = {0};
	struct route_form form;
	enum console_answer answer;

	/* Of its own: what is true may be read anew while the form is open. */
	settings_copy(&settings, &work->status.settings);
	if (route)
		before = (struct route){.kind = route->kind,
			.pattern = text_dup(route->pattern),
			.relay = text_dup(route->relay)};
	init_form(&form, &settings, route ? &before : NULL);
	answer = run_form(work, &form);
	free_form(&form);
	free(before.pattern);
	free(before.relay);
	settings_free(&settings);
	return answer;
}
