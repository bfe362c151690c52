#include "setup.h"

#include "flow.h"
#include "notes.h"

static enum console_answer show_warning(
	const struct console_host *host, const struct preset *preset)
{
	const struct console_page page = {
		.title = preset->name,
		.text = preset->warning,
		.buttons = {_("Go on")},
		.warning = true,
	};
	size_t button = 0;

	return host->page(host, &page, &button);
}

static enum console_answer choose_region(struct wish *wish, struct error *error, bool *failed)
{
	const struct preset *preset = wish->preset;
	const struct console_host *host = wish->work->host;
	struct console_item *items = mem_calloc(preset->region_count, sizeof *items);
	struct strbuf help = STRBUF_INIT;
	size_t chosen = 0;
	enum console_answer answer;

	notes_full(preset, &help);
	for (size_t i = 0; i < preset->region_count; i++) {
		items[i].title = preset->regions[i].id;
		items[i].summary = preset->regions[i].host;
		if (text_equal(preset->regions[i].id, wish->region))
			chosen = i;
	}
	const struct console_menu menu = {
		.title = preset->name,
		.text = _("Which region or service is the account in?"),
		.help = help.data,
		.items = items,
		.count = preset->region_count,
	};

	answer = host->menu(host, &menu, &chosen);
	if (answer == CONSOLE_OK && chosen < preset->region_count)
		*failed = !wish_set_region(wish, preset->regions[chosen].id, error);
	free(items);
	strbuf_free(&help);
	return answer;
}

static bool init_wish(struct wish *wish, struct work *work, const struct preset *preset,
	const struct setup *setup, struct error *error)
{
	if (!wish_init(wish, work, preset, setup ? setup->name : NULL, error))
		return false;
	if (setup)
		wish->make_default = setup->make_default;
	return true;
}

static enum console_answer run_wish(
	struct wish *wish, const struct setup *setup, struct error *error, bool *failed)
{
	const struct preset *preset = wish->preset;
	bool regions = preset->region_count > 1;

	for (;;) {
		enum console_answer answer;

		if (regions) {
			answer = choose_region(wish, error, failed);
			if (*failed || answer != CONSOLE_OK)
				return answer;
		}
		answer = flow_run(wish);
		if (answer != CONSOLE_BACK || !regions)
			return answer;
		if (wish->edited) {
			struct work *work = wish->work;

			wish_free(wish);
			*failed = !init_wish(wish, work, preset, setup, error);
			if (*failed)
				return CONSOLE_BACK;
		}
	}
}

static enum console_answer run_custom(const struct console_host *host, const struct setup *setup)
{
	struct work work = {0};
	struct wish wish = {0};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;

	if (work_open(&work, host, WORK_RECOVER, &error) &&
		init_wish(&wish, &work, NULL, setup, &error))
		answer = flow_run(&wish);
	else
		work_fail(host, &error);
	wish_free(&wish);
	work_close(&work);
	return answer;
}

static enum console_answer run_preset(
	const struct console_host *host, const char *id, const struct setup *setup)
{
	struct preset preset = {0};
	struct work work = {0};
	struct wish wish = {0};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;
	bool failed = true;

	if (!preset_load(&preset, host->folders(host, "providers"), id, &error))
		goto out;
	failed = false;
	do {
		wish_free(&wish);
		work_close(&work);
		if (preset.warning) {
			answer = show_warning(host, &preset);
			if (answer != CONSOLE_OK)
				goto out;
		}
		failed = !work_open(&work, host, WORK_RECOVER, &error) ||
			 !init_wish(&wish, &work, &preset, setup, &error);
		if (failed)
			goto out;
		answer = run_wish(&wish, setup, &error, &failed);
	} while (preset.warning && answer == CONSOLE_BACK && !failed);
out:
	if (failed) {
		work_fail(host, &error);
		answer = CONSOLE_BACK;
	}
	wish_free(&wish);
	work_close(&work);
	preset_free(&preset);
	return answer;
}

enum console_answer setup_run(
	const struct console_host *host, const char *provider, const struct setup *setup)
{
	return strcmp(provider, RELAY_CUSTOM) == 0 ? run_custom(host, setup)
						   : run_preset(host, provider, setup);
}
