/* The place of each relay among those at its server and port (settings_place): it stays with its login. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "settings/settings.h"

/* "NAME HOST LOGIN PLACE;..": the first is the default one. */
static void settings_of(struct settings *settings, const char *words)
{
	char name[32], host[32], login[32];
	unsigned place;
	int used;

	*settings = (struct settings){0};
	for (; sscanf(words, "%31s %31s %31s %u;%n", name, host, login, &place, &used) == 4;
		words += used) {
		struct relay relay = {.name = name,
			.host = host,
			.port = 587,
			.login = strcmp(login, "-") == 0 ? NULL : login,
			.place = place};
		settings_put_relay(settings, &relay);
	}
	if (settings->relay_count > 0)
		settings_set_default(settings, settings->relays[0].name);
}

static const struct {
	const char *what, *stored, *settings, *places;
} cases[] = {
	{"new ones, in order", "", "a h me 0; b h you 0; c i me 0;", "1 2 1 "},
	{"the places that they have", "", "a h me 2; b h you 1;", "2 1 "},
	{"one place twice: the later gives way", "", "a h me 2; b h you 2; c h she 0;", "2 1 3 "},
	{"another default", "a h me 1; b h you 2;", "b h you 0; a h me 0;", "2 1 "},
	{"another name", "a h me 1; b h you 2;", "a h me 0; z h you 0;", "1 2 "},
	{"logins exchanged", "a h me 1; b h you 2;", "a h you 0; b h me 0;", "2 1 "},
	{"another login of the same relay", "a h me 1; b h you 2;", "a h me 0; b h she 0;", "1 2 "},
	{"the first is gone", "a h me 1; b h you 2; c h she 3;", "b h you 0; c h she 0;", "2 3 "},
	{"who is new gets nobody's", "a h me 1; b h you 2;", "b h you 0; n h she 0;", "2 3 "},
	{"without a login", "a h - 1; b h you 2;", "b h you 0; a h - 0;", "2 1 "},
	{"at another server", "a h me 1; b h you 2;", "b i you 0;", "1 "},
	{"the host in capitals", "a h me 1; b h you 2;", "b H you 0;", "2 "},
};

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings stored, settings;
		char places[64] = "";

		settings_of(&stored, cases[i].stored);
		settings_of(&settings, cases[i].settings);
		settings_place(&settings, &stored);
		for (size_t k = 0; k < settings.relay_count; k++)
			snprintf(places + strlen(places), sizeof places - strlen(places), "%u ",
				settings.relays[k].place);
		if (strcmp(places, cases[i].places) != 0)
			fail_msg("%s: %s", cases[i].what, places);
		settings_free(&stored);
		settings_free(&settings);
	}
}

/* What is written is read again, and a relay that moves to another server leaves its place. */
static void test_kept(void **state)
{
	(void)state;
	struct settings settings;
	struct strbuf text = STRBUF_INIT;

	settings_of(&settings, "a h me 1; b h you 2;");
	settings_format(&settings, &text);
	assert_null(strstr(text.data, "place = 1"));
	assert_non_null(strstr(text.data, "place = 2\n"));
	struct relay moved;
	relay_copy(&moved, &settings.relays[1]);
	moved.port = 465;
	settings_put_relay(&settings, &moved);
	assert_int_equal(settings.relays[1].place, 0);
	relay_free(&moved);
	strbuf_free(&text);
	settings_free(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
