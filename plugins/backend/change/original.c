/* original.c: wanted_current, wanted_original and lists of tables (wanted.h). */
#include <stdlib.h>
#include <string.h>

#include "parameters.h"
#include "wanted.h"

static char *default_of(const char *name)
{
	static const struct parameter_default parameter_defaults[] = {RELAY_PARAMETER_DEFAULTS};

	for (size_t i = 0; i < sizeof parameter_defaults / sizeof *parameter_defaults; i++)
		if (strcmp(parameter_defaults[i].name, name) == 0)
			return text_dup(parameter_defaults[i].value);
	return text_dup("");
}

char *wanted_current(const struct view *view, const char *name)
{
	const char *written = maincf_value(view->main, name);
	const char *asked = postfix_value(&view->site->postfix, name);

	if (written && (!strchr(written, '$') || !asked))
		return text_dup(written);
	return asked ? text_dup(asked) : default_of(name);
}

static char *value_in(const struct strbuf *bytes, const char *name)
{
	struct maincf *part = maincf_parse("", bytes->data, bytes->len, NULL);
	char *value = part ? text_dup(maincf_value(part, name)) : NULL;

	maincf_free(part);
	return value;
}

char *wanted_original(const struct view *view, const char *name)
{
	const struct hunk *hunk = baseline_find(&view->baseline->main, name);
	const char *now = maincf_value(view->main, name);
	char *ours = hunk ? value_in(&hunk->after, name) : NULL;
	char *original;

	if (ours && now && maincf_value_equal(ours, now))
		original = hunk->existed ? value_in(&hunk->before, name) : default_of(name);
	else
		original = wanted_current(view, name);
	free(ours);
	return original ? original : default_of(name);
}

char *wanted_table(const char *path)
{
	return text_format("texthash:%s", path);
}

bool wanted_without_table(const char *list, const char *table, char **rest)
{
	static const char separators[] = ", \t\r\n";
	size_t len = strlen(table);

	for (const char *at = list; (at = strstr(at, table)); at += len) {
		bool starts = at == list || strchr(separators, at[-1]);
		const char *end = at + len;
		if (!starts || (*end && !strchr(separators, *end)))
			continue;
		end += strspn(end, separators);
		/* At the end of the list the separators before it go; elsewhere those after it. */
		while (*end == '\0' && at > list && strchr(separators, at[-1]))
			at--;
		*rest = text_format("%.*s%s", (int)(at - list), list, end);
		return true;
	}
	return false;
}
