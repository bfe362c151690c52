#include "screen_fields.h"

#include <string.h>

#include "form.h"
#include "i18n.h"

enum { LABEL_MAX = 26, GAP = 2, WIDEST = 92, HINT_LINES = 2, WHY_LINES = 3, FIELDS_LEAST = 4 };

struct layout {
	int columns;
	int label;
	int field;  /* width of a value */
	int fields; /* lines of fields shown */
	struct text_list text;
	struct text_list why;
};

static bool has_secret(const struct console_form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].kind == CONSOLE_FIELD_SECRET)
			return true;
	return false;
}

static void cut(struct text_list *lines, size_t count)
{
	while (lines->count > count) {
		lines->count--;
		free(lines->items[lines->count]);
		lines->items[lines->count] = NULL;
	}
}

static void lay_out(struct form_view *view, struct layout *layout)
{
	const struct console_form *form = view->form;
	int free_lines = screen_lines_free() - SCREEN_BUTTON_LINES - HINT_LINES - 1;

	layout->columns = screen_columns_free() > WIDEST ? WIDEST : screen_columns_free();
	if (layout->columns < 8)
		return;
	for (size_t i = 0; i < form->count; i++) {
		int width = (int)text_columns(form->fields[i].label);

		if (width > layout->label)
			layout->label = width < LABEL_MAX ? width : LABEL_MAX;
	}
	layout->field = layout->columns - layout->label - GAP;
	if (view->said)
		text_wrap(&layout->why, view->why, (size_t)layout->columns, false);
	cut(&layout->why, WHY_LINES);
	if (form->text && *form->text)
		text_wrap(&layout->text, form->text, (size_t)layout->columns, false);

	int why = layout->why.count ? (int)layout->why.count + 1 : 0;
	int least = form->count < FIELDS_LEAST ? (int)form->count : FIELDS_LEAST;
	int text = free_lines - why - least - 1;

	/* Fields matter more than what stands above them. */
	if ((int)layout->text.count > text) {
		cut(&layout->text, text > 1 ? (size_t)text - 1 : 0);
		if (text > 1)
			text_list_take(&layout->text, text_copy(_("... (F1 shows all of it)")));
	}
	if (layout->text.count)
		text_list_take(&layout->text, text_copy(""));
	layout->fields = free_lines - why - (int)layout->text.count;
	if (layout->fields > (int)form->count)
		layout->fields = (int)form->count;
	if (layout->fields < 1)
		layout->fields = 1;
	size_t shown = (size_t)layout->fields,
	       at = view->focus < form->count ? view->focus : view->top;

	if (at < view->top)
		view->top = at;
	if (at >= view->top + shown)
		view->top = at - shown + 1;
	if (view->top + shown > form->count)
		view->top = form->count > shown ? form->count - shown : 0;
}

static void draw_choice(
	const struct console_field *field, int line, const struct layout *layout, bool focus)
{
	size_t choice = form_choice(field);
	char *title = text_clean_line(
		choice < field->choice_count ? field->choices[choice].title : field->value);
	char *text = text_make("< %s >", title);
	int width = (int)text_columns(text);

	screen_put(line, layout->label + GAP, width < layout->field ? width : layout->field,
		focus ? STYLE_FIELD_FOCUS : STYLE_FIELD, text);
	if (focus)
		screen_cursor(line, layout->label + GAP);
	free(text);
	free(title);
}

static void draw_typed(struct form_view *view, const struct console_field *field, int line,
	const struct layout *layout, bool focus)
{
	struct edit still = {.value = field->value, .size = field->size};
	struct edit *edit = focus ? &view->edit : &still;
	bool hidden = field->kind == CONSOLE_FIELD_SECRET && !view->shown;
	/* Not wider than what can be typed, so that its length can be seen; one column for the cursor. */
	int width = layout->field, left = layout->label + GAP;
	enum screen_style style = focus ? STYLE_FIELD_FOCUS : STYLE_FIELD;
	size_t start = 0;

	if (field->size < (size_t)width)
		width = (int)field->size + (field->size < (size_t)width);
	size_t cursor = edit_view(edit, (size_t)width, hidden, &start);

	if (hidden) {
		size_t stars = edit_length(edit) - edit->scroll;

		screen_put_stars(line, left, width, style, stars);
	} else if (field->kind == CONSOLE_FIELD_SECRET) {
		/* No cleaned copy of a secret. */
		screen_put_secret(line, left, width, style, field->value + start);
	} else {
		char *shown = text_clean_line(field->value + start);

		screen_put(line, left, width, style, shown);
		free(shown);
	}
	if (focus)
		screen_cursor(line, left + (int)cursor);
}

static void draw_field(struct form_view *view, size_t at, int line, const struct layout *layout)
{
	const struct console_field *field = &view->form->fields[at];
	bool focus = at == view->focus;
	bool fault = view->said && at == view->fault;
	char *label = text_clean_line(field->label);

	screen_put(line, 0, layout->label,
		fault   ? STYLE_WARNING
		: focus ? STYLE_STRONG
			: STYLE_NORMAL,
		label);
	free(label);
	if (fault)
		screen_put(line, layout->label, 1, STYLE_WARNING, "!");
	if (field->kind == CONSOLE_FIELD_FIXED) {
		char *shown = text_clean_line(field->value);
		char *fit = text_shorten(shown, (size_t)layout->field);

		screen_put(line, layout->label + GAP, layout->field, STYLE_NORMAL, fit);
		free(fit);
		free(shown);
	} else if (field->kind == CONSOLE_FIELD_CHOICE) {
		draw_choice(field, line, layout, focus);
	} else {
		draw_typed(view, field, line, layout, focus);
	}
}

static void draw_hint(const struct form_view *view, int line, const struct layout *layout)
{
	const struct console_field *field =
		view->focus < view->form->count ? &view->form->fields[view->focus] : NULL;
	struct text_list lines = {0};
	char full[96];

	if (!field)
		return;
	snprintf(full, sizeof(full), _("No more fits in here (%zu bytes)."), field->size - 1);
	if (view->full || field->hint)
		text_wrap(&lines, view->full ? full : field->hint, (size_t)layout->columns, false);
	cut(&lines, HINT_LINES);
	for (size_t i = 0; i < lines.count; i++)
		screen_put(line + (int)i, 0, -1, view->full ? STYLE_WARNING : STYLE_HINT,
			lines.items[i]);
	text_list_free(&lines);
}

static char *keys_of(const struct form_view *view)
{
	const struct console_field *field =
		view->focus < view->form->count ? &view->form->fields[view->focus] : NULL;
	const char *enter = _("Enter presses it");
	const char *more = "";

	if (field && field->kind == CONSOLE_FIELD_CHOICE)
		enter = _("Left/Right change   Enter list");
	else if (field)
		enter = _("Enter next field");
	if (field && field->kind == CONSOLE_FIELD_SECRET)
		more = view->shown ? _("F2 hides it") : _("F2 shows it");
	return text_make("%s   %s   %s%s%s   %s", _("Tab moves"), enter, more, *more ? "   " : "",
		_("F1 help"), _("ESC back"));
}

void form_view_draw(struct form_view *view)
{
	const struct console_form *form = view->form;
	struct layout layout = {0};
	char *keys = keys_of(view);

	lay_out(view, &layout);
	int text = (int)layout.text.count, why = layout.why.count ? (int)layout.why.count + 1 : 0;
	int lines = text + layout.fields + 1 + why + HINT_LINES + SCREEN_BUTTON_LINES;

	if (screen_box(lines, layout.columns, form->title, keys, false)) {
		for (int i = 0; i < text; i++)
			screen_put(i, 0, -1, STYLE_NORMAL, layout.text.items[i]);
		for (int i = 0; i < layout.fields && view->top + (size_t)i < form->count; i++)
			draw_field(view, view->top + (size_t)i, text + i, &layout);
		for (int i = 0; i < (int)layout.why.count; i++)
			screen_put(text + layout.fields + 1 + i, 0, -1, STYLE_WARNING,
				layout.why.items[i]);
		draw_hint(view, text + layout.fields + 1 + why, &layout);
		screen_buttons(view->labels, view->focus < form->count ? -1 : (int)view->button);
		screen_scrollbar(text, text + layout.fields - 1, view->top, (size_t)layout.fields,
			form->count);
		screen_show();
	}
	free(keys);
	text_list_free(&layout.text);
	text_list_free(&layout.why);
}

void form_view_forget(const struct form_view *view)
{
	if (has_secret(view->form))
		screen_forget();
}
