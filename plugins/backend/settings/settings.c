/* The settings: which relays there are, which is the default, and their file, settings.ini. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/ini.h"
#include "../base/text.h"
#include "settings.h"

#define FORMAT "1"
#define SECTION_RELAY "relay "
#define SECTION_ROUTE "route "

static const char *const route_words[] = {
	[ROUTE_SENDER] = "sender", [ROUTE_RECIPIENT] = "recipient"};

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->relay_count; i++)
		relay_free(&settings->relays[i]);
	for (size_t i = 0; i < settings->route_count; i++) {
		free(settings->routes[i].pattern);
		free(settings->routes[i].relay);
	}
	free(settings->relays);
	free(settings->routes);
	free(settings->default_relay);
	*settings = (struct settings){0};
}

static void add_route(
	struct settings *settings, enum route_kind kind, const char *pattern, const char *relay)
{
	settings->routes = mem_realloc_array(
		settings->routes, settings->route_count + 1, sizeof *settings->routes);
	settings->routes[settings->route_count++] = (struct route){
		.kind = kind, .pattern = text_dup(pattern), .relay = text_dup(relay)};
}

void settings_copy(struct settings *to, const struct settings *from)
{
	*to = (struct settings){.default_relay = text_dup(from->default_relay)};
	for (size_t i = 0; i < from->relay_count; i++)
		settings_put_relay(to, &from->relays[i]);
	for (size_t i = 0; i < from->route_count; i++) {
		const struct route *route = &from->routes[i];
		add_route(to, route->kind, route->pattern, route->relay);
	}
}

const struct relay *settings_relay(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->relay_count; i++) {
		if (text_equal(settings->relays[i].name, name))
			return &settings->relays[i];
	}
	return NULL;
}

const struct relay *settings_default(const struct settings *settings)
{
	return settings->default_relay ? settings_relay(settings, settings->default_relay) : NULL;
}

void settings_put_relay(struct settings *settings, const struct relay *relay)
{
	struct relay copy;
	size_t at = 0;

	/* Copied first: relay may be the very one that is replaced. */
	relay_copy(&copy, relay);
	while (at < settings->relay_count && !text_equal(settings->relays[at].name, copy.name))
		at++;
	if (at < settings->relay_count) {
		relay_free(&settings->relays[at]);
	} else {
		settings->relays = mem_realloc_array(
			settings->relays, settings->relay_count + 1, sizeof *settings->relays);
		settings->relay_count++;
	}
	settings->relays[at] = copy;
}

void settings_format(const struct settings *settings, struct strbuf *out)
{
	struct strbuf ini = STRBUF_INIT;
	char text[32];

	strbuf_adds(out, "# relaycon wrote this: what it applied last. No password stands here.\n");
	ini_write_section(&ini, "settings");
	ini_write_key(&ini, "format", FORMAT);
	ini_write_key(&ini, "default", settings->default_relay);
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];
		char *section = text_format(SECTION_RELAY "%s", relay->name);
		ini_write_section(&ini, section);
		free(section);
		ini_write_key(&ini, "provider", relay->provider);
		ini_write_key(&ini, "region", relay->region);
		ini_write_key(&ini, "host", relay->host);
		snprintf(text, sizeof text, "%u", relay->port);
		ini_write_key(&ini, "port", text);
		ini_write_key(&ini, "tls", relay_tls_word(relay->tls));
		ini_write_key(&ini, "verify", relay_verify_word(relay->verify));
		ini_write_key(&ini, "fingerprint", relay->fingerprint);
		ini_write_key(&ini, "ca-file", relay->ca_file);
		ini_write_key(&ini, "login", relay->login);
	}
	for (size_t i = 0; i < settings->route_count; i++) {
		snprintf(text, sizeof text, SECTION_ROUTE "%zu", i + 1);
		ini_write_section(&ini, text);
		ini_write_key(&ini, "kind", route_words[settings->routes[i].kind]);
		ini_write_key(&ini, "pattern", settings->routes[i].pattern);
		ini_write_key(&ini, "relay", settings->routes[i].relay);
	}
	strbuf_add(out, ini.data, ini.len);
	strbuf_free(&ini);
}

static bool bad_section(const struct ini *ini, const struct ini_section *section, const char *what,
	struct error *error)
{
	return error_set(error, ERROR_DATA, _("%s, line %u: [%s]: %s"), ini->path, section->line,
		section->name, what);
}

static bool take_relay(struct settings *settings, const struct ini *ini,
	const struct ini_section *section, struct error *error)
{
	static const char *const known[] = {"provider", "region", "host", "port", "tls", "verify",
		"fingerprint", "ca-file", "login", NULL};
	const char *provider = ini_value(section, "provider");
	struct error reason = {0};
	struct relay relay = {0};
	long port;
	bool ok = false;

	if (!ini_only_keys(ini, section, known, error))
		return false;
	relay.name = text_dup(section->name + strlen(SECTION_RELAY));
	relay.provider = text_dup(provider ? provider : "custom");
	relay.region = text_dup(ini_value(section, "region"));
	relay.host = text_dup(ini_value(section, "host"));
	relay.fingerprint = text_dup(ini_value(section, "fingerprint"));
	relay.ca_file = text_dup(ini_value(section, "ca-file"));
	relay.login = text_dup(ini_value(section, "login"));
	if (!text_to_number(ini_value(section, "port"), 1, 65535, &port)) {
		bad_section(ini, section, _("the port is missing or not a number."), error);
	} else if (!relay_tls_from_word(ini_value(section, "tls"), &relay.tls)) {
		bad_section(
			ini, section, _("the key \"tls\" is missing or not a known word."), error);
	} else if (!relay_verify_from_word(ini_value(section, "verify"), &relay.verify)) {
		bad_section(ini, section, _("the key \"verify\" is missing or not a known word."),
			error);
	} else {
		relay.port = (unsigned)port;
		ok = relay_check_form(&relay, &reason);
		if (!ok)
			bad_section(ini, section, reason.message, error);
	}
	if (ok)
		settings_put_relay(settings, &relay);
	relay_free(&relay);
	return ok;
}

static bool take_route(struct settings *settings, const struct ini *ini,
	const struct ini_section *section, struct error *error)
{
	static const char *const known[] = {"kind", "pattern", "relay", NULL};
	const char *kind = ini_value(section, "kind");
	const char *pattern = ini_value(section, "pattern");
	const char *relay = ini_value(section, "relay");
	bool recipient = text_equal(kind, route_words[ROUTE_RECIPIENT]);

	if (!ini_only_keys(ini, section, known, error))
		return false;
	if (!recipient && !text_equal(kind, route_words[ROUTE_SENDER]))
		return bad_section(
			ini, section, _("the kind has to be sender or recipient."), error);
	if (!pattern || !*pattern || !relay || !*relay)
		return bad_section(ini, section, _("the pattern or the relay is missing."), error);
	add_route(settings, recipient ? ROUTE_RECIPIENT : ROUTE_SENDER, pattern, relay);
	return true;
}

static bool take_head(struct settings *settings, const struct ini *ini,
	const struct ini_section *section, struct error *error)
{
	static const char *const known[] = {"format", "default", NULL};

	if (!text_equal(ini_value(section, "format"), FORMAT))
		return bad_section(ini, section,
			_("this format was written by another version of relaycon."), error);
	settings->default_relay = text_dup(ini_value(section, "default"));
	return ini_only_keys(ini, section, known, error);
}

/* Names may only be used of relays that are there. */
static bool check_names(const struct settings *settings, const char *path, struct error *error)
{
	if (settings->default_relay && !settings_default(settings))
		return error_set(error, ERROR_DATA,
			_("%s: the default relay \"%s\" is not in the file."), path,
			settings->default_relay);
	for (size_t i = 0; i < settings->route_count; i++) {
		const struct route *route = &settings->routes[i];
		if (!text_equal(route->relay, RELAY_DIRECT) &&
			!settings_relay(settings, route->relay))
			return error_set(error, ERROR_DATA,
				_("%s: the relay \"%s\" of the route for %s is not in the file."),
				path, route->relay, route->pattern);
	}
	return true;
}

static bool take_all(struct settings *settings, const struct ini *ini, struct error *error)
{
	bool head = false;

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		bool ok;
		if (text_equal(section->name, "settings"))
			ok = head = take_head(settings, ini, section, error);
		else if (strncmp(section->name, SECTION_RELAY, strlen(SECTION_RELAY)) == 0)
			ok = take_relay(settings, ini, section, error);
		else if (strncmp(section->name, SECTION_ROUTE, strlen(SECTION_ROUTE)) == 0)
			ok = take_route(settings, ini, section, error);
		else
			ok = bad_section(ini, section, _("there is no such section."), error);
		if (!ok)
			return false;
	}
	if (!head)
		return error_set(error, ERROR_DATA, _("%s has no section [settings]."), ini->path);
	return check_names(settings, ini->path, error);
}

bool settings_load(struct settings *settings, const char *path, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	struct ini ini = {0};
	bool exists, ok;

	*settings = (struct settings){0};
	ok = file_read(&bytes, path, INI_FILE_MAX, &exists, error);
	if (ok && exists)
		ok = ini_parse_bytes(&ini, path, bytes.data, bytes.len, error) &&
		     take_all(settings, &ini, error);
	if (!ok)
		settings_free(settings);
	ini_free(&ini);
	strbuf_free(&bytes);
	return ok;
}
