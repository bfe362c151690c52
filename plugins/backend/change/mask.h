/*
 * mask.h: texts of a diff with the passwords taken out, before anything compares or shows them.
 */
#ifndef RELAY_MASK_H
#define RELAY_MASK_H

#include <stdbool.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "../postfix/table.h"

/* main.cf: tables that stand in the file itself (static:, inline:) of a parameter whose name speaks
 * of passwords, and the value of one that is named as a password itself (.._password, .._passwd,
 * .._pw); continuation lines included, and the same where it is commented out. */
void mask_main_cf(const char *bytes, size_t len, struct strbuf *out);

/* One value for a message, cleaned, from where the contents of such a table begin on "********". */
void mask_value(const char *value, char *out, size_t size);

/* Both sides of a credentials table. A login whose password changes would look the same on both:
 * it is marked (old) and (new). */
bool mask_tables(const struct secret_table *before, const struct secret_table *after,
	struct strbuf *before_out, struct strbuf *after_out,
	struct error *error) WARN_UNUSED_RESULT;

#endif
