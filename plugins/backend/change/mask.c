#include "mask.h"

#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"

static const char stars[] = "********";

/* --- main.cf ------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What a parameter's value may hold, by its name: tables with passwords in them (..passw..), or a
 * password itself ("ldapsource_bind_pw", "mysqlsource_password": dictionaries configured in main.cf). */
enum holds { HOLDS_NOTHING, HOLDS_TABLES, HOLDS_PASSWORD };

static enum holds holds(const char *line, size_t len)
{
	static const char *const endings[] = {"password", "passwd", "_pw"};
	size_t name = 0;

	while (name < len && line[name] != '=' && !is_blank(line[name]))
		name++;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t ending = strlen(endings[i]);
		if (name >= ending && memcmp(line + name - ending, endings[i], ending) == 0)
			return HOLDS_PASSWORD;
	}
	return memmem(line, name, "passw", 5) ? HOLDS_TABLES : HOLDS_NOTHING;
}

/* Where in the line does a table with contents of its own begin? After its type; or len. */
static size_t contents(const char *line, size_t len)
{
	static const char *const types[] = {"static:", "inline:"};
	size_t first = len;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const char *at = memmem(line, len, types[i], strlen(types[i]));
		if (at && (size_t)(at - line) + strlen(types[i]) < first)
			first = (size_t)(at - line) + strlen(types[i]);
	}
	return first;
}

/* How much may be seen of a line that begins a parameter which holds that. */
static size_t open_part(const char *line, size_t len, enum holds what)
{
	const char *equals = memchr(line, '=', len);

	if (what == HOLDS_NOTHING || (what == HOLDS_PASSWORD && !equals))
		return len;
	if (what == HOLDS_TABLES)
		return contents(line, len);
	size_t keep = (size_t)(equals - line) + 1;
	while (keep < len && is_blank(line[keep]))
		keep++;
	return keep;
}

/* How much of this line may be seen. A comment does not end a logical line; it may be an older line
 * that was only taken out of use, which is judged by itself. */
static size_t visible(const char *line, size_t len, enum holds *what, bool *inside)
{
	size_t blank = 0;

	while (blank < len && is_blank(line[blank]))
		blank++;
	if (blank == len)
		return len;
	if (line[blank] == '#') {
		while (blank < len && (line[blank] == '#' || is_blank(line[blank])))
			blank++;
		if (*inside)
			return blank;
		return open_part(line, len, holds(line + blank, len - blank));
	}
	if (blank == 0) {
		*what = holds(line, len);
		*inside = *what == HOLDS_PASSWORD;
		size_t keep = open_part(line, len, *what);
		*inside = *inside || keep < len;
		return keep;
	}
	if (*inside)
		return blank;
	size_t keep = *what == HOLDS_TABLES ? contents(line, len) : len;
	*inside = keep < len;
	return keep;
}

void mask_main_cf(const char *bytes, size_t len, struct strbuf *out)
{
	enum holds what = HOLDS_NOTHING;
	bool inside = false;

	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t line = newline ? (size_t)(newline - bytes) : len;
		size_t keep = visible(bytes, line, &what, &inside);
		strbuf_add(out, bytes, keep);
		if (keep < line)
			strbuf_adds(out, stars);
		if (newline)
			strbuf_addc(out, '\n');
		bytes += line + (newline ? 1 : 0);
		len -= line + (newline ? 1 : 0);
	}
}

void mask_value(const char *value, char *out, size_t size)
{
	struct strbuf text = STRBUF_INIT;
	size_t len = strlen(value), keep = contents(value, len);

	strbuf_add(&text, value, keep);
	if (keep < len)
		strbuf_adds(&text, stars);
	text_clean_into(out, size, text.data, text.len);
	strbuf_free(&text);
}

/* --- credentials --------------------------------------------------------------------------------- */

/* Does this key have a password on both sides, and not the same one? */
static bool password_changes(const struct secret_table *before, const struct secret_table *after,
	const char *key, struct secret *old, struct secret *new, bool *changes, struct error *error)
{
	bool in_old = false, in_new = false;

	secret_clear(old);
	secret_clear(new);
	if (!secret_table_find(before, key, &in_old, NULL, old, error) ||
		!secret_table_find(after, key, &in_new, NULL, new, error))
		return false;
	*changes = in_old && in_new && !secret_equal(old, new);
	return true;
}

static bool add_marked(const struct secret_table *before, const struct secret_table *after,
	const struct secret_table *shown, const char *mark, struct secret *old, struct secret *new,
	struct strbuf *out, struct error *error)
{
	struct strbuf masked = STRBUF_INIT;
	bool ok = true;

	strbuf_reset(&masked);
	if (shown->bytes)
		secret_table_masked(shown, &masked);
	for (char *line = masked.data, *end; ok && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		char *key = text_dup_len(line, strcspn(line, " \t"));
		bool changes = false;
		if (before->bytes && after->bytes)
			ok = password_changes(before, after, key, old, new, &changes, error);
		strbuf_adds(out, line);
		if (changes)
			strbuf_addf(out, " (%s)", mark);
		strbuf_addc(out, '\n');
		free(key);
	}
	strbuf_free(&masked);
	return ok;
}

bool mask_tables(const struct secret_table *before, const struct secret_table *after,
	struct strbuf *before_out, struct strbuf *after_out, struct error *error)
{
	struct secret old = {0}, new = {0};
	bool ok = secret_init(&old, error) && secret_init(&new, error) &&
		  add_marked(before, after, before, _("old"), &old, &new, before_out, error) &&
		  add_marked(before, after, after, _("new"), &old, &new, after_out, error);

	secret_free(&old);
	secret_free(&new);
	return ok;
}
