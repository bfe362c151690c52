/*
 * settings_file.c: the settings as a file, ours or one that a person wrote (settings.h).
 *
 *   [settings]
 *   format = 1
 *   default = office            or direct
 *   [relay office]              relay_section.h
 *   ...
 *   [routes]
 *   sender =
 *   	<> bounces
 *   	@example.com office
 *   recipient =
 *   	example.net direct
 *
 * Names are held against the relays when all of the file is read, so that the order is free; each error
 * names its own line all the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "relay_section.h"
#include "routes.h"
#include "settings.h"

static const char blanks[] = " \t";

/* A route and where it stands, until all are there to be sorted. */
struct line {
	struct route route;
	unsigned number;
};

struct reading {
	struct settings *settings;
	const struct ini *ini;
	bool own;
	struct relay_sections relays;
	const struct ini_section *head;
	const struct ini_section *routes;
	struct line *lines;
	size_t line_count;
	struct error *error;
};

static bool no_such_relay(const struct reading *reading, const struct ini_section *section,
	unsigned line, const char *name)
{
	const char *nearest = settings_nearest(reading->settings, name, true);

	section_error(reading->ini, section, line, reading->error,
		_("the file has no relay \"%s\"."), name);
	if (nearest)
		error_advise(reading->error, _("Did you mean \"%s\"?"), nearest);
	return false;
}

/* --- sections ------------------------------------------------------------------------------------ */

static bool take_head(struct reading *reading, const struct ini_section *section)
{
	static const char *const known[] = {"format", "default", NULL};
	const char *format = ini_value(section, "format");

	reading->head = section;
	if (!ini_only_keys(reading->ini, section, known, reading->error))
		return false;
	if (text_equal(format, SETTINGS_FORMAT) || (!format && !reading->own))
		return true;
	return section_error(reading->ini, section, section->line, reading->error,
		_("this format was written by another version of relaycon."));
}

static bool take_relay(struct reading *reading, const struct ini_section *section)
{
	struct relay relay;

	if (!relay_section_read(&reading->relays, section, &relay, reading->error))
		return false;
	settings_put_relay(reading->settings, &relay);
	relay_free(&relay);
	return true;
}

static void add_line(struct reading *reading, struct route route, unsigned number)
{
	size_t count = reading->line_count;

	if ((count & (count - 1)) == 0)
		reading->lines = mem_realloc_array(
			reading->lines, count ? 2 * count : 1, sizeof *reading->lines);
	reading->lines[reading->line_count++] = (struct line){.route = route, .number = number};
}

/* "PATTERN RELAY" */
static bool take_line(struct reading *reading, const struct ini_section *section,
	enum route_kind kind, const char *text, size_t len, unsigned number)
{
	struct error reason = {0};
	char *line = text_dup_len(text, len);
	char *typed = line + strspn(line, blanks);
	char *end = typed + strcspn(typed, blanks);
	char *relay = end + strspn(end, blanks);
	char *rest = relay + strcspn(relay, blanks);
	struct route route = {.kind = kind};
	bool ok = false;

	if (!*relay || rest[strspn(rest, blanks)]) {
		section_error(reading->ini, section, number, reading->error,
			_("a route is two words in a line, who it is for and a relay's name."));
		goto out;
	}
	*end = *rest = '\0';
	if (!route_parse(kind, typed, &route.pattern, &reason)) {
		section_wrap(reading->ini, section, number, reading->error, &reason);
		goto out;
	}
	if (reading->own && !text_equal(typed, route.pattern)) {
		section_error(reading->ini, section, number, reading->error,
			_("the route is not in its plain form."));
		free(route.pattern);
		goto out;
	}
	route.relay = text_dup(relay);
	add_line(reading, route, number);
	ok = true;
out:
	free(line);
	return ok;
}

static bool take_routes(struct reading *reading, const struct ini_section *section)
{
	const char *const known[] = {route_word(ROUTE_SENDER), route_word(ROUTE_RECIPIENT), NULL};

	reading->routes = section;
	if (!ini_only_keys(reading->ini, section, known, reading->error))
		return false;
	for (int kind = 0; kind < ROUTE_KINDS; kind++) {
		const struct ini_key *key = ini_key(section, known[kind]);
		const char *text = key ? key->value : "", *end = text + strlen(text);
		for (size_t n = 0; text < end; n++) {
			/* See ini_write_key. */
			const char *stop = memchr(text, '\n', (size_t)(end - text));
			size_t len = (size_t)((stop ? stop : end) - text);
			if (len > 0 && !take_line(reading, section, (enum route_kind)kind, text,
					       len, ini_value_line(key, n)))
				return false;
			text += len + (text[len] == '\n');
		}
	}
	return true;
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int compare_lines(const void *a, const void *b)
{
	const struct line *one = a, *other = b;
	int order = route_compare(&one->route, &other->route);

	if (order == 0)
		order = one->number < other->number ? -1 : one->number > other->number;
	return order;
}

static bool sort_routes(struct reading *reading)
{
	if (reading->line_count > 0)
		qsort(reading->lines, reading->line_count, sizeof *reading->lines, compare_lines);
	for (size_t i = 1; i < reading->line_count; i++) {
		const struct line *first = &reading->lines[i - 1], *second = &reading->lines[i];
		if (route_compare(&first->route, &second->route) == 0)
			return section_error(reading->ini, reading->routes, second->number,
				reading->error, _("%s has a route already, in line %u (to %s)."),
				first->route.pattern, first->number, first->route.relay);
	}
	return true;
}

/* The routes become the settings' when each leads somewhere. */
static bool move_routes(struct reading *reading)
{
	struct relay_index index;
	bool ok = sort_routes(reading);

	relay_index_init(&index, reading->settings);
	for (size_t i = 0; ok && i < reading->line_count; i++) {
		struct route *route = &reading->lines[i].route;
		if (!text_equal(route->relay, RELAY_DIRECT) &&
			!relay_index_find(&index, route->relay)) {
			ok = no_such_relay(
				reading, reading->routes, reading->lines[i].number, route->relay);
			break;
		}
		routes_append(reading->settings, *route);
		*route = (struct route){0};
	}
	relay_index_free(&index);
	return ok;
}

/* Whoever has a relay named so need not say that it is the default. */
static bool find_default(struct reading *reading)
{
	struct settings *settings = reading->settings;

	if (settings_relay(settings, RELAY_DEFAULT_NAME)) {
		settings_set_default(settings, RELAY_DEFAULT_NAME);
		return true;
	}
	/* What is left of a file that could not be written, or of a template that could not be filled in, is
	 * not the wish for no relay at all. */
	if (settings->relay_count == 0) {
		error_set(reading->error, ERROR_DATA,
			_("%s names no relay, and does not say that there is to be none."),
			reading->ini->path);
		return error_advise(reading->error, _("Is it complete? For mail without any relay "
						      "write a section [settings] with "
						      "\"default = direct\"."));
	}
	error_set(reading->error, ERROR_DATA, _("%s does not say which relay is the default."),
		reading->ini->path);
	return error_advise(reading->error,
		_("Write a section [settings] with \"default = %s\", or \"default = direct\" for "
		  "mail that no route is for."),
		settings->relays[0].name);
}

static bool set_default(struct reading *reading)
{
	const struct ini_key *key = ini_key(reading->head, "default");

	if (!key)
		return reading->own || find_default(reading);
	if (!*key->value || text_equal(key->value, RELAY_DIRECT))
		return true;
	if (!settings_relay(reading->settings, key->value))
		return no_such_relay(reading, reading->head, key->line, key->value);
	settings_set_default(reading->settings, key->value);
	return true;
}

static bool check_fallbacks(struct reading *reading)
{
	struct error reason = {0};

	for (size_t i = 0; i < reading->settings->relay_count; i++) {
		const struct relay *relay = &reading->settings->relays[i];
		char *name = text_format(RELAY_SECTION_PREFIX "%s", relay->name);
		const struct ini_section *section = ini_section(reading->ini, name);
		free(name);
		for (size_t j = 0; j < relay->fallback_count; j++)
			if (!settings_relay(reading->settings, relay->fallbacks[j]))
				return no_such_relay(reading, section,
					ini_key(section, "fallback")->line, relay->fallbacks[j]);
	}
	return settings_check(reading->settings, &reason) ||
	       error_set(reading->error, ERROR_DATA, "%s: %s", reading->ini->path, reason.message);
}

static bool unknown_section(const struct reading *reading, const struct ini_section *section)
{
	static const char *const known[] = {SECTION_SETTINGS, SECTION_ROUTES, "relay", NULL};
	char *word = text_dup_len(section->name, strcspn(section->name, blanks));
	const char *nearest = text_nearest(word, known);

	free(word);
	section_error(reading->ini, section, section->line, reading->error,
		_("there is no such section."));
	if (nearest && strcmp(nearest, "relay") == 0)
		return error_advise(reading->error, _("A relay's section is [relay NAME]."));
	if (nearest)
		return error_advise(reading->error, _("Did you mean [%s]?"), nearest);
	return error_advise(reading->error, _("There are [settings], [relay NAME] and [routes]."));
}

static bool take_all(struct reading *reading)
{
	for (size_t i = 0; i < reading->ini->count; i++) {
		const struct ini_section *section = &reading->ini->sections[i];
		bool ok;
		if (text_equal(section->name, SECTION_SETTINGS))
			ok = take_head(reading, section);
		else if (text_equal(section->name, SECTION_ROUTES))
			ok = take_routes(reading, section);
		else if (strncmp(section->name, RELAY_SECTION_PREFIX,
				 strlen(RELAY_SECTION_PREFIX)) == 0)
			ok = take_relay(reading, section);
		else
			ok = unknown_section(reading, section);
		if (!ok)
			return false;
	}
	if (!reading->head && reading->own)
		return error_set(reading->error, ERROR_DATA, _("%s has no section [settings]."),
			reading->ini->path);
	return move_routes(reading) && set_default(reading) && check_fallbacks(reading);
}

static void reading_free(struct reading *reading)
{
	for (size_t i = 0; i < reading->line_count; i++) {
		free(reading->lines[i].route.pattern);
		free(reading->lines[i].route.relay);
	}
	free(reading->lines);
	relay_sections_free(&reading->relays);
}

/* folders NULL: it is our own. */
static bool read_bytes(struct settings *settings, const char *path, const struct strbuf *bytes,
	const char *const *folders, struct error *error)
{
	struct ini ini = {0};
	struct reading reading = {.settings = settings,
		.ini = &ini,
		.own = !folders,
		.relays = {.ini = &ini, .own = !folders, .folders = folders},
		.error = error};
	bool ok = ini_parse_bytes(&ini, path, bytes->data, bytes->len, error) && take_all(&reading);

	if (!ok)
		settings_free(settings);
	reading_free(&reading);
	ini_free(&ini);
	return ok;
}

bool settings_load(struct settings *settings, const char *path, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	bool exists;

	*settings = (struct settings){0};
	bool ok = file_read(&bytes, path, SETTINGS_FILE_MAX, &exists, error) &&
		  (!exists || read_bytes(settings, path, &bytes, NULL, error));
	strbuf_free(&bytes);
	if (ok)
		settings_place(settings, NULL);
	return ok;
}

bool settings_read(struct settings *settings, const char *path, const char *const *folders,
	struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;

	*settings = (struct settings){0};
	bool ok = file_read(&bytes, path, SETTINGS_FILE_MAX, NULL, error) &&
		  read_bytes(settings, path, &bytes, folders, error);
	strbuf_free(&bytes);
	return ok;
}

bool settings_read_fd(struct settings *settings, int fd, const char *what,
	const char *const *folders, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	char chunk[16384];
	ssize_t got;

	*settings = (struct settings){0};
	strbuf_reset(&bytes);
	do {
		got = read(fd, chunk, sizeof chunk);
		if (got > 0)
			strbuf_add(&bytes, chunk, (size_t)got);
	} while ((got > 0 && bytes.len <= SETTINGS_FILE_MAX) || (got < 0 && errno == EINTR));
	bool ok = false;
	if (got < 0)
		error_errno(error, ERROR_IO, errno, _("Cannot read %s"), what);
	else if (bytes.len > SETTINGS_FILE_MAX)
		error_set(error, ERROR_DATA,
			_("%s is larger than %d bytes, the most that is read."), what,
			(int)SETTINGS_FILE_MAX);
	else
		ok = read_bytes(settings, what, &bytes, folders, error);
	strbuf_free(&bytes);
	return ok;
}
