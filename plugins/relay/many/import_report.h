/*
 * import_report.h: what became of each line of an import, for people; json.h has the same as JSON.
 */
#ifndef RELAY_IMPORT_REPORT_H
#define RELAY_IMPORT_REPORT_H

#include "../work.h"

/* Line by line, then what holds for all of it, then the relays and routes that come of it. */
void import_report(const struct import *import, struct strbuf *out);

#endif
