#include "import.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "parts.h"

enum { SHOWN_MAX = 300, NAME_BYTES = 36 };

static const char *const fate_words[IMPORT_FATES] = {
	[IMPORT_TAKEN] = "taken", [IMPORT_CHANGED] = "changed", [IMPORT_LEFT] = "left"};

const char *import_fate_word(enum import_fate fate)
{
	return fate_words[fate];
}

void import_free(struct import *import)
{
	settings_free(&import->settings);
	for (size_t i = 0; i < import->password_count; i++) {
		free(import->passwords[i].relay);
		secret_free(&import->passwords[i].password);
	}
	for (size_t i = 0; i < import->line_count; i++) {
		free(import->lines[i].text);
		free(import->lines[i].words);
	}
	for (size_t i = 0; i < import->file_count; i++)
		free(import->files[i]);
	free(import->passwords);
	free(import->lines);
	free(import->files);
	strbuf_free(&import->remarks);
	strbuf_free(&import->without_login);
	*import = (struct import){0};
}

const struct secret *import_password(const struct import *import, const char *relay)
{
	for (size_t i = 0; i < import->password_count; i++)
		if (strcmp(import->passwords[i].relay, relay) == 0)
			return &import->passwords[i].password;
	return NULL;
}

/* --- the list of lines --------------------------------------------------------------------------- */

/* Lines of one file come together: only the last name need be looked at. */
static const char *file_name(struct import *import, const char *file)
{
	if (import->file_count == 0 || strcmp(import->files[import->file_count - 1], file) != 0) {
		import->files = mem_realloc_array(
			import->files, import->file_count + 1, sizeof *import->files);
		import->files[import->file_count++] = text_dup(file);
	}
	return import->files[import->file_count - 1];
}

size_t import_add_line(struct import *import, const char *file, unsigned number, const char *text)
{
	char shown[SHOWN_MAX];

	text_clean_into(shown, sizeof shown, text, strlen(text));
	import->lines =
		mem_realloc_array(import->lines, import->line_count + 1, sizeof *import->lines);
	import->lines[import->line_count] = (struct import_line){
		.file = file_name(import, file),
		.number = number,
		.text = text_dup(shown),
		.words = text_dup(""),
	};
	return import->line_count++;
}

void import_say(struct import *import, size_t line, enum import_fate fate, const char *format, ...)
{
	struct import_line *at = &import->lines[line];
	struct strbuf words = STRBUF_INIT;
	va_list args;

	strbuf_adds(&words, at->words);
	if (words.len > 0)
		strbuf_addc(&words, ' ');
	va_start(args, format);
	strbuf_vaddf(&words, format, args);
	va_end(args);
	free(at->words);
	at->words = strbuf_detach(&words);
	if (fate > at->fate)
		at->fate = fate;
}

void import_remark(struct import *import, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&import->remarks, format, args);
	va_end(args);
	strbuf_addc(&import->remarks, '\n');
}

/* --- relays -------------------------------------------------------------------------------------- */

bool import_maker_open(struct import_maker *maker, struct import *import,
	const struct import_options *options, struct error *error)
{
	*maker = (struct import_maker){.import = import, .options = options};
	strbuf_reset(&import->remarks);
	strbuf_reset(&import->without_login);
	return !options->folders || preset_list_load(&maker->presets, options->folders, error);
}

void import_maker_close(struct import_maker *maker)
{
	preset_list_free(&maker->presets);
	names_free(&maker->servers);
	*maker = (struct import_maker){0};
}

static const struct preset *find_provider(
	const struct import_maker *maker, const char *host, const char **region)
{
	*region = NULL;
	for (size_t i = 0; i < maker->presets.count; i++) {
		const struct preset *preset = &maker->presets.presets[i];

		for (size_t k = 0; k < preset->region_count; k++) {
			if (strcmp(preset->regions[k].host, host) == 0) {
				*region = preset->regions[k].id;
				return preset;
			}
		}
		if (strcmp(preset->host, host) == 0)
			return preset;
	}
	return NULL;
}

static enum relay_tls tls_for(const struct preset *preset, unsigned port)
{
	if (preset) {
		if (preset->port == port)
			return preset->tls;
		for (size_t i = 0; i < preset->alternate_count; i++)
			if (preset->alternates[i].port == port)
				return preset->alternates[i].tls;
	}
	return relay_tls_for_port(port);
}

static void fill(
	const struct import_maker *maker, const struct import_server *server, struct relay *relay)
{
	const struct import_options *options = maker->options;
	const char *host = server->hop->host, *region;
	const struct preset *preset = find_provider(maker, host, &region);
	enum relay_tls tls = tls_for(preset, server->hop->port);

	/* With the provider's own login its form could not show this one. */
	if (preset && preset->login && server->login && strcmp(preset->login, server->login) != 0)
		preset = NULL;
	*relay = (struct relay){
		.provider = text_dup(preset ? preset->id : RELAY_CUSTOM),
		.region = text_dup(preset ? region : NULL),
		.host = text_dup(host),
		.port = server->hop->port,
		.tls = server->protection_known ? server->tls : tls,
		.verify = server->protection_known ? server->verify : RELAY_VERIFY_NAME,
		.login = text_dup(server->login),
	};
	if (options->verify_none || !relay_tls_is_encrypted(relay->tls) ||
		(relay->verify != RELAY_VERIFY_FINGERPRINT && relay_host_is_address(host)))
		relay->verify = RELAY_VERIFY_NONE;
	if (relay->verify == RELAY_VERIFY_NAME)
		relay->ca_file = text_dup(options->ca_file ? options->ca_file
					  : preset         ? preset->ca_file
							   : NULL);
}

static bool keep_password(
	struct import *import, const char *relay, struct span password, struct error *error)
{
	import->passwords = mem_realloc_array(
		import->passwords, import->password_count + 1, sizeof *import->passwords);
	struct import_password *entry = &import->passwords[import->password_count++];

	*entry = (struct import_password){.relay = text_dup(relay)};
	return secret_set(&entry->password, password.at, password.len, error);
}

static void note_without_login(struct import_maker *maker, const struct import_server *server)
{
	if (!server->login && !server->login_not_wanted && !maker->options->no_auth)
		strbuf_addf(&maker->import->without_login, "[%s]:%u: %s\n", server->hop->host,
			server->hop->port, server->whose);
}

static char *server_key(const struct import_server *server)
{
	return text_format("%s %u %s", server->hop->host, server->hop->port,
		server->login ? server->login : "");
}

static bool put(struct import_maker *maker, const struct import_server *server, char *name,
	struct error *error)
{
	struct import *import = maker->import;
	struct relay relay;
	char *key = server_key(server);
	bool ok;

	fill(maker, server, &relay);
	relay.name = name;
	names_put(&maker->servers, key, import->settings.relay_count);
	settings_put_relay(&import->settings, &relay);
	ok = !server->login || keep_password(import, name, server->password, error);
	relay_free(&relay);
	free(key);
	note_without_login(maker, server);
	return ok;
}

bool import_make_default(
	struct import_maker *maker, const struct import_server *server, struct error *error)
{
	if (!put(maker, server, text_dup(RELAY_DEFAULT_NAME), error))
		return false;
	settings_set_default(&maker->import->settings, RELAY_DEFAULT_NAME);
	return true;
}

static bool same_password(const struct import *import, const char *relay, struct span password)
{
	const struct secret *stored = import_password(import, relay);

	return stored && secret_length(stored) == password.len &&
	       memcmp(secret_bytes(stored), password.at, password.len) == 0;
}

/* "sendgrid", "smtp.example.com", "sendgrid-2". */
static char *free_name(const struct import_maker *maker, const struct import_server *server)
{
	const char *region;
	const struct preset *preset = find_provider(maker, server->hop->host, &region);
	char *base = text_dup(preset ? preset->id : server->hop->host), *name;

	if (strlen(base) > NAME_BYTES)
		base[NAME_BYTES] = '\0';
	for (char *c = base; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.')
			*c = '-';
	/* An IPv6 address may begin with a colon. */
	if (*base == '-')
		*base = '0';
	name = text_dup(base);
	for (int number = 2;
		settings_relay(&maker->import->settings, name) || strcmp(name, RELAY_DIRECT) == 0 ||
		strcmp(name, RELAY_DEFAULT_NAME) == 0;
		number++) {
		free(name);
		name = text_format("%s-%d", base, number);
	}
	free(base);
	return name;
}

bool import_make_relay(struct import_maker *maker, const struct import_server *server,
	const char **name, bool *other, struct error *error)
{
	struct import *import = maker->import;
	char *key = server_key(server);
	size_t at = import->settings.relay_count;
	bool there = names_find(&maker->servers, key, &at);

	free(key);
	*other = false;
	if (!there && !put(maker, server, free_name(maker, server), error))
		return false;
	if (there)
		note_without_login(maker, server);
	*name = import->settings.relays[at].name;
	*other = there && server->login && !same_password(import, *name, server->password);
	return true;
}
