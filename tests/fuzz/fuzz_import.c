/*
 * fuzz_import.c: docker-mailserver's files and variables, whatever is in them. What comes of them are settings
 * that hold together and read back the same from their file, each login has its password, each line has
 * words, all that is told is clean text, and no password is in it.
 *
 * Input: a line of options (a all mail, n no login is fine, v nothing verified), then the files, each behind a
 * line that begins with '%' and its letter: m the relay map, p the logins, a accounts, l aliases, o parameters, e variables.
 * The word "hunter2" is the password that must not be seen; it is looked for where it stands behind a login
 * or in RELAY_PASSWORD alone.
 */
#include <ctype.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include "import/import.h"
#include "promises.h"

static const char canary[] = "hunter2";

static const struct {
	char letter;
	const char *name;
} files[] = {{'m', "postfix-relaymap.cf"}, {'p', "postfix-sasl-password.cf"},
	{'a', "postfix-accounts.cf"}, {'l', "postfix-virtual.cf"}, {'o', "postfix-main.cf"},
	{'e', "variables"}};

enum { FILES = sizeof files / sizeof *files };

static char folder[200], paths[FILES][300];

static void remove_folder(void)
{
	for (size_t i = 0; i < FILES; i++)
		unlink(paths[i]);
	rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *where = getenv("TMPDIR");

	(void)argc;
	(void)argv;
	snprintf(folder, sizeof folder, "%s/fuzz-import-XXXXXX", where && *where ? where : "/tmp");
	if (!mkdtemp(folder))
		abort();
	for (size_t i = 0; i < FILES; i++)
		snprintf(paths[i], sizeof paths[i], "%s/%s", folder, files[i].name);
	atexit(remove_folder);
	return 0;
}

/* --- where the password stands ------------------------------------------------------------------- */

/* In any case of its letters: hosts and domains are told in small ones. */
static const char *find(const char *bytes, size_t len)
{
	size_t size = sizeof canary - 1;

	for (size_t i = 0; i + size <= len; i++)
		if (strncasecmp(bytes + i, canary, size) == 0)
			return bytes + i;
	return NULL;
}

/* "@sender login:hunter2" and nothing that makes the line another one's. */
static bool is_password_of_login(const char *line, size_t len)
{
	const char *at = find(line, len);
	size_t key = 0;

	if (!at)
		return len == 0 || !isspace((unsigned char)*line);
	while (key < len && !isspace((unsigned char)line[key]))
		key++;
	const char *colon = memchr(line + key, ':', len - key);
	return key > 0 && colon && colon < at && !find(line, (size_t)(colon - line) + 1);
}

static bool is_password_variable(const char *line, size_t len)
{
	static const char name[] = "RELAY_PASSWORD=";
	size_t size = sizeof name - 1;

	return !find(line, len) || (len > size && memcmp(line, name, size) == 0);
}

static bool only_where_expected(char letter, const char *bytes, size_t len)
{
	/* Domains of other letters may come out as ours. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] > 127)
			return false;
	if (letter != 'p' && letter != 'e')
		return !find(bytes, len);
	/* What is not a line of its own is not the password's alone. */
	if (memchr(bytes, '\r', len) || memchr(bytes, '\0', len))
		return !find(bytes, len);
	for (size_t start = 0, end; start < len; start = end + 1) {
		const char *newline = memchr(bytes + start, '\n', len - start);
		end = newline ? (size_t)(newline - bytes) : len;
		if (!(letter == 'p' ? is_password_of_login(bytes + start, end - start)
				    : is_password_variable(bytes + start, end - start)))
			return false;
	}
	return true;
}

/* --- the files ----------------------------------------------------------------------------------- */

static void write_file(size_t index, const char *bytes, size_t len)
{
	int fd = open(paths[index], O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || (len > 0 && write(fd, bytes, len) != (ssize_t)len))
		abort();
	close(fd);
}

/* *hidden: the word stands only where a password does. */
static void take_files(struct fuzz_input input, bool *there, bool *hidden)
{
	for (size_t i = 0; i < FILES; i++)
		unlink(paths[i]);
	*hidden = true;
	while (input.len > 0) {
		char *head = fuzz_line(&input, NULL);
		const char *next = input.len ? memmem(input.bytes, input.len, "\n%", 2) : NULL;
		size_t len = next ? (size_t)(next - input.bytes) + 1 : input.len;

		for (size_t i = 0; head[0] == '%' && i < FILES; i++) {
			if (head[1] != files[i].letter)
				continue;
			write_file(i, input.bytes, len);
			there[i] = true;
			*hidden = *hidden && only_where_expected(head[1], input.bytes, len);
		}
		input.bytes += len;
		input.len -= len;
		free(head);
	}
}

/* --- promises ------------------------------------------------------------------------------------ */

static void promise_line(const struct import_line *line)
{
	PROMISE(line->file && line->text && line->words, "a line without text");
	PROMISE(line->words[0], "nothing is said of %s:%u", line->file, line->number);
	promise_clean(line->text, strlen(line->text), "");
	promise_clean(line->words, strlen(line->words), "");
}

static void promise_unseen(const struct import *import, const struct error *error)
{
	for (size_t i = 0; i < import->line_count; i++) {
		PROMISE(!strstr(import->lines[i].text, canary), "%s", import->lines[i].text);
		PROMISE(!strstr(import->lines[i].words, canary), "%s", import->lines[i].words);
	}
	PROMISE(!import->remarks.len || !strstr(import->remarks.data, canary), "in the remarks");
	PROMISE(!import->without_login.len || !strstr(import->without_login.data, canary),
		"in what has no login");
	PROMISE(!strstr(error->message, canary) && !strstr(error->advice, canary), "%s",
		error->message);
}

static void promise_settings(const struct import *import, bool hidden)
{
	struct settings again = {0};
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	char path[64];

	PROMISE(settings_check(&import->settings, &error), "%s", error.message);
	for (size_t i = 0; i < import->settings.relay_count; i++) {
		const struct relay *relay = &import->settings.relays[i];
		const struct secret *password = import_password(import, relay->name);
		PROMISE(relay_check_form(relay, &error), "%s: %s", relay->name, error.message);
		PROMISE(!relay->login || (password && !secret_is_empty(password)),
			"%s has a login and no password", relay->name);
		PROMISE(relay->login || !password, "%s has a password and no login", relay->name);
		PROMISE(!relay->login || relay_tls_is_encrypted(relay->tls), "in clear");
	}
	settings_format(&import->settings, &text);
	PROMISE(!hidden || !strstr(text.data, canary), "in the settings file");
	int fd = fuzz_file(text.data, text.len, path, sizeof path);
	PROMISE(settings_load(&again, path, &error), "%s\n%s", error.message, text.data);
	PROMISE(settings_equal(&again, &import->settings), "read back otherwise:\n%s", text.data);
	close(fd);
	settings_free(&again);
	strbuf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	struct import import = {0};
	struct error error = {0};
	bool there[FILES] = {false}, hidden;
	char *flags = fuzz_line(&input, NULL);
	const struct import_options options = {
		.env_file = paths[FILES - 1],
		.all_mail = strchr(flags, 'a') != NULL,
		.no_auth = strchr(flags, 'n') != NULL,
		.verify_none = strchr(flags, 'v') != NULL,
	};

	take_files(input, there, &hidden);
	if (!there[FILES - 1])
		write_file(FILES - 1, "", 0);
	bool ok = import_docker_mailserver(&import, folder, &options, &error);
	for (size_t i = 0; ok && i < import.line_count; i++)
		promise_line(&import.lines[i]);
	if (import.remarks.len)
		promise_clean(import.remarks.data, import.remarks.len, "\n");
	if (ok)
		promise_settings(&import, hidden);
	else
		promise_error(&error);
	if (hidden)
		promise_unseen(&import, &error);
	import_free(&import);
	free(flags);
	return 0;
}
