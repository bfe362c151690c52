#include "options.h"

const struct console_option options_table[OPTIONS_ALL] = {
	{"host", N_("HOST"), N_("The relay's name or address")},
	{"port", N_("PORT"),
		N_("465 is implicit TLS, any other STARTTLS, unless --tls says otherwise")},
	{"region", N_("REGION"), N_("One of the provider's regions")},
	{"tls", "starttls|implicit|opportunistic|none", N_("How the connection is encrypted")},
	{"verify", "name|dane|fingerprint|none", N_("How the relay's certificate is verified")},
	{"fingerprint", "SHA256", N_("The certificate's fingerprint, for --verify fingerprint")},
	{"ca-file", N_("FILE"), N_("Certificate authorities to trust instead of the system's")},
	{"login", N_("LOGIN"), N_("The login at the relay")},
	{"password-file", N_("FILE|-"), N_("Where to read the password from; - is standard input")},
	{"no-auth", NULL, N_("Relay without a login")},
	{"allow-unencrypted-login", NULL,
		N_("Send login and password even though the connection may not be encrypted")},
	{"no-test", NULL, N_("Write without testing the connection first")},
	{"dry-run", NULL, N_("Print the changes as a diff, secrets masked, and change nothing")},
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

bool options_name_a_relay(const struct console_call *call)
{
	return call->argument_count > 0 || has(call, "host");
}

static bool begin_with_preset(struct options *options, const struct console_host *host,
	const struct console_call *call, struct error *error)
{
	const char *const *folders = host->folders(host, "providers");

	if (!preset_load(&options->preset, folders, call->arguments[0], error))
		return false;
	options->has_preset = true;
	return preset_to_relay(
		&options->preset, call->option(call, "region"), &options->relay, error);
}

static bool begin_with_configured(
	struct options *options, const struct console_host *host, const struct relay *configured)
{
	struct error ignored = {0};

	relay_copy(&options->relay, configured);
	options->configured = true;
	/* Only for hints in the advice; a provider whose file is gone has none. */
	if (configured->provider && strcmp(configured->provider, "custom") != 0)
		options->has_preset = preset_load(&options->preset,
			host->folders(host, "providers"), configured->provider, &ignored);
	return true;
}

static bool begin(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct relay *configured, struct error *error)
{
	bool custom = call->argument_count > 0 && strcmp(call->arguments[0], "custom") == 0;

	if (call->argument_count > 0 && !custom)
		return begin_with_preset(options, host, call, error);
	if (!custom && !has(call, "host") && configured)
		return begin_with_configured(options, host, configured);
	if (has(call, "region"))
		return usage(error, _("--region is only for a provider that has regions."),
			_("Leave it out; --host names the server."));
	if (!has(call, "host"))
		return usage(error, _("A custom relay needs --host."),
			_("Give it as --host smtp.example.com, or name a provider; \"relaycon "
			  "providers\" lists them."));
	options->relay.name = text_dup(RELAY_DEFAULT_NAME);
	options->relay.provider = text_dup("custom");
	options->relay.port = relay_port_for_tls(RELAY_TLS_STARTTLS);
	options->relay.tls = RELAY_TLS_STARTTLS;
	options->relay.verify = RELAY_VERIFY_NAME;
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

static enum relay_tls tls_for_port(const struct options *options, unsigned port)
{
	if (options->has_preset) {
		if (options->preset.port == port)
			return options->preset.tls;
		for (size_t i = 0; i < options->preset.alternate_count; i++)
			if (options->preset.alternates[i].port == port)
				return options->preset.alternates[i].tls;
	}
	return relay_tls_for_port(port);
}

static unsigned port_for_tls(const struct options *options, enum relay_tls tls)
{
	if (options->has_preset) {
		if (options->preset.tls == tls)
			return options->preset.port;
		for (size_t i = 0; i < options->preset.alternate_count; i++)
			if (options->preset.alternates[i].tls == tls)
				return options->preset.alternates[i].port;
	}
	return relay_port_for_tls(tls);
}

static bool read_port_and_tls(struct options *options, const struct console_call *call,
	unsigned host_port, struct error *error)
{
	struct relay *relay = &options->relay;
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
		relay->tls = tls_for_port(options, port);
	if (!port && has(call, "tls") &&
		(tls == RELAY_TLS_IMPLICIT) != (own_tls == RELAY_TLS_IMPLICIT))
		relay->port = port_for_tls(options, tls);
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
	if (options->configured && !has(call, "tls") && !has(call, "port") && !login)
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

bool options_read(struct options *options, const struct console_host *host,
	const struct console_call *call, const struct relay *configured, bool for_test,
	struct error *error)
{
	unsigned host_port = 0;

	memset(options, 0, sizeof *options);
	options->password_file = call->option(call, "password-file");
	options->allow_unencrypted = has(call, "allow-unencrypted-login");
	if (!check_contradictions(call, error) || !begin(options, host, call, configured, error) ||
		!read_host(options, call, &host_port, error) ||
		!read_port_and_tls(options, call, host_port, error) ||
		!read_login(options, call, error) || !read_verify(options, call, for_test, error))
		goto fail;
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
