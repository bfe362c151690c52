/*
 * main.c: start-up: make the process safe, find the folders, read the entries, choose the mode.
 */
#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "args.h"
#include "command.h"
#include "environment.h"
#include "host.h"
#include "i18n.h"
#include "plain.h"
#include "screen.h"
#include "session.h"
#include "signals.h"

#define OWN_FOLDER "/etc/relaycon"

/* Before anything is read. Whoever started us decides what we inherit, not what we keep. NULL, or what
 * failed (errno). */
static const char *harden(void)
{
	const struct rlimit none = {0, 0};
	int fd;

	/* Descriptors 0 to 2 must be open, or the first file that we open becomes "standard output". */
	do
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return _("cannot open /dev/null");
	close(fd);
	umask(077);
	setrlimit(RLIMIT_CORE, &none);
#ifdef __SANITIZE_ADDRESS__
	/* The leak checker of a test build traces its own process, and would wait for ever. */
	return NULL;
#else
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
		       ? _("cannot keep other programs from this process's memory")
		       : NULL;
#endif
}

static void globals(struct args *args)
{
	args_add(args, "plain", NULL, _("Numbered questions instead of the full screen"));
	args_add(args, "config-dir", _("DIR"),
		_("Where the administrator's own entries are (default: /etc/relaycon)"));
}

/* The folder decides which options there are, so it is looked for before they are parsed. */
static const char *own_folder(char *const *argv)
{
	for (int i = 1; argv[i] && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--config-dir") && argv[i + 1])
			return argv[i + 1];
		if (!strncmp(argv[i], "--config-dir=", strlen("--config-dir=")))
			return argv[i] + strlen("--config-dir=");
	}
	return OWN_FOLDER;
}

static int help(const struct host *host, const struct args *args)
{
	const struct catalogue *catalogue = &host->catalogue;
	struct text_sum out = {0};

	text_addf(&out,
		_("Usage: %s [OPTION ...] [COMMAND ...]\n"
		  "Without a command it opens the console.\n\nOptions:\n"),
		host->name);
	args_describe(args, &out);
	text_adds(&out, _("\nCommands:\n"));
	for (size_t i = 0; i < catalogue->command_count; i++)
		if (catalogue_command_entry(catalogue, catalogue->commands[i].word))
			args_describe_line(&out, catalogue->commands[i].word,
				catalogue->commands[i].summary ? _(catalogue->commands[i].summary)
							       : "");
	text_addf(&out, _("\n\"%s COMMAND --help\" lists the options of a command.\n"), host->name);
	host->face.print(&host->face, out.data);
	free(out.data);
	return EX_OK;
}

static int open_console(struct host *host, bool plain)
{
	char why[256] = "";
	bool keyboard = isatty(STDIN_FILENO);

	if (!keyboard && !plain)
		return command_usage(
			host, _("the console needs a terminal, and standard input is none; "
				"name a command, or use --plain to answer from a script"));
	if (!plain && !isatty(STDOUT_FILENO)) {
		plain = true;
	} else if (!plain && !screen_possible(why, sizeof(why))) {
		plain = true;
		plain_say(why);
	}
	catalogue_read_rest(&host->catalogue);
	if (plain) {
		host_init(host, CONSOLE_PLAIN);
		plain_fill(host);
		return session_run(host, &plain_view);
	}
	signals_install(true);
	host_init(host, CONSOLE_SCREEN);
	screen_fill(host);
	if (!screen_open(host, why, sizeof(why))) {
		fprintf(stderr, "%s: %s\n", host->name, why);
		return EX_OSERR;
	}
	int code = session_run(host, &screen_view);

	screen_close();
	return code;
}

static int dispatch(struct host *host, char *const *argv)
{
	struct args args = {0};
	char why[512];
	int at = 1, code;

	host->own_folder = own_folder(argv);
	catalogue_read(&host->catalogue, host->share_folder, host->own_folder);
	globals(&args);
	for (size_t i = 0; i < host->catalogue.option_count; i++) {
		const struct option_text *option = &host->catalogue.options[i];

		args_add(&args, option->name, option->argument ? _(option->argument) : NULL,
			option->summary ? _(option->summary) : "");
	}
	args_add(&args, "version", NULL, _("The version"));
	args_add(&args, "help", NULL, _("This text"));
	host->face.json = command_wants_json(argv);
	if (host->catalogue.problem) {
		/* Else an option or command of it would only be said not to exist. */
		snprintf(why, sizeof(why), _("cannot read %s"), host->catalogue.problem);
		code = host->face.fail(&host->face, EX_IOERR, why, NULL);
	} else if (!args_parse(&args, argv, &at, true, why, sizeof(why))) {
		code = command_usage(host, why);
	} else if (args_value(&args, "help")) {
		code = help(host, &args);
	} else if (args_value(&args, "version")) {
		printf("relaycon %s\n", RELAYCON_VERSION);
		code = EX_OK;
	} else {
		for (size_t i = 0; i < host->catalogue.option_count; i++)
			host->catalogue.options[i].value =
				args_value(&args, host->catalogue.options[i].name);
		code = argv[at] ? command_run(host, argv, at)
				: open_console(host, args_value(&args, "plain") != NULL);
	}
	args_free(&args);
	return code;
}

int main(int argc, char **argv)
{
	struct host host = {0};
	char why[512];
	int code;

	(void)argc;
	const char *failed = harden();
	if (failed) {
		fprintf(stderr, "relaycon: %s: %s\n", failed, strerror(errno));
		return EX_OSERR;
	}
	environment_clean();
	signals_install(false);
	setlocale(LC_ALL, "");
	host.name = "relaycon";
	if (!host_locate(&host, why, sizeof(why))) {
		fprintf(stderr, "relaycon: %s\n", why);
		return EX_OSERR;
	}
	bindtextdomain(CONSOLE_TEXT_DOMAIN, host.locale_folder);
	bind_textdomain_codeset(CONSOLE_TEXT_DOMAIN, "UTF-8");
	host_init(&host, CONSOLE_COMMAND);
	command_fill(&host);
	code = dispatch(&host, argv);
	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) && code == EX_OK) {
		fprintf(stderr, "relaycon: %s: %s\n", _("cannot write the output"),
			strerror(errno));
		code = EX_IOERR;
	}
	host_free(&host);
	signals_raise_again();
	return code;
}
