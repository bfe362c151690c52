#include "options.h"

#include "changing.h"

const struct console_option options_table[OPTIONS_ALL] = {
	OPTIONS_OF_A_TEST,
	{"fallback", N_("NAME,...|none"),
		N_("Relays that take over, in this order, while this one cannot take mail")},
	{"sender-rewrite", N_("ADDRESS|none"),
		N_("The envelope sender for mail whose sender is not of ADDRESS's domain")},
	CHANGING_OPTIONS,
};

static bool has(const struct console_call *call, const char *option)
{
	return call->option(call, option) != NULL;
}

static bool usage(struct error *error, const char *message, const char *advice)
{
	error_set(error, ERROR_USAGE, "%s", message);
	return error_advise(error, "%s", advice);
}

/* Two options that cannot stand together whatever the relay is. */
static const struct {
	const char *one;
	const char *other;
} contradictions[] = {
	{"no-auth", "login"},
	{"no-auth", "password-file"},
	{"no-auth", "allow-unencrypted-login"},
	{"region", "host"},
};

static bool check_contradictions(const struct console_call *call, struct error *error)
{
	for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++) {
		if (!has(call, contradictions[i].one) || !has(call, contradictions[i].other))
			continue;
		error_set(error, ERROR_USAGE, _("--%s and --%s contradict each other."),
			contradictions[i].one, contradictions[i].other);
		return error_advise(error, _("Leave out one of them."));
	}
	return true;
}

static bool begin_with_preset(struct options *options, const struct console_host *host,
	const struct console_call *call, const char *provider, struct error *error)
{
	const char *const *folders = host->folders(host, "providers");

	if (!preset_load(&options->preset, folders, provider, error))
		return false;
	options->has_preset = true;
	return preset_to_relay(
		&options->preset, call->option(call, "region"), &options->relay, error);
}

static bool no_region(struct error *error)
{
	return usage(error, _("--region is only for a provider that has regions."),
		_("Leave it out; --host names the server."));
}

/* The server of another region of the same provider. */
static bool change_region(struct options *options, const char *region, struct error *error)
{
	struct relay there = {0};
	struct relay *relay = &options->relay;

	if (!options->has_preset)
		return no_region(error);
	if (!preset_to_relay(&options->preset, region, &there, error))
		return false;
	text_replace(&relay->region, there.region);
	text_replace(&relay->host, there.host);
	relay->port = there.port;
	relay->tls = there.tls;
	relay_free(&there);
	return true;
}

static bool begin_with_configured(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct relay *configured, struct error *error)
{
	relay_copy(&options->relay, configured);
	options->configured = true;
	/* Only for hints in the advice; a provider whose file is gone has none. */
	options->has_preset =
		preset_of_relay(&options->preset, host->folders(host, "providers"), configured);
	return !has(call, "region") || change_region(options, call->option(call, "region"), error);
}

static bool begin(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct options_start *start, struct error *error)
{
	if (start->configured)
		return begin_with_configured(options, host, call, start->configured, error);
	if (start->provider && strcmp(start->provider, RELAY_CUSTOM) != 0) {
		if (!begin_with_preset(options, host, call, start->provider, error))
			return false;
	} else if (has(call, "region")) {
		return no_region(error);
	} else if (!has(call, "host")) {
		return usage(error, _("A custom relay needs --host."),
			_("Give it as --host smtp.example.com, or name a provider; \"relaycon "
			  "providers\" lists them."));
	} else {
		options->relay.provider = text_dup(RELAY_CUSTOM);
		options->relay.port = relay_port_for_tls(RELAY_TLS_STARTTLS);
		options->relay.tls = RELAY_TLS_STARTTLS;
		options->relay.verify = RELAY_VERIFY_NAME;
	}
	text_replace(&options->relay.name, start->name ? start->name : RELAY_DEFAULT_NAME);
	return true;
}

/* *port: the one that stands in the host's text, or 0. */
static bool read_host(struct options *options, const struct console_call *call, unsigned *port,
	struct error *error)
{
	char *name = NULL;

	*port = 0;
	if (!has(call, "host"))
		return true;
	if (!relay_parse_host(call->option(call, "host"), &name, port, error)) {
		error->code = ERROR_USAGE;
		return false;
	}
	free(options->relay.host);
	options->relay.host = name;
	return true;
}

static bool read_port_and_tls(struct options *options, const struct console_call *call,
	unsigned host_port, struct error *error)
{
	struct relay *relay = &options->relay;
	const struct preset *preset = options->has_preset ? &options->preset : NULL;
	unsigned own_port = relay->port;
	enum relay_tls own_tls = relay->tls;
	enum relay_tls tls = own_tls;
	unsigned port = host_port;

	if (has(call, "port") && !relay_parse_port(call->option(call, "port"), &port, error)) {
		error->code = ERROR_USAGE;
		return false;
	}
	if (host_port && port != host_port) {
		error_set(error, ERROR_USAGE, _("--host names port %u and --port %u."), host_port,
			port);
		return error_advise(error, _("Leave out one of them."));
	}
	if (has(call, "tls") && !relay_tls_from_word(call->option(call, "tls"), &tls)) {
		error_set(error, ERROR_USAGE, _("--tls does not know \"%.40s\"."),
			call->option(call, "tls"));
		return error_advise(error, _("It is starttls, implicit, opportunistic or none."));
	}
	/* Each suggests the other; what is said wins. */
	if (port)
		relay->port = port;
	if (has(call, "tls"))
		relay->tls = tls;
	if (port && !has(call, "tls") && port != own_port)
		relay->tls = preset_tls_for_port(preset, port);
	if (!port && has(call, "tls") &&
		(tls == RELAY_TLS_IMPLICIT) != (own_tls == RELAY_TLS_IMPLICIT))
		relay->port = preset_port_for_tls(preset, tls);
	/* What becomes encrypted is verified, unless --verify says otherwise. */
	if (!relay_tls_is_encrypted(own_tls) && relay_tls_is_encrypted(relay->tls))
		relay->verify = RELAY_VERIFY_NAME;
	return true;
}

static bool check_verify(const struct options *options, const struct console_call *call,
	bool for_test, struct error *error)
{
	const struct relay *relay = &options->relay;

	if (!relay_tls_is_encrypted(relay->tls) && relay->verify != RELAY_VERIFY_NONE) {
		error_set(error, ERROR_USAGE, _("With --tls %s no certificate is verified."),
			relay_tls_word(relay->tls));
		return error_advise(error, _("Use --tls starttls or --tls implicit, or leave out "
					     "--verify."));
	}
	if (has(call, "ca-file") && relay->verify != RELAY_VERIFY_NAME)
		return usage(error, _("--ca-file goes with --verify name only."),
			_("Leave out --ca-file, or use --verify name."));
	if (relay->verify == RELAY_VERIFY_FINGERPRINT && !relay->fingerprint && !for_test)
		return usage(error, _("--verify fingerprint needs --fingerprint."),
			_("\"relaycon test\" with the same options shows the certificate's "
			  "fingerprint; compare it with what the relay's operator tells you."));
	return true;
}

/* Postfix needs the full path; one that leads nowhere stays as it was given, for the message. */
static void take_path(char **to, const char *path)
{
	char *full = path[0] == '/' ? NULL : realpath(path, NULL);

	text_replace(to, full ? full : path);
	free(full);
}

static bool read_verify(struct options *options, const struct console_call *call, bool for_test,
	struct error *error)
{
	struct relay *relay = &options->relay;

	if (has(call, "verify")) {
		if (!relay_verify_from_word(call->option(call, "verify"), &relay->verify)) {
			error_set(error, ERROR_USAGE, _("--verify does not know \"%.40s\"."),
				call->option(call, "verify"));
			return error_advise(error, _("It is name, dane, fingerprint or none."));
		}
	} else if (!relay_tls_is_encrypted(relay->tls)) {
		relay->verify = RELAY_VERIFY_NONE;
	}
	if (has(call, "fingerprint") && relay->verify != RELAY_VERIFY_FINGERPRINT)
		return usage(error, _("--fingerprint goes with --verify fingerprint only."),
			_("Add --verify fingerprint, or leave --fingerprint out."));
	if (has(call, "fingerprint")) {
		char *fingerprint = NULL;

		if (!relay_parse_fingerprint(
			    call->option(call, "fingerprint"), &fingerprint, error)) {
			error->code = ERROR_USAGE;
			return false;
		}
		free(relay->fingerprint);
		relay->fingerprint = fingerprint;
	} else if (relay->verify != RELAY_VERIFY_FINGERPRINT) {
		text_replace(&relay->fingerprint, NULL);
	}
	if (has(call, "ca-file"))
		take_path(&relay->ca_file, call->option(call, "ca-file"));
	else if (relay->verify != RELAY_VERIFY_NAME)
		text_replace(&relay->ca_file, NULL);
	return check_verify(options, call, for_test, error);
}

static bool read_login(
	struct options *options, const struct console_call *call, struct error *error)
{
	const char *fixed = options->has_preset ? options->preset.login : NULL;
	const char *login = call->option(call, "login");
	struct relay *relay = &options->relay;

	if (has(call, "no-auth")) {
		text_replace(&relay->login, NULL);
		return true;
	}
	if (login && fixed && strcmp(login, fixed) != 0) {
		error_set(error, ERROR_USAGE, _("The login at %s is always \"%s\"."),
			options->preset.name, fixed);
		return error_advise(error, _("Leave out --login."));
	}
	if (login && !*login)
		return usage(error, _("--login is empty."),
			_("Use --no-auth to relay without a login."));
	if (login)
		text_replace(&relay->login, login);
	else if (fixed)
		text_replace(&relay->login, fixed);
	if (!relay->login && !options->configured)
		return usage(error, _("--login is missing."),
			_("Give it as --login LOGIN, or use --no-auth to relay without a login."));
	/* As it is configured, it was agreed to then. */
	if (options->configured && !has(call, "host") && !has(call, "region") &&
		!has(call, "tls") && !has(call, "port") && !login)
		options->allow_unencrypted = true;
	if (relay->login && !relay_tls_is_encrypted(relay->tls) && !options->allow_unencrypted) {
		error_set(error, ERROR_USAGE,
			_("With --tls %s the login and the password may cross the network "
			  "unencrypted, so they are not sent."),
			relay_tls_word(relay->tls));
		return error_advise(error,
			_("Use --tls starttls or --tls implicit. Where the network is yours alone, "
			  "--allow-unencrypted-login sends them all the same."));
	}
	return true;
}

static bool is_none(const char *value)
{
	return strcmp(value, "none") == 0;
}

/* What Postfix does around the relay, not what the relay is. */
static bool read_ways(struct options *options, const struct console_call *call, struct error *error)
{
	const char *fallback = call->option(call, "fallback");
	const char *rewrite = call->option(call, "sender-rewrite");
	struct relay *relay = &options->relay;
	bool ok = true;

	if (fallback) {
		for (size_t i = 0; i < relay->fallback_count; i++)
			free(relay->fallbacks[i]);
		relay->fallback_count = 0;
		ok = is_none(fallback) || relay_parse_fallbacks(relay, fallback, error);
	}
	if (ok && rewrite) {
		text_replace(&relay->sender_rewrite, NULL);
		ok = is_none(rewrite) ||
		     relay_parse_address(rewrite, &relay->sender_rewrite, error);
	}
	if (!ok)
		error->code = ERROR_USAGE;
	return ok;
}

void options_keep(
	struct options *options, const struct console_call *call, const struct relay *replaced)
{
	struct relay *relay = &options->relay;

	if (!has(call, "fallback"))
		for (size_t i = 0; i < replaced->fallback_count; i++)
			relay_add_fallback(relay, replaced->fallbacks[i]);
	if (!has(call, "sender-rewrite"))
		text_replace(&relay->sender_rewrite, replaced->sender_rewrite);
}

bool options_read(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct options_start *start, struct error *error)
{
	unsigned host_port = 0;

	memset(options, 0, sizeof *options);
	options->password_file = call->option(call, "password-file");
	options->allow_unencrypted = has(call, "allow-unencrypted-login");
	if (!check_contradictions(call, error) || !begin(options, host, call, start, error) ||
		!read_host(options, call, &host_port, error) ||
		!read_port_and_tls(options, call, host_port, error) ||
		!read_login(options, call, error) ||
		!read_verify(options, call, start->for_test, error) ||
		!read_ways(options, call, error))
		goto fail;
	/* The file that an earlier password came from; whether it still counts is not known yet. */
	text_replace(&options->relay.password_file, NULL);
	if (options->relay.verify == RELAY_VERIFY_FINGERPRINT && !options->relay.fingerprint)
		return true;
	if (!relay_check(&options->relay, error))
		goto fail;
	return true;
fail:
	options_free(options);
	return false;
}

void options_free(struct options *options)
{
	relay_free(&options->relay);
	preset_free(&options->preset);
	memset(options, 0, sizeof *options);
}
