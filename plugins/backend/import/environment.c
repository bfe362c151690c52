#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/i18n.h"
#include "../base/text.h"

#define FILE_SUFFIX "__FILE"
#define CONTAINER_FOLDER "/tmp/docker-mailserver/"

static const struct {
	const char *name;
	bool secret;
} variables[VARIABLES] = {
	[VARIABLE_DEFAULT_RELAY_HOST] = {"DEFAULT_RELAY_HOST", false},
	[VARIABLE_RELAY_HOST] = {"RELAY_HOST", false},
	[VARIABLE_RELAY_PORT] = {"RELAY_PORT", false},
	[VARIABLE_RELAY_USER] = {"RELAY_USER", false},
	[VARIABLE_RELAY_PASSWORD] = {"RELAY_PASSWORD", true},
	[VARIABLE_SASL_PASSWD] = {"SASL_PASSWD", true},
};

struct reader {
	struct environment *environment;
	struct import *import;
	const char *path;
	const char *folder;
};

/* One line of the file that sets one of the variables. */
struct setting {
	enum variable variable;
	bool names_file;
	bool yaml;
	unsigned number;
	struct span value; /* as it stands, quotes and comment included */
};

/* --- taking a line apart ------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span skip(struct span span, size_t count)
{
	span.at += count;
	span.len -= count;
	while (span.len > 0 && is_blank(*span.at)) {
		span.at++;
		span.len--;
	}
	return span;
}

static bool starts(struct span span, const char *word)
{
	size_t len = strlen(word);

	return span.len > len && memcmp(span.at, word, len) == 0 && is_blank(span.at[len]);
}

static bool find_variable(struct span name, struct setting *setting)
{
	size_t suffix = strlen(FILE_SUFFIX);

	setting->names_file =
		name.len > suffix && memcmp(name.at + name.len - suffix, FILE_SUFFIX, suffix) == 0;
	if (setting->names_file)
		name.len -= suffix;
	for (size_t i = 0; i < VARIABLES; i++) {
		if (span_is(name, variables[i].name)) {
			setting->variable = (enum variable)i;
			return true;
		}
	}
	return false;
}

/* False: the line is about something else. */
static bool parse_setting(const struct source_line *line, struct setting *setting)
{
	struct span rest = line->text, name;

	*setting = (struct setting){.number = line->number};
	if (starts(rest, "export"))
		rest = skip(rest, strlen("export"));
	if (starts(rest, "-")) {
		setting->yaml = true;
		rest = skip(rest, 1);
		/* - "NAME=VALUE" */
		if (rest.len > 1 && (*rest.at == '"' || *rest.at == '\'') &&
			rest.at[rest.len - 1] == *rest.at) {
			rest.at++;
			rest.len -= 2;
		}
	}
	name = rest;
	for (name.len = 0; name.len < rest.len; name.len++)
		if (rest.at[name.len] == '=' || rest.at[name.len] == ':' ||
			is_blank(rest.at[name.len]))
			break;
	if (!find_variable(name, setting))
		return false;
	rest = skip(rest, name.len);
	if (rest.len == 0 || (*rest.at != '=' && *rest.at != ':'))
		return false;
	setting->yaml |= *rest.at == ':';
	setting->value = skip(rest, 1);
	return true;
}

/* --- the value ----------------------------------------------------------------------------------- */

/* What was noticed on the way. */
struct noticed {
	bool comment; /* something behind " #" was left out */
	bool reference;
	bool open; /* a quote that is not closed, or something stands behind it */
};

/* Does what stands here belong to the text, with the character behind it, and not end it? */
static bool is_escape(struct span raw, size_t at, char quote, bool yaml)
{
	if (quote == '"')
		return raw.at[at] == '\\';
	return yaml && raw.at[at] == quote && at + 1 < raw.len && raw.at[at + 1] == quote;
}

static size_t quoted_end(struct span raw, bool yaml)
{
	char quote = *raw.at;

	for (size_t i = 1; i < raw.len; i++) {
		if (is_escape(raw, i, quote, yaml))
			i++;
		else if (raw.at[i] == quote)
			return i;
	}
	return 0;
}

static char unescaped(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

/* Into locked memory of the same size at least. */
static size_t unquote(char *to, struct span raw, bool yaml, struct noticed *noticed)
{
	size_t len = 0, end = 0;
	char quote = raw.len > 0 && (*raw.at == '"' || *raw.at == '\'') ? *raw.at : '\0';

	if (quote) {
		end = quoted_end(raw, yaml);
		struct span behind = end ? skip(raw, end + 1) : (struct span){0};
		if (end == 0 || (behind.len > 0 && *behind.at != '#')) {
			noticed->open = true;
			quote = '\0';
		}
	}
	for (size_t i = quote ? 1 : 0; i < (quote ? end : raw.len); i++) {
		char c = raw.at[i], next = i + 1 < raw.len ? raw.at[i + 1] : '\0';

		if (!quote && is_blank(c) && next == '#') {
			noticed->comment = true;
			break;
		}
		if (quote == '"' && c == '\\') {
			c = unescaped(next);
			i++;
		} else if ((quote == '\'' && c == '\'') || (c == '$' && yaml && next == '$')) {
			i++;
		} else if (c == '$' && quote != '\'' &&
			   (next == '{' || next == '_' || (next >= 'A' && next <= 'Z') ||
				   (next >= 'a' && next <= 'z'))) {
			noticed->reference = true;
		}
		to[len++] = c;
	}
	while (!quote && len > 0 && is_blank(to[len - 1]))
		len--;
	return len;
}

static bool take_value(struct secret *value, const struct setting *setting, struct noticed *noticed,
	struct error *error)
{
	*noticed = (struct noticed){0};
	if (!secret_init(value, error))
		return false;
	if (setting->value.len > SECRET_MAX)
		return error_set(error, ERROR_DATA, _("The value of %s is longer than %d bytes."),
			variables[setting->variable].name, SECRET_MAX);
	char *memory = secret_memory(value);
	size_t len = unquote(memory, setting->value, setting->yaml, noticed);

	return secret_set(value, memory, len, error);
}

/* --- lines of the import ------------------------------------------------------------------------- */

/* Somebody may have put a login with its password into the host ("user:pass@host"). */
static bool is_masked(const struct setting *setting, const struct secret *value)
{
	if (setting->names_file || setting->variable == VARIABLE_RELAY_USER)
		return false;
	return variables[setting->variable].secret || strchr(secret_bytes(value), '@');
}

static size_t add_line(
	const struct reader *reader, const struct setting *setting, const struct secret *value)
{
	struct strbuf text = STRBUF_INIT;
	const char *file = strrchr(reader->path, '/');

	strbuf_addf(&text, "%s%s=", variables[setting->variable].name,
		setting->names_file ? FILE_SUFFIX : "");
	if (is_masked(setting, value))
		strbuf_adds(&text, "********");
	else
		strbuf_add(&text, secret_bytes(value), secret_length(value));
	size_t line = import_add_line(
		reader->import, file ? file + 1 : reader->path, setting->number, text.data);
	strbuf_free(&text);
	return line;
}

static void say_noticed(struct import *import, size_t line, const struct noticed *noticed)
{
	if (noticed->comment)
		import_say(import, line, IMPORT_CHANGED,
			_("What stands behind \" #\" is a comment, as for compose."));
	if (noticed->reference)
		import_say(import, line, IMPORT_CHANGED,
			_("It holds a dollar sign, which is taken as it stands: compose may have "
			  "put a variable in its place."));
	if (noticed->open)
		import_say(import, line, IMPORT_CHANGED,
			_("Its quotes do not surround it, so they are taken for a part of it."));
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The same file may stand elsewhere here than it did in the container. */
static char *find_file(const struct reader *reader, const char *path)
{
	size_t len = strlen(CONTAINER_FOLDER);
	char *inside;

	if (strncmp(path, CONTAINER_FOLDER, len) == 0) {
		inside = text_format("%s/%s", reader->folder, path + len);
		if (is_file(inside))
			return inside;
		free(inside);
	}
	return *path == '/' && is_file(path) ? text_dup(path) : NULL;
}

static bool read_file(const struct reader *reader, const struct setting *setting, size_t line,
	struct secret *value, bool *found, struct error *error)
{
	char *path = find_file(reader, secret_bytes(value));
	bool ok = true;

	*found = path != NULL;
	if (!path) {
		import_say(reader->import, line, IMPORT_LEFT,
			_("There is no such file on this machine. Put the file at this path, or "
			  "write %s=... in its place."),
			variables[setting->variable].name);
	} else {
		ok = secret_read_file(value, path, error);
		if (ok)
			import_say(reader->import, line, IMPORT_TAKEN, _("Read from %s."), path);
	}
	free(path);
	return ok;
}

/* --- all of it ----------------------------------------------------------------------------------- */

static bool take(const struct reader *reader, const struct setting *setting, struct error *error)
{
	struct variable_value *variable = &reader->environment->values[setting->variable];
	struct import *import = reader->import;
	struct secret value = {0};
	struct noticed noticed;
	bool found = true, ok;

	ok = take_value(&value, setting, &noticed, error);
	/* Templates list them all, most of them empty. */
	if (!ok || secret_is_empty(&value))
		goto out;
	size_t line = add_line(reader, setting, &value);
	say_noticed(import, line, &noticed);
	if (setting->names_file && variable->set) {
		import_say(import, line, IMPORT_LEFT,
			_("%s itself is set, and counts, as it does for docker-mailserver."),
			variables[setting->variable].name);
		goto out;
	}
	if (setting->names_file)
		ok = read_file(reader, setting, line, &value, &found, error);
	if (!ok || !found || secret_is_empty(&value))
		goto out;
	if (variable->set)
		import_say(import, variable->line, IMPORT_LEFT,
			_("It is set again in line %u, which counts."), setting->number);
	secret_free(&variable->value);
	*variable = (struct variable_value){.set = true, .value = value, .line = line};
	value = (struct secret){0};
out:
	secret_free(&value);
	return ok;
}

bool environment_read(struct environment *environment, struct import *import, const char *path,
	const char *folder, struct error *error)
{
	struct reader reader = {environment, import, path, folder};
	struct source source = {0};
	struct setting setting;
	bool ok;

	*environment = (struct environment){0};
	ok = source_read(&source, path, error);
	if (ok && !source.exists)
		ok = error_set(error, ERROR_IO, _("There is no file %s."), path);
	/* The variables first, then the files in their place. */
	for (int files = 0; ok && files < 2; files++)
		for (size_t i = 0; ok && i < source.count; i++)
			if (parse_setting(&source.lines[i], &setting) &&
				setting.names_file == (files == 1))
				ok = take(&reader, &setting, error);
	source_free(&source);
	if (!ok)
		environment_free(environment);
	return ok;
}

void environment_free(struct environment *environment)
{
	for (size_t i = 0; i < VARIABLES; i++)
		secret_free(&environment->values[i].value);
	*environment = (struct environment){0};
}
