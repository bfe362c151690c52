/*
 * args.h: options by table.
 *
 * --name VALUE, --name=VALUE or --name for a flag. "--" ends the options; a lone "-" is an argument.
 * The same tables parse, print --help and find the nearest spelling of what was mistyped.
 */
#ifndef CONSOLE_ARGS_H
#define CONSOLE_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* No string here is owned: they are the caller's, and argv's. */
struct args_option {
	const char *name;
	const char *argument; /* translated; NULL: a flag */
	const char *summary;  /* translated */
	const char *value;    /* out: NULL when not given, "" for a flag */
};

struct args {
	struct args_option *options;
	size_t option_count;
	const char **words; /* what is not an option */
	size_t word_count;
};

/* Adds an option to a zeroed or begun table; one of that name which is there already stays. */
void args_add(struct args *args, const char *name, const char *argument, const char *summary);
/* Reads argv from *at on, and moves *at behind what was read; with `first_word_ends`, stops before
 * the first word. False: why, a sentence that names the option and the nearest one. */
bool args_parse(struct args *args, char *const *argv, int *at, bool first_word_ends, char *why,
	size_t size);
struct args_option *args_option(const struct args *args, const char *name); /* NULL: none */
/* Its value as above, NULL also where there is no such option. */
const char *args_value(const struct args *args, const char *name);
/* The lines "  --name ARGUMENT   summary", wrapped to 80 columns. */
void args_describe(const struct args *args, struct text_sum *out);
/* One such line of words of the caller's. */
void args_describe_line(struct text_sum *out, const char *left, const char *summary);
void args_free(struct args *args); /* leaves it zeroed */

#endif
