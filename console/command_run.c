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
	const char *arguments = command->part_count ? _("COMMAND ...") : arguments_of(command);

	text_addf(&out, _("Usage: %s %s%s%s [OPTION ...]\n\n"), host->name, host->command,
		*arguments ? " " : "", arguments);
	text_wrap(&lines, command->summary ? _(command->summary) : "", 79, false);
	for (size_t i = 0; i < lines.count; i++)
		text_addf(&out, "%s\n", lines.items[i]);
	if (command->part_count)
		text_adds(&out, _("\nCommands:\n"));
	for (size_t i = 0; i < command->part_count; i++) {
		const struct console_command *part = &command->parts[i];
		char *left = text_make(
			"%s%s%s", part->word, *arguments_of(part) ? " " : "", arguments_of(part));

		args_describe_line(&out, left, part->summary ? _(part->summary) : "");
		free(left);
	}
	text_adds(&out, _("\nOptions:\n"));
	args_describe(args, &out);
	if (command->part_count)
		text_addf(&out, _("\n\"%s %s COMMAND --help\" lists the options of a command.\n"),
			host->name, host->command);
	host->face.print(&host->face, out.data);
	text_list_free(&lines);
	free(out.data);
}

/* "NAME PROVIDER|custom [FILE]" without the first `given`. */
static const char *arguments_behind(const struct console_command *command, size_t given)
{
	const char *at = arguments_of(command);

	while (given-- && *at) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return at;
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
		const char *missing = arguments_behind(command, args->word_count);
		const char *optional = strstr(missing, " [");

		snprintf(why, size, _("%.*s is missing"),
			(int)(optional ? (size_t)(optional - missing) : strlen(missing)), missing);
		return false;
	}
	return true;
}

/* Options that stand before the command word are an easy mistake here. */
static const char *misplaced(const struct host *host, char *const *argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++) {
		if (strncmp(*argv, "--", 2))
			continue;
		char *name = text_copy_len(*argv + 2, strcspn(*argv + 2, "="));
		const struct option_text *option = catalogue_option(&host->catalogue, name);

		free(name);
		if (option)
			return option->name;
	}
	return NULL;
}

static void add_options(struct args *args, const struct console_command *command)
{
	for (size_t i = 0; i < command->option_count; i++) {
		const struct console_option *option = &command->options[i];

		args_add(args, option->name, option->argument ? _(option->argument) : NULL,
			option->summary ? _(option->summary) : "");
	}
	args_add(args, "json", NULL, _("One JSON document on standard output, errors included"));
	args_add(args, "help", NULL, _("This text"));
}

/* The part that has this option; NULL: none. */
static const struct console_command *part_with(
	const struct console_command *command, const char *option)
{
	for (size_t p = 0; p < command->part_count; p++)
		for (size_t i = 0; i < command->parts[p].option_count; i++)
			if (!strcmp(command->parts[p].options[i].name, option))
				return &command->parts[p];
	return NULL;
}

/* What is wrong with the options may be no more than their place. whole: as for run(); in_part: a part
 * of it was named already. */
static void explain_place(struct host *host, const struct console_command *whole, bool in_part,
	const struct args *args, char *const *argv, char *why, size_t size)
{
	const char *before = misplaced(host, argv);
	const struct console_command *part = NULL;

	if (before && !args_option(args, before)) {
		snprintf(why, size, _("option --%s stands before the command: %s --%s ... %s"),
			before, host->name, before, host->command);
		return;
	}
	for (; *argv && strcmp(*argv, "--") && !part; argv++) {
		if (strncmp(*argv, "--", 2))
			continue;
		char *given = text_copy_len(*argv + 2, strcspn(*argv + 2, "="));

		part = args_option(args, given) ? NULL : part_with(whole, given);
		if (part && in_part)
			snprintf(why, size, _("\"%s\" takes no option --%s; \"%s %s\" does"),
				host->command, given, whole->word, part->word);
		else if (part)
			snprintf(why, size,
				_("option --%s stands behind the word: %s %s %s --%s ..."), given,
				host->name, whole->word, part->word, given);
		free(given);
	}
}

/* whole: the command that this is a part of, or it itself. json: asked for already. */
static int run(struct host *host, const struct console_command *whole,
	const struct console_command *command, bool json, char *const *argv, int at)
{
	struct args args = {0};
	char why[512];
	int first = at, code;

	add_options(&args, command);
	bool parsed = args_parse(&args, argv, &at, false, why, sizeof(why));
	const struct command_text *text = catalogue_command(&host->catalogue, whole->word);
	const struct entry *entry = catalogue_command_entry(&host->catalogue, whole->word);

	if (!parsed)
		explain_place(host, whole, command != whole, &args, argv + first, why, sizeof(why));
	bool help = parsed && args_value(&args, "help");

	if (help) {
		print_help(host, command, &args);
		code = EX_OK;
	} else if (!parsed || !count_is_right(command, &args, why, sizeof(why))) {
		code = command_usage(host, why);
	} else if ((text ? text->privileged : entry->privileged) && !host->face.privileged) {
		char *advice = text_make(_("Run: sudo %s %s"), host->name, host->command);

		code = host->face.fail(&host->face, EX_NOPERM, _("this needs root"), advice);
		free(advice);
	} else {
		struct console_call call = {args.words, args.word_count, call_option, &args};

		host->face.json = json || args_value(&args, "json");
		code = command->run(&host->face, &call);
	}
	args_free(&args);
	return code;
}

static void list_parts(const struct console_command *command, struct text_list *words)
{
	for (size_t i = 0; i < command->part_count; i++)
		text_list_take(words, text_copy(command->parts[i].word));
}

static int wrong_part(struct host *host, const struct console_command *command, const char *word)
{
	struct text_list words = {0};
	struct text_sum all = {0};
	char why[512];

	list_parts(command, &words);
	for (size_t i = 0; i < words.count; i++)
		text_addf(&all, "%s%s", i ? ", " : "", words.items[i]);
	const char *near =
		word ? text_nearest(word, (const char *const *)words.items, words.count) : NULL;

	if (!word)
		snprintf(why, sizeof(why), _("what to do is missing: one of %s"), all.data);
	else if (near)
		snprintf(why, sizeof(why), _("there is no \"%s %s\"; did you mean \"%s %s\"?"),
			command->word, word, command->word, near);
	else
		snprintf(why, sizeof(why), _("there is no \"%s %s\"; there are %s"), command->word,
			word, all.data);
	text_list_free(&words);
	free(all.data);
	return command_usage(host, why);
}

/* Between the command's word and its part's only --help and --json make sense. */
static int run_part(
	struct host *host, const struct console_command *command, char *const *argv, int at)
{
	struct args args = {0};
	char why[512];
	int code, first = at;

	add_options(&args, command);
	if (!args_parse(&args, argv, &at, true, why, sizeof(why))) {
		explain_place(host, command, false, &args, argv + first, why, sizeof(why));
		code = command_usage(host, why);
	} else if (args_value(&args, "help")) {
		print_help(host, command, &args);
		code = EX_OK;
	} else {
		const struct console_command *part = NULL;

		for (size_t p = 0; p < command->part_count && argv[at]; p++)
			if (!strcmp(command->parts[p].word, argv[at]))
				part = &command->parts[p];
		if (part) {
			char *words = text_make("%s %s", command->word, part->word);
			const char *before = host->command;

			host->command = words;
			code = run(host, command, part, args_value(&args, "json"), argv, at + 1);
			host->command = before;
			free(words);
		} else {
			code = wrong_part(host, command, argv[at]);
		}
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
	for (size_t i = 0; i < driver->command_count; i++) {
		const struct console_command *command = &driver->commands[i];

		if (!strcmp(command->word, word))
			return command->part_count
				       ? run_part(host, command, argv, at + 1)
				       : run(host, command, command, false, argv, at + 1);
	}
	return host->face.fail(&host->face, EX_SOFTWARE,
		_("the driver of this entry does not know the command"), entry->path);
}
