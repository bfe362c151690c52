#include "maincf.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "entries.h"
#include "logical.h"

struct maincf {
	struct entries entries;
};

/* Postfix's split_nameval(3). */
static bool split_parameter(const char *text, char **key, char **value, struct strbuf *why)
{
	const char *name_end = text;

	while (*name_end && !logical_is_space(*name_end) && *name_end != '=')
		name_end++;
	const char *equals = name_end;
	while (logical_is_space(*equals))
		equals++;
	if (name_end == text || *equals != '=') {
		strbuf_adds(why, name_end == text ? "missing attribute name"
						  : "missing '=' after attribute name");
		return false;
	}
	const char *start = equals + 1, *end = start + strlen(start);
	while (logical_is_space(*start))
		start++;
	while (end > start && logical_is_space(end[-1]))
		end--;
	*key = text_dup_len(text, (size_t)(name_end - text));
	*value = text_dup_len(start, (size_t)(end - start));
	return true;
}

struct maincf *maincf_parse(const char *path, const char *bytes, size_t len, struct error *error)
{
	struct maincf *cf = mem_calloc(1, sizeof *cf);

	if (entries_load(&cf->entries, split_parameter, path, bytes, len, error))
		return cf;
	free(cf);
	return NULL;
}

void maincf_free(struct maincf *cf)
{
	if (cf)
		entries_free(&cf->entries);
	free(cf);
}

const struct strbuf *maincf_bytes(const struct maincf *cf)
{
	return &cf->entries.bytes;
}

const char *maincf_value(const struct maincf *cf, const char *name)
{
	const struct entry *entry = entries_last(&cf->entries, name);

	return entry ? entry->value : NULL;
}

size_t maincf_count(const struct maincf *cf)
{
	return cf->entries.count;
}

const char *maincf_name(const struct maincf *cf, size_t index)
{
	return index < cf->entries.count ? cf->entries.list[index].key : NULL;
}

static bool check_name(const char *name, struct error *error)
{
	bool ok = *name && *name != '#';

	for (const char *c = name; *c; c++)
		ok = ok && !logical_is_space(*c) && *c != '=';
	if (ok)
		return true;
	char shown[200];
	text_clean_into(shown, sizeof shown, name, strlen(name));
	return error_set(
		error, ERROR_DATA, _("\"%s\" cannot be the name of a Postfix parameter."), shown);
}

/* Inside a value anything but a newline is read back; at its ends white space is not. */
static bool check_value(const char *name, const char *value, struct error *error)
{
	size_t len = strlen(value);

	if (strchr(value, '\n'))
		return error_set(error, ERROR_DATA,
			_("The value for %s holds a line break; Postfix would take what follows it "
			  "for another parameter."),
			name);
	if (len > 0 && (logical_is_space(value[0]) || logical_is_space(value[len - 1])))
		return error_set(error, ERROR_DATA,
			_("The value for %s begins or ends with white space, which Postfix drops."),
			name);
	return true;
}

bool maincf_set(struct maincf *cf, const char *name, const char *value, struct hunk *hunk,
	bool *changed, struct error *error)
{
	if (!check_name(name, error) || !check_value(name, value, error))
		return false;
	const char *now = maincf_value(cf, name);
	*changed = !now || !entries_value_equal(now, value);
	if (*changed) {
		char *line = text_format(*value ? "%s = %s" : "%s =%s", name, value);
		entries_set(&cf->entries, name, line, hunk);
		free(line);
	}
	return true;
}

bool maincf_unset(
	struct maincf *cf, const char *name, struct hunk *hunk, bool *changed, struct error *error)
{
	if (!check_name(name, error))
		return false;
	*changed = maincf_value(cf, name) != NULL;
	if (*changed)
		entries_unset(&cf->entries, name, hunk);
	return true;
}

bool maincf_remove(struct maincf *cf, const char *name)
{
	bool found = maincf_value(cf, name) != NULL;

	entries_remove(&cf->entries, name);
	return found;
}

enum hunk_restore maincf_restore(struct maincf *cf, const struct hunk *hunk, bool force)
{
	return entries_restore(&cf->entries, hunk, force);
}

bool maincf_value_equal(const char *a, const char *b)
{
	return entries_value_equal(a, b);
}
