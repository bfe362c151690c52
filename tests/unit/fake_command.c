/* fake_command.c: a command line, given to the driver whose command it is. */
#include "fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *call_option(const struct console_call *call, const char *name)
{
	const struct fake_host *fake = call->self;

	for (size_t i = 0; i < FAKE_OPTIONS && fake->options[i][0]; i++)
		if (strcmp(fake->options[i][0], name) == 0)
			return fake->options[i][1];
	return NULL;
}

static const struct console_command *find_command(const char *word)
{
	for (size_t d = 0; d < console_module.driver_count; d++)
		for (size_t c = 0; c < console_module.drivers[d].command_count; c++)
			if (strcmp(console_module.drivers[d].commands[c].word, word) == 0)
				return &console_module.drivers[d].commands[c];
	fail_msg("there is no command %s", word);
	return NULL;
}

static const struct console_command *find_part(
	const struct console_command *command, const char *word)
{
	for (size_t i = 0; i < command->part_count; i++)
		if (word && strcmp(command->parts[i].word, word) == 0)
			return &command->parts[i];
	fail_msg("there is no %s %s", command->word, word ? word : "without a word");
	return NULL;
}

static bool knows_option(const struct console_command *command, const char *name)
{
	for (size_t i = 0; i < command->option_count; i++)
		if (strcmp(command->options[i].name, name) == 0)
			return true;
	return false;
}

int fake_command(struct fake_host *fake, const char *word, ...)
{
	const struct console_command *command = find_command(word);
	struct console_call call = {
		.arguments = fake->arguments, .option = call_option, .self = fake};
	char *names[FAKE_OPTIONS] = {0};
	size_t options = 0;
	const char *text;
	va_list args;
	int code;

	fake_forget(fake);
	fake->probes[0] = fake->next_probe;
	fake->face.json = false;
	va_start(args, word);
	if (command->part_count)
		command = find_part(command, va_arg(args, const char *));
	while ((text = va_arg(args, const char *))) {
		size_t len = strcspn(text, "=");

		if (strcmp(text, "--json") == 0) {
			fake->face.json = true;
			continue;
		}
		if (strncmp(text, "--", 2) != 0) {
			fake->arguments[call.argument_count++] = text;
			continue;
		}
		assert_true(options + 1 < FAKE_OPTIONS);
		names[options] = text_dup_len(text + 2, len - 2);
		if (!knows_option(command, names[options]))
			fail_msg("%s has no option %s", word, text);
		fake->options[options][0] = names[options];
		fake->options[options][1] = text[len] ? text + len + 1 : "";
		options++;
	}
	va_end(args);
	/* What the console refuses before a driver sees it. */
	assert_in_range(call.argument_count, command->min_arguments, command->max_arguments);
	code = command->run(&fake->face, &call);
	for (size_t i = 0; i < options; i++)
		free(names[i]);
	memset(fake->options, 0, sizeof fake->options);
	return code;
}
