/*
 * command_run.c: from a command word to the driver that serves it.
 */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "args.h"
#include "i18n.h"

bool command_wants_json(char *const *argv)
{
	for (int i = 1; argv[i] && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json"))
			return true;
	return false;
}

int command_usage(struct host *host, const char *message)
{
	char *advice = text_make(_("\"%s%s%s --help\" says what there is."), host->name,
		host->command ? " " : "", host->command ? host->command : "");
	/* What is said not to exist may stand in a file that could not be used. */
	const char *unusable = host->command ? NULL : catalogue_unusable(&host->catalogue);
	char *text = unusable ? text_make("%s (%s)", message, unusable) : text_copy(message);
	int code = host->face.fail(&host->face, EX_USAGE, text, advice);

	free(text);
	free(advice);
	return code;
}

static const char *call_option(const struct console_call *call, const char *name)
{
	return args_value(call->self, name);
}

/* "" where there are none: gettext("") would be the catalogue's header. */
static const char *arguments_of(const struct console_command *command)
{
	return command->arguments && *command->arguments ? _(command->arguments) : "";
}

static void print_help(
	const struct host *host, const struct console_command *command, const struct args *args)
{
	struct text_sum out = {0};
	struct text_list lines = {0};

	text_addf(&out, _("Usage: %s %s%s%s [OPTION ...]\n\n"), host->name, command->word,
		*arguments_of(command) ? " " : "", arguments_of(command));
	text_wrap(&lines, command->summary ? _(command->summary) : "", 79, false);
	for (size_t i = 0; i < lines.count; i++)
		text_addf(&out, "%s\n", lines.items[i]);
	text_adds(&out, _("\nOptions:\n"));
	args_describe(args, &out);
	host->face.print(&host->face, out.data);
	text_list_free(&lines);
	free(out.data);
}

static bool count_is_right(
	const struct console_command *command, const struct args *args, char *why, size_t size)
{
	if (args->word_count > command->max_arguments) {
		const char *extra = args->words[command->max_arguments];

		if (command->max_arguments == 0)
			snprintf(why, size, _("\"%s\" is too much: it takes no arguments"), extra);
		else
			snprintf(why, size, _("\"%s\" is too much: the arguments are %s"), extra,
				arguments_of(command));
		return false;
	}
	if (args->word_count < command->min_arguments) {
		snprintf(why, size, _("%s is missing"), arguments_of(command));
		return false;
	}
	return true;
}

/* Options that stand before the command word are an easy mistake here. */
static const char *misplaced(const struct host *host, char *const *argv, int at)
{
	for (; argv[at] && strcmp(argv[at], "--"); at++) {
		if (strncmp(argv[at], "--", 2))
			continue;
		char *name = text_copy_len(argv[at] + 2, strcspn(argv[at] + 2, "="));
		const struct option_text *option = catalogue_option(&host->catalogue, name);

		free(name);
		if (option)
			return option->name;
	}
	return NULL;
}

static int run(struct host *host, const struct console_command *command, char *const *argv, int at)
{
	struct args args = {0};
	char why[512];
	int code;

	for (size_t i = 0; i < command->option_count; i++) {
		const struct console_option *option = &command->options[i];

		args_add(&args, option->name, option->argument ? _(option->argument) : NULL,
			option->summary ? _(option->summary) : "");
	}
	args_add(&args, "json", NULL, _("One JSON document on standard output, errors included"));
	args_add(&args, "help", NULL, _("This text"));

	int first = at;
	bool parsed = args_parse(&args, argv, &at, false, why, sizeof(why));
	const char *before = parsed ? NULL : misplaced(host, argv, first);
	const struct command_text *text = catalogue_command(&host->catalogue, command->word);
	const struct entry *entry = catalogue_command_entry(&host->catalogue, command->word);

	if (before && !args_option(&args, before))
		snprintf(why, sizeof(why),
			_("option --%s stands before the command: %s --%s ... %s"), before,
			host->name, before, command->word);
	bool help = parsed && args_value(&args, "help");

	if (help) {
		print_help(host, command, &args);
		code = EX_OK;
	} else if (!parsed || !count_is_right(command, &args, why, sizeof(why))) {
		code = command_usage(host, why);
	} else if ((text ? text->privileged : entry->privileged) && !host->face.privileged) {
		char *advice = text_make(_("Run: sudo %s %s"), host->name, command->word);

		code = host->face.fail(&host->face, EX_NOPERM, _("this needs root"), advice);
		free(advice);
	} else {
		struct console_call call = {args.words, args.word_count, call_option, &args};

		host->face.json = args_value(&args, "json") != NULL;
		code = command->run(&host->face, &call);
	}
	args_free(&args);
	return code;
}

static int unknown_command(struct host *host, const char *word)
{
	const struct catalogue *catalogue = &host->catalogue;
	struct text_list words = {0};
	char why[256];

	for (size_t i = 0; i < catalogue->entry_count; i++)
		for (size_t c = 0; c < catalogue->entries[i]->commands.count; c++)
			text_list_take(&words, text_copy(catalogue->entries[i]->commands.items[c]));
	const char *near = text_nearest(word, (const char *const *)words.items, words.count);

	if (near)
		snprintf(why, sizeof(why), _("there is no command \"%s\"; did you mean \"%s\"?"),
			word, near);
	else
		snprintf(why, sizeof(why), _("there is no command \"%s\""), word);
	text_list_free(&words);
	return command_usage(host, why);
}

int command_run(struct host *host, char *const *argv, int at)
{
	const char *word = argv[at], *why = NULL;
	const struct entry *entry = catalogue_command_entry(&host->catalogue, word);

	if (!entry)
		return unknown_command(host, word);
	host->command = word;
	const struct console_driver *driver = host_driver(host, entry, &why);

	if (!driver)
		return host->face.fail(
			&host->face, EX_SOFTWARE, why ? why : _("it has no driver"), NULL);
	for (size_t i = 0; i < driver->command_count; i++)
		if (!strcmp(driver->commands[i].word, word))
			return run(host, &driver->commands[i], argv, at + 1);
	return host->face.fail(&host->face, EX_SOFTWARE,
		_("the driver of this entry does not know the command"), entry->path);
}
