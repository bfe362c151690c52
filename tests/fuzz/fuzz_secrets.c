/*
 * fuzz_secrets.c: the table of passwords, and what masks passwords in a diff. A login that is added
 * is found again, byte for byte, and no other entry changes; and no password, old one in a comment,
 * or password in a table within main.cf is ever in the masked text.
 *
 * Input: a kind, then what it says. The word "hunter2" is the password that must not be seen.
 *   t KEY <newline> LOGIN <newline> PASSWORD <newline> the table as it was
 *   m a table; m stands for "mask it"
 *   c a main.cf
 */
#include "change/mask.h"
#include "postfix/logical.h"
#include "postfix/maincf.h"
#include "postfix/table.h"
#include "promises.h"

static const char canary[] = "hunter2";

static bool has_canary(const char *bytes, size_t len)
{
	return memmem(bytes, len, canary, sizeof canary - 1) != NULL;
}

static void load(struct secret_table *table, const char *bytes, size_t len)
{
	char path[64];
	int fd = fuzz_file(bytes, len, path, sizeof path);
	struct error error = {0};
	bool exists;

	PROMISE(secret_table_load(table, path, &exists, &error) && exists, "%s", error.message);
	PROMISE(table->len == len && memcmp(table->bytes, bytes, len) == 0, "bytes changed");
	close(fd);
}

/* --- adding and finding -------------------------------------------------------------------------- */

struct found {
	bool found;
	char *login;
	struct secret password;
};

static void find(const struct secret_table *table, const char *key, struct found *found)
{
	struct error error = {0};

	*found = (struct found){0};
	/* A password of more than 4095 bytes is no error of the table. */
	if (!secret_table_find(
		    table, key, &found->found, &found->login, &found->password, &error)) {
		promise_error(&error);
		found->found = false;
	}
}

static void found_free(struct found *found)
{
	free(found->login);
	secret_free(&found->password);
}

static void promise_same(
	const struct secret_table *before, const struct secret_table *after, const char *key)
{
	struct found one, two;

	find(before, key, &one);
	find(after, key, &two);
	PROMISE(one.found == two.found, "%s came or went", key);
	PROMISE(!one.found || (text_equal(one.login, two.login) &&
				      secret_equal(&one.password, &two.password)),
		"the login of %s changed", key);
	found_free(&one);
	found_free(&two);
}

static void promise_found(const struct secret_table *table, const char *key, const char *login,
	const struct secret *password)
{
	struct strbuf masked = STRBUF_INIT;
	struct found found;

	find(table, key, &found);
	PROMISE(found.found, "%s is not found", key);
	PROMISE(text_equal(found.login, login), "login \"%s\", not \"%s\"", found.login, login);
	PROMISE(secret_equal(&found.password, password), "another password");
	found_free(&found);
	secret_table_masked(table, &masked);
	PROMISE(memmem(masked.data, masked.len, "********\n", 9), "the last entry is not masked");
	strbuf_free(&masked);
}

/* The password goes the way that --password-file goes. */
static bool read_password(struct secret *password, struct fuzz_input *input)
{
	struct error error = {0};
	size_t len;
	char path[64], *line = fuzz_line(input, &len);
	int fd = fuzz_file(line, len, path, sizeof path);
	bool ok = secret_read_fd(password, fd, "fuzz", &error);

	if (!ok)
		promise_error(&error);
	size_t kept = len > 0 && line[len - 1] == '\n' ? len - 1 : len;
	PROMISE(!ok || (secret_length(password) == kept &&
			       memcmp(secret_bytes(password), line, kept) == 0),
		"another password was read");
	close(fd);
	free(line);
	return ok;
}

static void add(struct fuzz_input input)
{
	static const char *const others[] = {
		"[relay.test]:587", "[other.test]:465", "[127.0.0.1]:25", "relay.test"};
	struct secret_table table = {0}, before = {0};
	struct secret password = {0};
	struct error error = {0};
	char *key = fuzz_line(&input, NULL), *login = fuzz_line(&input, NULL);

	if (!read_password(&password, &input))
		goto out;
	load(&before, input.bytes, input.len);
	PROMISE(secret_table_init(&table, input.len + 8192, &error), "%s", error.message);
	char path[64];
	int fd = fuzz_file(input.bytes, input.len, path, sizeof path);
	bool exists;
	PROMISE(secret_table_load(&table, path, &exists, &error), "%s", error.message);
	close(fd);
	if (secret_table_add(&table, key, login, &password, &error)) {
		promise_found(&table, key, login, &password);
		for (size_t i = 0; i < sizeof others / sizeof *others; i++)
			if (strcasecmp(others[i], key) != 0)
				promise_same(&before, &table, others[i]);
		PROMISE(memcmp(table.bytes, before.bytes, before.len) == 0, "bytes changed");
	} else {
		if (promises_utf8(key, strlen(key)))
			promise_error(&error);
		PROMISE(table.len == before.len, "refused, but written");
		PROMISE(!secret_length(&password) || !strstr(error.message, canary) ||
				strstr(key, canary),
			"the password is in the message");
	}
out:
	free(key);
	free(login);
	secret_free(&password);
	secret_table_free(&table);
	secret_table_free(&before);
}

/* --- masking the table --------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where, in one physical line, may the password begin that nobody may see? 0: anywhere (a comment);
 * len: nowhere (what Postfix makes of such a line is not as simple as it looks). */
static size_t secret_from(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && is_space(line[at]))
		at++;
	if (at < len && line[at] == '#')
		return 0;
	if (at > 0 || memchr(line, '"', len) || memchr(line, '\\', len))
		return len;
	while (at < len && !is_space(line[at]))
		at++;
	const char *colon = memchr(line + at, ':', len - at);
	return colon && at < len ? (size_t)(colon - line) + 1 : len;
}

static bool only_in_passwords(const char *bytes, size_t len)
{
	for (size_t start = 0, end; start < len; start = end) {
		const char *newline = memchr(bytes + start, '\n', len - start);
		end = newline ? (size_t)(newline - bytes) + 1 : len;
		size_t line = end - start - (newline != NULL);
		size_t from = secret_from(bytes + start, line);
		if (has_canary(bytes + start, from) ||
			(from > 0 && from < line && from >= sizeof canary &&
				has_canary(bytes + start + from - (sizeof canary - 2),
					sizeof canary - 2)))
			return false;
	}
	return has_canary(bytes, len);
}

static void mask_table(const struct fuzz_input *input)
{
	struct secret_table table = {0}, other = {0};
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	struct error error = {0};

	if (!only_in_passwords(input->bytes, input->len))
		return;
	load(&table, input->bytes, input->len);
	load(&other, "[relay.test]:587 me:correct\n", 28);
	if (mask_tables(&table, &other, &before, &after, &error))
		PROMISE(!has_canary(before.data, before.len), "in the diff: %s", before.data);
	else
		promise_error(&error);
	secret_table_free(&table);
	secret_table_free(&other);
	strbuf_free(&before);
	strbuf_free(&after);
}

/* --- masking main.cf ----------------------------------------------------------------------------- */

static bool ends_in(const char *name, size_t len, const char *ending)
{
	size_t wanted = strlen(ending);

	return len >= wanted && strncmp(name + len - wanted, ending, wanted) == 0;
}

/* Where the password begins in the text of a logical line; its length: nowhere. */
static size_t password_from(const char *text)
{
	size_t name = strcspn(text, "= \t\r\v\f"), len = strlen(text);
	const char *from = NULL;

	if (ends_in(text, name, "_password") || ends_in(text, name, "_bind_pw")) {
		from = strchr(text, '=');
	} else if (memmem(text, name, "passw", 5)) {
		const char *type = strstr(text + name, "static:");
		const char *other = strstr(text + name, "inline:");
		from = !type || (other && other < type) ? other : type;
		from = from ? from + strlen("static:") - 1 : NULL;
	}
	return from ? (size_t)(from - text) + 1 : len;
}

/* Does the word stand in this logical line only where a password does? Comments inside, ahead of the
 * place where it begins, are judged by themselves, so that those are left out here. */
static bool only_in_password(const char *span, size_t len)
{
	const char *first = memmem(span, len, canary, sizeof canary - 1);
	struct strbuf text = STRBUF_INIT, ahead = STRBUF_INIT;

	strbuf_reset(&text);
	logical_join(&text, span, len);
	size_t from = password_from(text.data);
	/* The text ahead of the word, so far as it goes: no comment, and long enough. */
	logical_join(&ahead, span, (size_t)(first - span));
	bool only = strlen(text.data) == text.len && from < text.len && ahead.len >= from &&
		    !memchr(span, '#', (size_t)(first - span));
	strbuf_free(&text);
	strbuf_free(&ahead);
	return only;
}

/* By the logical lines that Postfix reads. */
static bool only_in_tables(const char *bytes, size_t len)
{
	struct logical_reader reader;
	struct logical_line line;
	size_t at = 0;
	bool only = has_canary(bytes, len);

	logical_start(&reader, bytes, len);
	while (only && logical_next(&reader, &line)) {
		size_t span = line.end - line.start;
		/* Between logical lines: comments, which are judged by themselves as well. */
		only = !has_canary(bytes + at, line.start - at) &&
		       (!has_canary(bytes + line.start, span) ||
			       only_in_password(bytes + line.start, span));
		at = line.end;
	}
	return only && !has_canary(bytes + at, len - at);
}

/* The same after each such parameter was taken out of use by us. */
static void mask_unset(const char *bytes, size_t len)
{
	struct maincf *cf = maincf_parse("main.cf", bytes, len, NULL);
	struct strbuf out = STRBUF_INIT;
	bool changed;

	for (size_t i = 0; cf && i < maincf_count(cf); i++) {
		char *name = text_dup(maincf_name(cf, i));
		if ((strstr(name, "passw") || strstr(name, "_pw")) &&
			maincf_unset(cf, name, NULL, &changed, NULL) && changed)
			i = (size_t)-1;
		free(name);
	}
	if (cf) {
		mask_main_cf(maincf_bytes(cf)->data, maincf_bytes(cf)->len, &out);
		PROMISE(!has_canary(out.data, out.len), "in the diff: %s", out.data);
	}
	maincf_free(cf);
	strbuf_free(&out);
}

static void mask_main(const struct fuzz_input *input)
{
	struct strbuf out = STRBUF_INIT;
	size_t before = 0, after = 0;

	mask_main_cf(input->bytes, input->len, &out);
	if (only_in_tables(input->bytes, input->len)) {
		PROMISE(!has_canary(out.data, out.len), "in the diff: %s", out.data);
		mask_unset(input->bytes, input->len);
	}
	for (size_t i = 0; i < input->len; i++)
		before += input->bytes[i] == '\n';
	for (size_t i = 0; i < out.len; i++)
		after += out.data[i] == '\n';
	PROMISE(before == after, "%zu lines became %zu", before, after);
	strbuf_free(&out);

	char *value = fuzz_text(input), shown[300];
	mask_value(value, shown, sizeof shown);
	promise_clean(shown, strlen(shown), "");
	const char *type = strstr(value, "static:"), *word = strstr(value, canary);
	PROMISE(!type || !word || word < type || !strstr(shown, canary), "shown: %s", shown);
	free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {size ? (const char *)data : "", size};

	switch (fuzz_byte(&input)) {
	case 't':
		add(input);
		break;
	case 'm':
		mask_table(&input);
		break;
	case 'c':
		mask_main(&input);
		break;
	default:
		break;
	}
	return 0;
}
