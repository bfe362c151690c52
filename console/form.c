#include "form.h"

#include <stdio.h>
#include <string.h>

#include "i18n.h"

size_t form_choice(const struct console_field *field)
{
	for (size_t i = 0; i < field->choice_count; i++)
		if (!strcmp(field->choices[i].word, field->value))
			return i;
	return field->choice_count;
}

bool form_choose(struct console_field *field, size_t choice)
{
	if (choice >= field->choice_count || choice == form_choice(field))
		return false;
	snprintf(field->value, field->size, "%s", field->choices[choice].word);
	return true;
}

size_t form_check(const struct console_form *form, char *why, size_t size)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct console_field *field = &form->fields[i];

		snprintf(why, size, "%s", _("This is not acceptable."));
		if (field->check && !field->check(form, field, why, size))
			return i;
	}
	return form->count;
}
