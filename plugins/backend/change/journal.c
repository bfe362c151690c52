#include "journal.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"

enum { JOURNAL_VERSION = 1, JOURNAL_MAX = 1 << 20 };

static struct json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

bool journal_write(const struct site *site, const struct journal *journal, struct error *error)
{
	struct json_object *document = json_object_new_object();
	struct json_object *steps = json_object_new_array();

	for (size_t i = 0; i < journal->steps.count; i++) {
		const struct step *step = &journal->steps.list[i];
		struct json_object *entry = json_object_new_object();
		json_object_object_add(entry, "target", text_or_null(step->target));
		json_object_object_add(entry, "staged", text_or_null(step->staged));
		json_object_object_add(entry, "old", text_or_null(step->old));
		json_object_object_add(entry, "inode", json_object_new_uint64(step->inode));
		json_object_object_add(entry, "mtime", json_object_new_int64(step->mtime));
		json_object_object_add(entry, "old-inode", json_object_new_uint64(step->old_inode));
		json_object_object_add(entry, "shared", json_object_new_boolean(step->shared));
		json_object_array_add(steps, entry);
	}
	json_object_object_add(document, "version", json_object_new_int(JOURNAL_VERSION));
	json_object_object_add(document, "summary", text_or_null(journal->summary));
	json_object_object_add(document, "reload", json_object_new_boolean(journal->reload));
	json_object_object_add(document, "service", text_or_null(journal->service));
	json_object_object_add(document, "steps", steps);
	const char *text = json_object_to_json_string_ext(
		document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	bool ok = file_replace(site->journal_file, 0600, text, strlen(text), error);
	json_object_put(document);
	return ok;
}

bool journal_drop(const struct site *site, struct error *error)
{
	if (unlink(site->journal_file) != 0 && errno != ENOENT)
		return error_errno(
			error, ERROR_IO, errno, _("Cannot remove %s"), site->journal_file);
	return file_sync(site->state_dir, error);
}

bool journal_exists(const struct site *site)
{
	struct stat st;

	return lstat(site->journal_file, &st) == 0;
}

void journal_free(struct journal *journal)
{
	steps_free(&journal->steps);
	free(journal->service);
	free(journal->summary);
	*journal = (struct journal){0};
}

/* A string or null; anything else is an error. */
static bool get_text(struct json_object *from, const char *key, char **text)
{
	struct json_object *json;

	if (!json_object_object_get_ex(from, key, &json))
		return false;
	if (json && !json_object_is_type(json, json_type_string))
		return false;
	*text = text_dup(json_object_get_string(json));
	return true;
}

/* A damaged journal must not have us rename or remove anything but what steps_stage made. */
static bool is_plausible(const struct step *step)
{
	return step->target[0] == '/' && step->target[strlen(step->target) - 1] != '/' &&
	       (!step->staged || steps_is_staged_name(step->staged, step->target)) &&
	       (!step->old || steps_is_old_name(step->old, step->target));
}

static bool get_steps(struct json_object *list, struct steps *steps)
{
	if (!json_object_is_type(list, json_type_array))
		return false;
	size_t count = json_object_array_length(list);
	steps->list = mem_calloc(count, sizeof *steps->list);
	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(list, i), *inode;
		struct step *step = &steps->list[steps->count++];
		if (!json_object_is_type(entry, json_type_object) ||
			!get_text(entry, "target", &step->target) || !step->target ||
			!get_text(entry, "staged", &step->staged) ||
			!get_text(entry, "old", &step->old) ||
			!json_object_object_get_ex(entry, "inode", &inode) || !is_plausible(step))
			return false;
		step->inode = json_object_get_uint64(inode);
		step->mtime = json_object_get_int64(json_object_object_get(entry, "mtime"));
		step->old_inode =
			json_object_get_uint64(json_object_object_get(entry, "old-inode"));
		step->shared = json_object_get_boolean(json_object_object_get(entry, "shared"));
	}
	return true;
}

bool journal_read(struct journal *journal, const struct site *site, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	struct json_object *document = NULL, *version, *reload, *steps;
	struct json_tokener *tokener = json_tokener_new();
	bool ok = false;

	*journal = (struct journal){0};
	if (!tokener)
		abort();
	if (!file_read(&bytes, site->journal_file, JOURNAL_MAX, NULL, error))
		goto out;
	document = json_tokener_parse_ex(tokener, bytes.data, (int)bytes.len);
	ok = json_object_is_type(document, json_type_object) &&
	     json_object_object_get_ex(document, "version", &version) &&
	     json_object_get_int(version) == JOURNAL_VERSION &&
	     json_object_object_get_ex(document, "reload", &reload) &&
	     json_object_object_get_ex(document, "steps", &steps) &&
	     get_text(document, "service", &journal->service) &&
	     get_text(document, "summary", &journal->summary) && get_steps(steps, &journal->steps);
	if (ok) {
		journal->reload = json_object_get_boolean(reload);
		goto out;
	}
	error_set(error, ERROR_DATA,
		_("A change was interrupted, and its journal %s cannot be understood, so it can be "
		  "neither finished nor undone."),
		site->journal_file);
	error_advise(error,
		_("The files as they were before it stand beside the present ones, named "
		  ".NAME.relaycon-old (in %s). Put them back by hand, then remove the journal."),
		site->postfix.config_dir);
out:
	if (!ok)
		journal_free(journal);
	json_object_put(document);
	json_tokener_free(tokener);
	strbuf_free(&bytes);
	return ok;
}
