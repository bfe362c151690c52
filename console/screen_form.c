/*
 * screen_form.c: a form: what its keys do. How it looks: screen_fields.c.
 */
#include "screen_fields.h"

#include <string.h>

#include "form.h"
#include "i18n.h"

static struct console_field *focused(struct form_view *view)
{
	return view->focus < view->form->count ? &view->form->fields[view->focus] : NULL;
}

static bool can_have_focus(const struct console_field *field)
{
	return field->kind != CONSOLE_FIELD_FIXED;
}

/* Tells the driver once that a field was left changed. */
static void leave_field(struct form_view *view)
{
	size_t at = view->focus;

	if (view->touched && at < view->form->count) {
		view->touched = false;
		if (view->form->changed)
			view->form->changed(view->form, at);
	}
}

static void enter_field(struct form_view *view, size_t at)
{
	leave_field(view);
	view->focus = at;
	view->touched = false;
	struct console_field *field = focused(view);

	if (!field)
		return;
	view->form->focus = at;
	view->edit = (struct edit){.value = field->value, .size = field->size};
	if (field->kind != CONSOLE_FIELD_CHOICE)
		edit_move(&view->edit, EDIT_END);
}

/* To the next place that can have the focus: fields, then buttons, and round again. */
static void step(struct form_view *view, bool forward)
{
	size_t places = view->form->count + view->buttons;
	size_t at =
		view->focus < view->form->count ? view->focus : view->form->count + view->button;

	do
		at = (at + (forward ? 1 : places - 1)) % places;
	while (at < view->form->count && !can_have_focus(&view->form->fields[at]));
	if (at >= view->form->count) {
		view->button = at - view->form->count;
		at = view->form->count;
	}
	enter_field(view, at);
}

static void edited(struct form_view *view)
{
	view->form->edited = true;
	view->touched = true;
	view->said = false;
}

static void choose_next(struct form_view *view, struct console_field *field, bool forward)
{
	size_t count = field->choice_count, now = form_choice(field);

	if (!count)
		return;
	size_t next = now == count ? 0 : (now + (forward ? 1 : count - 1)) % count;

	if (form_choose(field, next)) {
		edited(view);
		leave_field(view);
	}
}

static enum console_answer choose_from_list(struct form_view *view, struct console_field *field)
{
	struct console_item *items = mem_zero(field->choice_count, sizeof(*items));
	size_t chosen = form_choice(field);

	for (size_t i = 0; i < field->choice_count; i++)
		items[i].title = field->choices[i].title;
	struct screen_list list = {
		.menu = {.title = field->label,
			.text = field->hint,
			.help = view->form->help,
			.items = items,
			.count = field->choice_count},
		.back = _("Back"),
	};
	if (chosen == field->choice_count)
		chosen = 0;
	enum console_answer answer = screen_choose(&list, &chosen);

	free(items);
	if (answer == CONSOLE_OK && form_choose(field, chosen)) {
		edited(view);
		leave_field(view);
	}
	return answer;
}

/* Keys that change the value of a text or a secret. */
static void edit_key(struct form_view *view, const struct screen_key *key)
{
	bool changed = false;

	switch (key->code) {
	case SCREEN_TEXT:
		changed = edit_insert(&view->edit, key->text);
		view->full = !changed;
		break;
	case SCREEN_BACKSPACE:
		changed = edit_backspace(&view->edit);
		break;
	case SCREEN_DELETE:
		changed = edit_delete(&view->edit);
		break;
	case SCREEN_ERASE_LINE:
		changed = edit_clear(&view->edit);
		break;
	case SCREEN_LEFT:
		edit_move(&view->edit, EDIT_LEFT);
		break;
	case SCREEN_RIGHT:
		edit_move(&view->edit, EDIT_RIGHT);
		break;
	case SCREEN_HOME:
		edit_move(&view->edit, EDIT_HOME);
		break;
	case SCREEN_END:
		edit_move(&view->edit, EDIT_END);
		break;
	default:
		break;
	}
	if (changed) {
		view->full = false;
		edited(view);
	}
}

static void choice_key(
	struct form_view *view, struct console_field *field, const struct screen_key *key)
{
	if (key->code == SCREEN_LEFT)
		choose_next(view, field, false);
	else if (key->code == SCREEN_RIGHT || (key->code == SCREEN_TEXT && !strcmp(key->text, " ")))
		choose_next(view, field, true);
}

/* ESC or Back: asks first if something was typed. */
static enum console_answer leave_form(struct form_view *view)
{
	const char *labels[] = {_("Keep editing"), _("Throw away"), NULL};
	struct screen_page page = {.title = view->form->title,
		.text = _("Throw away what you typed?"),
		.labels = labels};

	if (!view->form->edited)
		return CONSOLE_BACK;
	enum console_answer answer = screen_ask(&page);

	if (answer == CONSOLE_GONE)
		return answer;
	return answer == CONSOLE_OK && page.button == 1 ? CONSOLE_BACK : CONSOLE_OK;
}

/* A button was pressed. True: the form is over. */
static bool press(struct form_view *view, enum console_answer *answer)
{
	struct console_form *form = view->form;

	leave_field(view);
	if (view->button + 1 == view->buttons) {
		*answer = leave_form(view);
		return *answer != CONSOLE_OK;
	}
	*answer = CONSOLE_OK;
	if (view->button > 0)
		return true;
	size_t fault = form_check(form, view->why, sizeof(view->why));

	if (fault == form->count)
		return true;
	view->said = true;
	view->fault = fault;
	if (can_have_focus(&form->fields[fault]))
		enter_field(view, fault);
	return false;
}

static bool on_enter(
	struct form_view *view, const struct screen_key *key, enum console_answer *answer)
{
	struct console_field *field = focused(view);

	if (!field) {
		/* A newline in the midst of a paste presses nothing. */
		return !view->pasting && !key->more && press(view, answer);
	}
	if (field->kind == CONSOLE_FIELD_CHOICE && !view->pasting && !key->more) {
		*answer = choose_from_list(view, field);
		return *answer == CONSOLE_GONE;
	}
	view->button = 0;
	step(view, true);
	return false;
}

static void button_key(struct form_view *view, const struct screen_key *key)
{
	if (key->code == SCREEN_LEFT || key->code == SCREEN_RIGHT) {
		size_t by = key->code == SCREEN_LEFT ? view->buttons - 1 : 1;

		view->button = (view->button + by) % view->buttons;
	}
}

/* True when the form is over. */
static bool on_key(
	struct form_view *view, const struct screen_key *key, enum console_answer *answer)
{
	struct console_field *field = focused(view);

	switch (key->code) {
	case SCREEN_GONE:
		*answer = CONSOLE_GONE;
		return true;
	case SCREEN_ESC:
		*answer = leave_form(view);
		return *answer != CONSOLE_OK;
	case SCREEN_HELP:
		*answer = screen_help(view->form->title, view->form->help);
		return *answer == CONSOLE_GONE;
	case SCREEN_SHOW:
		view->shown = !view->shown;
		return false;
	case SCREEN_ENTER:
		return on_enter(view, key, answer);
	case SCREEN_TAB:
	case SCREEN_DOWN:
		step(view, true);
		return false;
	case SCREEN_BACKTAB:
	case SCREEN_UP:
		step(view, false);
		return false;
	default:
		break;
	}
	if (!field)
		button_key(view, key);
	else if (field->kind == CONSOLE_FIELD_CHOICE)
		choice_key(view, field, key);
	else
		edit_key(view, key);
	return false;
}

static void begin(struct form_view *view)
{
	struct console_form *form = view->form;
	size_t at = form->focus < form->count ? form->focus : 0;

	for (; view->buttons < CONSOLE_BUTTONS_MAX && form->buttons[view->buttons]; view->buttons++)
		view->labels[view->buttons] = form->buttons[view->buttons];
	if (!view->buttons)
		view->labels[view->buttons++] = _("OK");
	view->labels[view->buttons++] = _("Back");
	if (form->problem) {
		snprintf(view->why, sizeof(view->why), "%s", form->problem);
		view->said = true;
		view->fault = form->count;
	}
	while (at < form->count && !can_have_focus(&form->fields[at]))
		at++;
	view->focus = form->count;
	enter_field(view, at);
}

enum console_answer screen_form(
	const struct console_host *face, struct console_form *form, size_t *button)
{
	struct form_view view = {.form = form};
	enum console_answer answer = CONSOLE_BACK;

	(void)face;
	begin(&view);
	for (bool over = false; !over;) {
		/* What is pasted is drawn once, at its end. */
		if (!screen_typed_ahead())
			form_view_draw(&view);
		struct screen_key key = screen_key(-1);

		over = on_key(&view, &key, &answer);
		view.pasting = key.code != SCREEN_REDRAW && screen_typed_ahead();
		explicit_bzero(&key, sizeof(key));
	}
	leave_field(&view);
	form_view_forget(&view);
	*button = view.button;
	return answer;
}
