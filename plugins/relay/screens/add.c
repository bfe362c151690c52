/*
 * add.c: a relay beside those that are there: provider -> name -> the form, test and review that the
 * default relay has. Back goes one step back.
 */
#include "../setup.h"
#include "screens.h"
#include "words.h"

enum { NAME_SIZE = 64 };

enum console_answer screen_provider(
	const struct console_host *host, const char *title, const char *now, char **provider)
{
	struct preset_list list = {0};
	struct error error = {0};
	struct console_item *items;
	enum console_answer answer = CONSOLE_BACK;
	size_t chosen = 0;

	*provider = NULL;
	if (!preset_list_load(&list, host->folders(host, "providers"), &error)) {
		work_fail(host, &error);
		return CONSOLE_BACK;
	}
	items = mem_calloc(list.count + 1, sizeof *items);
	items[0].title = _("Custom");
	items[0].summary = _("Any other server");
	for (size_t i = 0; i < list.count; i++) {
		items[i + 1].title = list.presets[i].name;
		items[i + 1].summary = list.presets[i].host;
		if (text_equal(list.presets[i].id, now))
			chosen = i + 1;
	}
	const struct console_menu menu = {
		.title = title,
		.text = _("Whose relay is it? Type the first letter to jump."),
		.items = items,
		.count = list.count + 1,
	};

	answer = host->menu(host, &menu, &chosen);
	if (answer == CONSOLE_OK)
		*provider = text_dup(chosen ? list.presets[chosen - 1].id : RELAY_CUSTOM);
	free(items);
	preset_list_free(&list);
	return answer;
}

struct name_form {
	const struct settings *settings;
	char name[NAME_SIZE];
	char use[8];
	bool edited;
};

static const char yes[] = "yes";
static const char no[] = "no";

static bool check_name(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct name_form *own = form->context;
	struct error error = {0};

	if (!field->value[0]) {
		snprintf(why, size, "%s", _("Type a name for it, for example office."));
		return false;
	}
	if (!settings_check_name(field->value, &error))
		return words_error(&error, why, size);
	if (!settings_relay(own->settings, field->value))
		return true;
	snprintf(why, size, _("There is a relay %s already. Type another name."), field->value);
	return false;
}

/* A provider's id is a good name while nobody else has it. */
static void suggest_name(struct name_form *form, const char *provider)
{
	const char *base = !form->settings->relay_count ? RELAY_DEFAULT_NAME : provider;

	if (strcmp(base, RELAY_CUSTOM) == 0)
		return;
	snprintf(form->name, sizeof form->name, "%s", base);
	for (unsigned i = 2; settings_relay(form->settings, form->name); i++)
		snprintf(form->name, sizeof form->name, "%.40s-%u", base, i);
}

/* The name first: everything else about it is the common flow's. */
static enum console_answer ask_name(const struct console_host *host, struct name_form *name)
{
	const struct relay *now = settings_default(name->settings);
	char *use = now ? text_format(_("no, that stays %s"), now->name)
			: text_dup(_("no, that goes directly"));
	const struct console_choice choices[] = {{no, use}, {yes, _("yes")}};
	struct console_field fields[] = {
		{.name = "name",
			.label = _("Name"),
			.hint = _("What routes and this console call it: office, backup, brevo"),
			.kind = CONSOLE_FIELD_TEXT,
			.value = name->name,
			.size = sizeof name->name,
			.check = check_name},
		{.name = "default",
			.label = _("Mail without a route"),
			.hint = _("Does mail that no route is for go to it?"),
			.kind = CONSOLE_FIELD_CHOICE,
			.value = name->use,
			.size = sizeof name->use,
			.choices = choices,
			.choice_count = sizeof choices / sizeof *choices},
	};
	struct console_form form = {
		.title = _("Add a relay"),
		.text = _("A relay has a name of its own, so that there can be several."),
		.fields = fields,
		.count = sizeof fields / sizeof *fields,
		.buttons = {_("Next")},
		.edited = name->edited,
		.context = name,
	};
	size_t button = 0;
	enum console_answer answer = host->form(host, &form, &button);

	name->edited = form.edited;
	free(use);
	return answer;
}

/* CONSOLE_BACK: to the choice of provider. */
static enum console_answer name_and_set_up(
	const struct console_host *host, const struct settings *settings, const char *provider)
{
	struct name_form name = {.settings = settings};
	enum console_answer answer;

	suggest_name(&name, provider);
	snprintf(name.use, sizeof name.use, "%s", settings_default(settings) ? no : yes);
	do {
		struct setup setup = {.name = name.name};

		answer = ask_name(host, &name);
		if (answer != CONSOLE_OK)
			break;
		setup.make_default = strcmp(name.use, yes) == 0;
		answer = setup_run(host, provider, &setup);
	} while (answer == CONSOLE_BACK);
	return answer;
}

enum console_answer screen_add_relay(const struct console_host *host)
{
	struct work work = {0};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;

	if (!work_open(&work, host, WORK_RECOVER, &error)) {
		work_fail(host, &error);
		work_close(&work);
		return answer;
	}
	do {
		char *provider = NULL;

		answer = screen_provider(host, _("Add a relay"), NULL, &provider);
		if (answer != CONSOLE_OK)
			break;
		answer = name_and_set_up(host, &work.status.settings, provider);
		free(provider);
	} while (answer == CONSOLE_BACK);
	work_close(&work);
	return answer;
}
