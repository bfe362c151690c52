#include "inifile.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "i18n.h"
#include "text.h"

enum {
	FILE_LIMIT = 1 << 18,
	SECTION_LIMIT = 48, /* libinih cuts longer section and key names without a word */
};

struct reading {
	struct inifile *ini;
	bool (*ours)(const char *section);
	const char *path;
	const char *rest;
	unsigned line;
	bool cut;          /* this line was longer than libinih takes */
	bool continuation; /* it begins with a blank */
	char *why;
	size_t size;
	bool failed;
};

static void complain(struct reading *reading, const char *problem)
{
	if (!reading->failed)
		snprintf(reading->why, reading->size, "%s:%u: %s", reading->path, reading->line,
			problem);
	reading->failed = true;
}

/* fgets for libinih, except that it never gives a part of a line. */
static char *next_line(char *into, int size, void *stream)
{
	struct reading *reading = stream;
	size_t len = strcspn(reading->rest, "\n"), room = (size_t)size - 2;

	if (!*reading->rest)
		return NULL;
	reading->line++;
	reading->cut = len > room;
	reading->continuation = *reading->rest == ' ' || *reading->rest == '\t';
	memcpy(into, reading->rest, reading->cut ? room : len);
	into[reading->cut ? room : len] = '\n';
	into[(reading->cut ? room : len) + 1] = '\0';
	/* An inline comment would cut the value as well. */
	if (*into != ';' && *into != '#' && (strstr(into, " ;") || strstr(into, "\t;")))
		reading->cut = true;
	reading->rest += len;
	if (*reading->rest)
		reading->rest++;
	return into;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	struct inifile *ini = reading->ini;
	struct inifile_key *last = ini->count ? &ini->keys[ini->count - 1] : NULL;

	if (!reading->ours(section))
		return 1;
	if (strlen(section) >= SECTION_LIMIT || strlen(name) >= SECTION_LIMIT)
		complain(reading, _("the name of this section or key is too long"));
	if (reading->cut)
		complain(reading, _("the line is too long (at most 197 characters; indented lines "
				    "continue it), or has a comment at its end"));
	if (reading->continuation && last && !strcmp(last->name, name)) {
		bool paragraph = !strcmp(value, ".");
		bool after = *last->value && last->value[strlen(last->value) - 1] == '\n';
		char *joined = text_make("%s%s%s", last->value,
			paragraph ? "\n\n"
			: after   ? ""
				  : " ",
			paragraph ? "" : value);

		free(last->value);
		last->value = joined;
		return 1;
	}
	if (inifile_value(ini, section, name)) {
		char *problem = text_make(_("\"%s\" stands twice in [%s]"), name, section);

		complain(reading, problem);
		free(problem);
	}
	ini->keys = mem_grow(ini->keys, ini->count + 1, sizeof(*ini->keys));
	ini->keys[ini->count++] = (struct inifile_key){
		text_copy(section), text_copy(name), text_copy(value), reading->line};
	return 1;
}

static char *slurp(const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *bytes = NULL;
	size_t len = 0;
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(why, size, _("cannot read %s: %s"), path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > FILE_LIMIT) {
		snprintf(why, size, _("%s is not a file of at most 256 KiB"), path);
	} else {
		bytes = mem_zero((size_t)st.st_size + 1, 1);
		while (len < (size_t)st.st_size &&
			(got = read(fd, bytes + len, (size_t)st.st_size - len)) > 0)
			len += (size_t)got;
		if (got < 0) {
			snprintf(why, size, _("cannot read %s: %s"), path, strerror(errno));
			free(bytes);
			bytes = NULL;
		} else if (memchr(bytes, '\0', len)) {
			snprintf(why, size, _("%s holds a NUL byte: it is not a text file"), path);
			free(bytes);
			bytes = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return bytes;
}

bool inifile_read(struct inifile *ini, const char *path, bool (*ours)(const char *section),
	char *why, size_t size)
{
	char *bytes = slurp(path, why, size);
	struct reading reading = {.ini = ini, .ours = ours, .path = path, .why = why, .size = size};

	*ini = (struct inifile){0};
	if (!bytes)
		return false;
	reading.rest = bytes;
	int line = ini_parse_stream(next_line, &reading, take_key, &reading);

	if (line && !reading.failed) {
		reading.line = line > 0 ? (unsigned)line : reading.line;
		complain(&reading, _("neither \"name = value\" nor \"[section]\""));
	}
	free(bytes);
	return !reading.failed;
}

void inifile_free(struct inifile *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		free(ini->keys[i].section);
		free(ini->keys[i].name);
		free(ini->keys[i].value);
	}
	free(ini->keys);
	*ini = (struct inifile){0};
}

const char *inifile_value(const struct inifile *ini, const char *section, const char *name)
{
	for (size_t i = 0; ini->keys && i < ini->count; i++)
		if (!strcmp(ini->keys[i].section, section) && !strcmp(ini->keys[i].name, name))
			return ini->keys[i].value;
	return NULL;
}
