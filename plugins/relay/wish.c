#include "wish.h"

static void put(char *field, size_t size, const char *value)
{
	snprintf(field, size, "%s", value ? value : "");
}

static void server_from_relay(struct wish_server *server, const struct relay *relay)
{
	put(server->host, sizeof server->host, relay->host);
	snprintf(server->port, sizeof server->port, "%u", relay->port);
	put(server->tls, sizeof server->tls, relay_tls_word(relay->tls));
	put(server->verify, sizeof server->verify, relay_verify_word(relay->verify));
	put(server->fingerprint, sizeof server->fingerprint, relay->fingerprint);
	put(server->ca_file, sizeof server->ca_file, relay->ca_file);
	snprintf(server->listed, sizeof server->listed, "%s/%s", server->port, server->tls);
}

/* Begins with the relay that is configured; the password stays where it is stored. */
static bool init_from_settings(struct wish *wish, const struct relay *relay, struct error *error)
{
	struct secret stored = {0};
	bool ok = false;

	wish->editing = true;
	wish->region = text_dup(relay->region);
	server_from_relay(&wish->server, relay);
	put(wish->login, sizeof wish->login, relay->login);
	if (wish->preset && wish->preset->login)
		put(wish->login, sizeof wish->login, wish->preset->login);
	if (!relay->login)
		return true;
	if (!secret_init(&stored, error))
		return false;
	ok = plan_stored_password(&wish->work->site, relay, &wish->stored, &stored, error);
	secret_free(&stored);
	return ok;
}

static bool init_from_preset(struct wish *wish, struct error *error)
{
	struct relay relay = {0};

	if (!preset_to_relay(wish->preset, NULL, &relay, error))
		return false;
	wish->region = text_dup(relay.region);
	server_from_relay(&wish->server, &relay);
	put(wish->login, sizeof wish->login, relay.login);
	relay_free(&relay);
	return true;
}

/* A name for a relay beside those that are there. */
static char *free_name(const struct settings *settings, const char *wanted)
{
	char *name = text_dup(wanted);

	for (unsigned i = 2; settings_relay(settings, name); i++) {
		free(name);
		name = text_format("%s-%u", wanted, i);
	}
	return name;
}

/* The default relay's own name, or "default"; but a relay with a name of its own, or one that mail
 * goes to by routes alone, is not replaced by another provider's. */
static char *name_of_default(const struct settings *settings, const char *provider)
{
	const struct relay *now = settings_default(settings);

	if (now &&
		(text_equal(now->provider, provider) || text_equal(now->name, RELAY_DEFAULT_NAME)))
		return text_dup(now->name);
	if (!settings_relay(settings, RELAY_DEFAULT_NAME))
		return text_dup(RELAY_DEFAULT_NAME);
	return free_name(settings, provider);
}

bool wish_init(struct wish *wish, struct work *work, const struct preset *preset, const char *name,
	struct error *error)
{
	const struct settings *settings = &work->status.settings;
	const char *id = preset ? preset->id : RELAY_CUSTOM;
	const struct relay *configured;
	bool ok;

	memset(wish, 0, sizeof *wish);
	wish->work = work;
	wish->preset = preset;
	wish->named = name != NULL;
	wish->make_default = !name;
	wish->name = name ? text_dup(name) : name_of_default(settings, id);
	configured = settings_relay(settings, wish->name);
	if (!secret_init(&wish->password, error)) {
		wish_free(wish);
		return false;
	}
	if (configured && text_equal(configured->provider, id)) {
		ok = init_from_settings(wish, configured, error);
	} else if (preset) {
		ok = init_from_preset(wish, error);
	} else {
		put(wish->server.port, sizeof wish->server.port, "587");
		put(wish->server.tls, sizeof wish->server.tls, relay_tls_word(RELAY_TLS_STARTTLS));
		put(wish->server.verify, sizeof wish->server.verify,
			relay_verify_word(RELAY_VERIFY_NAME));
		ok = true;
	}
	if (!ok) {
		wish_free(wish);
		return false;
	}
	/* Behind a login that cannot be typed comes the password. */
	if (preset && preset->login)
		wish->focus = 1;
	wish_summarize(wish);
	return true;
}

void wish_free(struct wish *wish)
{
	secret_free(&wish->password);
	free(wish->name);
	free(wish->region);
	free(wish->consent);
	memset(wish, 0, sizeof *wish);
}

bool wish_set_region(struct wish *wish, const char *region, struct error *error)
{
	struct relay relay = {0};

	if (text_equal(region, wish->region))
		return true;
	if (!preset_to_relay(wish->preset, region, &relay, error))
		return false;
	text_replace(&wish->region, region);
	/* A region may have a port of its own; how its certificate is verified stays. */
	put(wish->server.host, sizeof wish->server.host, relay.host);
	snprintf(wish->server.port, sizeof wish->server.port, "%u", relay.port);
	put(wish->server.tls, sizeof wish->server.tls, relay_tls_word(relay.tls));
	snprintf(wish->server.listed, sizeof wish->server.listed, "%s/%s", wish->server.port,
		wish->server.tls);
	relay_free(&relay);
	wish_summarize(wish);
	return true;
}

/* Short, so that the longest host still fits into a line of 80 columns. */
static const char *const security[RELAY_TLS_MODES] = {
	[RELAY_TLS_STARTTLS] = N_("STARTTLS"),
	[RELAY_TLS_IMPLICIT] = N_("implicit TLS"),
	[RELAY_TLS_OPPORTUNISTIC] = N_("TLS if offered"),
	[RELAY_TLS_NONE] = N_("not encrypted"),
};

static const char *const verification[RELAY_VERIFY_MODES] = {
	[RELAY_VERIFY_NAME] = "",
	[RELAY_VERIFY_DANE] = N_(", DANE"),
	[RELAY_VERIFY_FINGERPRINT] = N_(", pinned"),
	[RELAY_VERIFY_NONE] = N_(", not verified"),
};

void wish_summarize(struct wish *wish)
{
	enum relay_tls tls = RELAY_TLS_STARTTLS;
	enum relay_verify verify = RELAY_VERIFY_NAME;
	const char *mark = "";

	(void)relay_tls_from_word(wish->server.tls, &tls);
	(void)relay_verify_from_word(wish->server.verify, &verify);
	if (relay_tls_is_encrypted(tls) && verification[verify][0])
		mark = _(verification[verify]);
	snprintf(wish->summary, sizeof wish->summary, "%s:%s, %s%s", wish->server.host,
		wish->server.port, _(security[tls]), mark);
}

/* A port that is used for nothing but this says what it wants; any other says nothing. */
static bool is_usual(unsigned port)
{
	return port == 25 || port == 587 || port == 2525 || port == 2587 ||
	       relay_tls_for_port(port) == RELAY_TLS_IMPLICIT;
}

/* Does the port want TLS from the first byte, and the security not, or the other way round? */
static bool contradicts(unsigned port, enum relay_tls tls)
{
	return is_usual(port) &&
	       (relay_tls_for_port(port) == RELAY_TLS_IMPLICIT) != (tls == RELAY_TLS_IMPLICIT);
}

static void suggest_verify(struct wish_server *server, enum relay_tls tls)
{
	const char *none = relay_verify_word(RELAY_VERIFY_NONE);
	const char *name = relay_verify_word(RELAY_VERIFY_NAME);
	bool verified = strcmp(server->verify, none) != 0;

	if (!relay_tls_is_encrypted(tls) && verified) {
		put(server->replaced_verify, sizeof server->replaced_verify, server->verify);
		put(server->verify, sizeof server->verify, none);
	} else if (relay_tls_is_encrypted(tls) && !verified) {
		put(server->verify, sizeof server->verify,
			server->replaced_verify[0] ? server->replaced_verify : name);
		server->replaced_verify[0] = '\0';
	}
}

static void suggest_for_tls(struct wish_server *server, enum relay_tls tls)
{
	unsigned port = 0, before = 0;
	bool known = relay_parse_port(server->port, &port, NULL);

	/* Only a port that contradicts is replaced: 2525 stays with STARTTLS, 10025 with anything. */
	if (!known || contradicts(port, tls)) {
		if (relay_parse_port(server->replaced_port, &before, NULL) &&
			!contradicts(before, tls))
			put(server->port, sizeof server->port, server->replaced_port);
		else
			snprintf(server->port, sizeof server->port, "%u", relay_port_for_tls(tls));
		server->replaced_port[0] = '\0';
		/* The usual ones come back by themselves. */
		if (known && port != relay_port_for_tls(relay_tls_for_port(port)))
			snprintf(server->replaced_port, sizeof server->replaced_port, "%u", port);
	}
	suggest_verify(server, tls);
}

static void suggest_for_port(struct wish_server *server)
{
	enum relay_tls tls = RELAY_TLS_STARTTLS;
	unsigned port = 0;

	if (!relay_parse_port(server->port, &port, NULL) || !relay_tls_from_word(server->tls, &tls))
		return;
	/* Who chose weaker than STARTTLS did so on purpose. */
	if (!is_usual(port))
		return;
	if (relay_tls_for_port(port) == RELAY_TLS_IMPLICIT)
		tls = RELAY_TLS_IMPLICIT;
	else if (tls == RELAY_TLS_IMPLICIT)
		tls = RELAY_TLS_STARTTLS;
	else
		return;
	put(server->tls, sizeof server->tls, relay_tls_word(tls));
	suggest_verify(server, tls);
}

void wish_suggest(struct wish_server *server, enum wish_field field)
{
	char port[sizeof server->port];
	const char *slash;
	enum relay_tls tls = RELAY_TLS_STARTTLS;

	switch (field) {
	case WISH_LISTED: /* "465/implicit" */
		slash = strchr(server->listed, '/');
		if (slash && (size_t)(slash - server->listed) < sizeof port) {
			memcpy(port, server->listed, (size_t)(slash - server->listed));
			port[slash - server->listed] = '\0';
			put(server->port, sizeof server->port, port);
			put(server->tls, sizeof server->tls, slash + 1);
			if (relay_tls_from_word(server->tls, &tls))
				suggest_verify(server, tls);
		}
		return;
	case WISH_TLS:
		if (relay_tls_from_word(server->tls, &tls))
			suggest_for_tls(server, tls);
		break;
	case WISH_PORT:
		server->replaced_port[0] = '\0';
		suggest_for_port(server);
		break;
	case WISH_VERIFY:
		server->replaced_verify[0] = '\0';
		return;
	case WISH_FINGERPRINT: /* Who types one wants it to count. */
		if (server->fingerprint[0] && relay_tls_from_word(server->tls, &tls) &&
			relay_tls_is_encrypted(tls))
			put(server->verify, sizeof server->verify,
				relay_verify_word(RELAY_VERIFY_FINGERPRINT));
		return;
	default:
		return;
	}
	snprintf(server->listed, sizeof server->listed, "%s/%s", server->port, server->tls);
}

static void take_text(char **to, const char *typed)
{
	size_t len = strlen(typed);

	while (len > 0 && (*typed == ' ' || *typed == '\t')) {
		typed++;
		len--;
	}
	while (len > 0 && (typed[len - 1] == ' ' || typed[len - 1] == '\t'))
		len--;
	free(*to);
	*to = len ? text_dup_len(typed, len) : NULL;
}

/* What the forms do not show stays, where there is such a relay already. */
static void keep_the_rest(const struct wish *wish, struct relay *relay)
{
	const struct relay *before = settings_relay(&wish->work->status.settings, wish->name);

	if (!before)
		return;
	relay->sender_rewrite = text_dup(before->sender_rewrite);
	for (size_t i = 0; i < before->fallback_count; i++)
		relay_add_fallback(relay, before->fallbacks[i]);
	/* A password that was typed is in no file. */
	if (secret_is_empty(&wish->password) && text_equal(relay->login, before->login) &&
		text_equal(relay->host, before->host))
		relay->password_file = text_dup(before->password_file);
}

bool wish_relay(const struct wish *wish, struct relay *relay, struct error *error)
{
	memset(relay, 0, sizeof *relay);
	relay->name = text_dup(wish->name);
	relay->provider = text_dup(wish->preset ? wish->preset->id : RELAY_CUSTOM);
	relay->region = text_dup(wish->region);
	if (!relay_parse_port(wish->server.port, &relay->port, error))
		goto fail;
	if (!relay_parse_host(wish->server.host, &relay->host, &relay->port, error))
		goto fail;
	if (!relay_tls_from_word(wish->server.tls, &relay->tls) ||
		!relay_verify_from_word(wish->server.verify, &relay->verify)) {
		error_set(error, ERROR_DATA, _("The security or the verification is not known."));
		goto fail;
	}
	if (relay->verify == RELAY_VERIFY_FINGERPRINT && wish->server.fingerprint[0] &&
		!relay_parse_fingerprint(wish->server.fingerprint, &relay->fingerprint, error))
		goto fail;
	if (relay->verify == RELAY_VERIFY_NAME)
		take_text(&relay->ca_file, wish->server.ca_file);
	/* A login keeps its own white space: table.h says which cannot be kept. */
	if (wish->login[0])
		relay->login = text_dup(wish->login);
	keep_the_rest(wish, relay);
	/* Without its fingerprint yet, a relay cannot pass as a whole; the test brings it. */
	if (relay->verify == RELAY_VERIFY_FINGERPRINT && !relay->fingerprint)
		return true;
	if (!relay_check(relay, error))
		goto fail;
	return true;
fail:
	relay_free(relay);
	memset(relay, 0, sizeof *relay);
	return false;
}

bool wish_password(const struct wish *wish, const struct relay *relay, bool *found,
	struct secret *password, struct error *error)
{
	*found = false;
	if (!relay->login)
		return true;
	if (!secret_is_empty(&wish->password)) {
		*found = true;
		return secret_copy(password, &wish->password, error);
	}
	if (!secret_init(password, error))
		return false;
	return plan_stored_password(&wish->work->site, relay, found, password, error);
}

bool wish_is_exposed(const struct relay *relay)
{
	return relay->login && !relay_tls_is_encrypted(relay->tls);
}

static char *connection_key(const struct relay *relay)
{
	return text_format("%s:%u/%s/%s", relay->host, relay->port, relay_tls_word(relay->tls),
		relay->login ? relay->login : "");
}

bool wish_consents(const struct wish *wish, const struct relay *relay)
{
	char *key = connection_key(relay);
	bool same = wish->consent && strcmp(wish->consent, key) == 0;

	free(key);
	return same;
}

void wish_give_consent(struct wish *wish, const struct relay *relay)
{
	free(wish->consent);
	wish->consent = connection_key(relay);
}
