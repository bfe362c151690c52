#include "arrange.h"

#include <stdlib.h>
#include <string.h>

/* main.cf and master.cf look the same from here. */
struct lines {
	struct edit *edit;
	struct baseline_file *baseline;
	size_t count; /* of what is wanted */
	const char *(*key)(const struct wanted *wanted, size_t index);
	size_t (*place)(const struct edit *edit, const char *key); /* in the file */
	enum hunk_restore (*take_out)(struct edit *edit, const struct hunk *hunk);
	bool (*put)(struct edit *edit, const struct wanted *wanted, size_t index, struct hunk *hunk,
		bool *changed, struct error *error);
};

/* --- main.cf ------------------------------------------------------------------------------------- */

static const char *parameter_key(const struct wanted *wanted, size_t index)
{
	return wanted->parameters[index].name;
}

static size_t parameter_place(const struct edit *edit, const char *key)
{
	size_t at = maincf_count(edit->main);

	while (at > 0 && strcmp(maincf_name(edit->main, at - 1), key) != 0)
		at--;
	return at;
}

static enum hunk_restore parameter_out(struct edit *edit, const struct hunk *hunk)
{
	return maincf_restore(edit->main, hunk, false);
}

static bool parameter_put(struct edit *edit, const struct wanted *wanted, size_t index,
	struct hunk *hunk, bool *changed, struct error *error)
{
	const struct wanted_parameter *parameter = &wanted->parameters[index];

	return maincf_set(edit->main, parameter->name, parameter->value, hunk, changed, error);
}

/* --- master.cf ----------------------------------------------------------------------------------- */

static const char *service_key(const struct wanted *wanted, size_t index)
{
	return wanted->services[index].key;
}

static size_t service_place(const struct edit *edit, const char *key)
{
	size_t at = mastercf_count(edit->master);

	while (at > 0 && strcmp(mastercf_key(edit->master, at - 1), key) != 0)
		at--;
	return at;
}

static enum hunk_restore service_out(struct edit *edit, const struct hunk *hunk)
{
	return mastercf_restore(edit->master, hunk, false);
}

static bool service_put(struct edit *edit, const struct wanted *wanted, size_t index,
	struct hunk *hunk, bool *changed, struct error *error)
{
	const struct wanted_service *service = &wanted->services[index];

	return mastercf_set(edit->master, service->key, service->line, hunk, changed, error);
}

/* --- both ---------------------------------------------------------------------------------------- */

static const struct hunk *appended(const struct lines *lines, const char *key)
{
	const struct hunk *hunk = baseline_find(lines->baseline, key);

	return hunk && !hunk->existed ? hunk : NULL;
}

static bool in_order(const struct lines *lines, const struct wanted *wanted)
{
	size_t last = 0;

	for (size_t i = 0; i < lines->count; i++) {
		const char *key = lines->key(wanted, i);
		if (!appended(lines, key))
			continue;
		size_t place = lines->place(lines->edit, key);
		if (place < last)
			return false;
		last = place;
	}
	return true;
}

static void forget(struct baseline_file *file, const char *key)
{
	for (size_t i = file->count; i > 0; i--)
		if (!file->hunks[i - 1].kept && strcmp(file->hunks[i - 1].hunk.key, key) == 0)
			baseline_forget(file, i - 1);
}

static bool put_again(
	const struct lines *lines, const struct wanted *wanted, size_t index, struct error *error)
{
	struct hunk hunk = {0};
	bool changed = false;

	if (!lines->put(lines->edit, wanted, index, &hunk, &changed, error))
		return false;
	if (changed)
		baseline_remember(lines->baseline, &hunk);
	hunk_free(&hunk);
	return true;
}

static bool arrange_lines(
	const struct lines *lines, const struct wanted *wanted, struct error *error)
{
	bool ok = true;

	if (in_order(lines, wanted))
		return true;
	bool *out = mem_calloc(lines->count, sizeof *out);
	for (size_t i = lines->count; i > 0; i--) {
		const char *key = lines->key(wanted, i - 1);
		const struct hunk *hunk = appended(lines, key);
		out[i - 1] = hunk && lines->take_out(lines->edit, hunk) == HUNK_RESTORED;
		if (out[i - 1])
			forget(lines->baseline, key);
	}
	for (size_t i = 0; ok && i < lines->count; i++)
		ok = !out[i] || put_again(lines, wanted, i, error);
	free(out);
	return ok;
}

bool arrange(struct edit *edit, const struct wanted *wanted, struct error *error)
{
	const struct lines parameters = {edit, &edit->baseline.main, wanted->count, parameter_key,
		parameter_place, parameter_out, parameter_put};
	const struct lines services = {edit, &edit->baseline.master, wanted->service_count,
		service_key, service_place, service_out, service_put};

	return arrange_lines(&parameters, wanted, error) && arrange_lines(&services, wanted, error);
}
