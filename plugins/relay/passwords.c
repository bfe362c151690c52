#include "passwords.h"

#include <unistd.h>

bool passwords_read(const char *file, struct secret *password, struct error *error)
{
	bool standard_input = strcmp(file, "-") == 0;

	if (standard_input) {
		if (!secret_read_fd(password, STDIN_FILENO, _("standard input"), error))
			return false;
	} else if (!secret_read_file(password, file, error)) {
		return false;
	}
	if (!secret_is_empty(password))
		return true;
	error_set(error, ERROR_DATA, _("There is no password in %s: it is empty."),
		standard_input ? _("standard input") : file);
	return error_advise(error, _("It must hold the password in one line."));
}

static bool ask(const struct console_host *host, const struct relay *relay, struct secret *password,
	struct error *error)
{
	char *prompt = text_format(
		_("Password of %s at %s (relay %s)"), relay->login, relay->host, relay->name);
	enum console_answer answer = CONSOLE_BACK;

	if (secret_init(password, error)) {
		answer = host->secret(host, prompt, secret_memory(password), SECRET_MAX + 1);
		secret_update(password);
		if (answer != CONSOLE_OK)
			error_set(error, ERROR_CANCELLED,
				_("No password was given; nothing was done."));
		else if (secret_is_empty(password))
			error_set(error, ERROR_USAGE, _("The password is empty."));
	}
	free(prompt);
	return answer == CONSOLE_OK && !secret_is_empty(password);
}

static bool is_missing(const struct relay *relay, struct error *error)
{
	error_set(error, ERROR_USAGE,
		_("The password of relay %s is missing: none is stored for %s at %s."), relay->name,
		relay->login, relay->host);
	return error_advise(error,
		_("Write \"password-file = FILE\" into its section [relay %s], or give it with "
		  "--password-file FILE, or - for standard input."),
		relay->name);
}

/* What becomes of --password-file. */
struct spare {
	const char *file;
	const char *taken_by;
};

static bool take_spare(struct spare *spare, const struct relay *relay, struct secret *password,
	struct error *error)
{
	if (!spare->taken_by) {
		spare->taken_by = relay->name;
		return passwords_read(spare->file, password, error);
	}
	error_set(error, ERROR_USAGE,
		_("--password-file gives one password, but two relays have none: %s and %s."),
		spare->taken_by, relay->name);
	return error_advise(error, _("Write \"password-file = FILE\" into the section of each."));
}

/* *given: `password` is not the stored one. */
static bool find_one(const struct work *work, const struct relay *relay,
	const struct secret_table *table, struct spare *spare, struct secret *password, bool *given,
	struct error *error)
{
	struct secret stored = {0};
	bool found = false, ok = false;

	if (!secret_init(&stored, error) ||
		!secret_table_find_login(
			table, relay->host, relay->port, relay->login, &found, &stored, error))
		goto out;
	*given = true;
	if (relay->password_file)
		ok = relay_read_password(relay, password, error);
	else if (found)
		ok = secret_copy(password, &stored, error);
	else if (spare->file)
		ok = take_spare(spare, relay, password, error);
	else if (work->host->terminal)
		ok = ask(work->host, relay, password, error);
	else
		ok = is_missing(relay, error);
	if (found && ok && secret_equal(&stored, password))
		*given = false;
out:
	secret_free(&stored);
	return ok;
}

static bool find_all(struct passwords *passwords, const struct work *work,
	const struct settings *settings, const struct secret_table *table, struct spare *spare,
	struct error *error)
{
	passwords->secret_count = settings->relay_count;
	passwords->secrets = mem_calloc(settings->relay_count + 1, sizeof *passwords->secrets);
	passwords->list = mem_calloc(settings->relay_count + 1, sizeof *passwords->list);
	for (size_t i = 0; i < settings->relay_count; i++) {
		const struct relay *relay = &settings->relays[i];
		struct secret *password = &passwords->secrets[i];
		bool given = false;

		if (!relay->login)
			continue;
		if (!find_one(work, relay, table, spare, password, &given, error))
			return false;
		if (given)
			passwords->list[passwords->count++] =
				(struct plan_password){relay->name, password};
		else
			secret_free(password);
	}
	return true;
}

bool passwords_find(struct passwords *passwords, const struct work *work,
	const struct settings *settings, const char *file, struct error *error)
{
	struct spare spare = {.file = file};
	struct secret_table table = {0};
	bool exists;
	/* Read once: there may be a thousand relays. */
	bool ok = secret_table_load(&table, work->site.credentials, &exists, error) &&
		  find_all(passwords, work, settings, &table, &spare, error);

	secret_table_free(&table);
	if (!ok || !file || spare.taken_by)
		return ok;
	error_set(error, ERROR_USAGE, _("--password-file is given, but no relay needs it."));
	return error_advise(error,
		_("Leave it out; a relay whose stored password changes needs \"password-file\" in "
		  "its section."));
}

void passwords_free(struct passwords *passwords)
{
	for (size_t i = 0; i < passwords->secret_count; i++)
		secret_free(&passwords->secrets[i]);
	free(passwords->secrets);
	free(passwords->list);
	memset(passwords, 0, sizeof *passwords);
}
