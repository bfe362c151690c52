/* status.c where there are routes: what is true, and what changed since. */
#include "routed_fixture.h"

#include "status/status.h"

/* Whatever the settings, nothing has changed just after they were applied. */
static void nothing_drifts(void **state)
{
	(void)state;
	static const enum status_mode modes[SETTINGS] = {STATUS_RELAY, STATUS_RELAY, STATUS_DIRECT,
		STATUS_RELAY, STATUS_RELAY, STATUS_RELAY, STATUS_RELAY, STATUS_RELAY};
	struct fixture f;
	struct error error = {0};

	fixture_make(&f, stock_main_cf);
	for (size_t i = 0; i < SETTINGS; i++) {
		struct status status;
		assert_int_equal(apply(&f, settings_all[i].words, true, &error), 1);
		fixture_status(&f, &status);
		if (status.mode != modes[i] || status.drift_count > 0)
			fail_msg("%s: %s, %s drifts", settings_all[i].name,
				status_mode_word(status.mode),
				status.drift_count > 0 ? status.drift[0].parameter : "nothing");
		status_free(&status);
	}
	assert_back(&f, "status");
	fixture_free(&f);
}

static void replace_all(const char *path, const char *from, const char *to)
{
	struct strbuf bytes = STRBUF_INIT;
	const char *at;

	read_bytes(&bytes, path);
	while (*from && (at = strstr(bytes.data, from))) {
		size_t start = (size_t)(at - bytes.data);
		strbuf_splice(&bytes, start, start + strlen(from), to, strlen(to));
	}
	write_bytes(path, bytes.data, bytes.len);
	strbuf_free(&bytes);
}

static void what_drifts(void **state)
{
	(void)state;
	static const struct {
		const char *file, *from, *to; /* from NULL: the file goes */
		const char *drift;            /* what the drift is of; NULL: there is none */
		const char *wanted;           /* a word of it */
		enum status_mode mode;
	} changes[] = {
		{"relaycon_sender_routes", "@x.test", "@y.test", "/relaycon_sender_routes",
			"@x.test", STATUS_RELAY},
		{"relaycon_recipient_routes", NULL, NULL, "/relaycon_recipient_routes", "z.test",
			STATUS_RELAY},
		{"relaycon_sender_rewrite_r", "us@", "them@", "/relaycon_sender_rewrite_r",
			"us@ours.test", STATUS_RELAY},
		{"relaycon_tls_policy", "secure", "may", "/relaycon_tls_policy", "secure",
			STATUS_RELAY},
		{"relaycon_sasl_passwd", NULL, NULL, "/relaycon_sasl_passwd", "password",
			STATUS_RELAY},
		{"master.cf", "\nrelaycon-via-d ", "\n#", "/master.cf", "relaycon-via-d/unix",
			STATUS_RELAY},
		{"master.cf", "sender_canonical_classes=envelope_sender",
			"sender_canonical_classes=header_sender", "/master.cf",
			"relaycon-cleanup-r/unix", STATUS_RELAY},
		{"main.cf", "\ntransport_maps = ", "\n#", "transport_maps",
			"relaycon_recipient_routes", STATUS_RELAY},
		{"main.cf", "\nrelayhost = \n", "\nrelayhost = [q]\n", "relayhost", "",
			STATUS_RELAY},
		/* Somebody's own way for all mail: it is not ours to want anything there. */
		{"main.cf", "\ndefault_transport = relaycon", "\ndefault_transport = smtp:[q]:25#",
			NULL, NULL, STATUS_FOREIGN},
	};

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct fixture f;
		struct status status;
		struct error error = {0};
		bool found = !changes[i].drift;

		fixture_make(&f, stock_main_cf);
		assert_int_equal(apply(&f, REWRITE, true, &error), 1);
		char *path = in_config(&f, changes[i].file);
		if (changes[i].from)
			replace_all(path, changes[i].from, changes[i].to);
		else
			assert_int_equal(unlink(path), 0);
		fixture_status(&f, &status);
		for (size_t k = 0; k < status.drift_count; k++)
			found |= changes[i].drift &&
				 strstr(status.drift[k].parameter, changes[i].drift) &&
				 strstr(status.drift[k].wanted, changes[i].wanted);
		if (!found || status.mode != changes[i].mode)
			fail_msg("%s without %s: %s", changes[i].file,
				changes[i].from ? changes[i].from : "itself",
				status_mode_word(status.mode));
		status_free(&status);
		free(path);
		fixture_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_drifts),
		cmocka_unit_test(what_drifts),
	};

	return cmocka_run_group_tests_name("routed status", tests, NULL, NULL);
}
