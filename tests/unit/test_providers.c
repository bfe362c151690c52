/*
 * The 32 providers that are shipped. The table of expectations was written from the facts, not from
 * the files: a slip in either shows. Run from the top folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/ini.h"
#include "base/text.h"
#include "settings/preset.h"

#define SHIPPED "providers"

static struct error error;
static const char *const shipped[] = {SHIPPED, NULL};

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
		assert_true(strlen(ini_value(entry, "title")) <= 22);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_shipped_relays_are_good),
		cmocka_unit_test(test_shipped_words),
		cmocka_unit_test(test_shipped_warnings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
