/*
 * form.h: the forms of preset and custom.
 *
 * A preset's form asks for login and password, and shows the server in one line; the server form
 * behind the button "Server..." has the rest. The custom form has everything in one.
 */
#ifndef RELAY_FORM_H
#define RELAY_FORM_H

#include "wish.h"

/* Shows the main form, and the server form when asked for, or first where `field` stands there: the
 * focus begins on that field (WISH_FIELDS: where it was). CONSOLE_OK: submitted, and all fields have
 * passed their checks. problem: shown above the buttons, may be NULL. */
enum console_answer form_run(struct wish *wish, enum wish_field field, const char *problem);

#endif
