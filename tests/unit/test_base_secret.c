/* secret.h: what goes in, what is refused, and that nothing stays behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/strbuf.h"

static struct error error;

/* A descriptor that reads as these bytes. */
static int source(const void *bytes, size_t len)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void test_read(void **state)
{
	static const struct {
		const char *name;
		const char *input;
		size_t len;       /* 0: strlen */
		const char *want; /* NULL: refused */
	} cases[] = {
		{"plain", "s3cret", 0, "s3cret"},
		{"final newline", "s3cret\n", 0, "s3cret"},
		{"CR and newline", "s3cret\r\n", 0, "s3cret"},
		{"only one newline is dropped", "s3cret\n\n", 0, "s3cret\n"},
		{"a CR alone stays", "s3cret\r", 0, "s3cret\r"},
		{"spaces stay", " s3 cret \n", 0, " s3 cret "},
		{"empty", "", 0, ""},
		{"newline alone", "\n", 0, ""},
		{"NUL inside", "a\0b", 3, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct secret secret = {0};
		print_message("  %s\n", cases[i].name);
		int fd = source(
			cases[i].input, cases[i].len ? cases[i].len : strlen(cases[i].input));
		bool ok = secret_read_fd(&secret, fd, "a test", &error);
		assert_int_equal(ok, cases[i].want != NULL);
		if (ok) {
			assert_int_equal(secret_length(&secret), strlen(cases[i].want));
			assert_string_equal(secret_bytes(&secret), cases[i].want);
		} else {
			assert_int_equal(error.code, ERROR_DATA);
			assert_true(secret_is_empty(&secret));
			assert_string_equal(secret_bytes(&secret), "");
		}
		close(fd);
		secret_free(&secret);
	}
}

static void test_read_length(void **state)
{
	static const struct {
		size_t len;
		const char *tail;
		bool ok;
	} cases[] = {
		{SECRET_MAX, "", true},
		{SECRET_MAX, "\n", true},
		{SECRET_MAX, "\r\n", true},
		{SECRET_MAX + 1, "", false},
		{SECRET_MAX + 1, "\n", false},
		{SECRET_MAX, "x\r\n", false},
		{SECRET_MAX + 5000, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct secret secret = {0};
		struct strbuf bytes = STRBUF_INIT;
		while (bytes.len < cases[i].len)
			strbuf_addc(&bytes, 'p');
		strbuf_adds(&bytes, cases[i].tail);
		int fd = source(bytes.data, bytes.len);
		assert_int_equal(secret_read_fd(&secret, fd, "a test", &error), cases[i].ok);
		assert_int_equal(secret_length(&secret), cases[i].ok ? cases[i].len : 0);
		if (!cases[i].ok) {
			assert_int_equal(error.code, ERROR_DATA);
			assert_null(strstr(error.message, "ppp"));
		}
		close(fd);
		strbuf_free(&bytes);
		secret_free(&secret);
	}
}

static void test_read_file(void **state)
{
	struct secret secret = {0};
	char path[] = "/tmp/relaycon-secret-XXXXXX";

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "abc\n", 4), 4);
	close(fd);
	assert_true(secret_read_file(&secret, path, &error));
	assert_string_equal(secret_bytes(&secret), "abc");
	unlink(path);
	assert_false(secret_read_file(&secret, path, &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_non_null(strstr(error.message, path));
	assert_false(secret_read_file(&secret, "/tmp", &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_true(secret_is_empty(&secret));
	secret_free(&secret);
}

/* A bug: a FIFO that nobody writes to was waited for for ever. What a shell hands over is a pipe that has
 * its writer, and standard input may be anything. */
static void test_read_what_waits(void **state)
{
	struct secret secret = {0};
	char path[] = "/tmp/relaycon-secret-XXXXXX";
	int ends[2];

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(secret_read_file(&secret, path, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.message, path));
	assert_non_null(strstr(error.message, "FIFO"));
	assert_true(secret_is_empty(&secret));

	int input = dup(STDIN_FILENO), fifo = open(path, O_RDWR | O_CLOEXEC);
	assert_true(input >= 0 && fifo >= 0);
	assert_int_equal(dup2(fifo, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(write(fifo, "from a FIFO\n", 12), 12);
	close(fifo);
	fifo = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fifo >= 0);
	assert_int_equal(dup2(fifo, STDIN_FILENO), STDIN_FILENO);
	close(fifo);
	assert_true(secret_read_file(&secret, "/dev/stdin", &error));
	assert_string_equal(secret_bytes(&secret), "from a FIFO");
	assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
	close(input);
	unlink(path);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "from a pipe\n", 12), 12);
	close(ends[1]);
	char *name = text_format("/dev/fd/%d", ends[0]);
	assert_true(secret_read_file(&secret, name, &error));
	assert_string_equal(secret_bytes(&secret), "from a pipe");
	free(name);
	close(ends[0]);
	secret_free(&secret);
}

static void test_set_copy_equal(void **state)
{
	struct secret a = {0}, b = {0}, none = {0};

	(void)state;
	assert_true(secret_is_empty(&none));
	assert_true(secret_equal(&a, &none));
	assert_true(secret_init(&a, &error));
	assert_true(secret_equal(&a, &none));
	assert_true(secret_set(&a, "long password", 13, &error));
	assert_false(secret_equal(&a, &none));
	assert_true(secret_copy(&b, &a, &error));
	assert_true(secret_equal(&a, &b));
	assert_true(secret_set(&b, "long", 4, &error));
	assert_string_equal(secret_bytes(&b), "long");
	assert_false(secret_equal(&a, &b));
	assert_true(secret_set(&a, secret_bytes(&a) + 5, 8, &error));
	assert_string_equal(secret_bytes(&a), "password");
	assert_true(secret_copy(&a, &none, &error));
	assert_true(secret_is_empty(&a));
	secret_free(&a);
	secret_free(&b);
	secret_free(&b);
	secret_free(&none);
}

static void test_typed_straight_in(void **state)
{
	struct secret secret = {0};

	(void)state;
	assert_true(secret_init(&secret, &error));
	memcpy(secret_memory(&secret), "typed\0junk", 11);
	secret_update(&secret);
	assert_int_equal(secret_length(&secret), 5);
	for (size_t i = 5; i < SECRET_MAX + 1; i++)
		assert_int_equal(secret.bytes[i], 0);
	memset(secret_memory(&secret), 'x', SECRET_MAX + 1);
	secret_update(&secret);
	assert_int_equal(secret_length(&secret), SECRET_MAX);
	assert_int_equal(secret.bytes[SECRET_MAX], 0);
	secret_clear(&secret);
	for (size_t i = 0; i < SECRET_MAX + 1; i++)
		assert_int_equal(secret.bytes[i], 0);
	secret_free(&secret);
}

/* "dd": not dumped; "lo": locked (smaps of the mapping that holds the address). */
static bool has_flag(const void *address, const char *flag)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[512];
	bool inside = false, found = false;

	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		uintptr_t start, end;
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (uintptr_t)address >= start && (uintptr_t)address < end;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(maps);
	return found;
}

static void test_memory_is_locked_and_not_dumped(void **state)
{
	struct secret secret = {0};

	(void)state;
	assert_true(secret_init(&secret, &error));
	assert_true(has_flag(secret.bytes, " dd"));
	/* Neither a limit of zero nor AddressSanitizer, which swallows the call, lock anything. */
	void *probe = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool lockable = mlock(probe, 1) == 0 && has_flag(probe, " lo");
	print_message("  memory can be locked here: %s\n", lockable ? "yes" : "no");
	assert_int_equal(has_flag(secret.bytes, " lo"), lockable);
	munmap(probe, 1);
	secret_free(&secret);
	assert_null(secret.bytes);
}

static void test_works_where_nothing_may_be_locked(void **state)
{
	struct secret secret = {0};
	struct rlimit none = {0, 0};

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	assert_true(secret_init(&secret, &error));
	assert_true(secret_set(&secret, "x", 1, &error));
	secret_free(&secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_length),
		cmocka_unit_test(test_read_file),
		cmocka_unit_test(test_read_what_waits),
		cmocka_unit_test(test_set_copy_equal),
		cmocka_unit_test(test_typed_straight_in),
		cmocka_unit_test(test_memory_is_locked_and_not_dumped),
		cmocka_unit_test(test_works_where_nothing_may_be_locked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
