#include "table.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "logical.h"

/* A credentials table of ours has a line for each relay; this is room for thousands. */
enum { TABLE_MAX = 8 << 20 };

char *table_relay_key(const char *host, unsigned port)
{
	return table_nexthop(host, port, 0);
}

char *table_nexthop(const char *host, unsigned port, size_t zeros)
{
	char digits[16];
	int len = snprintf(digits, sizeof digits, "%u", port);
	char *key = text_format("[%s]:%0*u", host, (int)zeros + len, port);

	for (char *c = key; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return key;
}

bool table_check_login(const char *login, struct error *error)
{
	size_t len = strlen(login);

	if (len == 0)
		return error_set(error, ERROR_DATA, _("The login is empty."));
	if (strpbrk(login, "\r\n"))
		return error_set(error, ERROR_DATA,
			_("The login holds a line break, which Postfix's password table cannot "
			  "hold."));
	if (logical_is_space(login[0]))
		return error_set(error, ERROR_DATA,
			_("The login begins with a space, which Postfix would drop."));
	if (strchr(login, ':'))
		return error_set(error, ERROR_DATA,
			_("The login holds a colon; Postfix would take what follows it for the "
			  "password."));
	if (!text_is_utf8(login, len))
		return error_set(error, ERROR_DATA,
			_("The login is not valid UTF-8, so Postfix would ignore it."));
	return true;
}

bool table_check_password(const struct secret *password, struct error *error)
{
	const char *bytes = secret_bytes(password);
	size_t len = secret_length(password);

	if (len == 0)
		return error_set(error, ERROR_DATA, _("The password is empty."));
	if (memchr(bytes, '\n', len) || memchr(bytes, '\r', len) || memchr(bytes, '\0', len))
		return error_set(error, ERROR_DATA,
			_("The password holds a line break or a NUL, which Postfix's password "
			  "table cannot hold."));
	if (logical_is_space(bytes[len - 1]))
		return error_set(error, ERROR_DATA,
			_("The password ends with white space, which Postfix would drop. If it "
			  "came there by copy and paste, leave it out."));
	if (!text_is_utf8(bytes, len))
		return error_set(error, ERROR_DATA,
			_("The password is not valid UTF-8, so Postfix would ignore it."));
	return true;
}

static size_t mapping_size(size_t cap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (cap + page - 1) / page * page;
}

bool secret_table_init(struct secret_table *table, size_t cap, struct error *error)
{
	assert(!table->bytes);
	cap = mapping_size(cap ? cap : 1);
	void *memory = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return error_errno(error, ERROR_SYSTEM, errno,
			_("Cannot get memory for the table of passwords"));
	/* Not fatal, as for a secret: RLIMIT_MEMLOCK may be zero. */
	(void)mlock(memory, cap);
	(void)madvise(memory, cap, MADV_DONTDUMP);
	*table = (struct secret_table){memory, 0, cap};
	return true;
}

void secret_table_free(struct secret_table *table)
{
	if (table->bytes) {
		explicit_bzero(table->bytes, table->cap);
		munmap(table->bytes, table->cap);
	}
	*table = (struct secret_table){0};
}

static void add(struct secret_table *table, const char *bytes, size_t len)
{
	assert(len <= table->cap - table->len);
	memcpy(table->bytes + table->len, bytes, len);
	table->len += len;
}

bool secret_table_add(struct secret_table *table, const char *key, const char *login,
	const struct secret *password, struct error *error)
{
	bool found;

	if (!table_check_login(login, error) || !table_check_password(password, error))
		return false;
	if (!*key || *key == '#' || strpbrk(key, " \t\r\n\v\f\"\\") ||
		!text_is_utf8(key, strlen(key))) {
		char shown[200];
		text_clean_into(shown, sizeof shown, key, strlen(key));
		return error_set(
			error, ERROR_DATA, _("\"%s\" cannot be a key of a Postfix table."), shown);
	}
	if (!secret_table_find(table, key, &found, NULL, NULL, error))
		return false;
	if (found)
		return error_set(error, ERROR_DATA,
			_("There is a login for %s already; Postfix goes by the first one."), key);

	bool open_line = table->len > 0 && table->bytes[table->len - 1] != '\n';
	size_t need = open_line + strlen(key) + 1 + strlen(login) + 1 + secret_length(password) + 1;
	if (need > table->cap - table->len)
		return error_set(error, ERROR_DATA,
			_("The table of passwords would be larger than %zu bytes."), table->cap);
	if (open_line)
		add(table, "\n", 1);
	add(table, key, strlen(key));
	add(table, " ", 1);
	add(table, login, strlen(login));
	add(table, ":", 1);
	add(table, secret_bytes(password), secret_length(password));
	add(table, "\n", 1);
	return true;
}

static bool read_into(struct secret_table *table, int fd, const char *path, struct error *error)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot read %s"), path);
	if (!S_ISREG(st.st_mode))
		return error_set(
			error, ERROR_DATA, _("Cannot read %s: it is not a regular file."), path);
	if (st.st_size > TABLE_MAX)
		return error_set(error, ERROR_DATA,
			_("Cannot read %s: it is larger than %d bytes."), path, TABLE_MAX);
	if (!table->bytes && !secret_table_init(table, (size_t)st.st_size + 1, error))
		return false;
	table->len = 0;
	for (;;) {
		if (table->len == table->cap)
			return error_set(error, ERROR_DATA,
				_("Cannot read %s: it is larger than %zu bytes."), path,
				table->cap);
		ssize_t got = read(fd, table->bytes + table->len, table->cap - table->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(error, ERROR_IO, errno, _("Cannot read %s"), path);
		if (got == 0)
			return true;
		table->len += (size_t)got;
	}
}

bool secret_table_load(
	struct secret_table *table, const char *path, bool *exists, struct error *error)
{
	/* O_NONBLOCK: a FIFO in this place must not hang us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	*exists = fd >= 0;
	if (fd < 0 && errno == ENOENT) {
		table->len = 0;
		return table->bytes || secret_table_init(table, 1, error);
	}
	if (fd < 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot read %s"), path);
	bool ok = read_into(table, fd, path, error);
	close(fd);
	if (!ok)
		secret_table_free(table);
	return ok;
}

/* One entry; its joined text lies in memory of the same kind as the table's, and of its size, so that
 * all entries are read into the same. */
struct record {
	struct secret_table text;
	const char *key, *value;
	size_t key_len, value_len;
};

/* Joins the logical line and splits it as dict_thash(3) does. *usable false: Postfix ignores it. */
static bool record_read(struct record *record, const struct secret_table *table,
	const struct logical_line *line, bool *usable, struct error *error)
{
	struct secret_table *text = &record->text;

	*usable = false;
	if (!text->bytes && !secret_table_init(text, table->len + 1, error))
		return false;
	assert(text->bytes && line->end - line->start < text->cap);
	text->len =
		logical_join_into(text->bytes, table->bytes + line->start, line->end - line->start);
	text->len = strnlen(text->bytes, text->len);
	if (!text_is_utf8(text->bytes, text->len))
		return true;

	const char *end = text->bytes + text->len;
	const char *value = text->bytes;
	record->key_len = record->value_len = 0;
	bool quoted = false;
	for (; value < end && (quoted || !logical_is_space(*value)); value++) {
		if (*value == '\\' && value + 1 < end)
			value++;
		else if (*value == '"')
			quoted = !quoted;
	}
	if (quoted)
		return true;
	record->key = text->bytes;
	record->key_len = (size_t)(value - text->bytes);
	while (value < end && logical_is_space(*value))
		value++;
	while (end > value && logical_is_space(end[-1]))
		end--;
	record->value = value;
	record->value_len = (size_t)(end - value);
	*usable = record->key_len > 0 && record->value_len > 0;
	return true;
}

static bool record_take(
	const struct record *record, char **login, struct secret *password, struct error *error)
{
	const char *colon = memchr(record->value, ':', record->value_len);
	size_t login_len = colon ? (size_t)(colon - record->value) : record->value_len;
	size_t skip = login_len + (colon != NULL);

	if (password &&
		!secret_set(password, record->value + skip, record->value_len - skip, error))
		return false;
	if (login)
		*login = text_dup_len(record->value, login_len);
	return true;
}

/* What is looked for: a key as texthash compares it, or a login at a server. */
struct search {
	const char *key;
	const char *host, *login;
	unsigned port;
};

static bool is_key(const struct record *record, const char *key)
{
	return record->key_len == strlen(key) &&
	       strncasecmp(record->key, key, record->key_len) == 0;
}

/* "[host]:0587" has the port 587. */
static bool is_login(const struct record *record, const struct search *search)
{
	size_t host = strlen(search->host), login = strlen(search->login);
	const char *at = record->key, *end = record->key + record->key_len;
	unsigned port = 0;

	if (record->key_len < host + 4 || *at != '[' ||
		strncasecmp(at + 1, search->host, host) != 0 ||
		strncmp(at + 1 + host, "]:", 2) != 0)
		return false;
	for (at += host + 3; at < end && *at >= '0' && *at <= '9' && port <= 65535; at++)
		port = port * 10 + (unsigned)(*at - '0');
	const char *colon = memchr(record->value, ':', record->value_len);
	return at == end && port == search->port && colon &&
	       (size_t)(colon - record->value) == login &&
	       memcmp(record->value, search->login, login) == 0;
}

/* Not for this server, whatever else stands in it: a thousand relays look among a thousand lines. */
static bool is_elsewhere(const char *line, size_t len, const struct search *search)
{
	const char *start = search->key ? search->key : search->host;
	size_t skip = search->key ? 0 : 1, wanted = strlen(start);

	return len < skip + wanted || strncasecmp(line + skip, start, wanted) != 0;
}

static bool find(const struct secret_table *table, const struct search *search, bool *found,
	char **login, struct secret *password, struct error *error)
{
	struct logical_reader reader;
	struct logical_line line;
	struct record record = {0};
	bool ok = true, usable;

	*found = false;
	logical_start(&reader, table->bytes, table->len);
	while (ok && !*found && logical_next(&reader, &line)) {
		if (is_elsewhere(table->bytes + line.start, line.end - line.start, search))
			continue;
		ok = record_read(&record, table, &line, &usable, error);
		*found = ok && usable &&
			 (search->key ? is_key(&record, search->key) : is_login(&record, search));
		if (*found)
			ok = record_take(&record, login, password, error);
	}
	secret_table_free(&record.text);
	return ok;
}

bool secret_table_find(const struct secret_table *table, const char *key, bool *found, char **login,
	struct secret *password, struct error *error)
{
	const struct search search = {.key = key};

	return find(table, &search, found, login, password, error);
}

bool secret_table_find_login(const struct secret_table *table, const char *host, unsigned port,
	const char *login, bool *found, struct secret *password, struct error *error)
{
	const struct search search = {.host = host, .port = port, .login = login};

	return find(table, &search, found, NULL, password, error);
}

/* Anything that is not an entry may be an old password, commented out: only that it is there shows. */
static void mask_between(struct strbuf *out, const char *bytes, size_t len)
{
	for (size_t start = 0, end; start < len; start = end) {
		const char *newline = memchr(bytes + start, '\n', len - start);
		bool blank = true;

		end = newline ? (size_t)(newline - bytes) + 1 : len;
		for (size_t i = start; i < end; i++)
			blank = blank && logical_is_space(bytes[i]);
		strbuf_adds(out, blank ? "\n" : "# ********\n");
	}
}

void secret_table_masked(const struct secret_table *table, struct strbuf *out)
{
	struct logical_reader reader;
	struct logical_line line;
	struct record record = {0};
	size_t at = 0;

	logical_start(&reader, table->bytes, table->len);
	while (logical_next(&reader, &line)) {
		bool usable;

		mask_between(out, table->bytes + at, line.start - at);
		at = line.end;
		if (record_read(&record, table, &line, &usable, NULL) && usable) {
			const char *colon = memchr(record.value, ':', record.value_len);

			strbuf_add(out, record.key, record.key_len);
			strbuf_addc(out, ' ');
			if (colon)
				strbuf_add(out, record.value, (size_t)(colon - record.value) + 1);
			strbuf_adds(out, "********\n");
		} else {
			strbuf_adds(out, "# ********\n");
		}
	}
	secret_table_free(&record.text);
	mask_between(out, table->bytes + at, table->len - at);
}
