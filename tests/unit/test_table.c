#include "postfix_scratch.h"

#include "postfix/table.h"

static struct scratch scratch;
static struct error error;

static struct secret make_secret(const char *bytes, size_t len)
{
	struct secret secret = {0};

	assert_true(secret_init(&secret, &error));
	assert_true(secret_set(&secret, bytes, len, &error));
	return secret;
}

static void test_relay_key(void **state)
{
	char *key = table_relay_key("SMTP.Relay.test", 587);

	(void)state;
	assert_string_equal(key, "[smtp.relay.test]:587");
	free(key);
	key = table_relay_key("2001:db8::1", 25);
	assert_string_equal(key, "[2001:db8::1]:25");
	free(key);
}

/* Logins and passwords that must come out of Postfix as they went in, or be refused by us. */
#define LONG100                                                                                    \
	"0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij01234567" \
	"89abcdefghij"
#define LONG1000 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100

static const struct {
	const char *name, *login, *password;
	size_t len;
	bool refused;
} credentials[] = {
#define PASSWORD(text) text, sizeof text - 1
	{"plain", "user", PASSWORD("secret"), false},
	{"address", "user@relay.test", PASSWORD("secret"), false},
	{"inner space", "user", PASSWORD("abcd efgh ijkl"), false},
	{"double space", "user", PASSWORD("a  b"), false},
	{"leading space", "user", PASSWORD("  a"), false},
	{"tab", "user", PASSWORD("\ta\tb"), false},
	{"hash", "user", PASSWORD("#a#b"), false},
	{"space and hash", "user", PASSWORD("a #b"), false},
	{"quotes", "user", PASSWORD("\"a'b\""), false},
	{"colon", "user", PASSWORD(":a:b:"), false},
	{"backslash", "user", PASSWORD("\\a\\"), false},
	{"dollar", "user", PASSWORD("$myhostname${x}"), false},
	{"percent", "user", PASSWORD("%s%n%u"), false},
	{"equals", "user", PASSWORD("=a=b="), false},
	{"braces", "user", PASSWORD("{a}{"), false},
	{"backtick", "user", PASSWORD("`id`"), false},
	{"UTF-8", "us\xc3\xa9r", PASSWORD("\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91"), false},
	{"NBSP inside and at the end", "user", PASSWORD("a\xc2\xa0z\xc2\xa0"), false},
	{"3000 characters", "user", PASSWORD(LONG1000 LONG1000 LONG1000), false},
	{"upper case", "User", PASSWORD("SeCreT"), false},
	{"control characters inside", "user", PASSWORD("a\x01\x7f\vb\fc"), false},
	{"login with hash", "#user", PASSWORD("a"), false},
	{"login with inner space", "a user", PASSWORD("a"), false},
	{"login with trailing space", "user ", PASSWORD("a"), false},
	{"login in braces", "{user}", PASSWORD("a"), false},
	{"login in quotes", "\"user\"", PASSWORD("a"), false},
	{"empty password", "user", PASSWORD(""), true},
	{"trailing space", "user", PASSWORD("a "), true},
	{"trailing tab", "user", PASSWORD("a\t"), true},
	{"trailing VT", "user", PASSWORD("a\v"), true},
	{"trailing CR", "user", PASSWORD("a\r"), true},
	{"one space", "user", PASSWORD(" "), true},
	{"newline", "user", PASSWORD("a\nb"), true},
	{"newline and key", "user", PASSWORD("a\n[x]:25 b:c"), true},
	{"CR inside", "user", PASSWORD("a\rb"), true},
	{"NUL", "user", PASSWORD("a\0b"), true},
	{"not UTF-8", "user", PASSWORD("a\xff"), true},
	{"empty login", "", PASSWORD("a"), true},
	{"login with colon", "us:er", PASSWORD("a"), true},
	{"login with leading space", " user", PASSWORD("a"), true},
	{"login with leading tab", "\tuser", PASSWORD("a"), true},
	{"login with leading FF", "\fuser", PASSWORD("a"), true},
	{"login with newline", "us\ner", PASSWORD("a"), true},
	{"login with CR", "user\r", PASSWORD("a"), true},
	{"login not UTF-8", "us\xe9r", PASSWORD("a"), true},
};
enum { CREDENTIALS = sizeof credentials / sizeof *credentials };

static char *key_of(size_t i)
{
	char *host = text_format("relay%zu.test", i);
	char *key = table_relay_key(host, 587);

	free(host);
	return key;
}

/* What postmap finds, without its final newline; NULL when nothing. */
static char *postmap(const char *key, const char *path)
{
	struct child child;
	char *map = text_format("texthash:%s", path);
	const char *const argv[] = {"postmap", "-c", scratch.dir, "-q", key, map, NULL};
	int status = scratch_run(&child, argv);
	char *value = status == 0 ? text_dup_len(child.out.data, child.out.len - 1) : NULL;

	child_free(&child);
	free(map);
	return value;
}

static void test_credentials(void **state)
{
	struct secret_table table = {0};

	(void)state;
	assert_true(secret_table_init(&table, 16384, &error));
	for (size_t i = 0; i < CREDENTIALS; i++) {
		struct secret password = make_secret(credentials[i].password, credentials[i].len);
		char *key = key_of(i);
		size_t before = table.len;

		bool ok = secret_table_add(&table, key, credentials[i].login, &password, &error);
		if (ok == credentials[i].refused)
			fail_msg("%s: %s", credentials[i].name, ok ? "taken" : error.message);
		if (!ok) {
			assert_int_equal(error.code, ERROR_DATA);
			assert_int_equal(table.len, before);
		}
		free(key);
		secret_free(&password);
	}

	char *path = scratch_path(&scratch, "credentials");
	scratch_write(&scratch, "credentials", table.bytes, table.len);
	for (size_t i = 0; i < CREDENTIALS; i++) {
		char *key = key_of(i), *login = NULL;
		char *found = postmap(key, path);
		char *want = text_format("%s:%s", credentials[i].login, credentials[i].password);
		struct secret password = {0};
		bool ours;

		if (credentials[i].refused ? found != NULL : !text_equal(found, want))
			fail_msg("%s: Postfix finds \"%s\"", credentials[i].name, found);
		assert_true(secret_init(&password, &error));
		assert_true(secret_table_find(&table, key, &ours, &login, &password, &error));
		assert_int_equal(ours, !credentials[i].refused);
		if (ours) {
			assert_string_equal(login, credentials[i].login);
			assert_int_equal(secret_length(&password), credentials[i].len);
			assert_memory_equal(secret_bytes(&password), credentials[i].password,
				credentials[i].len);
		}
		secret_free(&password);
		free(login);
		free(want);
		free(found);
		free(key);
	}
	free(path);
	secret_table_free(&table);
}

/* Tables as others write them: what Postfix finds is what we find. */
static const struct {
	const char *name, *table, *key;
	const char *login, *password; /* NULL: not found */
} lookups[] = {
	{"plain", "[h]:587 u:p\n", "[h]:587", "u", "p"},
	{"tabs and spaces", "[h]:587 \t  u:p \t\n", "[h]:587", "u", "p"},
	{"first duplicate", "[h]:587 u:p\n[h]:587 v:q\n", "[h]:587", "u", "p"},
	{"key in upper case", "[H.Test]:587 u:p\n", "[h.test]:587", "u", "p"},
	{"asked in upper case", "[h.test]:587 u:p\n", "[H.TEST]:587", "u", "p"},
	{"comment", "# [h]:587 u:p\n[h]:587 v:q\n", "[h]:587", "v", "q"},
	{"continued", "[h]:587\n  u:p\n", "[h]:587", "u", "p"},
	{"continued, comment inside", "[h]:587\n# c\n  u:p\n", "[h]:587", "u", "p"},
	{"continued password", "[h]:587 u:p\n  q\n", "[h]:587", "u", "p  q"},
	{"indented", "  [h]:587 u:p\n", "[h]:587", NULL, NULL},
	{"no value", "[h]:587\n[h]:587 u:p\n", "[h]:587", "u", "p"},
	{"CRLF", "[h]:587 u:p\r\n", "[h]:587", "u", "p"},
	{"no final newline", "[h]:587 u:p", "[h]:587", "u", "p"},
	{"not UTF-8", "[h]:587 u:\xff\n[h]:587 v:q\n", "[h]:587", "v", "q"},
	{"prefix", "[h]:5870 u:p\n", "[h]:587", NULL, NULL},
	{"VT ends the key", "[h]:587\vu:p\n", "[h]:587", "u", "p"},
	{"quoted key", "\"a b\" u:p\n", "\"a b\"", "u", "p"},
	{"quote left open", "\"a u:p\n", "\"a", NULL, NULL},
	{"escaped space", "a\\ b u:p\n", "a\\ b", "u", "p"},
	{"no colon", "[h]:587 u\n", "[h]:587", "u", ""},
	{"empty", "", "[h]:587", NULL, NULL},
};

static void test_lookups(void **state)
{
	char *path = scratch_path(&scratch, "table");

	(void)state;
	for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
		const char *name = lookups[i].name;
		struct secret_table table = {0};
		struct secret password = {0};
		char *login = NULL;
		bool exists, found;

		scratch_write(&scratch, "table", lookups[i].table, strlen(lookups[i].table));
		assert_true(secret_init(&password, &error));
		assert_true(secret_table_load(&table, path, &exists, &error));
		assert_true(exists);
		assert_true(secret_table_find(
			&table, lookups[i].key, &found, &login, &password, &error));
		char *value = found ? text_format("%s%s%s", login,
					      strchr(lookups[i].table, 'u')[1] == ':' ? ":" : "",
					      secret_bytes(&password))
				    : NULL;
		char *postfix = postmap(lookups[i].key, path);
		if (!text_equal(postfix, value))
			fail_msg("%s: \"%s\" for us, \"%s\" for Postfix", name, value, postfix);
		if (!text_equal(login, lookups[i].login))
			fail_msg("%s: login \"%s\"", name, login);
		if (found)
			assert_string_equal(secret_bytes(&password), lookups[i].password);
		free(postfix);
		free(value);
		free(login);
		secret_free(&password);
		secret_table_free(&table);
	}
	free(path);
}

static void test_masked(void **state)
{
	static const char text[] = " [k]:25 w:hunter2\n# relays\n\n[h]:587 u:hunter2\n"
				   "#[i]:25 v:hunter2\n[j]:25 hunter2\n[l]:25\n# c\n  x:hunter2\n";
	static const char want[] = "# ********\n# ********\n\n[h]:587 u:********\n"
				   "# ********\n[j]:25 ********\n[l]:25 x:********\n";
	struct secret_table table = {0};
	struct strbuf out = STRBUF_INIT;
	char *path = scratch_path(&scratch, "table");
	bool exists;

	(void)state;
	scratch_write(&scratch, "table", text, strlen(text));
	assert_true(secret_table_load(&table, path, &exists, &error));
	secret_table_masked(&table, &out);
	assert_string_equal(out.data, want);
	strbuf_free(&out);
	secret_table_free(&table);
	free(path);
}

static void test_add(void **state)
{
	struct secret_table table = {0};
	struct secret password = make_secret("p", 1);
	static const char *const keys[] = {"", "#h", "h x", "h\t", "\xff", "\"h\"", "h\\"};

	(void)state;
	assert_true(secret_table_init(&table, 1, &error));
	memcpy(table.bytes, "[a]:1 b:c", table.len = 9);
	assert_true(secret_table_add(&table, "[h]:1", "u", &password, &error));
	assert_int_equal(table.len, 20);
	assert_memory_equal(table.bytes, "[a]:1 b:c\n[h]:1 u:p\n", 20);
	assert_false(secret_table_add(&table, "[H]:1", "v", &password, &error));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_false(secret_table_add(&table, keys[i], "v", &password, &error));
	assert_int_equal(table.len, 20);
	/* Full is full: nothing is cut. */
	table.len = table.cap - 9;
	memset(table.bytes, '\n', table.len);
	assert_false(secret_table_add(&table, "[h]:1", "uu", &password, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_false(secret_table_add(&table, "[h]:1", "u", &password, &error));
	table.len -= 1;
	assert_true(secret_table_add(&table, "[h]:1", "u", &password, &error));
	assert_int_equal(table.len, table.cap);
	secret_free(&password);
	secret_table_free(&table);
}

static void test_load(void **state)
{
	struct secret_table table = {0};
	char *path = scratch_path(&scratch, "none");
	bool exists = true;

	(void)state;
	assert_true(secret_table_load(&table, path, &exists, &error));
	assert_false(exists);
	assert_int_equal(table.len, 0);
	secret_table_free(&table);

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(secret_table_load(&table, path, &exists, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_false(secret_table_load(&table, scratch.dir, &exists, &error));
	assert_null(table.bytes);
	assert_int_equal(unlink(path), 0);

	char *large = mem_calloc((8 << 20) + 1, 1);
	scratch_write(&scratch, "none", large, (8 << 20) + 1);
	assert_false(secret_table_load(&table, path, &exists, &error));
	/* A table that was made too small is not filled half. */
	scratch_write(&scratch, "none", large, 8192);
	assert_true(secret_table_init(&table, 4096, &error));
	assert_false(secret_table_load(&table, path, &exists, &error));
	assert_null(table.bytes);
	free(large);
	free(path);
}

/* Zeros before the port make another key of the same server and port. */
static void test_nexthops(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		unsigned port;
		const char *login;
		const char *password; /* NULL: not found */
	} cases[] = {
		{"a.test", 587, "one", "first"},
		{"A.Test", 587, "two", "second"},
		{"a.test", 587, "three", "third"},
		{"2001:db8::1", 465, "six", "v6"},
		{"a.test", 587, "thre", NULL},
		{"a.test", 587, "One", NULL},
		{"a.test", 58, "one", NULL},
		{"a.tes", 587, "one", NULL},
		{"b.test", 587, "one", NULL},
	};
	static const char text[] = "[a.test]:587 one:first\n[a.test]:0587 two:second\n"
				   "# [b.test]:587 one:commented out\n"
				   "[A.test]:00000587 three:third\n[2001:db8::1]:465 six:v6\n";
	struct secret_table table = {0};
	struct secret secret = {0};
	bool exists, found;

	scratch_write(&scratch, "logins", text, sizeof text - 1);
	char *path = text_format("%s/logins", scratch.dir);
	assert_true(secret_table_load(&table, path, &exists, &error));
	assert_true(secret_init(&secret, &error));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(secret_table_find_login(&table, cases[i].host, cases[i].port,
			cases[i].login, &found, &secret, &error));
		assert_int_equal(found, cases[i].password != NULL);
		if (found)
			assert_string_equal(secret_bytes(&secret), cases[i].password);
	}
	char *key = table_nexthop("A.Test", 587, 3);
	assert_string_equal(key, "[a.test]:000587");
	free(key);
	secret_free(&secret);
	secret_table_free(&table);
	free(path);
}

static int make_scratch(void **state)
{
	(void)state;
	scratch_make(&scratch);
	/* Not the machine's own main.cf, if it has any: whether a table is UTF-8 depends on it. */
	static const char main_cf[] = "compatibility_level = 3.6\n";
	scratch_write(&scratch, "main.cf", main_cf, sizeof main_cf - 1);
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relay_key),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_lookups),
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_nexthops),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
