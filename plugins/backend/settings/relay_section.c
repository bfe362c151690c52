#include "relay_section.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "settings.h"

static const char *const keys[] = {"provider", "region", "host", "port", "tls", "verify",
	"fingerprint", "ca-file", "login", "password-file", "allow-unencrypted-login",
	"sender-rewrite", "fallback", "place", NULL};

/* One section while it is read. */
struct draft {
	struct relay_sections *all;
	const struct ini_section *section;
	struct relay *relay;
	const struct preset *preset; /* NULL: custom, or nothing is asked of it */
	struct error *error;
};

bool section_error(const struct ini *ini, const struct ini_section *section, unsigned line,
	struct error *error, const char *format, ...)
{
	struct strbuf what = STRBUF_INIT, clean = STRBUF_INIT;
	va_list args;

	strbuf_addf(&what, "[%s]: ", section->name);
	va_start(args, format);
	strbuf_vaddf(&what, format, args);
	va_end(args);
	/* Names come from the file as they are. */
	text_clean(&clean, what.data, what.len, sizeof error->message);
	error_set(error, ERROR_DATA, _("%s, line %u: %s"), ini->path, line, clean.data);
	strbuf_free(&what);
	strbuf_free(&clean);
	return false;
}

bool section_wrap(const struct ini *ini, const struct ini_section *section, unsigned line,
	struct error *error, const struct error *reason)
{
	section_error(ini, section, line, error, "%s", reason->message);
	if (reason->advice[0])
		error_advise(error, "%s", reason->advice);
	return false;
}

static unsigned line_of(const struct draft *draft, const char *name)
{
	const struct ini_key *key = ini_key(draft->section, name);

	return key ? key->line : draft->section->line;
}

static bool refuse(const struct draft *draft, const char *key, const char *what)
{
	return section_error(
		draft->all->ini, draft->section, line_of(draft, key), draft->error, "%s", what);
}

static bool wrap(const struct draft *draft, const char *key, const struct error *reason)
{
	return section_wrap(
		draft->all->ini, draft->section, line_of(draft, key), draft->error, reason);
}

static const char *value_of(const struct draft *draft, const char *key)
{
	return ini_value(draft->section, key);
}

/* NULL also where the key stands there with nothing after it: "none, whatever the provider says". */
static const char *text_of(const struct draft *draft, const char *key)
{
	const char *value = value_of(draft, key);

	return value && *value ? value : NULL;
}

/* Takes the parsed value over; in our own file it has to stand there as it is now. */
static bool take(const struct draft *draft, const char *key, char **to, char *parsed)
{
	bool plain = !draft->all->own || text_equal(value_of(draft, key), parsed);

	free(*to);
	*to = parsed;
	if (plain)
		return true;
	return section_error(draft->all->ini, draft->section, line_of(draft, key), draft->error,
		_("the key \"%s\" is not in its plain form."), key);
}

/* --- the provider -------------------------------------------------------------------------------- */

static bool find_preset(struct draft *draft, const char *id)
{
	struct relay_sections *all = draft->all;
	struct error reason = {0};
	struct preset preset;

	for (size_t i = 0; i < all->preset_count && !draft->preset; i++)
		if (text_equal(all->presets[i].id, id))
			draft->preset = &all->presets[i];
	if (draft->preset)
		return true;
	if (!preset_load(&preset, all->folders, id, &reason))
		return wrap(draft, "provider", &reason);
	all->presets = mem_realloc_array(all->presets, all->preset_count + 1, sizeof *all->presets);
	all->presets[all->preset_count] = preset;
	draft->preset = &all->presets[all->preset_count++];
	return true;
}

/* A file that relaycon exported says everything, and can be used where the provider is not known. */
static bool is_complete(const struct draft *draft)
{
	static const char *const needed[] = {"host", "port", "tls", "verify", "login", NULL};

	for (size_t i = 0; needed[i]; i++)
		if (!ini_key(draft->section, needed[i]))
			return false;
	return true;
}

static bool require(const struct draft *draft)
{
	static const char *const needed[] = {"host", "port", "tls", "verify", NULL};

	for (size_t i = 0; draft->all->own && needed[i]; i++)
		if (!ini_key(draft->section, needed[i]))
			return section_error(draft->all->ini, draft->section, draft->section->line,
				draft->error, _("the key \"%s\" is missing."), needed[i]);
	return true;
}

static bool begin(struct draft *draft)
{
	const char *provider = text_of(draft, "provider");
	const char *region = text_of(draft, "region");
	struct relay *relay = draft->relay;
	struct error reason = {0};
	bool custom = !provider || text_equal(provider, RELAY_CUSTOM);

	if (!require(draft))
		return false;
	if (!custom && !draft->all->own && !is_complete(draft) && !find_preset(draft, provider))
		return false;
	if (draft->preset && !preset_to_relay(draft->preset, region, relay, &reason))
		return wrap(draft, "region", &reason);
	if (custom && region)
		return refuse(draft, "region",
			_("a custom relay has no regions; the key \"host\" names the server."));
	if (!draft->preset) {
		relay->provider = text_dup(custom ? RELAY_CUSTOM : provider);
		relay->port = relay_port_for_tls(RELAY_TLS_STARTTLS);
	}
	if (!draft->preset || value_of(draft, "host")) {
		text_replace(&relay->region, region);
		text_replace(&relay->ca_file, NULL);
	}
	text_replace(&relay->name, draft->section->name + strlen(RELAY_SECTION_PREFIX));
	if (!settings_check_name(relay->name, &reason))
		return section_wrap(draft->all->ini, draft->section, draft->section->line,
			draft->error, &reason);
	return true;
}

/* --- key by key ---------------------------------------------------------------------------------- */

static bool take_host(const struct draft *draft, unsigned *port)
{
	const char *typed = value_of(draft, "host");
	struct error reason = {0};
	char *host;

	if (!typed && draft->relay->host)
		return true;
	if (!typed)
		return refuse(draft, "host", _("the key \"host\" is missing."));
	if (!relay_parse_host(typed, &host, port, &reason))
		return wrap(draft, "host", &reason);
	return take(draft, "host", &draft->relay->host, host);
}

static bool take_port(const struct draft *draft, unsigned host_port, unsigned *port)
{
	const char *typed = value_of(draft, "port");
	struct error reason = {0};

	*port = host_port;
	if (!typed)
		return true;
	if (!relay_parse_port(typed, port, &reason))
		return wrap(draft, "port", &reason);
	if (host_port && host_port != *port)
		return refuse(draft, "port", _("the key \"host\" names another port."));
	return true;
}

static bool take_tls(const struct draft *draft, unsigned port)
{
	const char *typed = value_of(draft, "tls");
	struct relay *relay = draft->relay;
	enum relay_tls own_tls = relay->tls;

	if (typed && !relay_tls_from_word(typed, &relay->tls))
		return refuse(draft, "tls",
			_("the key \"tls\" has to be starttls, implicit, opportunistic or none."));
	/* Each suggests the other; what is said wins. */
	if (port && !typed && port != relay->port)
		relay->tls = preset_tls_for_port(draft->preset, port);
	if (port)
		relay->port = port;
	else if (typed && (relay->tls == RELAY_TLS_IMPLICIT) != (own_tls == RELAY_TLS_IMPLICIT))
		relay->port = preset_port_for_tls(draft->preset, relay->tls);
	return true;
}

static bool take_verify(const struct draft *draft)
{
	const char *verify = value_of(draft, "verify");
	const char *fingerprint = text_of(draft, "fingerprint");
	struct relay *relay = draft->relay;
	struct error reason = {0};
	char *plain;

	relay->verify = relay_tls_is_encrypted(relay->tls) ? RELAY_VERIFY_NAME : RELAY_VERIFY_NONE;
	if (verify && !relay_verify_from_word(verify, &relay->verify))
		return refuse(draft, "verify",
			_("the key \"verify\" has to be name, dane, fingerprint or none."));
	if (value_of(draft, "ca-file"))
		text_replace(&relay->ca_file, text_of(draft, "ca-file"));
	else if (relay->verify != RELAY_VERIFY_NAME)
		text_replace(&relay->ca_file, NULL);
	if (!fingerprint)
		return true;
	if (!relay_parse_fingerprint(fingerprint, &plain, &reason))
		return wrap(draft, "fingerprint", &reason);
	return take(draft, "fingerprint", &relay->fingerprint, plain);
}

static bool take_login(const struct draft *draft)
{
	struct relay *relay = draft->relay;

	text_replace(&relay->password_file, text_of(draft, "password-file"));
	if (value_of(draft, "login"))
		text_replace(&relay->login, text_of(draft, "login"));
	else if (!draft->all->own && !relay->login &&
		 !(draft->preset && draft->preset->login_optional)) {
		refuse(draft, "login", _("the key \"login\" is missing."));
		return error_advise(draft->error,
			_("Write \"login =\" for a relay that takes mail without a login."));
	}
	return true;
}

/* DESIGN, contract 7: it has to be said in so many words. Our own file says what was agreed to. */
static bool take_consent(const struct draft *draft)
{
	const char *consent = text_of(draft, "allow-unencrypted-login");
	const struct relay *relay = draft->relay;

	if (consent && strcmp(consent, "yes") != 0 && strcmp(consent, "no") != 0)
		return refuse(draft, "allow-unencrypted-login",
			_("the key \"allow-unencrypted-login\" has to be yes or no."));
	if (draft->all->own || !relay->login || relay_tls_is_encrypted(relay->tls) ||
		text_equal(consent, "yes"))
		return true;
	section_error(draft->all->ini, draft->section, line_of(draft, "tls"), draft->error,
		_("with tls = %s the login and the password may cross the network unencrypted."),
		relay_tls_word(relay->tls));
	return error_advise(
		draft->error, _("Write \"tls = starttls\" or \"tls = implicit\". Where the network "
				"is yours alone, "
				"\"allow-unencrypted-login = yes\" sends them all the same."));
}

static bool take_sender_rewrite(const struct draft *draft)
{
	const char *typed = text_of(draft, "sender-rewrite");
	struct error reason = {0};
	char *address;

	if (!typed)
		return true;
	if (!relay_parse_address(typed, &address, &reason))
		return wrap(draft, "sender-rewrite", &reason);
	return take(draft, "sender-rewrite", &draft->relay->sender_rewrite, address);
}

static bool take_place(const struct draft *draft)
{
	const char *typed = value_of(draft, "place");
	long place;

	if (!typed)
		return true;
	if (!text_to_number(typed, 1, RELAY_PLACE_MAX, &place))
		return refuse(draft, "place", _("the place is not a number from 1 to 10000."));
	draft->relay->place = (unsigned)place;
	return true;
}

static bool take_fallbacks(const struct draft *draft)
{
	const char *typed = text_of(draft, "fallback");
	struct error reason = {0};

	if (typed && !relay_parse_fallbacks(draft->relay, typed, &reason))
		return wrap(draft, "fallback", &reason);
	return true;
}

static bool check(const struct draft *draft)
{
	struct error reason = {0};

	return relay_check_form(draft->relay, &reason) ||
	       section_wrap(draft->all->ini, draft->section, draft->section->line, draft->error,
		       &reason);
}

bool relay_section_read(struct relay_sections *sections, const struct ini_section *section,
	struct relay *relay, struct error *error)
{
	struct draft draft = {.all = sections, .section = section, .relay = relay, .error = error};
	unsigned port = 0;

	*relay = (struct relay){0};
	if (ini_only_keys(sections->ini, section, keys, error) && begin(&draft) &&
		take_host(&draft, &port) && take_port(&draft, port, &port) &&
		take_tls(&draft, port) && take_verify(&draft) && take_login(&draft) &&
		take_consent(&draft) && take_sender_rewrite(&draft) && take_fallbacks(&draft) &&
		take_place(&draft) && check(&draft))
		return true;
	relay_free(relay);
	return false;
}

void relay_sections_free(struct relay_sections *sections)
{
	for (size_t i = 0; i < sections->preset_count; i++)
		preset_free(&sections->presets[i]);
	free(sections->presets);
	*sections = (struct relay_sections){0};
}

void relay_section_write(const struct relay *relay, struct strbuf *out)
{
	struct strbuf fallbacks = STRBUF_INIT;
	char port[16], place[16];
	char *section = text_format(RELAY_SECTION_PREFIX "%s", relay->name);

	ini_write_section(out, section);
	free(section);
	snprintf(port, sizeof port, "%u", relay->port);
	for (size_t i = 0; i < relay->fallback_count; i++)
		strbuf_addf(&fallbacks, "%s%s", i ? ", " : "", relay->fallbacks[i]);
	ini_write_key(out, "provider", relay->provider);
	ini_write_key(out, "region", relay->region);
	ini_write_key(out, "host", relay->host);
	ini_write_key(out, "port", port);
	ini_write_key(out, "tls", relay_tls_word(relay->tls));
	ini_write_key(out, "verify", relay_verify_word(relay->verify));
	ini_write_key(out, "fingerprint", relay->fingerprint);
	ini_write_key(out, "ca-file", relay->ca_file);
	ini_write_key(out, "login", relay->login ? relay->login : "");
	ini_write_key(out, "password-file", relay->password_file);
	if (relay->login && !relay_tls_is_encrypted(relay->tls))
		ini_write_key(out, "allow-unencrypted-login", "yes");
	ini_write_key(out, "sender-rewrite", relay->sender_rewrite);
	ini_write_key(out, "fallback", fallbacks.data);
	snprintf(place, sizeof place, "%u", relay->place);
	if (relay->place > 1)
		ini_write_key(out, "place", place);
	strbuf_free(&fallbacks);
}
