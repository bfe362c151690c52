/* A settings file that a person wrote: the provider fills in, and what is misspelt is told with its line. */
#include "folder_fixture.h"

#include "settings_text.h"

static struct error error;
static char folder[] = "/tmp/relaycon-providers-XXXXXX";
static const char *folders[] = {folder, NULL};

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	folder_write(folder, "acme.ini",
		"[provider]\nname = Acme\nhost = eu.acme.example\nport = 587\n"
		"tls = starttls\nalternates = 4650/implicit, 2525/starttls\n"
		"ca-file = /etc/acme.pem\n"
		"[regions]\neu = eu.acme.example\n"
		"us = us.acme.example 465/implicit\n");
	folder_write(folder, "keys.ini",
		"[provider]\nname = Keys\nhost = smtp.keys.example\nport = 465\n"
		"tls = implicit\nlogin = apikey\n");
	folder_write(folder, "open.ini",
		"[provider]\nname = Open\nhost = smtp.open.example\nport = 25\n"
		"tls = starttls\nlogin-optional = yes\n");
	folder_write(folder, "broken.ini", "[provider]\nname = Broken\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static bool read_text(struct settings *settings, const char *text)
{
	return settings_from_text(settings, text, folders, &error);
}

static void test_filled_in(void **state)
{
	static const struct {
		const char *section; /* of [relay default] */
		const char *told;    /* as the relay is described */
		const char *region;
		const char *ca_file;
	} cases[] = {
		{"provider = acme\nlogin = me\n",
			"eu.acme.example:587, STARTTLS, certificate verified, as me", "eu",
			"/etc/acme.pem"},
		{"provider = acme\nregion = us\nlogin = me\n",
			"us.acme.example:465, implicit TLS, certificate verified, as me", "us",
			"/etc/acme.pem"},
		{"provider = acme\nport = 2525\nlogin = me\n",
			"eu.acme.example:2525, STARTTLS, certificate verified, as me", "eu",
			"/etc/acme.pem"},
		{"provider = acme\nport = 4650\nlogin = me\n",
			"eu.acme.example:4650, implicit TLS, certificate verified, as me", "eu",
			"/etc/acme.pem"},
		{"provider = acme\ntls = implicit\nlogin = me\n",
			"eu.acme.example:4650, implicit TLS, certificate verified, as me", "eu",
			"/etc/acme.pem"},
		{"provider = acme\nverify = dane\nlogin = me\n",
			"eu.acme.example:587, STARTTLS, certificate verified by DANE, as me", "eu",
			NULL},
		{"provider = acme\nca-file =\nlogin = me\n",
			"eu.acme.example:587, STARTTLS, certificate verified, as me", "eu", NULL},
		{"provider = acme\nhost = new.acme.example\nlogin = me\n",
			"new.acme.example:587, STARTTLS, certificate verified, as me", NULL, NULL},
		{"provider = keys\n",
			"smtp.keys.example:465, implicit TLS, certificate verified, as apikey",
			NULL, NULL},
		{"provider = keys\nlogin =\n",
			"smtp.keys.example:465, implicit TLS, certificate verified, without a "
			"login",
			NULL, NULL},
		{"provider = keys\ntls = starttls\n",
			"smtp.keys.example:587, STARTTLS, certificate verified, as apikey", NULL,
			NULL},
		{"provider = open\n",
			"smtp.open.example:25, STARTTLS, certificate verified, without a login",
			NULL, NULL},
		{"host = Smtp.M\u00fcller.example\nlogin = me\n",
			"smtp.xn--mller-kva.example:587, STARTTLS, certificate verified, as me",
			NULL, NULL},
		{"provider = custom\nhost = [h.example]:465\nlogin = me\n",
			"h.example:465, implicit TLS, certificate verified, as me", NULL, NULL},
		{"host = h.example\nport = 465\nlogin = me\n",
			"h.example:465, implicit TLS, certificate verified, as me", NULL, NULL},
		{"host = h.example:25\nport = 25\nlogin =\n",
			"h.example:25, STARTTLS, certificate verified, without a login", NULL,
			NULL},
		{"host = h.example\ntls = implicit\nlogin = me\n",
			"h.example:465, implicit TLS, certificate verified, as me", NULL, NULL},
		{"host = 127.0.0.1\nport = 25\ntls = none\nlogin =\n",
			"127.0.0.1:25, not encrypted, without a login", NULL, NULL},
		{"host = h.example\nport = 25\ntls = opportunistic\nlogin =\n",
			"h.example:25, TLS only if offered, without a login", NULL, NULL},
		{"host = h.example\nport = 25\ntls = none\nlogin = me\n"
		 "allow-unencrypted-login = yes\n",
			"h.example:25, not encrypted, as me", NULL, NULL},
		{"host = h.example\nlogin = me\nca-file = /etc/own.pem\n",
			"h.example:587, STARTTLS, certificate verified, as me", NULL,
			"/etc/own.pem"},
		{"host = h.example\nlogin = me\nverify = fingerprint\nfingerprint = sha256:"
		 "aabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabb\n",
			"h.example:587, STARTTLS, certificate pinned, as me", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = text_format("[relay default]\n%s", cases[i].section);
		struct settings settings;
		struct strbuf told = STRBUF_INIT;
		print_message("  %s\n", cases[i].section);
		if (!read_text(&settings, text))
			print_message("%s\n", error.message);
		assert_int_equal(error.code, ERROR_NONE);
		/* Whoever has a relay named so means it. */
		const struct relay *relay = settings_default(&settings);
		assert_non_null(relay);
		relay_describe(relay, &told);
		assert_string_equal(told.data, cases[i].told);
		assert_true(text_equal(relay->region, cases[i].region));
		assert_true(text_equal(relay->ca_file, cases[i].ca_file));
		assert_true(settings_check(&settings, &error));
		strbuf_free(&told);
		settings_free(&settings);
		free(text);
	}
}

static void test_whole(void **state)
{
	struct settings settings;

	(void)state;
	assert_true(read_text(&settings,
		"# as a person writes it\n"
		"[routes]\n"
		"recipient =\n"
		"    Example.NET      direct\n"
		"    @b\u00fccher.example second\n"
		"\n"
		"    # half of them\n"
		"    User@Example.net first\n"
		"sender = <> second\n"
		"[relay first]\nprovider = acme\nlogin = me\npassword-file = credential:acme\n"
		"sender-rewrite = Bounce@M\u00fcller.DE\nfallback = second,\n\tthird\n"
		"[relay second]\nprovider = keys\npassword-file = /root/pw\n"
		"[relay third]\nprovider = open\n"
		"[settings]\ndefault = first\n"));
	assert_string_equal(settings_default(&settings)->name, "first");
	const struct relay *first = settings_relay(&settings, "first");
	assert_string_equal(first->password_file, "credential:acme");
	assert_string_equal(first->sender_rewrite, "Bounce@xn--mller-kva.de");
	assert_int_equal(first->fallback_count, 2);
	assert_string_equal(first->fallbacks[0], "second");
	assert_string_equal(first->fallbacks[1], "third");
	assert_int_equal(settings.route_count, 4);
	assert_string_equal(
		settings_route(&settings, ROUTE_RECIPIENT, "example.net")->relay, "direct");
	assert_string_equal(
		settings_route(&settings, ROUTE_RECIPIENT, "xn--bcher-kva.example")->relay,
		"second");
	assert_string_equal(
		settings_route(&settings, ROUTE_RECIPIENT, "user@example.net")->relay, "first");
	assert_string_equal(settings_route(&settings, ROUTE_SENDER, "<>")->relay, "second");
	settings_free(&settings);
}

static void test_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *words;
		const char *advice; /* NULL: none is asked for */
	} cases[] = {
		{"unknown section", "[relay default]\nprovider = open\n[rout]\n", "line 3",
			"[routes]"},
		{"the former kind of section", "[route 1]\n", "line 1", "[routes]"},
		{"misspelt section of a relay", "[realy office]\n", "line 1", "[relay NAME]"},
		{"section of a relay without its name", "[relay]\n", "line 1", "[relay NAME]"},
		{"section like nothing", "[xyzzy]\n", "line 1", "[routes]"},
		{"misspelt key", "[relay default]\nprovider = open\nhots = h\n",
			"line 3: [relay default] has no key \"hots\"", "\"host\""},
		{"underscore in a key", "[relay default]\nprovider = keys\npassword_file = /x\n",
			"line 3", "\"password-file\""},
		{"a password", "[relay default]\nprovider = keys\npassword = secret\n", "line 3",
			"\"password-file\""},
		{"misspelt provider", "[relay default]\n\nprovider = acne\n",
			"line 3: [relay default]: There is no provider \"acne\"", "\"acme\""},
		{"broken provider", "[relay default]\nprovider = broken\n", "broken.ini", NULL},
		{"no such region", "[relay default]\nprovider = acme\nregion = asia\n",
			"line 3: [relay default]: Acme has no region \"asia\"", "eu, us"},
		{"region of a custom relay", "[relay default]\nhost = h\nregion = eu\n", "line 3",
			NULL},
		{"no host", "[relay default]\nlogin = me\n", "line 1", NULL},
		{"bad host", "[relay default]\nhost = h_h\nlogin = me\n",
			"line 2: [relay default]: The host", NULL},
		{"two ports", "[relay default]\nhost = h:25\nport = 26\nlogin = me\n",
			"another port", NULL},
		{"no login", "[relay default]\nhost = h\n", "the key \"login\" is missing",
			"\"login =\""},
		{"no login at a provider", "[relay default]\nprovider = acme\n",
			"the key \"login\" is missing", "\"login =\""},
		{"verification without TLS",
			"[relay default]\nhost = h\ntls = none\nverify = name\nlogin =\n",
			"encrypted", "STARTTLS"},
		{"login in clear", "[relay default]\nhost = h\ntls = none\nlogin = me\n",
			"line 3: [relay default]: with tls = none", "allow-unencrypted-login"},
		{"login perhaps in clear",
			"[relay default]\nprovider = keys\ntls = opportunistic\n"
			"allow-unencrypted-login = no\n",
			"line 3: [relay default]: with tls = opportunistic",
			"allow-unencrypted-login"},
		{"half a consent",
			"[relay default]\nhost = h\ntls = none\nlogin = me\n"
			"allow-unencrypted-login = perhaps\n",
			"line 5", NULL},
		{"fingerprint without use",
			"[relay default]\nhost = h\nlogin =\nfingerprint = "
			"aabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabbaabb\n",
			"not by fingerprint", NULL},
		{"half a fingerprint",
			"[relay default]\nhost = h\nlogin =\nverify = fingerprint\n"
			"fingerprint = aabb\n",
			"line 5", NULL},
		{"misspelt default",
			"[settings]\ndefault = ofice\n[relay office]\nprovider = open\n",
			"line 2: [settings]: the file has no relay \"ofice\"", "\"office\""},
		{"no default", "[relay office]\nprovider = open\n", "which relay is the default",
			"default = office"},
		{"misspelt fallback",
			"[relay default]\nprovider = open\nfallback = ofice\n"
			"[relay office]\nprovider = open\n",
			"line 3: [relay default]: the file has no relay \"ofice\"", "\"office\""},
		{"misspelt relay of a route",
			"[relay office]\nprovider = open\n[settings]\ndefault = office\n"
			"[routes]\nsender =\n\t@a.example office\n\n\t@b.example drect\n",
			"line 9: [routes]: the file has no relay \"drect\"", "\"direct\""},
		{"route twice, in capitals",
			"[routes]\nrecipient =\n a.example direct\n # c\n A.Example direct\n",
			"line 5: [routes]: a.example has a route already, in line 3 (to direct)",
			NULL},
		{"route twice, by its name in Unicode",
			"[routes]\nsender =\n @xn--mller-kva.de direct\n @M\u00fcller.de direct\n",
			"line 4: [routes]: @xn--mller-kva.de has a route already, in line 3", NULL},
		{"route twice, once with an @",
			"[routes]\nrecipient =\n @a.example direct\n a.example direct\n", "line 4",
			NULL},
		{"route for everybody", "[routes]\nrecipient =\n * direct\n", "default relay",
			"example.net"},
		{"another format", "[settings]\nformat = 2\n", "line 1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings;
		print_message("  %s\n", cases[i].name);
		assert_false(read_text(&settings, cases[i].text));
		assert_int_equal(error.code, ERROR_DATA);
		if (!strstr(error.message, cases[i].words))
			print_message("%s\n", error.message);
		assert_non_null(strstr(error.message, cases[i].words));
		assert_non_null(strstr(error.message, "/tmp/relaycon-settings-"));
		if (cases[i].advice && !strstr(error.advice, cases[i].advice))
			print_message("%s\n%s\n", error.message, error.advice);
		assert_true(!cases[i].advice || strstr(error.advice, cases[i].advice));
		assert_null(strstr(error.message, "secret"));
		assert_int_equal(settings.relay_count, 0);
		assert_int_equal(settings.route_count, 0);
		settings_free(&settings);
	}
}

static void test_file_has_to_be_there(void **state)
{
	struct settings settings;

	(void)state;
	error = (struct error){0};
	assert_false(settings_read(&settings, "/nonexistent/relays.ini", folders, &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_non_null(strstr(error.message, "/nonexistent/relays.ini"));
}

/* A bug: an empty file, as a full disk or a failed template leaves it, took every relay away. */
static void test_no_relay_is_said(void **state)
{
	static const char *const silent[] = {"", "\n# nothing\n", "[settings]\nformat = 1\n",
		"[routes]\nsender = @example.com direct\n"};
	struct settings settings;

	(void)state;
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
		error = (struct error){0};
		assert_false(read_text(&settings, silent[i]));
		assert_int_equal(error.code, ERROR_DATA);
		assert_non_null(strstr(error.message, "names no relay"));
		assert_non_null(strstr(error.advice, "default = direct"));
	}
	error = (struct error){0};
	assert_true(read_text(&settings, "[settings]\ndefault = direct\n"));
	assert_int_equal(settings.relay_count, 0);
	assert_null(settings.default_relay);
	settings_free(&settings);
}

static void test_from_a_descriptor(void **state)
{
	static const char good[] = "[relay default]\nprovider = keys\n";
	static const char bad[] = "[relay default]\nprovider = keys\nlogni = x\n";
	struct settings settings;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], good, strlen(good)), (ssize_t)strlen(good));
	close(ends[1]);
	assert_true(settings_read_fd(&settings, ends[0], "standard input", folders, &error));
	close(ends[0]);
	assert_string_equal(settings_default(&settings)->host, "smtp.keys.example");
	settings_free(&settings);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bad, strlen(bad)), (ssize_t)strlen(bad));
	close(ends[1]);
	assert_false(settings_read_fd(&settings, ends[0], "standard input", folders, &error));
	close(ends[0]);
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.message, "standard input, line 3: [relay default]"));
	assert_non_null(strstr(error.advice, "\"login\""));

	assert_false(settings_read_fd(&settings, -1, "standard input", folders, &error));
	assert_int_equal(error.code, ERROR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filled_in),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_file_has_to_be_there),
		cmocka_unit_test(test_no_relay_is_said),
		cmocka_unit_test(test_from_a_descriptor),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
