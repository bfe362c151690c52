#include "preset_read.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/ini.h"
#include "../base/text.h"

/* What `unverified` may name: every fact in [provider], and the regions. */
static const char *const facts[] = {"name", "host", "port", "tls", "alternates", "login-hint",
	"login", "login-optional", "password-hint", "auth", "from-must-be-verified", "size-limit",
	"documentation", "warning", "regions", NULL};

static const char *const provider_keys[] = {"name", "host", "port", "tls", "alternates",
	"login-hint", "login", "login-optional", "password-hint", "auth", "from-must-be-verified",
	"size-limit", "documentation", "warning", "note", "unverified-note", "unverified",
	"ca-file", NULL};

/* One file being read: everything that a complaint needs. */
struct reading {
	const struct ini *ini;
	const struct ini_section *section;
	struct preset *preset;
	struct error *error;
};

static bool complain(const struct reading *reading, const char *key, const char *what)
{
	unsigned line = reading->section->line;

	for (size_t i = 0; i < reading->section->count; i++) {
		if (text_equal(reading->section->keys[i].name, key))
			line = reading->section->keys[i].line;
	}
	return error_set(reading->error, ERROR_DATA, _("%s, line %u: %s: %s"), reading->ini->path,
		line, key, what);
}

/* The value in one line, or NULL. */
static char *take_text(const struct reading *reading, const char *key)
{
	char *text = text_dup(ini_value(reading->section, key));

	for (char *at = text; at && *at; at++) {
		if (*at == '\n')
			*at = ' ';
	}
	return text;
}

static bool take_bool(const struct reading *reading, const char *key, bool *value)
{
	const char *text = ini_value(reading->section, key);

	*value = text_equal(text, "yes");
	return !text || *value || text_equal(text, "no") ||
	       complain(reading, key, _("it has to be yes or no."));
}

static bool take_host(const struct reading *reading, const char *key, const char *text, char **host)
{
	struct error reason = {0};
	unsigned port = 0;

	if (!text)
		return complain(reading, key, _("it is missing."));
	if (!relay_parse_host(text, host, &port, &reason))
		return complain(reading, key, reason.message);
	return (port == 0 && text_equal(*host, text)) ||
	       complain(reading, key,
		       _("a host is written in small letters, without brackets or a port."));
}

/* "465/implicit" */
static bool parse_port(const char *text, unsigned *port, enum relay_tls *tls)
{
	const char *slash = strchr(text, '/');
	long number;

	if (!slash || !relay_tls_from_word(slash + 1, tls))
		return false;
	char *digits = text_dup_len(text, (size_t)(slash - text));
	bool ok = text_to_number(digits, 1, 65535, &number);
	free(digits);
	if (ok)
		*port = (unsigned)number;
	return ok;
}

/* Calls take with each part of "a, b, c", trimmed; false as soon as take says so. */
static bool each_part(const char *list, bool (*take)(struct reading *reading, const char *part),
	struct reading *reading)
{
	bool ok = true;

	while (ok && list) {
		list += strspn(list, " \n");
		size_t len = strcspn(list, ",");
		const char *next = list[len] ? list + len + 1 : NULL;
		while (len > 0 && (list[len - 1] == ' ' || list[len - 1] == '\n'))
			len--;
		char *part = text_dup_len(list, len);
		ok = take(reading, part);
		free(part);
		list = next;
	}
	return ok;
}

static bool take_alternate(struct reading *reading, const char *part)
{
	struct preset *preset = reading->preset;
	struct preset_port port = {0};

	if (!parse_port(part, &port.port, &port.tls))
		return complain(reading, "alternates", _("each has to look like 465/implicit."));
	preset->alternates = mem_realloc_array(
		preset->alternates, preset->alternate_count + 1, sizeof *preset->alternates);
	preset->alternates[preset->alternate_count++] = port;
	return true;
}

/* "auth (from memory)" */
static bool check_unverified(struct reading *reading, const char *part)
{
	char *fact = text_dup_len(part, strcspn(part, " ("));
	bool known = false;

	for (size_t i = 0; facts[i]; i++)
		known = known || text_equal(facts[i], fact);
	free(fact);
	return known || complain(reading, "unverified", _("it names something that is no key."));
}

static void add_note(struct preset *preset, char *note)
{
	preset->notes =
		mem_realloc_array(preset->notes, preset->note_count + 1, sizeof *preset->notes);
	preset->notes[preset->note_count++] = note;
}

static void take_notes(const struct reading *reading, const char *key, const char *mark)
{
	const char *at = ini_value(reading->section, key);

	while (at && *at) {
		size_t len = strcspn(at, "\n");
		if (len > 0)
			add_note(reading->preset, text_format("%s%.*s", mark, (int)len, at));
		at += len + (at[len] == '\n');
	}
}

static bool take_server(struct reading *reading)
{
	const struct ini_section *section = reading->section;
	struct preset *preset = reading->preset;
	const char *alternates = ini_value(section, "alternates");
	const char *size = ini_value(section, "size-limit");
	long number;

	if (!take_host(reading, "host", ini_value(section, "host"), &preset->host))
		return false;
	if (!text_to_number(ini_value(section, "port"), 1, 65535, &number))
		return complain(reading, "port", _("it has to be a number from 1 to 65535."));
	preset->port = (unsigned)number;
	if (!relay_tls_from_word(ini_value(section, "tls"), &preset->tls))
		return complain(reading, "tls",
			_("it has to be starttls, implicit, opportunistic or none."));
	if (alternates && !each_part(alternates, take_alternate, reading))
		return false;
	if (size && !text_to_number(size, 1, 1L << 40, &number))
		return complain(reading, "size-limit", _("it has to be a number of bytes."));
	preset->size_limit = size ? (unsigned long)number : 0;
	return true;
}

static bool take_provider(struct reading *reading)
{
	const struct ini_section *section = reading->section;
	struct preset *preset = reading->preset;
	const char *unverified = ini_value(section, "unverified");
	struct error reason = {0};

	if (!ini_only_keys(reading->ini, section, provider_keys, reading->error) ||
		!take_server(reading) ||
		!take_bool(reading, "login-optional", &preset->login_optional) ||
		!take_bool(reading, "from-must-be-verified", &preset->from_must_be_verified))
		return false;
	preset->name = take_text(reading, "name");
	preset->login_hint = take_text(reading, "login-hint");
	preset->login = take_text(reading, "login");
	preset->password_hint = take_text(reading, "password-hint");
	preset->auth = take_text(reading, "auth");
	preset->documentation = take_text(reading, "documentation");
	preset->warning = take_text(reading, "warning");
	preset->unverified = take_text(reading, "unverified");
	preset->ca_file = take_text(reading, "ca-file");
	take_notes(reading, "note", "");
	take_notes(reading, "unverified-note", _("(unconfirmed) "));
	if (!preset->name || !*preset->name)
		return complain(reading, "name", _("it is missing."));
	if (preset->login && !relay_check_login(preset->login, &reason))
		return complain(reading, "login", reason.message);
	return !unverified || each_part(unverified, check_unverified, reading);
}

static bool take_regions(struct reading *reading)
{
	struct preset *preset = reading->preset;

	for (size_t i = 0; i < reading->section->count; i++) {
		const struct ini_key *key = &reading->section->keys[i];
		struct preset_region region = {.port = preset->port, .tls = preset->tls};
		size_t len = strcspn(key->value, " ");
		const char *port = key->value + len + strspn(key->value + len, " ");
		char *host = text_dup_len(key->value, len);
		bool ok = take_host(reading, key->name, host, &region.host);
		free(host);
		if (ok && *port && !parse_port(port, &region.port, &region.tls))
			ok = complain(reading, key->name,
				_("after the host, a port has to look like 465/implicit."));
		if (!ok) {
			free(region.host);
			return false;
		}
		region.id = text_dup(key->name);
		preset->regions = mem_realloc_array(
			preset->regions, preset->region_count + 1, sizeof *preset->regions);
		preset->regions[preset->region_count++] = region;
	}
	if (preset->region_count == 0)
		return true;
	const struct preset_region *first = &preset->regions[0];
	return (text_equal(first->host, preset->host) && first->port == preset->port &&
		       first->tls == preset->tls) ||
	       complain(reading, first->id,
		       _("the first region has to be the host and port of [provider]."));
}

static bool take_sections(struct reading *reading)
{
	const struct ini *ini = reading->ini;

	reading->section = ini_section(ini, "provider");
	if (!reading->section)
		return error_set(
			reading->error, ERROR_DATA, _("%s has no section [provider]."), ini->path);
	if (!take_provider(reading))
		return false;
	for (size_t i = 0; i < ini->count; i++) {
		reading->section = &ini->sections[i];
		if (text_equal(ini->sections[i].name, "regions")) {
			if (!take_regions(reading))
				return false;
		} else if (!text_equal(ini->sections[i].name, "provider") &&
			   !text_equal(ini->sections[i].name, "entry")) {
			return error_set(reading->error, ERROR_DATA,
				_("%s, line %u: there is no section [%s] for a provider."),
				ini->path, ini->sections[i].line, ini->sections[i].name);
		}
	}
	return true;
}

bool preset_read(struct preset *preset, const char *path, const char *id, struct error *error)
{
	struct ini ini = {0};

	*preset = (struct preset){.id = text_dup(id)};
	struct reading reading = {.ini = &ini, .preset = preset, .error = error};
	bool ok = ini_load(&ini, path, error) && take_sections(&reading);
	ini_free(&ini);
	if (!ok)
		preset_free(preset);
	return ok;
}
