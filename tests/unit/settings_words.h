/*
 * settings_words.h: settings in a few words, a line each, for the tests of plans:
 *
 *   NAME HOST PORT TLS VERIFY LOGIN [fallback=A,B] [rewrite=ADDRESS] [ca=FILE]     "-" for no login
 *   sender PATTERN RELAY | recipient PATTERN RELAY | by-default NAME
 */
#ifndef SETTINGS_WORDS_H
#define SETTINGS_WORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "settings/settings.h"

static inline void add_settings_line(struct settings *settings, char *line)
{
	char *save = NULL, *word[6];
	struct error error = {0};
	size_t count = 0;
	char *more = NULL;

	while (count < 6 && (more = strtok_r(count ? NULL : line, " ", &save)))
		word[count++] = more;
	if (strcmp(word[0], "by-default") == 0) {
		settings_set_default(settings, word[1]);
		return;
	}
	if (strcmp(word[0], "sender") == 0 || strcmp(word[0], "recipient") == 0) {
		enum route_kind kind = word[0][0] == 's' ? ROUTE_SENDER : ROUTE_RECIPIENT;
		if (!settings_add_route(settings, kind, word[1], word[2], &error))
			fail_msg("%s", error.message);
		return;
	}
	assert_int_equal(count, 6);
	struct relay relay = {.name = word[0], .provider = (char *)"custom", .host = word[1]};
	relay.port = (unsigned)strtoul(word[2], NULL, 10);
	assert_true(relay_tls_from_word(word[3], &relay.tls));
	assert_true(relay_verify_from_word(word[4], &relay.verify));
	relay.login = strcmp(word[5], "-") == 0 ? NULL : word[5];
	while ((more = strtok_r(NULL, " ", &save))) {
		if (strncmp(more, "ca=", 3) == 0)
			relay.ca_file = more + 3;
		else if (strncmp(more, "rewrite=", 8) == 0)
			relay.sender_rewrite = more + 8;
		else if (strncmp(more, "fallback=", 9) == 0)
			for (char *inner, *name = strtok_r(more + 9, ",", &inner); name;
				name = strtok_r(NULL, ",", &inner))
				relay_add_fallback(&relay, name);
	}
	settings_put_relay(settings, &relay);
	for (size_t i = 0; i < relay.fallback_count; i++)
		free(relay.fallbacks[i]);
	free(relay.fallbacks);
}

static inline void settings_from(struct settings *settings, const char *text)
{
	char *copy = text_dup(text), *save = NULL;

	*settings = (struct settings){0};
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_settings_line(settings, line);
	free(copy);
}

#endif
