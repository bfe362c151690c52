/*
 * json.h: the JSON documents (DESIGN, The command line), each made in one place.
 *
 * Every function prints one document to standard output through the host. The keys are a contract:
 * stable from the first release on.
 */
#ifndef RELAY_JSON_H
#define RELAY_JSON_H

#include "work.h"

struct decision;

/* {"result": "ok|failed", "steps": [{"name", "result", "ms", "detail"}], "cause", "advice"} */
void json_print_test(const struct console_host *host, const struct probe_report *report);
/* One relay's test; the name is in the document as "relay". */
struct json_test {
	const char *name;
	const struct probe_report *report;
};
/* {"result": "ok|failed", "tests": [{"relay", and as above}]} */
void json_print_tests(const struct console_host *host, const struct json_test *tests, size_t count);

/* What changed the settings, or would have: {"result": "changed|unchanged|planned", "test": {..}, "tests":
 * [{"relay", ..}], "warnings": ["transport_maps = ..."], "diff": ".."}. "test" is the only one that was
 * run, else null. A failed one: result "failed", and "error": {"code", "message", "advice"}. */
struct json_change {
	const char *result;
	const struct json_test *tests;
	size_t test_count;
	const struct strbuf *warnings;
	const char *diff;
	const struct error *error;   /* result "failed"; else NULL */
	const struct import *import; /* NULL, or: */
};
/* With an import there is also: "lines": [{"file", "line", "text", "fate": "taken|changed|left", "words"}],
 * "remarks": [..], "relays": [..], "routes": [..]. */
void json_print_change(const struct console_host *host, const struct json_change *change);
/* {"result": "changed|unchanged|planned", "kept": ["smtp_tls_CAfile ..."], "warnings": [..],
 * "diff": ".."} */
void json_print_deconfigure(const struct console_host *host, const char *result,
	const struct plan *plan, const char *diff);
/* {"mode", "default", "relays": [..], "routes": 12, "postfix": {..}, "drift": [{"parameter", "wanted", "found"}],
 *  "warnings", "last_test": {"result", "when", "host", "port", "cause", "explanation"}}; {} when none is known. */
void json_print_status(const struct console_host *host, const struct work *work);
/* {"providers": [{"id", "name", "host", "port", "tls", "login", "documentation", "regions": {..}}]} */
void json_print_providers(const struct console_host *host, const struct preset_list *list);

/* {"default": "name"|null, "relays": [{"name", "provider", "region", "host", "port", "tls", "verify", "login",
 *  "fallbacks": [..], "sender_rewrite", "password_file"}]} */
void json_print_relays(const struct console_host *host, const struct settings *settings);
/* {"default": "name"|null, "routes": [{"kind": "sender|recipient", "pattern", "relay"}]} in the order given. */
void json_print_routes(const struct console_host *host, const struct settings *settings,
	const struct route *const *routes, size_t count);
/* All of both: {"default", "relays": [..], "routes": [..]} */
void json_print_settings(const struct console_host *host, const struct settings *settings);
/* {"result": "relay|direct|local|aliases|refused|other", "from", "to", "relay": {..}|null, "sender", "why",
 *  "postfix": {"transport", "nexthop", "parameter", "table", "key", "value"}}; "to" and "sender" are what
 *  Postfix makes of them. */
void json_print_decision(const struct console_host *host, const struct decision *decision);

#endif
