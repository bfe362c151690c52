/* error.h: messages are complete, or cut where a character ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "base/text.h"

static struct error error;

static void test_set(void **state)
{
	(void)state;
	error_advise(&error, "old");
	assert_false(error_set(&error, ERROR_DATA, "line %d", 7));
	assert_int_equal(error.code, ERROR_DATA);
	assert_string_equal(error.message, "line 7");
	assert_string_equal(error.advice, "");
	assert_false(error_advise(&error, "do %s", "this"));
	assert_string_equal(error.advice, "do this");
	assert_false(error_set(NULL, ERROR_DATA, "x"));
	assert_false(error_errno(NULL, ERROR_DATA, EIO, "x"));
	assert_false(error_advise(NULL, "x"));
}

static void test_errno(void **state)
{
	static const struct {
		int errnum;
		enum error_code code;
		const char *message;
	} cases[] = {
		{ENOENT, ERROR_IO, "Cannot open x: No such file or directory"},
		{EACCES, ERROR_DENIED, "Cannot open x: Permission denied"},
		{EPERM, ERROR_DENIED, "Cannot open x: Operation not permitted"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_false(error_errno(&error, ERROR_IO, cases[i].errnum, "Cannot open %s", "x"));
		assert_int_equal(error.code, cases[i].code);
		assert_string_equal(error.message, cases[i].message);
	}
}

static void test_long_texts(void **state)
{
	struct strbuf path = STRBUF_INIT;

	(void)state;
	for (int shift = 0; shift < 2; shift++) {
		strbuf_reset(&path);
		strbuf_adds(&path, shift ? "x" : "");
		while (path.len < 3000)
			strbuf_adds(&path, "\u00fc");
		error_set(&error, ERROR_IO, "%s", path.data);
		assert_true(text_is_utf8(error.message, strlen(error.message)));
		assert_non_null(strstr(error.message, "\u00fc..."));
		error_errno(&error, ERROR_IO, ENOENT, "%s", path.data);
		assert_true(text_is_utf8(error.message, strlen(error.message)));
		assert_non_null(strstr(error.message, "\u00fc...: No such file or directory"));
		error_advise(&error, "%s", path.data);
		assert_true(text_is_utf8(error.advice, strlen(error.advice)));
		assert_true(strlen(error.advice) > sizeof error.advice - 6);
	}
	strbuf_free(&path);
}

static void test_strbuf(void **state)
{
	struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_reset(&buf);
	assert_string_equal(buf.data, "");
	strbuf_adds(&buf, "hello");
	strbuf_add(&buf, "\0x", 2);
	assert_int_equal(buf.len, 7);
	strbuf_splice(&buf, 5, 7, " world", 6);
	assert_string_equal(buf.data, "hello world");
	strbuf_splice(&buf, 0, 6, NULL, 0);
	assert_string_equal(buf.data, "world");
	strbuf_splice(&buf, 5, 5, "!", 1);
	strbuf_addf(&buf, " %d%c", 42, 'x');
	assert_string_equal(buf.data, "world! 42x");
	char *text = strbuf_detach(&buf);
	assert_string_equal(text, "world! 42x");
	assert_null(buf.data);
	text_replace(&text, "new");
	assert_string_equal(text, "new");
	text_replace(&text, NULL);
	assert_null(text);
	text = strbuf_detach(&buf);
	assert_string_equal(text, "");
	free(text);
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	strbuf_free(&buf);
	strbuf_free(&buf);
}

static void test_append(void **state)
{
	char before[sizeof error.message];

	(void)state;
	error_append(NULL, "nobody asks");
	error_set(&error, ERROR_IO, "It broke.");
	error_append(&error, "And %s.", "this");
	assert_string_equal(error.message, "It broke. And this.");
	/* "...: No space left on device Everything was put back as it was." */
	error_errno(&error, ERROR_IO, ENOSPC, "Cannot write it");
	error_append(&error, "And that.");
	assert_string_equal(error.message, "Cannot write it: No space left on device. And that.");
	/* Towards a full message: cut behind what stands there, or left out. */
	for (size_t len = sizeof error.message - 40; len < sizeof error.message; len++) {
		error_set(&error, ERROR_IO, "%*s", (int)len, ".");
		memcpy(before, error.message, sizeof before);
		error_append(&error, "\xc3\xbc %s", "a sentence that is longer than what is left");
		assert_memory_equal(error.message, before, len);
		assert_true(strlen(error.message) < sizeof error.message);
	}
	assert_int_equal(error.code, ERROR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_strbuf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
