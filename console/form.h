/*
 * form.h: what a form is, however it is shown: values, choices, checks.
 */
#ifndef CONSOLE_FORM_H
#define CONSOLE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "console.h"

/* Which of its choices a field holds; choice_count when none. */
size_t form_choice(const struct console_field *field);
/* Sets the choice; true when that changed the value. */
bool form_choose(struct console_field *field, size_t choice);
/* The first field (from the first) whose check fails, with why; form->count when all are well. */
size_t form_check(const struct console_form *form, char *why, size_t size);

#endif
