#include "edited.h"

#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../postfix/maincf.h"
#include "../postfix/mastercf.h"

bool edited_before(const char *path, struct error *error)
{
	error_set(error, ERROR_BUSY,
		_("%s was changed by someone else after this change was prepared. Nothing was "
		  "done."),
		path);
	return error_advise(error, _("Look at what changed, then try again."));
}

bool edited_meanwhile(const char *path, bool stays, struct error *error)
{
	error_set(error, ERROR_BUSY,
		stays ? _("%s was changed by someone else while this change was being made. What "
			  "they saved stays.")
		      : _("%s was changed by someone else while this change was being made."),
		path);
	return error_advise(error, _("Look at what changed, then try again."));
}

bool edited_is_as_planned(const struct plan_file *file, const char *path)
{
	struct strbuf now = STRBUF_INIT;
	bool same = file_read(&now, path, FILE_MAX, NULL, NULL) && now.len == file->before.len &&
		    (now.len == 0 || memcmp(now.data, file->before.data, now.len) == 0);

	strbuf_free(&now);
	return same;
}

static bool same_value(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Counts each parameter of `from` that we changed: has the file our value, or the old one? */
static void count_changed(const struct maincf *from, const struct maincf *before,
	const struct maincf *after, const struct maincf *now, size_t *ours, size_t *old)
{
	for (size_t i = 0; i < maincf_count(from); i++) {
		const char *name = maincf_name(from, i);
		const char *was = maincf_value(before, name), *is = maincf_value(now, name);
		const char *wish = maincf_value(after, name);
		if (same_value(was, wish))
			continue;
		*ours += same_value(is, wish);
		*old += same_value(is, was);
		/* Neither: it counts for both, so that neither wins. */
		if (!same_value(is, wish) && !same_value(is, was)) {
			++*ours;
			++*old;
		}
	}
}

static enum edited_side side_of(size_t ours, size_t old)
{
	return old == 0 ? EDITED_OURS : ours == 0 ? EDITED_OLD : EDITED_NEITHER;
}

static enum edited_side side_of_main(const struct plan_file *file, const struct strbuf *now)
{
	struct maincf *before = maincf_parse(file->path, file->before.data, file->before.len, NULL);
	struct maincf *after = maincf_parse(file->path, file->after.data, file->after.len, NULL);
	struct maincf *found = maincf_parse(file->path, now->data, now->len, NULL);
	size_t ours = 0, old = 0;
	bool known = before && after && found;

	if (known) {
		count_changed(after, before, after, found, &ours, &old);
		count_changed(before, before, after, found, &ours, &old);
	}
	maincf_free(before);
	maincf_free(after);
	maincf_free(found);
	return known ? side_of(ours, old) : EDITED_NEITHER;
}

/* The same for services. */
static void count_services(const struct mastercf *from, const struct mastercf *before,
	const struct mastercf *after, const struct mastercf *now, size_t *ours, size_t *old)
{
	for (size_t i = 0; i < mastercf_count(from); i++) {
		const char *key = mastercf_key(from, i);
		const char *was = mastercf_value(before, key), *is = mastercf_value(now, key);
		const char *wish = mastercf_value(after, key);
		if (same_value(was, wish))
			continue;
		*ours += same_value(is, wish) || !same_value(is, was);
		*old += same_value(is, was) || !same_value(is, wish);
	}
}

static enum edited_side side_of_master(const struct plan_file *file, const struct strbuf *now)
{
	struct mastercf *before =
		mastercf_parse(file->path, file->before.data, file->before.len, NULL);
	struct mastercf *after =
		mastercf_parse(file->path, file->after.data, file->after.len, NULL);
	struct mastercf *found = mastercf_parse(file->path, now->data, now->len, NULL);
	size_t ours = 0, old = 0;
	bool known = before && after && found;

	if (known) {
		count_services(after, before, after, found, &ours, &old);
		count_services(before, before, after, found, &ours, &old);
	}
	mastercf_free(before);
	mastercf_free(after);
	mastercf_free(found);
	return known && ours + old > 0 ? side_of(ours, old) : EDITED_NEITHER;
}

enum edited_side edited_side(const struct plan_file *file)
{
	struct strbuf now = STRBUF_INIT;
	enum edited_side side = EDITED_NEITHER;

	if (file_read(&now, file->path, FILE_MAX, NULL, NULL))
		side = file->kind == PLAN_MASTER_CF ? side_of_master(file, &now)
						    : side_of_main(file, &now);
	strbuf_free(&now);
	return side;
}
