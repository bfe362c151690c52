/*
 * fields.h: one table of all fields of the forms: name, label, hint, kind and check.
 */
#ifndef RELAY_FIELDS_H
#define RELAY_FIELDS_H

#include "wish.h"

enum { FIELDS_CHOICES_MAX = 16 };

/* What the forms of one wish need beside it: the choices, with their titles. The fields point into
 * it. `server` is what the form edits: the wish's own, or a copy. */
struct fields {
	struct wish *wish;
	struct wish_server *server;
	struct console_choice tls[RELAY_TLS_MODES];
	struct console_choice verify[RELAY_VERIFY_MODES];
	struct console_choice listed[FIELDS_CHOICES_MAX];
	char listed_words[FIELDS_CHOICES_MAX][32];
	char listed_titles[FIELDS_CHOICES_MAX][96];
	size_t listed_count;
	char password_hint[200];
};

void fields_init(struct fields *fields, struct wish *wish, struct wish_server *server);
/* Fills one field for a form whose context is `fields`. */
void fields_fill(struct fields *fields, enum wish_field id, struct console_field *field);
/* A form's `changed`. */
void fields_changed(struct console_form *form, size_t field);

#endif
