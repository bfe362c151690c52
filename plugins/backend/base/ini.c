#include "ini.h"

#include <assert.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "i18n.h"
#include "text.h"

/*
 * What libinih 55 does as Debian builds it (measured): it cuts a line at ini_max_line - 1 bytes
 * (200 unless set), section names and the names that continuation lines belong to at 49 bytes, and
 * values at " ;"; it takes an indented line for a continuation and calls the handler again with the
 * old name, or, where there is no name yet, for a key; it also takes ':' for '='. It asks its reader
 * for one line at a time, so the reader below sees each line first and stops at what it would spoil.
 */
enum {
	LINE_MAX_BYTES = 8192, /* a path of PATH_MAX has to fit */
	NAME_MAX_BYTES = 49,
	/* Each is held against all before it. */
	SECTIONS_MAX = 10000,
	KEYS_MAX = 1000,
};

struct reading {
	struct ini *ini;
	struct error *error;
	const char *at;
	const char *end;
	unsigned line;
	bool indented;       /* the line that the handler is called for continues a value */
	struct strbuf value; /* of a key with further lines, until the next key or the end */
	bool failed;
};

static bool complain(struct reading *reading, const char *what)
{
	/* The first problem is the one to tell. */
	if (!reading->failed)
		error_set(reading->error, ERROR_DATA, _("%s, line %u: %s"), reading->ini->path,
			reading->line, what);
	reading->failed = true;
	return false;
}

static struct ini_section *last_section(struct ini *ini)
{
	return ini->count > 0 ? &ini->sections[ini->count - 1] : NULL;
}

/* The value of several lines is whole: it becomes its key's. */
static void close_value(struct reading *reading)
{
	struct ini_section *section = last_section(reading->ini);

	if (!section || section->count == 0 || reading->value.len == 0)
		return;
	struct ini_key *key = &section->keys[section->count - 1];
	free(key->value);
	key->value = strbuf_detach(&reading->value);
}

static void continue_value(struct reading *reading, struct ini_key *key, const char *line)
{
	size_t count = key->more_count;

	if (count == 0) {
		strbuf_reset(&reading->value);
		strbuf_adds(&reading->value, key->value);
	}
	strbuf_addc(&reading->value, '\n');
	strbuf_adds(&reading->value, line);
	if ((count & (count - 1)) == 0)
		key->more_lines = mem_realloc_array(
			key->more_lines, count ? 2 * count : 1, sizeof *key->more_lines);
	key->more_lines[key->more_count++] = reading->line;
}

/* libinih tells of a section only with its first key; here even an empty one is seen, and its
 * brackets are checked. */
static bool open_section(struct reading *reading, const char *start, const char *end)
{
	struct ini *ini = reading->ini;

	if (end[-1] != ']' || end - start < 3)
		return complain(reading, _("a section has to look like [name]."));
	start++;
	end--;
	if (memchr(start, ']', (size_t)(end - start)))
		return complain(reading, _("a section has to look like [name]."));
	if (end - start > NAME_MAX_BYTES)
		return complain(reading, _("the name of the section is longer than 49 bytes."));
	char *name = text_dup_len(start, (size_t)(end - start));
	if (ini_section(ini, name)) {
		free(name);
		return complain(reading, _("this section stands in the file twice."));
	}
	if (ini->count == SECTIONS_MAX) {
		free(name);
		return complain(reading, _("there are too many sections."));
	}
	close_value(reading);
	ini->sections = mem_realloc_array(ini->sections, ini->count + 1, sizeof *ini->sections);
	ini->sections[ini->count++] = (struct ini_section){.name = name, .line = reading->line};
	return true;
}

static bool check_key(struct reading *reading, const char *start, const char *end)
{
	const char *sign = memchr(start, '=', (size_t)(end - start));
	const struct ini_section *section = last_section(reading->ini);

	if (!sign)
		return complain(reading, _("this is neither [section] nor name = value."));
	if (!section)
		return complain(reading, _("a name = value stands before the first [section]."));
	while (sign > start && (sign[-1] == ' ' || sign[-1] == '\t'))
		sign--;
	if (sign == start)
		return complain(reading, _("there is no name before the equals sign."));
	if (sign - start > NAME_MAX_BYTES)
		return complain(reading, _("the name is longer than 49 bytes."));
	if (memchr(start, ':', (size_t)(sign - start)))
		return complain(reading, _("a name cannot hold a colon."));
	return true;
}

/* Is this line one that libinih will hand on as it stands? */
static bool check_line(struct reading *reading, const char *bytes, size_t len)
{
	const char *start = bytes;
	const char *end = bytes + len;

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] < ' ' && bytes[i] != '\t')
			return complain(reading, _("the line holds a control character."));
	}
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	reading->indented = start > bytes;
	if (start == end || *start == '#' || *start == ';')
		return true;
	if (reading->indented) {
		const struct ini_section *section = last_section(reading->ini);
		if (section && section->count > 0)
			return true;
		return complain(reading,
			_("the line begins with white space, but there is no value that it could "
			  "continue."));
	}
	if (*start == '[')
		return open_section(reading, start, end);
	return check_key(reading, start, end);
}

static char *read_line(char *out, int size, void *stream)
{
	struct reading *reading = stream;

	if (reading->failed || reading->at == reading->end)
		return NULL;
	const char *newline = memchr(reading->at, '\n', (size_t)(reading->end - reading->at));
	const char *end = newline ? newline : reading->end;
	const char *start = reading->at;
	size_t len = (size_t)(end - start);

	reading->line++;
	reading->at = newline ? newline + 1 : reading->end;
	if (len > 0 && start[len - 1] == '\r')
		len--;
	if (len + 2 > (size_t)size) {
		complain(reading, _("the line is too long."));
		return NULL;
	}
	if (!check_line(reading, start, len))
		return NULL;
	memcpy(out, start, len);
	memcpy(out + len, "\n", 2);
	return out;
}

static int take_key(void *user, const char *section_name, const char *name, const char *value)
{
	struct reading *reading = user;
	struct ini_section *section = last_section(reading->ini);

	assert(section && text_equal(section->name, section_name));
	if (reading->indented) {
		continue_value(reading, &section->keys[section->count - 1], value);
		return 1;
	}
	if (ini_value(section, name))
		return complain(reading, _("this name stands in its section twice."));
	if (section->count == KEYS_MAX)
		return complain(reading, _("there are too many names in this section."));
	close_value(reading);
	section->keys = mem_realloc_array(section->keys, section->count + 1, sizeof *section->keys);
	section->keys[section->count++] = (struct ini_key){
		.name = text_dup(name), .value = text_dup(value), .line = reading->line};
	return 1;
}

/* Debian's libinih keeps its choices in variables, for the whole process: they are set for our call,
 * and put back. */
static int parse_with_our_choices(struct reading *reading)
{
	bool inline_comments = ini_allow_inline_comments, multiline = ini_allow_multiline;
	bool use_stack = ini_use_stack;
	int max_line = ini_max_line;
	int initial_alloc = ini_initial_alloc;

	ini_allow_inline_comments = false;
	ini_allow_multiline = true;
	ini_use_stack = false;
	ini_max_line = ini_initial_alloc = LINE_MAX_BYTES;
	int rc = ini_parse_stream(read_line, reading, take_key, reading);
	ini_allow_inline_comments = inline_comments;
	ini_allow_multiline = multiline;
	ini_use_stack = use_stack;
	ini_max_line = max_line;
	ini_initial_alloc = initial_alloc;
	return rc;
}

bool ini_parse_bytes(
	struct ini *ini, const char *path, const char *bytes, size_t len, struct error *error)
{
	struct reading reading = {
		.ini = ini, .error = error, .at = bytes, .end = bytes ? bytes + len : bytes};

	assert(bytes || len == 0);
	*ini = (struct ini){.path = text_dup(path)};
	if (len > 0 && (memchr(bytes, '\0', len) || !text_is_utf8(bytes, len))) {
		error_set(error, ERROR_DATA, _("%s is not a text file in UTF-8."), path);
		goto fail;
	}
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		reading.at += 3;
	int rc = parse_with_our_choices(&reading);
	if (rc != 0 && !reading.failed) {
		reading.line = rc > 0 ? (unsigned)rc : reading.line;
		complain(&reading, _("the line cannot be understood."));
	}
	close_value(&reading);
	if (!reading.failed)
		return true;
fail:
	strbuf_free(&reading.value);
	ini_free(ini);
	return false;
}

bool ini_load(struct ini *ini, const char *path, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;

	*ini = (struct ini){0};
	bool ok = file_read(&bytes, path, INI_FILE_MAX, NULL, error) &&
		  ini_parse_bytes(ini, path, bytes.data, bytes.len, error);
	strbuf_free(&bytes);
	return ok;
}

void ini_free(struct ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		for (size_t j = 0; j < ini->sections[i].count; j++) {
			free(ini->sections[i].keys[j].name);
			free(ini->sections[i].keys[j].value);
			free(ini->sections[i].keys[j].more_lines);
		}
		free(ini->sections[i].keys);
		free(ini->sections[i].name);
	}
	free(ini->sections);
	free(ini->path);
	*ini = (struct ini){0};
}

const struct ini_section *ini_section(const struct ini *ini, const char *name)
{
	for (size_t i = 0; i < ini->count; i++) {
		if (text_equal(ini->sections[i].name, name))
			return &ini->sections[i];
	}
	return NULL;
}

const struct ini_key *ini_key(const struct ini_section *section, const char *key)
{
	for (size_t i = 0; section && i < section->count; i++) {
		if (text_equal(section->keys[i].name, key))
			return &section->keys[i];
	}
	return NULL;
}

const char *ini_value(const struct ini_section *section, const char *key)
{
	const struct ini_key *found = ini_key(section, key);

	return found ? found->value : NULL;
}

unsigned ini_value_line(const struct ini_key *key, size_t n)
{
	assert(n <= key->more_count);
	return n == 0 ? key->line : key->more_lines[n - 1];
}

bool ini_only_keys(const struct ini *ini, const struct ini_section *section,
	const char *const *known, struct error *error)
{
	for (size_t i = 0; section && i < section->count; i++) {
		const struct ini_key *key = &section->keys[i];
		size_t at = 0;
		while (known[at] && !text_equal(known[at], key->name))
			at++;
		if (known[at])
			continue;
		const char *nearest = text_nearest(key->name, known);
		error_set(error, ERROR_DATA, _("%s, line %u: [%s] has no key \"%s\"."), ini->path,
			key->line, section->name, key->name);
		if (nearest)
			error_advise(error, _("Did you mean \"%s\"?"), nearest);
		return false;
	}
	return true;
}

void ini_write_section(struct strbuf *out, const char *name)
{
	strbuf_addf(out, "%s[%s]\n", out->len > 0 ? "\n" : "", name);
}

void ini_write_key(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_addf(out, "%s =", name);
	/* A line of the value that looked like a comment would be lost when read back. */
	const char *end = value + strlen(value);
	for (const char *line = value, *stop;; line = stop + 1) {
		/* Not strcspn: the sanitizers look at the whole rest of the value for each of its lines. */
		stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		assert(line == value || (stop > line && *line != '#' && *line != ';'));
		if (line != value)
			strbuf_addc(out, '\t');
		else if (stop > line)
			strbuf_addc(out, ' ');
		strbuf_add(out, line, (size_t)(stop - line));
		strbuf_addc(out, '\n');
		if (stop == end)
			return;
	}
}
