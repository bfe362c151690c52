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

/* Where in the line does a table with contents of its own begin? After its type. */
static bool contents(const char *line, size_t len, size_t *start)
{
	static const char *const types[] = {"static:", "inline:"};
	bool found = false;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const char *at = memmem(line, len, types[i], strlen(types[i]));
		size_t behind = at ? (size_t)(at - line) + strlen(types[i]) : 0;
		if (at && (!found || behind < *start))
			*start = behind;
		found = found || at;
	}
	return found;
}

/* How much may be seen of a line that begins a parameter which holds that. *hides: from there on
 * nothing of it, the lines that continue it among that. */
static size_t open_part(const char *line, size_t len, enum holds what, bool *hides)
{
	size_t keep = len;

	*hides = what == HOLDS_PASSWORD || (what == HOLDS_TABLES && contents(line, len, &keep));
	if (what != HOLDS_PASSWORD)
		return keep;
	const char *equals = memchr(line, '=', len);
	keep = equals ? (size_t)(equals - line) + 1 : len;
	while (keep < len && is_blank(line[keep]))
		keep++;
	return keep;
}

/* The length of relaycon's mark at the begin of a line that it took out of use; 0: not one. */
static size_t our_mark(const char *line, size_t len)
{
	static const char mark[] = "#relaycon";
	size_t at = strlen(mark);

	if (len < at || memcmp(line, mark, at) != 0)
		return 0;
	while (at < len && line[at] >= '0' && line[at] <= '9')
		at++;
	return at + 1 < len && line[at] == ':' && line[at + 1] == ' ' ? at + 2 : 0;
}

/* "name =" */
static bool is_assignment(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && (text[at] == '_' || (text[at] >= '0' && text[at] <= '9') ||
				   (text[at] >= 'a' && text[at] <= 'z') ||
				   (text[at] >= 'A' && text[at] <= 'Z')))
		at++;
	size_t name = at;
	while (at < len && is_blank(text[at]))
		at++;
	return name > 0 && at < len && text[at] == '=';
}

/* A parameter at hand: what it holds, and whether its hidden part has begun. */
struct part {
	enum holds what;
	bool inside;
};

/* How much may be seen of its next line. */
static size_t visible_part(struct part *part, const char *line, size_t len, bool begins)
{
	size_t blank = 0, keep = len;

	if (begins) {
		part->what = holds(line, len);
		return open_part(line, len, part->what, &part->inside);
	}
	while (blank < len && is_blank(line[blank]))
		blank++;
	if (part->inside)
		return blank;
	if (part->what == HOLDS_TABLES)
		part->inside = contents(line, len, &keep);
	return keep;
}

/* Where we are in main.cf. A comment does not end a logical line; and it may be an older one that was
 * only taken out of use, by relaycon or by somebody else, over several lines perhaps. */
struct place {
	struct part live, ours, theirs;
};

static size_t visible_comment(const char *line, size_t len, struct place *place)
{
	size_t mark = our_mark(line, len), start = mark;

	while (start < len && (is_blank(line[start]) || (mark == 0 && line[start] == '#')))
		start++;
	if (place->live.inside)
		return start;
	if (mark > 0) {
		/* What looks like the next one may be an old comment inside this one. */
		struct part before = place->ours;
		size_t keep =
			mark + visible_part(&place->ours, line + mark, len - mark, start == mark);
		place->ours.inside = place->ours.inside || before.inside;
		if (before.what > place->ours.what)
			place->ours.what = before.what;
		return keep;
	}
	/* What we wrote can be told apart as in the file itself; of others' comments only what looks like
	 * a parameter is taken for one. */
	bool begins = is_assignment(line + start, len - start);
	if (!begins && place->ours.inside)
		return start;
	return start + visible_part(&place->theirs, line + start, len - start, begins);
}

/* How much of this line may be seen. */
static size_t visible(const char *line, size_t len, struct place *place)
{
	size_t blank = 0;

	while (blank < len && is_blank(line[blank]))
		blank++;
	if (blank == len)
		return len;
	if (line[blank] == '#')
		return visible_comment(line, len, place);
	place->ours = place->theirs = (struct part){HOLDS_NOTHING, false};
	return visible_part(&place->live, line, len, blank == 0);
}

void mask_main_cf(const char *bytes, size_t len, struct strbuf *out)
{
	struct place place = {
		{HOLDS_NOTHING, false}, {HOLDS_NOTHING, false}, {HOLDS_NOTHING, false}};

	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t line = newline ? (size_t)(newline - bytes) : len;
		size_t keep = visible(bytes, line, &place);
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
	size_t len = strlen(value), keep = len;

	(void)contents(value, len, &keep);
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
