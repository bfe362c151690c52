/*
 * password.c: where a command's password comes from: a file, standard input, the store, or the
 * terminal; never an argument or the environment.
 */
#include "options.h"
#include "passwords.h"

static bool from_terminal(const struct options *options, const struct console_host *host,
	bool stored, struct secret *password, struct error *error)
{
	const struct relay *relay = &options->relay;
	struct secret typed = {0};
	char *prompt = NULL;
	bool ok = false;

	if (!secret_init(&typed, error))
		return false;
	prompt = text_format(stored ? _("Password of %s at %s (empty keeps the stored one)")
				    : _("Password of %s at %s"),
		relay->login, relay->host);
	if (host->secret(host, prompt, secret_memory(&typed), SECRET_MAX + 1) != CONSOLE_OK) {
		error_set(error, ERROR_CANCELLED, _("No password was given; nothing was done."));
		goto out;
	}
	secret_update(&typed);
	if (!secret_is_empty(&typed)) {
		ok = secret_set(password, secret_bytes(&typed), secret_length(&typed), error);
	} else if (stored) {
		ok = true;
	} else {
		error_set(error, ERROR_USAGE, _("The password is empty."));
		error_advise(error, _("Use --no-auth to relay without a login."));
	}
out:
	free(prompt);
	secret_free(&typed);
	return ok;
}

bool options_password(const struct options *options, const struct console_host *host,
	const struct site *site, struct secret *password, bool *typed, struct error *error)
{
	struct secret before = {0};
	bool stored = false;
	bool ok = false;

	*typed = false;
	if (!options->relay.login) {
		if (!options->password_file)
			return true;
		error_set(error, ERROR_USAGE, _("--password-file is given, but no login."));
		return error_advise(error, _("Add --login LOGIN."));
	}
	if (!secret_init(password, error))
		return false;
	if (options->password_file) {
		*typed = true;
		return passwords_read(options->password_file, password, error);
	}
	if (site && !plan_stored_password(site, &options->relay, &stored, password, error))
		return false;
	/* A test of what is configured has nothing to ask about. */
	if (stored && (options->configured || !host->terminal))
		return true;
	if (!host->terminal) {
		error_set(error, ERROR_USAGE, _("The password is missing."));
		return error_advise(error,
			_("Give it with --password-file FILE, or --password-file - for standard "
			  "input; or use --no-auth to relay without a login."));
	}
	if (stored && !secret_copy(&before, password, error))
		return false;
	ok = from_terminal(options, host, stored, password, error);
	*typed = ok && !(stored && secret_equal(&before, password));
	secret_free(&before);
	return ok;
}
