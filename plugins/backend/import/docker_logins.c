/* docker_logins.c: the lines of postfix-sasl-password.cf: a sender or a server, its login and its password. */
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "docker_lines.h"

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
	strbuf_adds(&text, DOCKER_MASK);
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

	if (*held && at->indented && !docker_is_sender(at->key)) {
		joined.key = (*held)->key;
		joined.value = at->text;
		joined.number = (*held)->number;
		joined.indented = false;
	}
	key = span_text(joined.key);
	if (docker_is_sender(joined.key))
		credential.pattern = docker_sender_of(joined.key, NULL);
	else if (!nexthop_parse(&credential.hop, key, &why))
		credential.hop = (struct nexthop){0};
	free(key);
	bool known = credential.pattern || credential.hop.host;
	credential.line = add_password_line(docker, &joined, known);
	*held = NULL;
	if (!docker_check_readable(import, credential.line, &joined))
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
	docker_say_indented(import, credential.line, &joined);
	docker_add_credential(docker, &credential);
	return;
left:
	free(credential.pattern);
	free(credential.login);
	nexthop_free(&credential.hop);
}

void docker_take_credentials(struct docker *docker)
{
	const struct source_line *held = NULL;

	for (size_t i = 0; i < docker->passwords.count; i++) {
		const struct source_line *at = &docker->passwords.lines[i];
		const struct source_line *next = i + 1 < docker->passwords.count ? at + 1 : NULL;

		/* Postfix reads on in the next line where that is indented. */
		if (at->value.len == 0 && !at->indented && next && next->indented &&
			!docker_is_sender(next->key))
			held = at;
		else
			take_credential(docker, at, &held);
	}
}
