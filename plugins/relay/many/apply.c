/*
 * apply.c: the command `apply`: the machine becomes what a settings file says, all of it or nothing. What
 * the file does not name is removed; applied again, it is "unchanged".
 */
#include <string.h>
#include <unistd.h>

#include "../changing.h"
#include "../drivers.h"
#include "../passwords.h"

static bool replace(struct settings *settings, const void *context, struct error *error)
{
	(void)error;
	settings_free(settings);
	settings_copy(settings, context);
	return true;
}

static bool read_settings(const struct console_host *host, const struct console_call *call,
	struct settings *settings, struct error *error)
{
	const char *path = call->arguments[0], *password = call->option(call, "password-file");
	const char *const *folders = host->folders(host, "providers");

	if (strcmp(path, "-") != 0)
		return settings_read(settings, path, folders, error);
	if (!password || strcmp(password, "-") != 0)
		return settings_read_fd(
			settings, STDIN_FILENO, _("standard input"), folders, error);
	error_set(error, ERROR_USAGE,
		_("Standard input cannot be both, the settings and the password."));
	return error_advise(error, _("Put one of them into a file."));
}

static char *count_words(const struct settings *settings)
{
	return text_format(_("mail goes as the file says: relays %zu, routes %zu, default %s."),
		settings->relay_count, settings->route_count,
		settings->default_relay ? settings->default_relay : RELAY_DIRECT);
}

static bool run(struct work *work, const struct console_host *host, const struct console_call *call,
	const struct settings *settings, struct passwords *passwords, int *code,
	struct error *error)
{
	if (!work_open(work, host, WORK_RECOVER, error) ||
		!passwords_find(
			passwords, work, settings, call->option(call, "password-file"), error))
		return false;
	char *done = count_words(settings);
	const struct changing changing = {
		.work = work,
		.edit = replace,
		.context = settings,
		.passwords = passwords->list,
		.password_count = passwords->count,
		.action = "apply",
		/* The file says so itself, where it is. */
		.allow_unencrypted_login = true,
		.done = done,
		.unchanged = _("the machine is as the file says; no file was touched."),
		.dry_run = call->option(call, "dry-run") != NULL,
		.no_test = call->option(call, "no-test") != NULL,
	};
	bool ok = changing_run(&changing, code, error);

	free(done);
	return ok;
}

static int run_apply(const struct console_host *host, const struct console_call *call)
{
	struct settings settings = {0};
	struct passwords passwords = {0};
	struct work work = {0};
	struct error error = {0};
	int code = ERROR_NONE;

	if (!read_settings(host, call, &settings, &error) ||
		!run(&work, host, call, &settings, &passwords, &code, &error))
		code = work_fail(host, &error);
	passwords_free(&passwords);
	work_close(&work);
	settings_free(&settings);
	return code;
}

static const struct console_option options[] = {
	{"password-file", N_("FILE|-"),
		N_("The password of the one relay that has no other; - is standard input")},
	CHANGING_OPTIONS,
};

const struct console_command command_apply = {
	.word = "apply",
	.arguments = N_("FILE|-"),
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = N_("Make the relays and routes what a settings file says; - is standard input"),
	DRIVER_OPTIONS(options),
	.run = run_apply,
};
