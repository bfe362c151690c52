/*
 * preset.h: the format, and the 32 providers that are shipped. The table of expectations was written
 * from the facts, not from the files: a slip in either shows. Run from the top folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/ini.h"
#include "base/text.h"
#include "settings/preset.h"

#define SHIPPED "providers"

static struct error error;
static char one[] = "/tmp/relaycon-preset-a-XXXXXX";
static char other[] = "/tmp/relaycon-preset-b-XXXXXX";
static const char *const shipped[] = {SHIPPED, NULL};
static const char *const both[] = {one, "/nonexistent", other, NULL};

static const struct {
	const char *id;
	const char *host;
	unsigned port;
	enum relay_tls tls;
	const char *login; /* fixed */
	size_t regions;
	const char *other_ports;
	unsigned long size;
} expected[] = {
	{"alibaba-directmail", "smtpdm.aliyun.com", 465, RELAY_TLS_IMPLICIT, NULL, 4,
		"80 (STARTTLS), 25 (STARTTLS)", 15000000},
	{"amazon-ses", "email-smtp.us-east-1.amazonaws.com", 587, RELAY_TLS_STARTTLS, NULL, 20,
		"2587 (STARTTLS), 25 (STARTTLS), 465 (implicit TLS), 2465 (implicit TLS)",
		40000000},
	{"azure-communication-services", "smtp.azurecomm.net", 587, RELAY_TLS_STARTTLS, NULL, 0,
		"25 (STARTTLS)", 10000000},
	{"brevo", "smtp-relay.brevo.com", 587, RELAY_TLS_STARTTLS, NULL, 0,
		"465 (implicit TLS), 2525 (STARTTLS)", 20000000},
	{"elastic-email", "smtp.elasticemail.com", 2525, RELAY_TLS_STARTTLS, NULL, 2,
		"587 (STARTTLS), 25 (STARTTLS), 465 (implicit TLS)", 0},
	{"fastmail", "smtp.fastmail.com", 465, RELAY_TLS_IMPLICIT, NULL, 0, "587 (STARTTLS)",
		70000000},
	{"gmail", "smtp.gmail.com", 587, RELAY_TLS_STARTTLS, NULL, 0, "465 (implicit TLS)",
		25000000},
	{"gmx", "mail.gmx.net", 587, RELAY_TLS_STARTTLS, NULL, 2, "465 (implicit TLS)", 0},
	{"google-workspace-relay", "smtp-relay.gmail.com", 587, RELAY_TLS_STARTTLS, NULL, 0,
		"465 (implicit TLS), 25 (STARTTLS)", 25000000},
	{"icloud", "smtp.mail.me.com", 587, RELAY_TLS_STARTTLS, NULL, 0, NULL, 20000000},
	{"infomaniak", "mail.infomaniak.com", 465, RELAY_TLS_IMPLICIT, NULL, 0,
		"587 (STARTTLS), 25 (STARTTLS)", 0},
	{"ionos", "smtp.ionos.com", 587, RELAY_TLS_STARTTLS, NULL, 6, "465 (implicit TLS)", 0},
	{"mailersend", "smtp.mailersend.net", 587, RELAY_TLS_STARTTLS, NULL, 0, "2525 (STARTTLS)",
		25000000},
	{"mailgun", "smtp.mailgun.org", 587, RELAY_TLS_STARTTLS, NULL, 2,
		"465 (implicit TLS), 2525 (STARTTLS), 25 (STARTTLS)", 25000000},
	{"mailjet", "in-v3.mailjet.com", 587, RELAY_TLS_STARTTLS, NULL, 0,
		"465 (implicit TLS), 2525 (STARTTLS), 25 (STARTTLS), 588 (STARTTLS), 80 (STARTTLS)",
		15000000},
	{"mailtrap", "live.smtp.mailtrap.io", 587, RELAY_TLS_STARTTLS, "api", 2,
		"2525 (STARTTLS), 25 (STARTTLS)", 0},
	{"mandrill", "smtp.mandrillapp.com", 587, RELAY_TLS_STARTTLS, NULL, 0,
		"2525 (STARTTLS), 25 (STARTTLS), 465 (implicit TLS)", 25000000},
	{"microsoft-365", "smtp.office365.com", 587, RELAY_TLS_STARTTLS, NULL, 2, "25 (STARTTLS)",
		0},
	{"oracle-oci", "smtp.email.us-ashburn-1.oci.oraclecloud.com", 587, RELAY_TLS_STARTTLS, NULL,
		6, "465 (implicit TLS), 25 (STARTTLS)", 0},
	{"outlook-com", "smtp-mail.outlook.com", 587, RELAY_TLS_STARTTLS, NULL, 0, NULL, 0},
	{"ovhcloud", "ssl0.ovh.net", 465, RELAY_TLS_IMPLICIT, NULL, 4, "587 (STARTTLS)", 0},
	{"postmark", "smtp.postmarkapp.com", 587, RELAY_TLS_STARTTLS, NULL, 2,
		"2525 (STARTTLS), 25 (STARTTLS)", 10000000},
	{"proton", "smtp.protonmail.ch", 587, RELAY_TLS_STARTTLS, NULL, 0, NULL, 0},
	{"resend", "smtp.resend.com", 465, RELAY_TLS_IMPLICIT, "resend", 0,
		"2465 (implicit TLS), 587 (STARTTLS), 2587 (STARTTLS), 25 (STARTTLS)", 40000000},
	{"scaleway-tem", "smtp.tem.scaleway.com", 587, RELAY_TLS_STARTTLS, NULL, 2,
		"2587 (STARTTLS), 25 (STARTTLS), 465 (implicit TLS), 2465 (implicit TLS)", 2000000},
	{"sendgrid", "smtp.sendgrid.net", 587, RELAY_TLS_STARTTLS, "apikey", 2,
		"465 (implicit TLS), 2525 (STARTTLS), 25 (STARTTLS)", 30000000},
	{"smtp2go", "mail.smtp2go.com", 587, RELAY_TLS_STARTTLS, NULL, 5,
		"2525 (STARTTLS), 8025 (STARTTLS), 80 (STARTTLS), 25 (STARTTLS), 465 (implicit "
		"TLS), 8465 (implicit TLS), 443 (implicit TLS)",
		50000000},
	{"socketlabs", "smtp.socketlabs.com", 587, RELAY_TLS_STARTTLS, NULL, 0,
		"2525 (STARTTLS), 25 (STARTTLS), 465 (implicit TLS)", 30000000},
	{"sparkpost", "smtp.sparkpostmail.com", 587, RELAY_TLS_STARTTLS, "SMTP_Injection", 2,
		"2525 (STARTTLS)", 0},
	{"yahoo", "smtp.mail.yahoo.com", 465, RELAY_TLS_IMPLICIT, NULL, 0, "587 (STARTTLS)", 0},
	{"zeptomail", "smtp.zeptomail.com", 587, RELAY_TLS_STARTTLS, "emailapikey", 3,
		"465 (implicit TLS)", 0},
	{"zoho-mail", "smtp.zoho.com", 465, RELAY_TLS_IMPLICIT, NULL, 13, "587 (STARTTLS)", 0},
};
enum { EXPECTED = sizeof expected / sizeof *expected };

static void assert_text(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got ? got : "(nothing)", want);
	else
		assert_null(got);
}

static void test_shipped(void **state)
{
	struct preset_list list;

	(void)state;
	assert_true(preset_list_load(&list, shipped, &error));
	assert_string_equal(list.problems.data, "");
	assert_int_equal(EXPECTED, 32);
	assert_int_equal(list.count, EXPECTED);
	for (size_t i = 0; i < EXPECTED; i++) {
		const struct preset *preset = preset_find(&list, expected[i].id);
		print_message("  %s\n", expected[i].id);
		assert_non_null(preset);
		assert_string_equal(preset->host, expected[i].host);
		assert_int_equal(preset->port, expected[i].port);
		assert_int_equal(preset->tls, expected[i].tls);
		assert_text(preset->login, expected[i].login);
		assert_int_equal(preset->region_count, expected[i].regions);
		assert_int_equal(preset->size_limit, expected[i].size);
		assert_int_equal(
			preset->login_optional, text_equal(preset->id, "google-workspace-relay"));
		assert_true(preset->from_must_be_verified);
		assert_non_null(preset->login_hint);
		assert_non_null(preset->password_hint);
		assert_non_null(preset->auth);
		assert_memory_equal(preset->documentation, "https://", 8);
		char *ports = preset_other_ports(preset, preset->port);
		assert_text(ports, expected[i].other_ports);
		free(ports);
	}
	for (size_t i = 1; i < list.count; i++)
		assert_true(strcasecmp(list.presets[i - 1].name, list.presets[i].name) <= 0);
	preset_list_free(&list);
	preset_list_free(&list);
}

/* What a preset suggests has to pass the checks, in every region. */
static void test_shipped_relays_are_good(void **state)
{
	struct preset_list list;

	(void)state;
	assert_true(preset_list_load(&list, shipped, &error));
	for (size_t i = 0; i < list.count; i++) {
		const struct preset *preset = &list.presets[i];
		struct relay relay;
		assert_true(preset_to_relay(preset, NULL, &relay, &error));
		assert_true(relay_check(&relay, &error));
		assert_string_equal(relay.provider, preset->id);
		assert_string_equal(relay.host, preset->host);
		assert_int_equal(relay.verify, RELAY_VERIFY_NAME);
		assert_text(relay.region, preset->region_count ? preset->regions[0].id : NULL);
		relay_free(&relay);
		for (size_t j = 0; j < preset->region_count; j++) {
			const char *region = preset->regions[j].id;
			assert_true(preset_to_relay(preset, region, &relay, &error));
			assert_true(relay_check(&relay, &error));
			assert_string_equal(relay.region, region);
			assert_string_equal(relay.host, preset->regions[j].host);
			relay_free(&relay);
		}
	}
	preset_list_free(&list);
}

static void test_shipped_words(void **state)
{
	static const char *const common[] = {
		"brevo", "amazon-ses", "gmail", "sendgrid", "mailgun", "microsoft-365", "postmark"};

	(void)state;
	for (size_t i = 0; i < EXPECTED; i++) {
		char *path = text_format(SHIPPED "/%s.ini", expected[i].id);
		struct ini ini;
		print_message("  %s\n", path);
		assert_true(ini_load(&ini, path, &error));
		const struct ini_section *entry = ini_section(&ini, "entry");
		const char *menu = "providers", *order = "100";
		for (size_t j = 0; j < sizeof common / sizeof *common; j++) {
			static const char *const orders[] = {"10, 100", "20, 100", "30, 100",
				"40, 100", "50, 100", "60, 100", "70, 100"};
			if (text_equal(common[j], expected[i].id)) {
				menu = "relay, providers";
				order = orders[j];
			}
		}
		assert_string_equal(ini_value(entry, "menu"), menu);
		assert_string_equal(ini_value(entry, "order"), order);
		assert_string_equal(ini_value(entry, "driver"), "relay/preset");
		assert_string_equal(ini_value(entry, "privileged"), "yes");
		assert_true(strlen(ini_value(entry, "title")) <= 30);
		assert_true(strlen(ini_value(entry, "summary")) <= 45);
		ini_free(&ini);

		/* libinih as other builds have it takes lines of 197 bytes, and cuts values at " ;". */
		struct strbuf bytes = STRBUF_INIT;
		assert_true(file_read(&bytes, path, INI_FILE_MAX, NULL, &error));
		assert_null(strstr(bytes.data, " ;"));
		for (const char *at = bytes.data; *at; at += strcspn(at, "\n") + 1)
			assert_true(strcspn(at, "\n") <= 190);
		strbuf_free(&bytes);
		free(path);
	}
}

static void test_shipped_warnings(void **state)
{
	static const struct {
		const char *id;
		const char *words[3];
	} cases[] = {
		{"microsoft-365", {"switching off password logins", "December 2026", "OAuth 2.0"}},
		{"outlook-com", {"switched off password logins", "are refused", "OAuth 2.0"}},
	};
	struct preset preset;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(preset_load(&preset, shipped, cases[i].id, &error));
		for (size_t j = 0; j < 3; j++)
			assert_non_null(strstr(preset.warning, cases[i].words[j]));
		assert_null(strchr(preset.warning, '\n'));
		preset_free(&preset);
	}
	assert_true(preset_load(&preset, shipped, "brevo", &error));
	assert_null(preset.warning);
	assert_non_null(strstr(preset.unverified, "auth (third party)"));
	assert_null(strstr(preset.notes[0], "(unconfirmed)"));
	assert_non_null(strstr(preset.notes[preset.note_count - 1], "(unconfirmed) "));
	preset_free(&preset);
	preset_free(&preset);
	assert_true(preset_load(&preset, shipped, "ovhcloud", &error));
	struct relay relay;
	assert_true(preset_to_relay(&preset, "email-pro", &relay, &error));
	assert_int_equal(relay.port, 587);
	assert_int_equal(relay.tls, RELAY_TLS_STARTTLS);
	relay_free(&relay);
	preset_free(&preset);
}

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
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_shipped_relays_are_good),
		cmocka_unit_test(test_shipped_words),
		cmocka_unit_test(test_shipped_warnings),
		cmocka_unit_test(test_format_refused),
		cmocka_unit_test(test_format_taken),
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_unknown),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
