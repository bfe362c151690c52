/* docker_overrides.c: parameters of Postfix that somebody set by hand, over those of docker-mailserver. */
#include <ctype.h>
#include <string.h>

#include "../base/i18n.h"
#include "docker.h"

/* What has to do with relays, and what becomes of it here. */
static const struct {
	const char *prefix;
	const char *words;
} parameters[] = {
	{"relayhost",
		N_("It is not taken over: name the relay with DEFAULT_RELAY_HOST in the file of "
		   "--env, or set it afterwards (relaycon relay set).")},
	{"default_transport",
		N_("It is not taken over: relaycon chooses the transport of each relay.")},
	{"relay_transport",
		N_("It is not taken over: relaycon chooses the transport of each relay.")},
	{"transport_maps",
		N_("It is not taken over: relaycon has routes for recipients (relaycon route "
		   "add --recipient).")},
	{"sender_dependent_",
		N_("It is not taken over: relaycon has routes for senders (relaycon route "
		   "add --sender).")},
	{"smtp_sasl_",
		N_("It is not taken over: relaycon sets what each relay needs; a login goes into "
		   "postfix-sasl-password.cf.")},
	{"smtp_tls_",
		N_("It is not taken over: TLS is a matter of each relay (relaycon relay set NAME "
		   "--tls, --verify).")},
	{"smtp_sender_dependent_", N_("It is not taken over: each login belongs to a relay.")},
	{"smtp_fallback_relay",
		N_("It is not taken over: a relay has its own (relaycon relay set NAME "
		   "--fallback).")},
};

/* Only the name: the value may hold a password. */
static struct span name_of(const struct source_line *line)
{
	struct span name = line->key;

	for (name.len = 0; name.len < line->key.len; name.len++)
		if (!isalnum((unsigned char)name.at[name.len]) && name.at[name.len] != '_')
			break;
	return name;
}

static const char *find_words(struct span name)
{
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		size_t len = strlen(parameters[i].prefix);
		if (name.len >= len && memcmp(name.at, parameters[i].prefix, len) == 0)
			return parameters[i].words;
	}
	return NULL;
}

void docker_say_overrides(struct docker *docker, const struct source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct source_line *at = &source->lines[i];
		struct span name = name_of(at);
		const char *words = at->indented ? NULL : find_words(name);
		struct strbuf text = STRBUF_INIT;

		if (!words)
			continue;
		span_show(name, &text);
		strbuf_adds(&text, " = ...");
		size_t line =
			import_add_line(docker->import, DOCKER_OVERRIDES, at->number, text.data);
		import_say(docker->import, line, IMPORT_LEFT, "%s", _(words));
		strbuf_free(&text);
	}
}
