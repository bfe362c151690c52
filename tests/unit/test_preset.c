/* preset.h: the format of a provider's file, and which of two of the same name counts. Run from the top
 * folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "settings/preset.h"

#define SHIPPED "providers"

static struct error error;
static char one[] = "/tmp/relaycon-preset-a-XXXXXX";
static char other[] = "/tmp/relaycon-preset-b-XXXXXX";
static const char *const shipped[] = {SHIPPED, NULL};
static const char *const both[] = {one, "/nonexistent", other, NULL};

static void put(const char *dir, const char *id, const char *text)
{
	char *path = text_format("%s/%s.ini", dir, id);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	free(path);
}

static void drop(const char *dir, const char *id)
{
	char *path = text_format("%s/%s.ini", dir, id);

	assert_int_equal(unlink(path), 0);
	free(path);
}

#define PROVIDER "[provider]\nname = X\nhost = h.example\nport = 587\ntls = starttls\n"

static void test_format_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *words;
	} cases[] = {
		{"empty", "", "no section [provider]"},
		{"unknown key", PROVIDER "pasword-hint = x\n", "line 6"},
		{"unknown section", PROVIDER "[region]\nx = h.example\n", "line 6"},
		{"no name", "[provider]\nhost = h\nport = 25\ntls = none\n", "name"},
		{"no host", "[provider]\nname = X\nport = 25\ntls = none\n", "host"},
		{"host with a port", "[provider]\nname = X\nhost = h:25\nport = 25\ntls = none\n",
			"line 3"},
		{"host that is none", "[provider]\nname = X\nhost = a b\nport = 25\ntls = none\n",
			"line 3"},
		{"no port", "[provider]\nname = X\nhost = h\ntls = none\n", "port"},
		{"bad port", "[provider]\nname = X\nhost = h\nport = 0\ntls = none\n", "line 4"},
		{"bad tls", "[provider]\nname = X\nhost = h\nport = 25\ntls = ssl\n", "line 5"},
		{"bad alternates", PROVIDER "alternates = 465, 25/none\n", "line 6"},
		{"alternates with an end", PROVIDER "alternates = 465/implicit,\n", "line 6"},
		{"bad boolean", PROVIDER "login-optional = true\n", "line 6"},
		{"bad size", PROVIDER "size-limit = 20MB\n", "line 6"},
		{"bad fixed login", PROVIDER "login = a:b\n", "line 6"},
		{"unverified names nothing", PROVIDER "unverified = host, colour\n", "line 6"},
		{"first region is not the default", PROVIDER "[regions]\na = b.example\n",
			"line 7"},
		{"region's host is none", PROVIDER "[regions]\na = h.example\nb = {b}.example\n",
			"line 8"},
		{"region's port is none", PROVIDER "[regions]\na = h.example\nb = h.example 25\n",
			"line 8"},
		{"not an INI file", "hello\n", "line 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct preset preset;
		print_message("  %s\n", cases[i].name);
		put(one, "x", cases[i].text);
		assert_false(preset_load(&preset, both, "x", &error));
		assert_int_equal(error.code, ERROR_DATA);
		assert_non_null(strstr(error.message, "/x.ini"));
		assert_non_null(strstr(error.message, cases[i].words));
		assert_null(preset.id);
	}
	drop(one, "x");
}

static void test_format_taken(void **state)
{
	struct preset preset;

	(void)state;
	put(one, "x",
		"# c\n[entry]\ntitle = anything\n" PROVIDER
		"alternates = 465/implicit,\n  25/none\nwarning = One.\n  Two.\nnote = a\n  b\n"
		"unverified-note = c\nunverified = host,\n  regions (x y)\nca-file = /ca.pem\n"
		"[regions]\neu = h.example\nus = u.example 465/implicit\n");
	assert_true(preset_load(&preset, both, "x", &error));
	assert_string_equal(preset.id, "x");
	assert_int_equal(preset.alternate_count, 2);
	assert_int_equal(preset.alternates[1].tls, RELAY_TLS_NONE);
	assert_string_equal(preset.warning, "One. Two.");
	assert_int_equal(preset.note_count, 3);
	assert_string_equal(preset.notes[1], "b");
	assert_string_equal(preset.notes[2], "(unconfirmed) c");
	assert_string_equal(preset.unverified, "host, regions (x y)");
	assert_string_equal(preset.ca_file, "/ca.pem");
	assert_int_equal(preset.regions[0].port, 587);
	assert_int_equal(preset.regions[1].port, 465);
	assert_int_equal(preset.size_limit, 0);
	struct relay relay;
	assert_false(preset_to_relay(&preset, "asia", &relay, &error));
	assert_int_equal(error.code, ERROR_USAGE);
	assert_non_null(strstr(error.advice, "eu, us"));
	preset_free(&preset);
	drop(one, "x");
}

static void test_override(void **state)
{
	struct preset_list list;
	struct preset preset;

	(void)state;
	put(one, "a", PROVIDER);
	put(one, "b", PROVIDER);
	put(one, "broken", PROVIDER);
	put(one, "Bad_Name", PROVIDER);
	put(other, "b",
		"[provider]\nname = A first\nhost = other.example\nport = 25\ntls = none\n");
	put(other, "broken", "[provider]\nname = X\n");
	assert_true(preset_list_load(&list, both, &error));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.presets[0].id, "b");
	assert_string_equal(preset_find(&list, "b")->host, "other.example");
	assert_null(preset_find(&list, "broken"));
	assert_null(preset_find(&list, "none"));
	assert_non_null(strstr(list.problems.data, "broken.ini"));
	assert_non_null(strstr(list.problems.data, "Bad_Name.ini"));
	preset_list_free(&list);

	assert_true(preset_load(&preset, both, "b", &error));
	assert_string_equal(preset.host, "other.example");
	preset_free(&preset);
	assert_false(preset_load(&preset, both, "broken", &error));
	drop(one, "a");
	drop(one, "b");
	drop(one, "broken");
	drop(one, "Bad_Name");
	drop(other, "b");
	drop(other, "broken");
}

static void test_unknown(void **state)
{
	static const struct {
		const char *id;
		const char *advice;
	} cases[] = {
		{"bervo", "\"brevo\""},
		{"mailgunn", "\"mailgun\""},
		{"zzz", "relaycon providers"},
		{"../providers/brevo", "relaycon providers"},
		{"", "relaycon providers"},
		{"x\033[2J", "relaycon providers"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct preset preset;
		assert_false(preset_load(&preset, shipped, cases[i].id, &error));
		assert_int_equal(error.code, ERROR_USAGE);
		assert_non_null(strstr(error.advice, cases[i].advice));
		assert_null(strchr(error.message, '\033'));
	}
}

static int enter(void **state)
{
	(void)state;
	return mkdtemp(one) && mkdtemp(other) ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	return rmdir(one) == 0 && rmdir(other) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format_refused),
		cmocka_unit_test(test_format_taken),
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_unknown),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
