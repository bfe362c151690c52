#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "ours.h"
#include "sealed.h"

enum { JOURNAL_VERSION = 1, JOURNAL_MAX = 8 << 20 };

static struct json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

bool journal_write(const struct site *site, const struct journal *journal, struct error *error)
{
	struct json_object *content = json_object_new_object();
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
	json_object_object_add(content, "summary", text_or_null(journal->summary));
	json_object_object_add(content, "reload", json_object_new_boolean(journal->reload));
	json_object_object_add(content, "service", text_or_null(journal->service));
	json_object_object_add(content, "steps", steps);
	struct strbuf text = STRBUF_INIT;
	sealed_format(JOURNAL_VERSION, "journal", content, &text);
	bool ok = file_replace(site->journal_file, 0600, text.data, text.len, error);
	strbuf_free(&text);
	return ok;
}

bool journal_drop(const struct site *site, struct error *error)
{
	if (unlink(site->journal_file) != 0 && errno != ENOENT)
		return error_errno(
			error, ERROR_IO, errno, _("Cannot remove %s"), site->journal_file);
	return file_sync(site->state_dir, error);
}

/* A folder may have been called by another name when the journal was written. */
static char *real_folder(const char *path)
{
	char *folder = file_folder(path);
	char *real = realpath(folder, NULL);

	free(folder);
	return real;
}

static bool same_place(const char *a, const char *b)
{
	const char *name_a = a ? strrchr(a, '/') : NULL, *name_b = strrchr(b, '/');

	if (!name_a || !name_b || strcmp(name_a, name_b) != 0)
		return false;
	char *in_a = real_folder(a), *in_b = real_folder(b);
	bool same = in_a && in_b && strcmp(in_a, in_b) == 0;
	free(in_a);
	free(in_b);
	return same;
}

static bool is_inside(const char *target, const char *folder)
{
	char *outer = realpath(folder, NULL), *inner = real_folder(target);
	size_t len = outer ? strlen(outer) : 0;
	bool inside = outer && inner && strncmp(inner, outer, len) == 0 &&
		      (inner[len] == '\0' || inner[len] == '/');

	free(outer);
	free(inner);
	return inside;
}

static bool leads_to(const char *configured, const char *target)
{
	char *resolved = configured ? file_resolve(configured, NULL) : NULL;
	bool same = same_place(resolved, target);

	free(resolved);
	return same;
}

/* A table of ours in the configuration folder, or what postmap made of it. */
static bool is_table(const struct site *site, const char *target)
{
	const char *slash = strrchr(target, '/');

	if (!slash || !ours_is_table(slash + 1, NULL))
		return false;
	char *path = ours_path(site, slash + 1);
	bool is = same_place(path, target);
	free(path);
	return is;
}

/* Root renames and removes what stands here: never anything but what a change of this site touches. */
static bool all_are_ours(const struct steps *steps, const struct site *site)
{
	for (size_t i = 0; i < steps->count; i++) {
		const char *target = steps->list[i].target;
		if (!is_inside(target, site->state_dir) && !leads_to(site->main_cf, target) &&
			!leads_to(site->master_cf, target) && !is_table(site, target))
			return false;
	}
	return true;
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

static bool read_content(
	struct json_object *content, struct journal *journal, const struct site *site)
{
	struct json_object *reload, *steps;

	if (!json_object_object_get_ex(content, "reload", &reload) ||
		!json_object_is_type(reload, json_type_boolean) ||
		!json_object_object_get_ex(content, "steps", &steps) ||
		!get_text(content, "service", &journal->service) ||
		!get_text(content, "summary", &journal->summary) ||
		!get_steps(steps, &journal->steps))
		return false;
	journal->reload = json_object_get_boolean(reload);
	return all_are_ours(&journal->steps, site);
}

bool journal_read(struct journal *journal, const struct site *site, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	struct json_object *content = NULL;
	int version = JOURNAL_VERSION;
	bool ok = false;

	*journal = (struct journal){0};
	if (!file_read(&bytes, site->journal_file, JOURNAL_MAX, NULL, error))
		goto out;
	enum sealed_flaw flaw =
		sealed_parse(JOURNAL_VERSION, "journal", bytes.data, bytes.len, &content, &version);
	ok = flaw == SEALED_WHOLE && read_content(content, journal, site);
	if (ok)
		goto out;
	error_set(error, ERROR_DATA,
		flaw == SEALED_VERSION
			? _("A change was interrupted, and its journal %s was written by another "
			    "version of relaycon, so it can be neither finished nor undone.")
			: _("A change was interrupted, and its journal %s cannot be understood, so "
			    "it can be neither finished nor undone."),
		site->journal_file);
	error_advise(error,
		_("The files as they were before it stand beside the present ones, named "
		  ".NAME.relaycon-old (in %s). Put them back by hand, then remove the journal."),
		site->postfix.config_dir);
out:
	if (!ok)
		journal_free(journal);
	json_object_put(content);
	strbuf_free(&bytes);
	return ok;
}
