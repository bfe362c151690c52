#include "args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"

void args_add(struct args *args, const char *name, const char *argument, const char *summary)
{
	if (args_option(args, name))
		return;
	args->options = mem_grow(args->options, args->option_count + 1, sizeof(*args->options));
	args->options[args->option_count++] = (struct args_option){name, argument, summary, NULL};
}

struct args_option *args_option(const struct args *args, const char *name)
{
	for (size_t i = 0; i < args->option_count; i++)
		if (!strcmp(args->options[i].name, name))
			return &args->options[i];
	return NULL;
}

const char *args_value(const struct args *args, const char *name)
{
	const struct args_option *option = args_option(args, name);

	return option ? option->value : NULL;
}

static void unknown_option(const struct args *args, const char *given, char *why, size_t size)
{
	const char **names = mem_zero(args->option_count, sizeof(*names));
	char *word = text_copy_len(given, strcspn(given, "="));

	for (size_t i = 0; i < args->option_count; i++)
		names[i] = args->options[i].name;
	const char *near = text_nearest(word + strspn(word, "-"), names, args->option_count);

	if (near)
		snprintf(why, size, _("there is no option \"%s\"; did you mean \"--%s\"?"), word,
			near);
	else
		snprintf(why, size, _("there is no option \"%s\""), word);
	free(word);
	free(names);
}

static bool parse_option(struct args *args, char *const *argv, int *at, char *why, size_t size)
{
	const char *given = argv[*at], *equals = strchr(given, '=');
	struct args_option *option = NULL;

	if (given[1] == '-') {
		char *name = text_copy_len(given + 2, strcspn(given + 2, "="));

		option = args_option(args, name);
		free(name);
	}
	if (!option) {
		unknown_option(args, given, why, size);
		return false;
	}
	if (option->value) {
		snprintf(why, size, _("option --%s is given twice"), option->name);
		return false;
	}
	if (!option->argument) {
		if (equals) {
			snprintf(why, size, _("option --%s takes no value"), option->name);
			return false;
		}
		option->value = "";
	} else if (equals) {
		option->value = equals + 1;
	} else if (argv[*at + 1]) {
		option->value = argv[++*at];
	} else {
		snprintf(why, size, _("option --%s needs a value: --%s %s"), option->name,
			option->name, option->argument);
		return false;
	}
	++*at;
	return true;
}

bool args_parse(
	struct args *args, char *const *argv, int *at, bool first_word_ends, char *why, size_t size)
{
	bool options = true;

	while (argv[*at]) {
		const char *given = argv[*at];

		if (options && !strcmp(given, "--")) {
			options = false;
			++*at;
		} else if (options && given[0] == '-' && given[1]) {
			if (!parse_option(args, argv, at, why, size))
				return false;
		} else if (first_word_ends) {
			break;
		} else {
			args->words =
				mem_grow(args->words, args->word_count + 1, sizeof(*args->words));
			args->words[args->word_count++] = given;
			++*at;
		}
	}
	return true;
}

void args_describe_line(struct text_sum *out, const char *left, const char *summary)
{
	enum { COLUMN = 28, WIDTH = 79 };
	struct text_list lines = {0};
	size_t used = 2 + text_columns(left);

	text_wrap(&lines, summary ? summary : "", WIDTH - COLUMN, false);
	text_addf(out, "  %s", left);
	if (lines.count && used + 2 > COLUMN) {
		text_adds(out, "\n");
		used = 0;
	}
	for (size_t i = 0; i < lines.count; i++)
		text_addf(out, "%*s%s\n", (int)(COLUMN - (i ? 0 : used)), "", lines.items[i]);
	if (!lines.count)
		text_adds(out, "\n");
	text_list_free(&lines);
}

void args_describe(const struct args *args, struct text_sum *out)
{
	for (size_t i = 0; i < args->option_count; i++) {
		const struct args_option *option = &args->options[i];
		char *left = text_make("--%s%s%s", option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");

		args_describe_line(out, left, option->summary);
		free(left);
	}
}

void args_free(struct args *args)
{
	free(args->options);
	free(args->words);
	*args = (struct args){0};
}
