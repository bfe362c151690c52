/*
 * import_fixture.h: a folder as docker-mailserver has it, and what became of it as text, so that the tests of
 * the import are tables.
 */
#ifndef IMPORT_FIXTURE_H
#define IMPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/import.h"

struct import_case {
	const char *name;
	/* The files; NULL: not there. */
	const char *map, *passwords, *accounts, *aliases, *env, *overrides;
	bool all_mail, no_auth, verify_none;
	/* Relays ("name host:port tls verify login:password", "else name,name"), routes ("@pattern relay"), each line's fate
	 * ("map:1 taken", "env:2 left"): as one text. */
	const char *want;
	/* To be found among what is said of the lines, or in the remarks; ends with NULL. */
	const char *words[6];
};

struct import_folder {
	char path[64];
	char env[80];
};

static const struct {
	const char *file;
	const char *brief;
} import_files[] = {{"postfix-relaymap.cf", "map"}, {"postfix-sasl-password.cf", "pass"},
	{"postfix-accounts.cf", "acc"}, {"postfix-virtual.cf", "virt"}, {"mail.env", "env"},
	{"postfix-main.cf", "main"}};

static inline void import_write(const char *folder, const char *name, const char *text)
{
	char path[200];

	if (!text)
		return;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static inline void import_folder_make(struct import_folder *folder, const struct import_case *c)
{
	const char *const texts[] = {
		c->map, c->passwords, c->accounts, c->aliases, c->env, c->overrides};

	snprintf(folder->path, sizeof folder->path, "/tmp/relaycon-import-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->env, sizeof folder->env, "%s/mail.env", folder->path);
	for (size_t i = 0; i < 6; i++)
		import_write(folder->path, import_files[i].file, texts[i]);
}

static inline void import_folder_free(struct import_folder *folder)
{
	char path[200];

	for (size_t i = 0; i < 6; i++) {
		snprintf(path, sizeof path, "%s/%s", folder->path, import_files[i].file);
		unlink(path);
	}
	assert_int_equal(rmdir(folder->path), 0);
}

static inline void import_print_relays(const struct import *import, struct strbuf *out)
{
	for (size_t i = 0; i < import->settings.relay_count; i++) {
		const struct relay *relay = &import->settings.relays[i];
		const struct secret *password = import_password(import, relay->name);

		strbuf_addf(out, "%s%s %s:%u %s %s %s", relay->name,
			relay == settings_default(&import->settings) ? "*" : "", relay->host,
			relay->port, relay_tls_word(relay->tls), relay_verify_word(relay->verify),
			relay->login ? relay->login : "-");
		if (password)
			strbuf_addf(out, ":%s", secret_bytes(password));
		for (size_t k = 0; k < relay->fallback_count; k++)
			strbuf_addf(out, "%s%s", k ? "," : " else ", relay->fallbacks[k]);
		strbuf_addc(out, '\n');
	}
	for (size_t i = 0; i < import->settings.route_count; i++)
		strbuf_addf(out, "%s %s\n", import->settings.routes[i].pattern,
			import->settings.routes[i].relay);
}

static inline void import_print_fates(const struct import *import, struct strbuf *out)
{
	for (size_t i = 0; i < import->line_count; i++) {
		const struct import_line *line = &import->lines[i];
		const char *brief = line->file;

		for (size_t k = 0; k < sizeof import_files / sizeof *import_files; k++)
			if (strcmp(import_files[k].file, line->file) == 0)
				brief = import_files[k].brief;
		strbuf_addf(out, "%s:%u %s\n", brief, line->number, import_fate_word(line->fate));
	}
}

/* All that a person gets to read. */
static inline void import_print_words(const struct import *import, struct strbuf *out)
{
	for (size_t i = 0; i < import->line_count; i++)
		strbuf_addf(out, "%s:%u: %s | %s\n", import->lines[i].file, import->lines[i].number,
			import->lines[i].text, import->lines[i].words);
	if (import->remarks.len)
		strbuf_addf(out, "%s", import->remarks.data);
	if (import->without_login.len)
		strbuf_addf(out, "without login: %s", import->without_login.data);
}

static inline void import_expect(const struct import *import, const struct import_case *c)
{
	struct strbuf got = STRBUF_INIT, words = STRBUF_INIT;

	strbuf_reset(&got);
	strbuf_reset(&words);
	import_print_relays(import, &got);
	import_print_fates(import, &got);
	import_print_words(import, &words);
	if (strcmp(got.data, c->want) != 0)
		fail_msg("%s:\n%s--- wanted:\n%s--- said:\n%s", c->name, got.data, c->want,
			words.data);
	for (size_t i = 0; c->words[i]; i++)
		if (!strstr(words.data, c->words[i]))
			fail_msg("%s: not said: %s\n%s", c->name, c->words[i], words.data);
	for (size_t i = 0; i < import->line_count; i++)
		assert_true(import->lines[i].words[0]);
	/* Every password of these tests has this word in it. */
	if (strstr(words.data, "secret"))
		fail_msg("%s: a password is said: %s", c->name, words.data);
	strbuf_free(&got);
	strbuf_free(&words);
}

static inline bool import_run(const struct import_case *c, const struct import_folder *folder,
	struct import *import, struct error *error)
{
	static const char *const providers[] = {"providers", NULL};
	const struct import_options options = {
		.folders = providers,
		.env_file = c->env ? folder->env : NULL,
		.all_mail = c->all_mail,
		.no_auth = c->no_auth,
		.verify_none = c->verify_none,
	};

	return import_docker_mailserver(import, folder->path, &options, error);
}

static inline void import_check(const struct import_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct import_folder folder;
		struct import import = {0};
		struct error error = {0};

		import_folder_make(&folder, &cases[i]);
		if (!import_run(&cases[i], &folder, &import, &error))
			fail_msg("%s: %s", cases[i].name, error.message);
		import_expect(&import, &cases[i]);
		import_free(&import);
		import_folder_free(&folder);
	}
}

/* All cases of a table: each is what it is to be. */
#define IMPORT_CHECK(cases) import_check(cases, sizeof cases / sizeof *cases)

#endif
