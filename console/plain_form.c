/*
 * plain_form.c: a form as one question after the other, and the buttons at the end.
 */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "form.h"
#include "guarded.h"
#include "i18n.h"
#include "tty.h"

enum { LINE_SIZE = 4096 };

static enum console_answer ask_text(struct console_field *field, const char *help, bool *changed)
{
	char line[LINE_SIZE], prompt[LINE_SIZE + 256];
	size_t number;

	for (;;) {
		snprintf(prompt, sizeof(prompt), *field->value ? "%s [%s]" : "%s", field->label,
			field->value);
		switch (plain_ask(
			prompt, field->hint ? field->hint : help, line, sizeof(line), &number)) {
		case PLAIN_GONE:
			return CONSOLE_GONE;
		case PLAIN_BACK:
			return CONSOLE_BACK;
		case PLAIN_EMPTY:
			return CONSOLE_OK;
		case PLAIN_NUMBER:
		case PLAIN_TEXT:
			break;
		}
		/* "-" empties; a backslash lets b, 0, ? and - be typed as themselves. */
		const char *typed = !strcmp(line, "-") ? "" : line + (line[0] == '\\');

		if (strlen(typed) >= field->size) {
			plain_sayf(_("That is too long: at most %zu bytes."), field->size - 1);
			continue;
		}
		*changed = strcmp(field->value, typed) != 0;
		snprintf(field->value, field->size, "%s", typed);
		return CONSOLE_OK;
	}
}

static enum console_answer ask_secret(struct console_field *field, const char *help, bool *changed)
{
	bool set = *field->value;
	const char *about = field->hint ? field->hint : help;
	enum console_answer answer = CONSOLE_OK;
	char *before = guarded_new(field->size);
	char *prompt = text_make(
		set ? _("%s (not shown; Enter keeps it, - empties it): ") : _("%s (not shown): "),
		field->label);

	if (!before) {
		free(prompt);
		return CONSOLE_GONE;
	}
	if (about)
		plain_say(about);
	/* What is typed goes into the driver's memory; the old value has to wait elsewhere, as Enter
	 * keeps it. */
	memcpy(before, field->value, field->size);
	answer = tty_secret(STDIN_FILENO, STDOUT_FILENO, prompt, field->value, field->size);
	if (answer != CONSOLE_OK || (set && !*field->value))
		memcpy(field->value, before, field->size);
	else if (set && !strcmp(field->value, "-"))
		explicit_bzero(field->value, field->size);
	*changed = answer == CONSOLE_OK && strcmp(field->value, before) != 0;
	guarded_free(before, field->size);
	free(prompt);
	return answer;
}

static enum console_answer ask_choice(struct console_field *field, const char *help, bool *changed)
{
	char line[LINE_SIZE], prompt[LINE_SIZE];
	size_t current = form_choice(field), number;

	plain_sayf("%s:", field->label);
	for (size_t i = 0; i < field->choice_count; i++)
		plain_sayf(i == current ? _("  %zu. %s (as it is now)") : "  %zu. %s", i + 1,
			field->choices[i].title);
	if (current < field->choice_count)
		snprintf(prompt, sizeof(prompt), _("Your choice [%zu]"), current + 1);
	else
		snprintf(prompt, sizeof(prompt), "%s", _("Your choice"));
	for (;;) {
		switch (plain_ask(
			prompt, field->hint ? field->hint : help, line, sizeof(line), &number)) {
		case PLAIN_GONE:
			return CONSOLE_GONE;
		case PLAIN_BACK:
			return CONSOLE_BACK;
		case PLAIN_EMPTY:
			if (current < field->choice_count)
				return CONSOLE_OK;
			break;
		case PLAIN_NUMBER:
			if (number <= field->choice_count) {
				*changed = form_choose(field, number - 1);
				return CONSOLE_OK;
			}
			break;
		case PLAIN_TEXT:
			break;
		}
		plain_sayf(_("Please type a number from 1 to %zu, or b to go back."),
			field->choice_count);
	}
}

static enum console_answer ask_field(struct console_form *form, size_t at)
{
	struct console_field *field = &form->fields[at];
	enum console_answer answer = CONSOLE_OK;
	bool changed = false;

	form->focus = at;
	switch (field->kind) {
	case CONSOLE_FIELD_FIXED:
		plain_sayf("%s: %s", field->label, field->value);
		break;
	case CONSOLE_FIELD_TEXT:
		answer = ask_text(field, form->help, &changed);
		break;
	case CONSOLE_FIELD_SECRET:
		answer = ask_secret(field, form->help, &changed);
		break;
	case CONSOLE_FIELD_CHOICE:
		answer = ask_choice(field, form->help, &changed);
		break;
	}
	if (changed) {
		form->edited = true;
		if (form->changed)
			form->changed(form, at);
	}
	return answer;
}

/* Asks the fields from `at` to before `end`; Back goes to the question before. */
static enum console_answer ask_fields(struct console_form *form, size_t at, size_t end)
{
	while (at < end) {
		enum console_answer answer = ask_field(form, at);

		if (answer == CONSOLE_GONE)
			return answer;
		if (answer == CONSOLE_OK) {
			at++;
			continue;
		}
		/* A fixed line is not a question that one could come back to. */
		while (at > 0 && form->fields[at - 1].kind == CONSOLE_FIELD_FIXED)
			at--;
		if (at == 0)
			return CONSOLE_BACK;
		at--;
	}
	return CONSOLE_OK;
}

static enum console_answer leave(const struct console_form *form)
{
	size_t number;

	if (!form->edited)
		return CONSOLE_BACK;
	plain_sayf(_("Throw away what you typed?"));
	plain_sayf("  1. %s", _("Keep editing"));
	plain_sayf("  2. %s", _("Throw away"));
	enum console_answer answer = plain_choose(2, _("Your choice"), NULL, &number);

	if (answer == CONSOLE_GONE)
		return answer;
	return answer == CONSOLE_OK && number == 2 ? CONSOLE_BACK : CONSOLE_OK;
}

static size_t show_buttons(const struct console_form *form)
{
	size_t count = 0;

	tty_write(STDOUT_FILENO, "\n");
	while (count < CONSOLE_BUTTONS_MAX && form->buttons[count]) {
		plain_sayf("  %zu. %s", count + 1, form->buttons[count]);
		count++;
	}
	if (!count)
		plain_sayf("  %zu. %s", ++count, _("OK"));
	plain_sayf("  %zu. %s", count + 1, _("Go through the questions again"));
	plain_sayf("  0. %s", _("Back"));
	return count;
}

enum console_answer plain_form(
	const struct console_host *face, struct console_form *form, size_t *button)
{
	char why[512];
	size_t number = 1, fault, end = form->count;
	size_t at = form->problem && form->focus < form->count ? form->focus : 0;

	(void)face;
	plain_title(form->title);
	plain_say(form->text ? form->text : "");
	if (form->problem)
		plain_say(form->problem);
	plain_sayf(
		_("Enter keeps what stands in brackets, - empties it, ? explains, b goes back."));
	for (;;) {
		enum console_answer answer = ask_fields(form, at, end);

		end = form->count;
		if (answer == CONSOLE_OK) {
			size_t count = show_buttons(form);

			answer = plain_choose(count + 1, _("Your choice"), form->help, &number);
			at = 0;
			if (answer == CONSOLE_OK && number == count + 1)
				continue;
		}
		if (answer == CONSOLE_GONE)
			return answer;
		if (answer == CONSOLE_BACK) {
			answer = leave(form);
			if (answer != CONSOLE_OK)
				return answer;
			at = 0;
			continue;
		}
		*button = number - 1;
		fault = number == 1 ? form_check(form, why, sizeof(why)) : form->count;
		if (fault == form->count)
			return CONSOLE_OK;
		plain_sayf("%s: %s", form->fields[fault].label, why);
		/* Only what is wrong is asked again. */
		at = fault;
		end = fault + 1;
	}
}
