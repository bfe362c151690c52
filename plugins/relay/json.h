/*
 * json.h: the JSON documents (DESIGN, The command line), each made in one place.
 *
 * Every function prints one document to standard output through the host. The keys are a contract:
 * stable from the first release on.
 */
#ifndef RELAY_JSON_H
#define RELAY_JSON_H

#include "work.h"

/* {"result": "ok|failed", "steps": [{"name", "result", "ms", "detail"}], "cause", "advice"} */
void json_print_test(const struct console_host *host, const struct probe_report *report);
/* {"result": "changed|unchanged|planned", "test": {..}, "warnings": ["transport_maps = ..."],
 * "diff": ".."}; a test that was not run is null. A failed one: result "failed", and "error": {"code",
 * "message", "advice"}. */
void json_print_configure(const struct console_host *host, const char *result,
	const struct probe_report *report, const struct strbuf *warnings, const char *diff);
/* {"result": "changed|unchanged|planned", "kept": ["smtp_tls_CAfile ..."], "warnings": [..],
 * "diff": ".."} */
void json_print_deconfigure(const struct console_host *host, const char *result,
	const struct plan *plan, const char *diff);
/* {"mode", "relays": [..], "postfix": {..}, "drift": [{"parameter", "wanted", "found"}], "warnings",
 *  "last_test": {"result", "when", "host", "port", "cause", "explanation"}}; {} when none is known. */
void json_print_status(const struct console_host *host, const struct work *work);
/* {"providers": [{"id", "name", "host", "port", "tls", "login", "documentation", "regions": {..}}]} */
void json_print_providers(const struct console_host *host, const struct preset_list *list);

#endif
