/* Which mechanism is taken, which are held back, and why none is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "smtp/sasl.h"

static void filters(void **state)
{
	static const struct {
		const char *filter;
		const char *mechanism;
		bool allowed;
	} rows[] = {
		{NULL, "PLAIN", true},
		{"", "PLAIN", true},
		{" ", "PLAIN", true},
		{"plain, login", "PLAIN", true},
		{"plain, login", "LOGIN", true},
		{"plain, login", "CRAM-MD5", false},
		{"plain", "PLAINER", false},
		{"!gssapi, !ntlm, static:all", "NTLM", false},
		{"!gssapi, !ntlm, static:all", "PLAIN", true},
		{"!login, login", "LOGIN", false},
		{"/etc/postfix/mechanisms", "PLAIN", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
			sasl_filter_allows(rows[i].filter, rows[i].mechanism), rows[i].allowed);
}

struct choice {
	const char *name;
	const char *offered;
	const char *filter;
	bool plaintext;      /* allowed */
	const char *modules; /* where the machine's modules are; NULL: where they belong */
	enum probe_cause cause;
	const char *mechanism;
	const char *response; /* base64 for user "u", password "p"; NULL: none */
};

static const struct choice choices[] = {
	{"PLAIN", "PLAIN", NULL, true, NULL, PROBE_CAUSE_NONE, "PLAIN", "dQB1AHA="},
	{"PLAIN among others", "PLAIN LOGIN", NULL, true, NULL, PROBE_CAUSE_NONE, "PLAIN",
		"dQB1AHA="},
	{"LOGIN has no first word", "LOGIN", NULL, true, NULL, PROBE_CAUSE_NONE, "LOGIN", NULL},
	{"no password in the clear", "PLAIN LOGIN", NULL, false, NULL, PROBE_CAUSE_AUTH_CLEARTEXT,
		NULL, NULL},
	{"in the clear, CRAM-MD5 will do", "PLAIN CRAM-MD5", NULL, false, NULL, PROBE_CAUSE_NONE,
		"CRAM-MD5", NULL},
	{"the best first", "PLAIN CRAM-MD5 SCRAM-SHA-256", NULL, true, NULL, PROBE_CAUSE_NONE,
		"SCRAM-SHA-256", "*"},
	{"the filter decides", "PLAIN CRAM-MD5", "plain, login", true, NULL, PROBE_CAUSE_NONE,
		"PLAIN", "dQB1AHA="},
	{"the filter leaves nothing", "CRAM-MD5", "plain, login", true, NULL,
		PROBE_CAUSE_AUTH_NO_MECHANISM, NULL, NULL},
	{"nothing offered", "", NULL, true, NULL, PROBE_CAUSE_AUTH_NOT_OFFERED, NULL, NULL},
	{"never anonymous", "ANONYMOUS", NULL, true, NULL, PROBE_CAUSE_AUTH_NO_MECHANISM, NULL,
		NULL},
	{"tokens only", "XOAUTH2 OAUTHBEARER", NULL, true, NULL, PROBE_CAUSE_AUTH_NO_MECHANISM,
		NULL, NULL},
	{"no modules here", "PLAIN LOGIN", NULL, true, "/nonexistent", PROBE_CAUSE_AUTH_MODULES,
		NULL, NULL},
	{"no modules here, none would help", "XOAUTH2", NULL, true, "/nonexistent",
		PROBE_CAUSE_AUTH_NO_MECHANISM, NULL, NULL},
};

static void choose(void **state)
{
	const struct choice *row = *state;
	struct reply reply = {.code = 250};
	struct capabilities offered;
	struct sasl_login login = {0};
	struct secret password = {0};
	struct error error;
	struct fault fault = {0};
	char *response = NULL;

	if (row->modules)
		setenv("SASL_PATH", row->modules, 1);
	strbuf_addf(&reply.text, "host\nAUTH %s", row->offered);
	capabilities_parse(&offered, &reply);
	assert_true(secret_init(&password, &error));
	assert_true(secret_set(&password, "p", 1, &error));
	struct sasl_request request = {.host = "relay.test",
		.user = "u",
		.password = &password,
		.plaintext_allowed = row->plaintext};
	assert_true(sasl_login_open(&login, &request, &fault));
	bool ok = sasl_login_start(&login, &offered, row->filter, &response, &fault);
	unsetenv("SASL_PATH");
	assert_int_equal(fault.cause, row->cause);
	assert_int_equal(ok, row->cause == PROBE_CAUSE_NONE);
	if (ok) {
		assert_string_equal(login.mechanism, row->mechanism);
		if (!row->response)
			assert_null(response);
		else if (row->response[0] != '*')
			assert_string_equal(response, row->response);
		else
			assert_non_null(response);
	}
	sasl_login_wipe(response);
	sasl_login_close(&login);
	secret_free(&password);
	reply_free(&reply);
}

/* RFC 2195's own example. */
static void cram_md5(void **state)
{
	static const char challenge[] = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
	struct reply reply = {.code = 250};
	struct capabilities offered;
	struct sasl_login login = {0};
	struct secret password = {0};
	struct error error;
	struct fault fault = {0};
	char *response = NULL;

	(void)state;
	strbuf_adds(&reply.text, "host\nAUTH CRAM-MD5");
	capabilities_parse(&offered, &reply);
	assert_true(secret_init(&password, &error));
	assert_true(secret_set(&password, "tanstaaftanstaaf", 16, &error));
	struct sasl_request request = {.host = "relay.test", .user = "tim", .password = &password};
	assert_true(sasl_login_open(&login, &request, &fault));
	assert_true(sasl_login_start(&login, &offered, NULL, &response, &fault));
	assert_null(response);
	assert_true(sasl_login_step(&login, challenge, strlen(challenge), &response, &fault));
	assert_string_equal(response, "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
	sasl_login_wipe(response);
	assert_false(sasl_login_step(&login, "!", 1, &response, &fault));
	assert_int_equal(fault.cause, PROBE_CAUSE_PROTOCOL);
	sasl_login_close(&login);
	secret_free(&password);
	reply_free(&reply);
}

/* A sanitizer or valgrind has a heap of its own. */
static bool on_another_heap(void)
{
	char *here = mem_calloc(1, 1);
	uintptr_t address = (uintptr_t)here, brk = (uintptr_t)sbrk(0);

	free(here);
	return address > brk || brk - address > 1u << 30;
}

/* How often a piece of the password, given with every bit turned over, stands on the heap. */
static size_t found_on_heap(const unsigned char *turned, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	uintptr_t start = 0, end = 0;
	size_t found = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof line, maps))
		if (strstr(line, "[heap]"))
			assert_int_equal(sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end), 2);
	fclose(maps);
	for (const unsigned char *at = (const unsigned char *)start;
		start && (uintptr_t)at + len <= end; at++) {
		size_t same = 0;
		while (same < len && at[same] + turned[same] == UCHAR_MAX)
			same++;
		found += same == len;
	}
	return found;
}

/* Bug: the module PLAIN frees "\0login\0password" as it is; the end of it stayed on the heap for as
 * long as the console ran. */
static void nothing_is_left_on_the_heap(void **state)
{
	static const char *const mechanisms[] = {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"};
	/* "a password of forty bytes: Kranichfedern", of which what follows the colon is looked for. */
	char typed[] =
		"\x9e\xdf\x8f\x9e\x8c\x8c\x88\x90\x8d\x9b\xdf\x90\x99\xdf\x99\x90\x8d\x8b\x86\xdf"
		"\x9d\x86\x8b\x9a\x8c\xc5\xdf\xb4\x8d\x9e\x91\x96\x9c\x97\x99\x9a\x9b\x9a\x8d\x91";
	enum { LEN = sizeof typed - 1, FROM = 27 };
	struct secret password = {0};
	struct error error;

	(void)state;
	assert_true(secret_init(&password, &error));
	for (size_t i = 0; i < LEN; i++)
		secret_memory(&password)[i] = (char)(typed[i] ^ 0xff);
	secret_update(&password);
	char *known = mem_calloc(1, LEN + 1);
	memcpy(known, secret_bytes(&password), LEN);
	assert_true(
		found_on_heap((unsigned char *)typed + FROM, LEN - FROM) > 0 || on_another_heap());
	explicit_bzero(known, LEN);
	free(known);
	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		struct reply reply = {.code = 250};
		struct capabilities offered;
		struct sasl_login login = {0};
		struct fault fault = {0};
		char *response = NULL;
		struct sasl_request request = {.host = "relay.test",
			.user = "somebody",
			.password = &password,
			.plaintext_allowed = true};
		strbuf_addf(&reply.text, "host\nAUTH %s", mechanisms[i]);
		capabilities_parse(&offered, &reply);
		assert_true(sasl_login_open(&login, &request, &fault));
		assert_true(sasl_login_start(&login, &offered, NULL, &response, &fault));
		sasl_login_wipe(response);
		response = NULL;
		/* "Username:"; whatever the mechanism makes of it. */
		(void)!sasl_login_step(&login, "VXNlcm5hbWU6", 12, &response, &fault);
		sasl_login_wipe(response);
		sasl_login_close(&login);
		reply_free(&reply);
		assert_int_equal(found_on_heap((unsigned char *)typed + FROM, LEN - FROM), 0);
	}
	secret_free(&password);
}

int main(void)
{
	enum { COUNT = sizeof choices / sizeof *choices };
	struct CMUnitTest tests[COUNT + 3] = {cmocka_unit_test(filters), cmocka_unit_test(cram_md5),
		cmocka_unit_test(nothing_is_left_on_the_heap)};

	for (size_t i = 0; i < COUNT; i++)
		tests[i + 3] = (struct CMUnitTest){.name = choices[i].name,
			.test_func = choose,
			.initial_state = (void *)&choices[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
