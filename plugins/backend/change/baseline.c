#include "baseline.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../postfix/logical.h"
#include "sealed.h"

enum { BASELINE_VERSION = 1, BASELINE_MAX = 16 << 20 };
/* What its JSON takes up at most while it is made: of each hunk, and of each byte in it. */
enum { MEMORY_FOR_ALL = 256 << 10, MEMORY_FOR_EACH = 8 << 10, MEMORY_FOR_BYTE = 24 };

void baseline_free(struct baseline *baseline)
{
	while (baseline->main.count > 0)
		baseline_forget(&baseline->main, baseline->main.count - 1);
	while (baseline->master.count > 0)
		baseline_forget(&baseline->master, baseline->master.count - 1);
	free(baseline->main.hunks);
	free(baseline->master.hunks);
	free(baseline->config_dir);
	*baseline = (struct baseline){0};
}

bool baseline_is_empty(const struct baseline *baseline)
{
	return baseline->main.count == 0 && baseline->master.count == 0;
}

static struct baseline_hunk *append(struct baseline_file *file)
{
	file->hunks = mem_realloc_array(file->hunks, file->count + 1, sizeof *file->hunks);
	file->hunks[file->count] = (struct baseline_hunk){0};
	return &file->hunks[file->count++];
}

const struct hunk *baseline_find(const struct baseline_file *file, const char *key)
{
	for (size_t i = 0; i < file->count; i++)
		if (!file->hunks[i].kept && strcmp(file->hunks[i].hunk.key, key) == 0)
			return &file->hunks[i].hunk;
	return NULL;
}

/* Where these whole lines stand in the text; false: nowhere. */
static bool find_lines(const struct strbuf *text, const char *lines, size_t len, size_t *at)
{
	const char *found = text->data, *end = text->data + text->len;

	for (; (found = memmem(found, (size_t)(end - found), lines, len)); found++) {
		bool starts = found == text->data || found[-1] == '\n';
		bool ends = found + len == end || found[len] == '\r' || found[len] == '\n';

		*at = (size_t)(found - text->data);
		if (starts && ends)
			return true;
	}
	return false;
}

/* A later edit of ours changes one line of what the first one wrote; the comments beside it, which
 * stood inside the original line, are ours to take away still. */
static void take_over(struct hunk *known, const struct hunk *hunk)
{
	size_t was = hunk->before.len - logical_tail(hunk->before.data, hunk->before.len);
	size_t is = hunk->after.len - logical_tail(hunk->after.data, hunk->after.len);
	size_t at;

	if (was > 0 && find_lines(&known->after, hunk->before.data, was, &at)) {
		strbuf_splice(&known->after, at, at + was, hunk->after.data, is);
	} else {
		strbuf_reset(&known->after);
		strbuf_add(&known->after, hunk->after.data, hunk->after.len);
	}
	known->newline_added |= hunk->newline_added;
}

void baseline_remember(struct baseline_file *file, const struct hunk *hunk)
{
	for (size_t i = 0; i < file->count; i++) {
		struct hunk *known = &file->hunks[i].hunk;
		if (strcmp(known->key, hunk->key) != 0)
			continue;
		take_over(known, hunk);
		return;
	}
	bool newline_added = hunk->newline_added;
	for (size_t i = 0; !hunk->existed && i < file->count; i++)
		newline_added |= file->hunks[i].hunk.newline_added;
	struct hunk *first = &append(file)->hunk;
	hunk_copy(first, hunk);
	first->newline_added = newline_added;
}

void baseline_forget(struct baseline_file *file, size_t index)
{
	hunk_free(&file->hunks[index].hunk);
	memmove(file->hunks + index, file->hunks + index + 1,
		(file->count - index - 1) * sizeof *file->hunks);
	file->count--;
}

/* --- bytes as text: byte N <-> U+00NN ------------------------------------------------------------ */

static struct json_object *bytes_to_json(const struct strbuf *bytes)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < bytes->len; i++) {
		unsigned char byte = (unsigned char)bytes->data[i];
		if (byte < 0x80) {
			strbuf_addc(&text, (char)byte);
		} else {
			strbuf_addc(&text, (char)(0xC0 | (byte >> 6)));
			strbuf_addc(&text, (char)(0x80 | (byte & 0x3F)));
		}
	}
	struct json_object *json =
		json_object_new_string_len(text.data ? text.data : "", (int)text.len);
	strbuf_free(&text);
	return json;
}

static bool bytes_from_json(struct json_object *json, struct strbuf *bytes)
{
	if (!json_object_is_type(json, json_type_string))
		return false;
	const char *text = json_object_get_string(json);
	size_t len = (size_t)json_object_get_string_len(json);

	strbuf_reset(bytes);
	for (size_t i = 0; i < len; i++) {
		unsigned char lead = (unsigned char)text[i];
		if (lead < 0x80) {
			strbuf_addc(bytes, (char)lead);
			continue;
		}
		if ((lead & 0xFE) != 0xC2 || i + 1 >= len)
			return false;
		strbuf_addc(
			bytes, (char)(((lead & 0x03) << 6) | ((unsigned char)text[++i] & 0x3F)));
	}
	return true;
}

/* --- writing ------------------------------------------------------------------------------------- */

static struct json_object *file_to_json(const struct baseline_file *file)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < file->count; i++) {
		const struct hunk *hunk = &file->hunks[i].hunk;
		struct json_object *entry = json_object_new_object();
		json_object_object_add(entry, "key", json_object_new_string(hunk->key));
		json_object_object_add(entry, "existed", json_object_new_boolean(hunk->existed));
		json_object_object_add(entry, "before", bytes_to_json(&hunk->before));
		json_object_object_add(entry, "after", bytes_to_json(&hunk->after));
		json_object_object_add(
			entry, "newline_added", json_object_new_boolean(hunk->newline_added));
		json_object_object_add(entry, "kept", json_object_new_boolean(file->hunks[i].kept));
		json_object_array_add(list, entry);
	}
	return list;
}

static size_t memory_for(const struct baseline_file *file)
{
	size_t bytes = 0;

	for (size_t i = 0; i < file->count; i++) {
		const struct hunk *hunk = &file->hunks[i].hunk;
		bytes += MEMORY_FOR_EACH + MEMORY_FOR_BYTE * (hunk->before.len + hunk->after.len);
	}
	return bytes;
}

/* json-c leaves out what it has no memory for, or ends the process with words of its own. */
static void reserve_memory(const struct baseline *baseline)
{
	if (!mem_reserve(
		    MEMORY_FOR_ALL + memory_for(&baseline->main) + memory_for(&baseline->master)))
		mem_exhausted();
}

void baseline_format(const struct baseline *baseline, struct strbuf *out)
{
	reserve_memory(baseline);
	struct json_object *content = json_object_new_object();

	json_object_object_add(content, "config",
		baseline->config_dir ? json_object_new_string(baseline->config_dir) : NULL);
	json_object_object_add(content, "main.cf", file_to_json(&baseline->main));
	json_object_object_add(content, "master.cf", file_to_json(&baseline->master));
	sealed_format(BASELINE_VERSION, "baseline", content, out);
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool get_bool(struct json_object *entry, const char *key, bool *value)
{
	struct json_object *json;

	if (!json_object_object_get_ex(entry, key, &json) ||
		!json_object_is_type(json, json_type_boolean))
		return false;
	*value = json_object_get_boolean(json);
	return true;
}

static bool get_bytes(struct json_object *entry, const char *key, struct strbuf *bytes)
{
	struct json_object *json;

	return json_object_object_get_ex(entry, key, &json) && bytes_from_json(json, bytes);
}

static bool file_from_json(
	struct json_object *content, const char *name, struct baseline_file *file)
{
	struct json_object *list;

	if (!json_object_object_get_ex(content, name, &list) ||
		!json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		struct json_object *key;
		if (!json_object_is_type(entry, json_type_object) ||
			!json_object_object_get_ex(entry, "key", &key) ||
			!json_object_is_type(key, json_type_string))
			return false;
		struct baseline_hunk *to = append(file);
		to->hunk.key = text_dup(json_object_get_string(key));
		if (!get_bool(entry, "existed", &to->hunk.existed) ||
			!get_bytes(entry, "before", &to->hunk.before) ||
			!get_bytes(entry, "after", &to->hunk.after) ||
			!get_bool(entry, "newline_added", &to->hunk.newline_added) ||
			!get_bool(entry, "kept", &to->kept))
			return false;
	}
	return true;
}

static bool owner_from_json(struct json_object *content, struct baseline *baseline)
{
	struct json_object *json;

	if (!json_object_object_get_ex(content, "config", &json) ||
		(json && !json_object_is_type(json, json_type_string)))
		return false;
	baseline->config_dir = json ? text_dup(json_object_get_string(json)) : NULL;
	return true;
}

static bool damaged(struct error *error, const char *path, const char *why)
{
	error_set(error, ERROR_DATA,
		_("The file %s, which keeps what stood in Postfix's configuration before relaycon "
		  "changed it, is damaged: %s. Nothing was changed."),
		path, why);
	return error_advise(
		error, _("Put it back from a backup of the machine. Or set main.cf and master.cf "
			 "right by hand, then move this file away: relaycon starts anew from what "
			 "it finds."));
}

static bool explain(enum sealed_flaw flaw, int version, const char *path, struct error *error)
{
	switch (flaw) {
	case SEALED_NOT_JSON:
		return damaged(error, path, _("it is not complete JSON"));
	case SEALED_INCOMPLETE:
		return damaged(error, path, _("parts of it are missing"));
	case SEALED_VERSION:
		error_set(error, ERROR_DATA,
			_("The file %s has format version %d; this relaycon knows version %d only. "
			  "Nothing was changed."),
			path, version, BASELINE_VERSION);
		return error_advise(error, _("Use the version of relaycon that wrote it."));
	case SEALED_CHECKSUM:
		return damaged(error, path, _("its checksum does not match"));
	case SEALED_WHOLE:
		break;
	}
	return damaged(error, path, _("an entry of it cannot be understood"));
}

bool baseline_parse(struct baseline *baseline, const char *path, const char *bytes, size_t len,
	struct error *error)
{
	struct json_object *content;
	int version;
	enum sealed_flaw flaw =
		sealed_parse(BASELINE_VERSION, "baseline", bytes, len, &content, &version);

	*baseline = (struct baseline){0};
	bool ok = flaw == SEALED_WHOLE && owner_from_json(content, baseline) &&
		  file_from_json(content, "main.cf", &baseline->main) &&
		  file_from_json(content, "master.cf", &baseline->master);
	if (!ok) {
		explain(flaw, version, path, error);
		baseline_free(baseline);
	}
	json_object_put(content);
	return ok;
}

bool baseline_load(struct baseline *baseline, const char *path, struct strbuf *bytes, bool *exists,
	struct error *error)
{
	*baseline = (struct baseline){0};
	if (!file_read(bytes, path, BASELINE_MAX, exists, error))
		return false;
	return !*exists || baseline_parse(baseline, path, bytes->data, bytes->len, error);
}

/* One folder may have several names. */
static char *real_name(const char *config_dir)
{
	char *real = realpath(config_dir, NULL);

	return real ? real : text_dup(config_dir);
}

bool baseline_check_owner(const struct baseline *baseline, const char *path, const char *config_dir,
	struct error *error)
{
	char *real = real_name(config_dir);
	bool same = !baseline->config_dir || strcmp(baseline->config_dir, real) == 0;

	if (!same) {
		char shown[512];
		text_clean_into(
			shown, sizeof shown, baseline->config_dir, strlen(baseline->config_dir));
		error_set(error, ERROR_DATA,
			_("The file %s keeps what stood in another Postfix's configuration, that "
			  "in %s. Nothing was changed."),
			path, shown);
		error_advise(error, _("Put the right one back from a backup of the machine."));
	}
	free(real);
	return same;
}

void baseline_set_owner(struct baseline *baseline, const char *config_dir)
{
	free(baseline->config_dir);
	baseline->config_dir = real_name(config_dir);
}
