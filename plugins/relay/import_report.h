/*
 * import_report.h: what became of each line of an import, for people (json.h has the same as JSON), and what
 * adopting this machine's relay does to the settings, by command and on the screen.
 */
#ifndef RELAY_IMPORT_REPORT_H
#define RELAY_IMPORT_REPORT_H

#include "work.h"

/* Line by line, then what holds for all of it, then the relays and routes that come of it. */
void import_report(const struct import *import, struct strbuf *out);

/* A work_edit whose context is a struct import: its default relay becomes ours; others that relaycon has
 * stay. An import without one changes nothing. */
bool import_put_default(struct settings *settings, const void *context, struct error *error);
/* Is the login of each relay there? Otherwise ERROR_DATA, with the relays' names: one without its login
 * would take our mail for a stranger's, or refuse it. */
bool import_check_logins(const struct import *import, struct error *error) WARN_UNUSED_RESULT;

#endif
