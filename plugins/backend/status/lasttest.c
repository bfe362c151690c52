/* lasttest.c: last_test_save and last_test_load (status.h): the last connection test, as JSON. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/text.h"
#include "status.h"

enum { LAST_TEST_MAX = 16384 };

bool last_test_save(const struct site *site, const struct relay *relay,
	const struct probe_report *report, struct error *error)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "ok", json_object_new_boolean(report->ok));
	json_object_object_add(json, "when", json_object_new_int64((int64_t)time(NULL)));
	json_object_object_add(json, "host", json_object_new_string(relay->host));
	json_object_object_add(json, "port", json_object_new_int((int)relay->port));
	json_object_object_add(json, "cause",
		json_object_new_string(report->ok ? "" : probe_cause_word(report->cause)));
	json_object_object_add(
		json, "explanation", json_object_new_string(report->ok ? "" : report->explanation));
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	bool ok = site_prepare_state(site, error) &&
		  file_replace(site->last_test_file, 0600, text, strlen(text), error);
	json_object_put(json);
	return ok;
}

static void get_text(struct json_object *json, const char *key, char *to, size_t size)
{
	struct json_object *value;

	if (json_object_object_get_ex(json, key, &value) &&
		json_object_is_type(value, json_type_string))
		text_clean_into(to, size, json_object_get_string(value),
			(size_t)json_object_get_string_len(value));
}

void last_test_load(const struct site *site, struct last_test *test)
{
	struct strbuf bytes = STRBUF_INIT;
	struct json_object *json = NULL, *ok, *when, *port;
	bool exists = false;

	*test = (struct last_test){0};
	if (file_read(&bytes, site->last_test_file, LAST_TEST_MAX, &exists, NULL) && exists)
		json = json_tokener_parse(bytes.data);
	if (json_object_is_type(json, json_type_object) &&
		json_object_object_get_ex(json, "ok", &ok) &&
		json_object_is_type(ok, json_type_boolean) &&
		json_object_object_get_ex(json, "when", &when) &&
		json_object_is_type(when, json_type_int) &&
		json_object_object_get_ex(json, "port", &port) &&
		json_object_is_type(port, json_type_int) && json_object_get_int(port) > 0) {
		test->known = true;
		test->ok = json_object_get_boolean(ok);
		test->when = (time_t)json_object_get_int64(when);
		test->port = (unsigned)json_object_get_int(port);
		get_text(json, "host", test->host, sizeof test->host);
		get_text(json, "cause", test->cause, sizeof test->cause);
		get_text(json, "explanation", test->explanation, sizeof test->explanation);
	}
	json_object_put(json);
	strbuf_free(&bytes);
}
