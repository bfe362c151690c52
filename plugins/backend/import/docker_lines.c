#include "docker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/i18n.h"
#include "../base/text.h"

#define MASK "********"

const char *docker_domain_of(const char *pattern)
{
	return strchr(pattern, '@');
}

void docker_say_hop(struct import *import, size_t line, const struct nexthop *hop)
{
	if (hop->doubled)
		import_say(import, line, IMPORT_CHANGED,
			_("The server had brackets within brackets, so that Postfix found none of "
			  "that name; here it is %s."),
			hop->host);
	if (hop->by_mx)
		import_say(import, line, IMPORT_CHANGED,
			_("Without brackets Postfix asked for the mail servers (MX) of %s; "
			  "relaycon "
			  "connects to %s itself."),
			hop->host, hop->host);
	if (!hop->has_port)
		import_say(import, line, IMPORT_TAKEN, _("No port: 25."));
	else if (relay_tls_for_port(hop->port) == RELAY_TLS_IMPLICIT)
		import_say(import, line, IMPORT_CHANGED,
			_("Port %u gets implicit TLS; with docker-mailserver's settings it could "
			  "not work."),
			hop->port);
}

struct docker_credential *docker_find_login(const struct docker *docker, const char *pattern)
{
	size_t at;

	return names_find(&docker->logins, pattern, &at) ? &docker->credentials[at] : NULL;
}

struct docker_mapping *docker_find_mapping(const struct docker *docker, const char *pattern)
{
	size_t at;

	return names_find(&docker->by_sender, pattern, &at) ? &docker->mappings[at] : NULL;
}

void docker_add_credential(struct docker *docker, const struct docker_credential *credential)
{
	size_t at = docker->credential_count;

	docker->credentials =
		mem_realloc_array(docker->credentials, at + 1, sizeof *docker->credentials);
	docker->credentials[docker->credential_count++] = *credential;
	if (credential->pattern) {
		names_put(&docker->logins, credential->pattern, at);
		return;
	}
	docker->servers = mem_realloc_array(
		docker->servers, docker->server_count + 1, sizeof *docker->servers);
	docker->servers[docker->server_count++] = at;
}

/* --- what both files share ----------------------------------------------------------------------- */

static bool is_null_sender(struct span key)
{
	return span_is(key, ROUTE_NULL_SENDER);
}

static bool is_sender(struct span key)
{
	return span_has(key, '@') || is_null_sender(key);
}

/* NULL: it is none. */
static char *take_pattern(struct span key, struct error *why)
{
	char *text = span_text(key), *pattern = NULL;

	if (!route_parse(ROUTE_SENDER, text, &pattern, why))
		pattern = NULL;
	free(text);
	return pattern;
}

static bool say_unreadable(struct import *import, size_t line, const struct source_line *at)
{
	if (at->readable)
		return true;
	import_say(import, line, IMPORT_LEFT,
		_("It is not valid UTF-8, or holds control characters: Postfix would pass it over. "
		  "Type it anew."));
	return false;
}

static void say_indented(struct import *import, size_t line, const struct source_line *at)
{
	if (at->indented)
		import_say(import, line, IMPORT_CHANGED,
			_("It is indented, so that Postfix took it for the end of the line before "
			  "it; here it is a line of its own."));
}

/* --- postfix-relaymap.cf ------------------------------------------------------------------------- */

/* The server as it stands; but what is none may be a password in a wrong place. */
static size_t add_map_line(struct docker *docker, const struct source_line *at, bool shown)
{
	struct strbuf text = STRBUF_INIT;

	span_show(at->key, &text);
	if (at->value.len > 0)
		strbuf_addc(&text, ' ');
	if (at->value.len > 0 && shown)
		span_show(at->value, &text);
	else if (at->value.len > 0)
		strbuf_adds(&text, MASK);
	size_t line = import_add_line(docker->import, DOCKER_RELAY_MAP, at->number, text.data);
	strbuf_free(&text);
	return line;
}

/* One of two lines for the same sender has to go. True: the new one stays. */
static bool settle(struct docker *docker, const struct docker_mapping *new)
{
	struct import *import = docker->import;
	struct docker_mapping *old = docker_find_mapping(docker, new->pattern);

	if (!old)
		return true;
	unsigned first = import->lines[old->line].number;
	unsigned second = import->lines[new->line].number;
	/* docker-mailserver lists a sender with a server whatever another line opts out. */
	if (old->out && !new->out) {
		old->dropped = true;
		import_say(import, old->line, IMPORT_LEFT,
			_("Line %u names a server for %s, which counts."), second, new->pattern);
		return true;
	}
	if (new->out == old->out && (new->out || nexthop_equal(&new->hop, &old->hop)))
		import_say(
			import, new->line, IMPORT_LEFT, _("It says the same as line %u."), first);
	else
		import_say(import, new->line, IMPORT_LEFT,
			_("Line %u is for %s already, and the first one counts (letters' case does "
			  "not)."),
			first, new->pattern);
	return false;
}

static void take_mapping(struct docker *docker, const struct source_line *at)
{
	struct import *import = docker->import;
	struct docker_mapping mapping = {.out = at->value.len == 0};
	char *server = span_text(at->value);
	const char *why = NULL;
	struct error wrong = {0};

	if (!mapping.out && !nexthop_parse(&mapping.hop, server, &why))
		mapping.hop = (struct nexthop){0};
	mapping.line = add_map_line(docker, at, why == NULL);
	free(server);
	if (!say_unreadable(import, mapping.line, at))
		goto left;
	if (!is_sender(at->key)) {
		import_say(import, mapping.line, IMPORT_LEFT,
			_("It is for no sender: Postfix looks for user@domain and @domain. A "
			  "sender "
			  "domain has an @ before it."));
		goto left;
	}
	if (why) {
		import_say(import, mapping.line, IMPORT_LEFT,
			_("The server cannot be used: %s. Its senders' mail takes the way of all "
			  "other mail."),
			why);
		goto left;
	}
	mapping.pattern = take_pattern(at->key, &wrong);
	if (!mapping.pattern)
		import_say(import, mapping.line, IMPORT_LEFT, "%s", wrong.message);
	if (!mapping.pattern || !settle(docker, &mapping))
		goto left;
	say_indented(import, mapping.line, at);
	names_put(&docker->by_sender, mapping.pattern, docker->mapping_count);
	docker->mappings = mem_realloc_array(
		docker->mappings, docker->mapping_count + 1, sizeof *docker->mappings);
	docker->mappings[docker->mapping_count++] = mapping;
	return;
left:
	free(mapping.pattern);
	nexthop_free(&mapping.hop);
}

/* --- postfix-sasl-password.cf -------------------------------------------------------------------- */

/* Shown are a sender or server and a login, and only where the line has the form that tells them from a
 * password. */
static size_t add_password_line(struct docker *docker, const struct source_line *at, bool known)
{
	struct strbuf text = STRBUF_INIT;
	const char *colon = at->value.len > 0 ? memchr(at->value.at, ':', at->value.len) : NULL;

	if (known && colon) {
		span_show(at->key, &text);
		strbuf_addc(&text, ' ');
		span_show((struct span){at->value.at, (size_t)(colon - at->value.at)}, &text);
		strbuf_addc(&text, ':');
	}
	strbuf_adds(&text, MASK);
	size_t line = import_add_line(docker->import, DOCKER_PASSWORDS, at->number, text.data);
	strbuf_free(&text);
	return line;
}

/* "user:pass@other.example user2:pass2": the line before had no end. */
static bool looks_glued(struct span password)
{
	const char *blank = NULL;

	for (size_t i = 0; i < password.len && !blank; i++)
		if (password.at[i] == ' ' || password.at[i] == '\t')
			blank = password.at + i;
	return blank && memchr(password.at, '@', (size_t)(blank - password.at)) &&
	       memchr(blank, ':', password.len - (size_t)(blank - password.at));
}

static const struct docker_credential *find_same(
	const struct docker *docker, const struct docker_credential *new)
{
	if (new->pattern)
		return docker_find_login(docker, new->pattern);
	for (size_t i = 0; i < docker->server_count; i++) {
		const struct docker_credential *old = &docker->credentials[docker->servers[i]];

		if (nexthop_equal(&old->hop, &new->hop) && old->hop.has_port == new->hop.has_port &&
			old->hop.by_mx == new->hop.by_mx)
			return old;
	}
	return NULL;
}

static bool is_taken(struct docker *docker, const struct docker_credential *new)
{
	const struct docker_credential *old = find_same(docker, new);

	if (old)
		import_say(docker->import, new->line, IMPORT_LEFT,
			_("Line %u is for the same already, and the first one counts (letters' "
			  "case "
			  "does not)."),
			docker->import->lines[old->line].number);
	return old != NULL;
}

static bool take_login(
	struct docker *docker, struct docker_credential *credential, const struct source_line *at)
{
	struct import *import = docker->import;
	const char *colon = at->value.len > 0 ? memchr(at->value.at, ':', at->value.len) : NULL;
	struct error why = {0};

	if (!colon || colon == at->value.at || colon + 1 == at->value.at + at->value.len) {
		import_say(import, credential->line, IMPORT_LEFT,
			_("The login or the password is missing: what follows the key has to be "
			  "login:password."));
		return false;
	}
	size_t len = (size_t)(colon - at->value.at);
	credential->login = text_dup_len(at->value.at, len);
	credential->password = (struct span){colon + 1, at->value.len - len - 1};
	if (!relay_check_login(credential->login, &why)) {
		import_say(import, credential->line, IMPORT_LEFT, "%s", why.message);
		return false;
	}
	if (looks_glued(credential->password))
		import_say(import, credential->line, IMPORT_CHANGED,
			_("The password looks as if the next line had been glued to it, which "
			  "happens when a file ends without a line break: look at it."));
	return true;
}

/* `held`: a key that stood alone on the line before. */
static void take_credential(
	struct docker *docker, const struct source_line *at, const struct source_line **held)
{
	struct import *import = docker->import;
	struct docker_credential credential = {0};
	struct source_line joined = *at;
	char *key;
	const char *why = NULL;

	if (*held && at->indented && !is_sender(at->key)) {
		joined.key = (*held)->key;
		joined.value = at->text;
		joined.number = (*held)->number;
		joined.indented = false;
	}
	key = span_text(joined.key);
	if (is_sender(joined.key))
		credential.pattern = take_pattern(joined.key, NULL);
	else if (!nexthop_parse(&credential.hop, key, &why))
		credential.hop = (struct nexthop){0};
	free(key);
	bool known = credential.pattern || credential.hop.host;
	credential.line = add_password_line(docker, &joined, known);
	*held = NULL;
	if (!say_unreadable(import, credential.line, &joined))
		goto left;
	if (!known) {
		import_say(import, credential.line, IMPORT_LEFT,
			at->indented
				? _("It is indented, so that Postfix took it for the end of the "
				    "line before it, and it has no sender or server of its own.")
				: _("It does not begin with a sender or a server."));
		goto left;
	}
	if (!take_login(docker, &credential, &joined) || is_taken(docker, &credential))
		goto left;
	say_indented(import, credential.line, &joined);
	docker_add_credential(docker, &credential);
	return;
left:
	free(credential.pattern);
	free(credential.login);
	nexthop_free(&credential.hop);
}

static void take_credentials(struct docker *docker)
{
	const struct source_line *held = NULL;

	for (size_t i = 0; i < docker->passwords.count; i++) {
		const struct source_line *at = &docker->passwords.lines[i];
		const struct source_line *next = i + 1 < docker->passwords.count ? at + 1 : NULL;

		/* Postfix reads on in the next line where that is indented. */
		if (at->value.len == 0 && !at->indented && next && next->indented &&
			!is_sender(next->key))
			held = at;
		else
			take_credential(docker, at, &held);
	}
}

/* --- all of it ----------------------------------------------------------------------------------- */

static bool check_folder(const char *folder, struct error *error)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot read the folder %s"), folder);
	return S_ISDIR(st.st_mode) ||
	       error_set(error, ERROR_DATA, _("%s is not a folder."), folder);
}

static bool read_one(
	struct source *source, const char *folder, const char *name, struct error *error)
{
	char *path = text_format("%s/%s", folder, name);
	bool ok = source_read(source, path, error);

	free(path);
	return ok;
}

bool docker_read(struct docker *docker, const char *folder, struct error *error)
{
	struct source accounts = {0}, aliases = {0}, overrides = {0};
	bool ok = check_folder(folder, error) &&
		  read_one(&docker->map, folder, DOCKER_RELAY_MAP, error) &&
		  read_one(&docker->passwords, folder, DOCKER_PASSWORDS, error) &&
		  read_one(&accounts, folder, DOCKER_ACCOUNTS, error) &&
		  read_one(&aliases, folder, DOCKER_ALIASES, error) &&
		  read_one(&overrides, folder, DOCKER_OVERRIDES, error);

	if (ok && !docker->map.exists && !docker->passwords.exists && !docker->options->env_file) {
		ok = error_set(error, ERROR_DATA, _("In %s there is neither %s nor %s."), folder,
			DOCKER_RELAY_MAP, DOCKER_PASSWORDS);
		error_advise(error,
			_("Name the folder that docker-mailserver sees as /tmp/docker-mailserver "
			  "(docker-data/dms/config); if the relay is set by variables alone, name "
			  "their file with --env."));
	}
	if (ok) {
		for (size_t i = 0; i < docker->map.count; i++)
			take_mapping(docker, &docker->map.lines[i]);
		take_credentials(docker);
		docker_add_domains(docker, &accounts);
		docker_add_domains(docker, &aliases);
		docker_say_overrides(docker, &overrides);
	}
	source_free(&overrides);
	source_free(&accounts);
	source_free(&aliases);
	return ok;
}

void docker_free(struct docker *docker)
{
	for (size_t i = 0; i < docker->mapping_count; i++) {
		free(docker->mappings[i].pattern);
		nexthop_free(&docker->mappings[i].hop);
	}
	for (size_t i = 0; i < docker->credential_count; i++) {
		free(docker->credentials[i].pattern);
		free(docker->credentials[i].login);
		nexthop_free(&docker->credentials[i].hop);
		strbuf_free(&docker->credentials[i].relays);
	}
	for (size_t i = 0; i < docker->domain_count; i++)
		free(docker->domains[i]);
	free(docker->mappings);
	free(docker->credentials);
	free(docker->servers);
	names_free(&docker->by_sender);
	names_free(&docker->logins);
	free(docker->domains);
	nexthop_free(&docker->default_hop);
	nexthop_free(&docker->relay_hop);
	import_maker_close(&docker->maker);
	environment_free(&docker->environment);
	source_free(&docker->map);
	source_free(&docker->passwords);
	*docker = (struct docker){0};
}
