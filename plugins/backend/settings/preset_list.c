/* The providers' folders: which files there are, and which of two of the same name counts. */
#include "preset_read.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"

#define SUFFIX ".ini"

enum { ID_MAX = 64 };

/* An id becomes a part of a path: nothing but small letters, digits and hyphens. */
static bool is_id(const char *text, size_t len)
{
	return len > 0 && len <= ID_MAX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= len;
}

/* Where each provider's file is; the folder read last wins. */
struct file {
	char *id;
	char *path;
};

struct files {
	struct file *files;
	size_t count;
};

static void files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->files[i].id);
		free(files->files[i].path);
	}
	free(files->files);
	*files = (struct files){0};
}

static void files_put(struct files *files, const char *id, size_t len, const char *dir)
{
	char *name = text_dup_len(id, len);
	char *path = text_format("%s/%s" SUFFIX, dir, name);

	for (size_t i = 0; i < files->count; i++) {
		if (text_equal(files->files[i].id, name)) {
			free(files->files[i].path);
			files->files[i].path = path;
			free(name);
			return;
		}
	}
	files->files = mem_realloc_array(files->files, files->count + 1, sizeof *files->files);
	files->files[files->count++] = (struct file){.id = name, .path = path};
}

static bool files_find(
	struct files *files, const char *const dirs[], struct strbuf *problems, struct error *error)
{
	for (; *dirs; dirs++) {
		DIR *dir = opendir(*dirs);
		if (!dir && errno == ENOENT)
			continue;
		if (!dir)
			return error_errno(error, ERROR_IO, errno,
				_("Cannot read the providers' folder %s"), *dirs);
		for (struct dirent *entry; (entry = readdir(dir));) {
			size_t len = strlen(entry->d_name);
			if (entry->d_name[0] == '.' || len <= strlen(SUFFIX) ||
				!text_equal(entry->d_name + len - strlen(SUFFIX), SUFFIX))
				continue;
			len -= strlen(SUFFIX);
			if (is_id(entry->d_name, len)) {
				files_put(files, entry->d_name, len, *dirs);
				continue;
			}
			char shown[128];
			text_clean_into(shown, sizeof shown, entry->d_name, strlen(entry->d_name));
			if (problems)
				strbuf_addf(problems,
					_("%s/%s: a provider's file is named with small letters, "
					  "digits and hyphens.\n"),
					*dirs, shown);
		}
		closedir(dir);
	}
	return true;
}

/* Who writes a provider's file says where passwords are sent. */
static bool read_trusted(struct preset *preset, const struct file *file, struct error *error)
{
	char *folder = file_folder(file->path);
	bool ok = file_check_ownership(folder, error) && file_check_ownership(file->path, error);

	free(folder);
	return ok && preset_read(preset, file->path, file->id, error);
}

static int compare_presets(const void *a, const void *b)
{
	const struct preset *one = a, *other = b;
	int order = strcasecmp(one->name, other->name);

	return order ? order : strcmp(one->id, other->id);
}

static int compare_files(const void *a, const void *b)
{
	const struct file *one = a, *other = b;

	return strcmp(one->id, other->id);
}

bool preset_list_load(struct preset_list *list, const char *const dirs[], struct error *error)
{
	struct files files = {0};

	*list = (struct preset_list){0};
	strbuf_reset(&list->problems);
	bool ok = files_find(&files, dirs, &list->problems, error);
	/* readdir's order is no order: the problems are told in this one. */
	if (files.count > 0)
		qsort(files.files, files.count, sizeof *files.files, compare_files);
	list->presets = mem_calloc(files.count, sizeof *list->presets);
	for (size_t i = 0; ok && i < files.count; i++) {
		struct error reason = {0};
		if (read_trusted(&list->presets[list->count], &files.files[i], &reason))
			list->count++;
		else
			strbuf_addf(&list->problems, "%s\n", reason.message);
	}
	if (list->count > 0)
		qsort(list->presets, list->count, sizeof *list->presets, compare_presets);
	files_free(&files);
	if (!ok)
		preset_list_free(list);
	return ok;
}

void preset_list_free(struct preset_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		preset_free(&list->presets[i]);
	free(list->presets);
	strbuf_free(&list->problems);
	*list = (struct preset_list){0};
}

const struct preset *preset_find(const struct preset_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (text_equal(list->presets[i].id, id))
			return &list->presets[i];
	}
	return NULL;
}

static bool unknown_provider(const struct files *files, const char *id, struct error *error)
{
	const char **ids = mem_calloc(files->count + 1, sizeof *ids);
	char shown[128];

	for (size_t i = 0; i < files->count; i++)
		ids[i] = files->files[i].id;
	text_clean_into(shown, sizeof shown, id, strlen(id));
	const char *nearest = text_nearest(id, ids);
	free(ids);
	error_set(error, ERROR_USAGE, _("There is no provider \"%s\"."), shown);
	if (nearest)
		return error_advise(error,
			_("Did you mean \"%s\"? The command \"relaycon providers\" lists all of "
			  "them."),
			nearest);
	return error_advise(error, _("The command \"relaycon providers\" lists all of them; "
				     "\"custom\" is for any other "
				     "relay."));
}

bool preset_load(
	struct preset *preset, const char *const dirs[], const char *id, struct error *error)
{
	struct files files = {0};
	const struct file *file = NULL;

	*preset = (struct preset){0};
	bool ok = files_find(&files, dirs, NULL, error);
	for (size_t i = 0; ok && i < files.count && !file; i++) {
		if (text_equal(files.files[i].id, id))
			file = &files.files[i];
	}
	if (ok)
		ok = file ? read_trusted(preset, file, error) : unknown_provider(&files, id, error);
	files_free(&files);
	return ok;
}

bool preset_of_relay(struct preset *preset, const char *const dirs[], const struct relay *relay)
{
	struct error ignored = {0};

	*preset = (struct preset){0};
	return relay->provider && strcmp(relay->provider, RELAY_CUSTOM) != 0 &&
	       preset_load(preset, dirs, relay->provider, &ignored);
}
