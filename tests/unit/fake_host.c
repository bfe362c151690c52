/* fake_host.c: the host's face: its questions, answered from the script; the transcript. */
#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct fake_host *fake_current;
pthread_mutex_t fake_writing = PTHREAD_MUTEX_INITIALIZER;

static struct fake_host *fake_of(const struct console_host *host)
{
	return host->self;
}

static const struct fake_step *take_step(
	struct fake_host *fake, const char *kind, const char *title)
{
	const struct fake_step *step = fake->steps ? &fake->steps[fake->next] : NULL;

	if (!step || !step->title)
		fail_msg("%s \"%s\" was not expected. So far:\n%s", kind, title,
			fake->transcript.data);
	if (strncmp(title, step->title, strlen(step->title)) != 0)
		fail_msg("%s \"%s\" came, expected \"%s\". So far:\n%s", kind, title, step->title,
			fake->transcript.data);
	fake->next++;
	return step;
}

/* Which of the buttons is it? */
static enum console_answer press(struct fake_host *fake, const struct fake_step *step,
	const char *const *buttons, size_t *button)
{
	if (strcmp(step->press, "Back") == 0)
		return CONSOLE_BACK;
	if (strcmp(step->press, "Gone") == 0)
		return CONSOLE_GONE;
	*button = 0;
	if (!*step->press && !buttons[0])
		return CONSOLE_OK;
	for (size_t i = 0; i < CONSOLE_BUTTONS_MAX && buttons[i]; i++) {
		*button = i;
		if (strcmp(buttons[i], step->press) == 0)
			return CONSOLE_OK;
	}
	fail_msg("there is no button \"%s\". So far:\n%s", step->press, fake->transcript.data);
	return CONSOLE_GONE;
}

static void write_buttons(struct fake_host *fake, const char *const *buttons)
{
	for (size_t i = 0; i < CONSOLE_BUTTONS_MAX && buttons[i]; i++)
		strbuf_addf(&fake->transcript, "<%s>", buttons[i]);
	strbuf_addc(&fake->transcript, '\n');
}

static enum console_answer fake_page(
	const struct console_host *host, const struct console_page *page, size_t *button)
{
	struct fake_host *fake = fake_of(host);

	strbuf_addf(&fake->transcript, "\n[page%s] %s\n%s%s\n", page->warning ? " warning" : "",
		page->title, page->intro ? page->intro : "", page->text);
	write_buttons(fake, page->buttons);
	return press(fake, take_step(fake, "page", page->title), page->buttons, button);
}

static enum console_answer fake_menu(
	const struct console_host *host, const struct console_menu *menu, size_t *chosen)
{
	struct fake_host *fake = fake_of(host);
	const struct fake_step *step;

	strbuf_addf(&fake->transcript, "\n[menu] %s\n%s\n", menu->title, menu->text);
	for (size_t i = 0; i < menu->count; i++)
		strbuf_addf(&fake->transcript, "%c %s: %s\n", i == *chosen ? '*' : ' ',
			menu->items[i].title, menu->items[i].summary);
	step = take_step(fake, "menu", menu->title);
	if (strcmp(step->press, "Back") == 0)
		return CONSOLE_BACK;
	if (strcmp(step->press, "Gone") == 0)
		return CONSOLE_GONE;
	for (size_t i = 0; i < menu->count; i++) {
		*chosen = i;
		if (strcmp(menu->items[i].title, step->press) == 0)
			return CONSOLE_OK;
	}
	fail_msg("the menu has no \"%s\"", step->press);
	return CONSOLE_GONE;
}

static void write_form(struct fake_host *fake, const struct console_form *form)
{
	strbuf_addf(&fake->transcript, "\n[form%s] %s focus=%s\n%s\n",
		form->edited ? " edited" : "", form->title, form->fields[form->focus].name,
		form->text ? form->text : "");
	for (size_t i = 0; i < form->count; i++) {
		const struct console_field *field = &form->fields[i];

		if (field->kind == CONSOLE_FIELD_SECRET)
			strbuf_addf(&fake->transcript, "%s=(%zu bytes) hint: %s\n", field->name,
				strlen(field->value), field->hint ? field->hint : "");
		else
			strbuf_addf(&fake->transcript, "%s%s=%s\n", field->name,
				field->kind == CONSOLE_FIELD_FIXED ? " fixed" : "", field->value);
	}
	if (form->problem)
		strbuf_addf(&fake->transcript, "problem: %s\n", form->problem);
	write_buttons(fake, form->buttons);
}

static void type(struct console_form *form, const char *set)
{
	size_t name = strcspn(set, "=");

	for (size_t i = 0; i < form->count; i++) {
		struct console_field *field = &form->fields[i];

		if (strlen(field->name) != name || strncmp(field->name, set, name) != 0)
			continue;
		if (field->kind == CONSOLE_FIELD_FIXED)
			fail_msg("%s is read-only", field->name);
		assert_true(strlen(set + name + 1) < field->size);
		memcpy(field->value, set + name + 1, strlen(set + name + 1) + 1);
		form->focus = i;
		form->edited = true;
		if (form->changed)
			form->changed(form, i);
		return;
	}
	fail_msg("the form has no field for \"%s\"", set);
}

static bool checks_pass(struct fake_host *fake, struct console_form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		char why[512] = "";

		if (!form->fields[i].check ||
			form->fields[i].check(form, &form->fields[i], why, sizeof why))
			continue;
		assert_true(why[0] != '\0');
		strbuf_addf(&fake->transcript, "refused %s: %s\n", form->fields[i].name, why);
		form->focus = i;
		return false;
	}
	return true;
}

static enum console_answer fake_form(
	const struct console_host *host, struct console_form *form, size_t *button)
{
	struct fake_host *fake = fake_of(host);

	for (;;) {
		const struct fake_step *step;
		enum console_answer answer;

		write_form(fake, form);
		step = take_step(fake, "form", form->title);
		form->problem = NULL;
		for (size_t i = 0; i < FAKE_SETS && step->set[i]; i++)
			type(form, step->set[i]);
		answer = press(fake, step, form->buttons, button);
		if (answer != CONSOLE_OK || *button != 0 || checks_pass(fake, form))
			return answer;
	}
}

static bool go_on(struct fake_host *fake)
{
	return !fake->cancel_after || --fake->cancel_after > 0;
}

static void fake_progress_begin(
	const struct console_host *host, const struct console_progress *progress)
{
	struct fake_host *fake = fake_of(host);

	strbuf_addf(&fake->transcript, "\n[progress] %s\n%s\n", progress->title, progress->text);
	for (size_t i = 0; i < progress->count; i++)
		strbuf_addf(&fake->transcript, "%zu %s\n", i, progress->steps[i]);
}

static bool fake_progress_step(const struct console_host *host, size_t step,
	enum console_step_state state, long ms, const char *detail)
{
	static const char *const words[] = {"waiting", "running", "ok", "failed", "skipped"};
	struct fake_host *fake = fake_of(host);

	pthread_mutex_lock(&fake_writing);
	strbuf_addf(&fake->transcript, "step %zu %s %ld %s\n", step, words[state], ms, detail);
	pthread_mutex_unlock(&fake_writing);
	return state == CONSOLE_STEP_SKIPPED || go_on(fake);
}

static bool fake_progress_poll(const struct console_host *host)
{
	return go_on(fake_of(host));
}

static void fake_progress_end(const struct console_host *host)
{
	strbuf_adds(&fake_of(host)->transcript, "[progress end]\n");
}

static void fake_print(const struct console_host *host, const char *text)
{
	strbuf_adds(&fake_of(host)->out, text);
}

static void fake_note(const struct console_host *host, const char *text)
{
	strbuf_addf(&fake_of(host)->err, "%s\n", text);
}

static int fake_fail(
	const struct console_host *host, int code, const char *message, const char *advice)
{
	struct fake_host *fake = fake_of(host);

	assert_true(code != 0);
	assert_true(message && *message);
	strbuf_addf(&fake->err, "error %d: %s|%s\n", code, message, advice ? advice : "");
	strbuf_addf(&fake->transcript, "\n[error %d] %s|%s\n", code, message, advice ? advice : "");
	return code;
}

static enum console_answer fake_secret(
	const struct console_host *host, const char *prompt, char *value, size_t size)
{
	struct fake_host *fake = fake_of(host);

	strbuf_addf(&fake->transcript, "[secret] %s\n", prompt);
	if (!fake->terminal_secret)
		return CONSOLE_BACK;
	snprintf(value, size, "%s", fake->terminal_secret);
	return CONSOLE_OK;
}

static const char *fake_option(const struct console_host *host, const char *name)
{
	struct fake_host *fake = fake_of(host);

	if (strcmp(name, "postfix-config") == 0)
		return fake->config_dir;
	if (strcmp(name, "state-dir") == 0)
		return fake->state_dir;
	fail_msg("the host has no option %s", name);
	return NULL;
}

static const char *const *fake_folders(const struct console_host *host, const char *name)
{
	assert_string_equal(name, "providers");
	return fake_of(host)->folders;
}

static void fake_audit(const struct console_host *host, const char *action, const char *from,
	const char *to, const char *result)
{
	strbuf_addf(&fake_of(host)->audit, "%s: %s -> %s: %s\n", action, from, to, result);
}

static bool fake_begin_change(const struct console_host *host)
{
	return !fake_of(host)->ending;
}

void fake_host_init(struct fake_host *fake, enum console_mode mode)
{
	memset(fake, 0, sizeof *fake);
	fake->face = (struct console_host){
		.abi = CONSOLE_ABI,
		.mode = mode,
		.privileged = true,
		.terminal = mode != CONSOLE_COMMAND,
		.page = fake_page,
		.menu = fake_menu,
		.form = fake_form,
		.progress_begin = fake_progress_begin,
		.progress_step = fake_progress_step,
		.progress_poll = fake_progress_poll,
		.progress_end = fake_progress_end,
		.print = fake_print,
		.note = fake_note,
		.fail = fake_fail,
		.secret = fake_secret,
		.begin_change = fake_begin_change,
		.option = fake_option,
		.folders = fake_folders,
		.audit = fake_audit,
		.self = fake,
	};
	fake_forget(fake);
	fake_current = fake;
}

void fake_forget(struct fake_host *fake)
{
	strbuf_reset(&fake->transcript);
	strbuf_reset(&fake->out);
	strbuf_reset(&fake->err);
	strbuf_reset(&fake->audit);
	memset(fake->options, 0, sizeof fake->options);
	memset(fake->arguments, 0, sizeof fake->arguments);
	memset(fake->probes, 0, sizeof fake->probes);
	fake->probe_next = 0;
	fake->probes_run = 0;
}

void fake_host_free(struct fake_host *fake)
{
	strbuf_free(&fake->transcript);
	strbuf_free(&fake->out);
	strbuf_free(&fake->err);
	strbuf_free(&fake->audit);
	fake_current = NULL;
}

const struct console_driver *fake_driver(const char *name)
{
	for (size_t i = 0; i < console_module.driver_count; i++)
		if (strcmp(console_module.drivers[i].name, name) == 0)
			return &console_module.drivers[i];
	fail_msg("there is no driver %s", name);
	return NULL;
}

enum console_answer fake_run(struct fake_host *fake, const char *driver, const char *entry,
	const struct fake_step *steps)
{
	const struct console_entry chosen = {.id = entry, .title = entry};
	enum console_answer answer;

	fake->steps = steps;
	fake->next = 0;
	answer = fake_driver(driver)->run(&fake->face, &chosen);
	if (steps[fake->next].title)
		fail_msg("\"%s\" was expected but did not come. So far:\n%s",
			steps[fake->next].title, fake->transcript.data);
	return answer;
}
