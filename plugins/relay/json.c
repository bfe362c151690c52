#include "json.h"

#include "decision.h"

#include <json-c/json.h>
#include <time.h>

static struct json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void print(const struct console_host *host, struct json_object *document)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%s\n",
		json_object_to_json_string_ext(
			document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	host->print(host, text.data);
	strbuf_free(&text);
	json_object_put(document);
}

static struct json_object *test_object(const struct probe_report *report)
{
	struct json_object *test = json_object_new_object();
	struct json_object *steps = json_object_new_array();

	for (size_t i = 0; i < report->count; i++) {
		const struct probe_step *step = &report->steps[i];
		struct json_object *object = json_object_new_object();
		bool ok = step->state == PROBE_OK;
		const char *detail = step->detail;

		if (!ok && !*detail)
			detail = report->explanation;
		put(object, "name", json_object_new_string(probe_step_name(step->id)));
		put(object, "result", json_object_new_string(ok ? "ok" : "failed"));
		put(object, "ms", json_object_new_int64(step->ms));
		put(object, "detail", json_object_new_string(detail));
		json_object_array_add(steps, object);
	}
	put(test, "result", json_object_new_string(report->ok ? "ok" : "failed"));
	put(test, "steps", steps);
	put(test, "cause",
		report->ok ? NULL : json_object_new_string(probe_cause_word(report->cause)));
	put(test, "advice", report->ok ? NULL : json_object_new_string(report->advice));
	return test;
}

void json_print_test(const struct console_host *host, const struct probe_report *report)
{
	print(host, test_object(report));
}

static struct json_object *lines_array(const struct strbuf *text)
{
	struct json_object *lines = json_object_new_array();
	const char *line = text && text->len ? text->data : "";

	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len)
			json_object_array_add(lines, json_object_new_string_len(line, (int)len));
		line += len;
		line += *line == '\n';
	}
	return lines;
}

static struct json_object *named_test(const struct json_test *test)
{
	struct json_object *object = test_object(test->report);

	put(object, "relay", json_object_new_string(test->name));
	return object;
}

static struct json_object *tests_array(const struct json_test *tests, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, named_test(&tests[i]));
	return array;
}

void json_print_tests(const struct console_host *host, const struct json_test *tests, size_t count)
{
	struct json_object *document = json_object_new_object();
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		ok = ok && tests[i].report->ok;
	put(document, "result", json_object_new_string(ok ? "ok" : "failed"));
	put(document, "tests", tests_array(tests, count));
	print(host, document);
}

void json_print_deconfigure(const struct console_host *host, const char *result,
	const struct plan *plan, const char *diff)
{
	struct json_object *document = json_object_new_object();

	put(document, "result", json_object_new_string(result));
	put(document, "kept", lines_array(&plan->kept));
	put(document, "warnings", lines_array(&plan->warnings));
	put(document, "diff", json_object_new_string(diff ? diff : ""));
	print(host, document);
}

static struct json_object *relay_object(const struct relay *relay)
{
	struct json_object *object = json_object_new_object();
	struct json_object *fallbacks = json_object_new_array();

	for (size_t i = 0; i < relay->fallback_count; i++)
		json_object_array_add(fallbacks, json_object_new_string(relay->fallbacks[i]));
	put(object, "name", text_or_null(relay->name));
	put(object, "provider", text_or_null(relay->provider));
	put(object, "region", text_or_null(relay->region));
	put(object, "host", text_or_null(relay->host));
	put(object, "port", json_object_new_int((int)relay->port));
	put(object, "tls", json_object_new_string(relay_tls_word(relay->tls)));
	put(object, "verify", json_object_new_string(relay_verify_word(relay->verify)));
	put(object, "login", text_or_null(relay->login));
	put(object, "fallbacks", fallbacks);
	put(object, "sender_rewrite", text_or_null(relay->sender_rewrite));
	put(object, "password_file", text_or_null(relay->password_file));
	return object;
}

static struct json_object *relays_array(const struct settings *settings)
{
	struct json_object *relays = json_object_new_array();

	for (size_t i = 0; i < settings->relay_count; i++)
		json_object_array_add(relays, relay_object(&settings->relays[i]));
	return relays;
}

void json_print_relays(const struct console_host *host, const struct settings *settings)
{
	struct json_object *document = json_object_new_object();

	put(document, "default", text_or_null(settings->default_relay));
	put(document, "relays", relays_array(settings));
	print(host, document);
}

static struct json_object *route_object(const struct route *route)
{
	struct json_object *object = json_object_new_object();

	put(object, "kind", json_object_new_string(route_word(route->kind)));
	put(object, "pattern", text_or_null(route->pattern));
	put(object, "relay", text_or_null(route->relay));
	return object;
}

static struct json_object *routes_array(const struct settings *settings)
{
	struct json_object *routes = json_object_new_array();

	for (size_t i = 0; i < settings->route_count; i++)
		json_object_array_add(routes, route_object(&settings->routes[i]));
	return routes;
}

static void put_import(struct json_object *document, const struct import *import)
{
	struct json_object *lines = json_object_new_array();

	for (size_t i = 0; i < import->line_count; i++) {
		const struct import_line *line = &import->lines[i];
		struct json_object *object = json_object_new_object();

		put(object, "file", text_or_null(line->file));
		put(object, "line", line->number ? json_object_new_int((int)line->number) : NULL);
		put(object, "text", text_or_null(line->text));
		put(object, "fate", text_or_null(import_fate_word(line->fate)));
		put(object, "words", text_or_null(line->words));
		json_object_array_add(lines, object);
	}
	put(document, "lines", lines);
	put(document, "remarks", lines_array(&import->remarks));
	put(document, "relays", relays_array(&import->settings));
	put(document, "routes", routes_array(&import->settings));
}

void json_print_change(const struct console_host *host, const struct json_change *change)
{
	struct json_object *document = json_object_new_object();

	put(document, "result", json_object_new_string(change->result));
	if (change->error) {
		struct json_object *error = json_object_new_object();

		put(error, "code", json_object_new_int(change->error->code));
		put(error, "message", json_object_new_string(change->error->message));
		put(error, "advice", json_object_new_string(change->error->advice));
		put(document, "error", error);
	}
	put(document, "test",
		change->test_count == 1 ? test_object(change->tests[0].report) : NULL);
	put(document, "tests", tests_array(change->tests, change->test_count));
	put(document, "warnings", lines_array(change->warnings));
	if (change->import)
		put_import(document, change->import);
	put(document, "diff", json_object_new_string(change->diff ? change->diff : ""));
	print(host, document);
}

void json_print_routes(const struct console_host *host, const struct settings *settings,
	const struct route *const *routes, size_t count)
{
	struct json_object *document = json_object_new_object();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, route_object(routes[i]));
	put(document, "default", text_or_null(settings->default_relay));
	put(document, "routes", array);
	print(host, document);
}

void json_print_settings(const struct console_host *host, const struct settings *settings)
{
	struct json_object *document = json_object_new_object();

	put(document, "default", text_or_null(settings->default_relay));
	put(document, "relays", relays_array(settings));
	put(document, "routes", routes_array(settings));
	print(host, document);
}

void json_print_decision(const struct console_host *host, const struct decision *decision)
{
	const struct destination *destination = &decision->destination;
	struct json_object *document = json_object_new_object();
	struct json_object *postfix = json_object_new_object();

	put(postfix, "transport", text_or_null(destination->transport));
	put(postfix, "nexthop", text_or_null(destination->nexthop));
	put(postfix, "parameter", text_or_null(destination->parameter));
	put(postfix, "table", text_or_null(destination->hit.table));
	put(postfix, "key", text_or_null(destination->hit.key));
	put(postfix, "value", text_or_null(destination->hit.value));
	put(document, "result", json_object_new_string(decision_result_word(decision->result)));
	put(document, "from", text_or_null(decision->sender));
	put(document, "to",
		text_or_null(destination->aliases ? destination->aliases : destination->recipient));
	put(document, "relay", decision->relay ? relay_object(decision->relay) : NULL);
	put(document, "sender",
		text_or_null(decision->new_sender ? decision->new_sender : decision->sender));
	put(document, "why", text_or_null(decision->why));
	put(document, "postfix", postfix);
	print(host, document);
}

static struct json_object *drift_array(const struct status *status)
{
	struct json_object *drift = json_object_new_array();

	for (size_t i = 0; i < status->drift_count; i++) {
		struct json_object *object = json_object_new_object();

		put(object, "parameter", text_or_null(status->drift[i].parameter));
		put(object, "wanted", text_or_null(status->drift[i].wanted));
		put(object, "found", text_or_null(status->drift[i].found));
		json_object_array_add(drift, object);
	}
	return drift;
}

static struct json_object *last_test_object(const struct site *site)
{
	struct json_object *object = json_object_new_object();
	struct last_test test = {0};
	struct tm tm = {0};
	char when[32] = "";

	last_test_load(site, &test);
	if (!test.known)
		return object;
	if (gmtime_r(&test.when, &tm))
		(void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	put(object, "result", json_object_new_string(test.ok ? "ok" : "failed"));
	put(object, "when", json_object_new_string(when));
	put(object, "host", json_object_new_string(test.host));
	put(object, "port", json_object_new_int((int)test.port));
	put(object, "cause", test.ok ? NULL : json_object_new_string(test.cause));
	put(object, "explanation", test.ok ? NULL : json_object_new_string(test.explanation));
	return object;
}

void json_print_status(const struct console_host *host, const struct work *work)
{
	const struct postfix *postfix = &work->site.postfix;
	struct json_object *document = json_object_new_object();
	struct json_object *instance = json_object_new_object();

	put(instance, "installed", json_object_new_boolean(true));
	put(instance, "running", json_object_new_boolean(work->status.running));
	put(instance, "version", text_or_null(postfix->version));
	put(instance, "config_dir", text_or_null(postfix->config_dir));
	put(document, "mode", json_object_new_string(status_mode_word(work->status.mode)));
	put(document, "default", text_or_null(work->status.settings.default_relay));
	put(document, "relays", relays_array(&work->status.settings));
	put(document, "routes", json_object_new_int64((int64_t)work->status.settings.route_count));
	put(document, "postfix", instance);
	put(document, "drift", drift_array(&work->status));
	put(document, "warnings", lines_array(&work->status.warnings));
	put(document, "last_test", last_test_object(&work->site));
	print(host, document);
}

static struct json_object *regions_object(const struct preset *preset)
{
	struct json_object *regions = json_object_new_object();

	for (size_t i = 0; i < preset->region_count; i++)
		put(regions, preset->regions[i].id, text_or_null(preset->regions[i].host));
	return regions;
}

void json_print_providers(const struct console_host *host, const struct preset_list *list)
{
	struct json_object *document = json_object_new_object();
	struct json_object *providers = json_object_new_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct preset *preset = &list->presets[i];
		struct json_object *object = json_object_new_object();

		put(object, "id", text_or_null(preset->id));
		put(object, "name", text_or_null(preset->name));
		put(object, "host", text_or_null(preset->host));
		put(object, "port", json_object_new_int((int)preset->port));
		put(object, "tls", json_object_new_string(relay_tls_word(preset->tls)));
		put(object, "login", text_or_null(preset->login));
		put(object, "documentation", text_or_null(preset->documentation));
		put(object, "regions", regions_object(preset));
		json_object_array_add(providers, object);
	}
	put(document, "providers", providers);
	print(host, document);
}
