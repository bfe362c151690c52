/* file.h: who may read a new file and when, what of the old one is kept, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static struct error error;
static char dir[] = "/tmp/relaycon-file-XXXXXX";

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static struct stat look(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(name, &st), 0);
	return st;
}

static void assert_content(const char *name, const char *want)
{
	struct strbuf bytes = STRBUF_INIT;

	assert_true(file_read(&bytes, name, FILE_MAX, NULL, &error));
	assert_int_equal(bytes.len, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.len);
	strbuf_free(&bytes);
}

static void test_read(void **state)
{
	struct strbuf out = STRBUF_INIT;
	bool exists;

	(void)state;
	put("plain", "a\nb", 0600);
	assert_content("plain", "a\nb");
	assert_true(file_read(&out, "plain", 3, &exists, &error));
	assert_true(exists);
	assert_false(file_read(&out, "plain", 2, &exists, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_int_equal(out.len, 0);
	assert_true(file_read(&out, "missing", 10, &exists, &error));
	assert_false(exists);
	assert_int_equal(out.len, 0);
	assert_false(file_read(&out, "missing", 10, NULL, &error));
	assert_int_equal(error.code, ERROR_IO);
	put("empty", "", 0600);
	assert_content("empty", "");
	/* Its size is given as 0. */
	assert_true(file_read(&out, "/proc/self/status", FILE_MAX, NULL, &error));
	assert_true(out.len > 100);
	strbuf_free(&out);
}

static void test_read_refuses_what_is_no_file(void **state)
{
	static const char *const paths[] = {"fifo", "folder", "/dev/zero", "link-to-fifo"};
	struct strbuf out = STRBUF_INIT;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("fifo", "link-to-fifo"), 0);
	alarm(5);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		bool exists;
		assert_false(file_read(&out, paths[i], FILE_MAX, &exists, &error));
		assert_int_equal(error.code, ERROR_DATA);
		assert_non_null(strstr(error.message, paths[i]));
	}
	alarm(0);
	strbuf_free(&out);
}

static void test_folder(void **state)
{
	static const struct {
		const char *path;
		const char *want;
	} cases[] = {
		{"/etc/postfix/main.cf", "/etc/postfix"},
		{"/main.cf", "/"},
		{"main.cf", "."},
		{"a/b", "a"},
		{"a//b", "a"},
		{"a/b/", "a"},
		{"//a", "/"},
		{"/", "/"},
		{"", "."},
		{"./a", "."},
		{"../a", ".."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *folder = file_folder(cases[i].path);
		assert_string_equal(folder, cases[i].want);
		free(folder);
	}
}

static void test_resolve(void **state)
{
	static const struct {
		const char *path;
		const char *want;
	} cases[] = {
		{"real", "real"},
		{"one", "./real"},
		{"two", "./real"},
		{"missing", "missing"},
		{"dangling", "./nowhere"},
		{"absolute", "/etc/passwd"},
		{"sub/up", "sub/../real"},
	};

	(void)state;
	put("real", "", 0600);
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(symlink("real", "one"), 0);
	assert_int_equal(symlink("one", "two"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(symlink("/etc/passwd", "absolute"), 0);
	assert_int_equal(symlink("../real", "sub/up"), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *path = file_resolve(cases[i].path, &error);
		assert_non_null(path);
		assert_string_equal(path, cases[i].want);
		free(path);
	}
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_null(file_resolve("loop", &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_null(file_resolve("real/x", &error));
}

static void test_stage_new(void **state)
{
	static const mode_t modes[] = {0600, 0640, 0644};

	(void)state;
	for (int i = 0; i < 3; i++) {
		mode_t mask = umask(i == 0 ? 0 : 077);
		assert_true(file_stage(
			"staged", i == 1 ? NULL : "missing", modes[i], "abc", 3, &error));
		umask(mask);
		struct stat st = look("staged");
		assert_int_equal(st.st_mode & 07777, modes[i]);
		assert_int_equal(st.st_nlink, 1);
		long age = time(NULL) - st.st_mtime;
		assert_true(age >= FILE_COOL_SECONDS && age <= FILE_COOL_SECONDS + 2);
		assert_content("staged", "abc");
	}
	assert_int_equal(unlink("staged"), 0);
}

static void test_stage_keeps_owner_mode_and_attributes(void **state)
{
	char value[64] = "";

	(void)state;
	put("like", "old", 0640);
	if (geteuid() == 0)
		assert_int_equal(chown("like", 12345, 54321), 0);
	assert_int_equal(chmod("like", 02640), 0);
	/* Not every file system of a container takes user attributes. */
	bool attributes = setxattr("like", "user.note", "kept", 4, 0) == 0;
	print_message("  user attributes here: %s\n", attributes ? "yes" : "no");
	assert_true(file_stage("staged", "like", 0600, "new", 3, &error));
	struct stat st = look("staged"), like = look("like");
	assert_int_equal(st.st_mode, like.st_mode);
	assert_int_equal(st.st_uid, like.st_uid);
	assert_int_equal(st.st_gid, like.st_gid);
	if (attributes) {
		assert_int_equal(getxattr("staged", "user.note", value, sizeof value), 4);
		assert_memory_equal(value, "kept", 4);
	}
	assert_content("staged", "new");
	assert_content("like", "old");
	unlink("staged");
	unlink("like");
}

static void test_stage_refusals(void **state)
{
	(void)state;
	put("victim", "precious", 0600);

	/* A leftover of ours is replaced, not written into: a hard link keeps its other name's bytes. */
	assert_int_equal(link("victim", "staged"), 0);
	assert_true(file_stage("staged", NULL, 0600, "new", 3, &error));
	assert_content("victim", "precious");
	assert_content("staged", "new");
	assert_int_equal(unlink("staged"), 0);

	assert_int_equal(symlink("victim", "staged"), 0);
	assert_false(file_stage("staged", NULL, 0600, "new", 3, &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_content("victim", "precious");
	assert_int_equal(unlink("staged"), 0);

	assert_false(file_stage("staged", "folder", 0600, "new", 3, &error));
	assert_int_equal(access("staged", F_OK), -1);
	alarm(5);
	assert_false(file_stage("staged", "fifo", 0600, "new", 3, &error));
	alarm(0);
	assert_int_equal(access("staged", F_OK), -1);
	assert_false(file_stage("nowhere/staged", NULL, 0600, "new", 3, &error));
	assert_false(file_stage("/dev/full", NULL, 0600, "new", 3, &error));
}

static void test_full_disk_leaves_nothing(void **state)
{
	struct rlimit limit, small;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 2;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	bool staged = file_stage("staged", NULL, 0600, "new", 3, &error);
	setrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_DFL);
	assert_false(staged);
	assert_int_equal(error.code, ERROR_IO);
	assert_int_equal(access("staged", F_OK), -1);
}

static void test_replace(void **state)
{
	(void)state;
	put("target", "old", 0644);
	assert_true(file_replace("target", 0600, "new", 3, &error));
	assert_content("target", "new");
	assert_int_equal(look("target").st_mode & 07777, 0600);
	assert_int_equal(access("target.new", F_OK), -1);
	assert_true(file_replace("fresh", 0600, "", 0, &error));
	assert_content("fresh", "");
	assert_false(file_replace("nowhere/target", 0600, "new", 3, &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_false(file_replace("folder", 0600, "new", 3, &error));
	assert_true(strlen(error.message) > 0);
	assert_int_equal(access("folder.new", F_OK), -1);
}

static void test_private_folder(void **state)
{
	(void)state;
	mode_t mask = umask(0);
	assert_true(file_make_private_folder("private", 0700, &error));
	umask(mask);
	assert_int_equal(look("private").st_mode & 07777, 0700);
	assert_true(file_make_private_folder("private", 0700, &error));
	assert_int_equal(chmod("private", 0770), 0);
	assert_false(file_make_private_folder("private", 0700, &error));
	assert_int_equal(error.code, ERROR_DENIED);
	assert_non_null(strstr(error.advice, "chmod go-w"));
	assert_int_equal(chmod("private", 0755), 0);
	assert_true(file_make_private_folder("private", 0700, &error));
	assert_int_equal(symlink("private", "private-link"), 0);
	assert_false(file_make_private_folder("private-link", 0700, &error));
	assert_int_equal(error.code, ERROR_DENIED);
	put("plain-file", "", 0600);
	assert_false(file_make_private_folder("plain-file", 0700, &error));
	assert_int_equal(error.code, ERROR_DENIED);
	assert_false(file_make_private_folder("nowhere/private", 0700, &error));
	assert_int_equal(error.code, ERROR_IO);
}

static void test_ownership(void **state)
{
	(void)state;
	put("module", "", 0644);
	assert_true(file_check_ownership("module", &error));
	assert_true(file_check_ownership("/etc", &error));
	assert_int_equal(chmod("module", 0664), 0);
	assert_false(file_check_ownership("module", &error));
	assert_int_equal(chmod("module", 0646), 0);
	assert_false(file_check_ownership("module", &error));
	assert_int_equal(error.code, ERROR_DENIED);
	if (geteuid() == 0) {
		assert_int_equal(chmod("module", 0644), 0);
		assert_int_equal(chown("module", 12345, 0), 0);
		assert_false(file_check_ownership("module", &error));
		assert_int_equal(error.code, ERROR_DENIED);
	}
	assert_false(file_check_ownership("/tmp", &error));
	assert_false(file_check_ownership("missing", &error));
	assert_int_equal(error.code, ERROR_IO);
}

/* Bug: the state folder was looked at, but not the one that it stands in, whose owner could put another
 * in its place between this and the writing. */
static void test_way(void **state)
{
	char *here = getcwd(NULL, 0);
	char *path = text_format("%s/above/state", here);

	(void)state;
	assert_non_null(here);
	assert_int_equal(mkdir("above", 0755), 0);
	assert_true(file_check_way(path, &error));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(file_check_way(path, &error));
	assert_int_equal(chmod("above", 0777), 0);
	assert_false(file_check_way(path, &error));
	assert_int_equal(error.code, ERROR_DENIED);
	assert_int_equal(chmod("above", 01777), 0);
	assert_true(file_check_way(path, &error));
	if (geteuid() == 0) {
		assert_int_equal(chown("above", 12345, 0), 0);
		assert_false(file_check_way(path, &error));
		assert_int_equal(chown("above", 0, 0), 0);
		char *link = text_format("%s/link", here), *by_link = text_format("%s/state", link);
		assert_int_equal(symlink("above", link), 0);
		assert_true(file_check_way(by_link, &error));
		assert_int_equal(lchown(link, 12345, 0), 0);
		assert_false(file_check_way(by_link, &error));
		assert_int_equal(unlink(link), 0);
		free(by_link);
		free(link);
	}
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir("above"), 0);
	free(path);
	free(here);
}

/* Bug: a link that leads nowhere in the place of the baseline passed for "there is none yet". */
static void test_link_to_nothing(void **state)
{
	struct strbuf bytes = STRBUF_INIT;
	bool exists;

	(void)state;
	assert_int_equal(symlink("nowhere-at-all", "leads-nowhere"), 0);
	assert_false(file_read(&bytes, "leads-nowhere", FILE_MAX, &exists, &error));
	assert_int_equal(error.code, ERROR_IO);
	assert_true(file_read(&bytes, "not-there", FILE_MAX, &exists, &error));
	assert_false(exists);
	assert_int_equal(unlink("leads-nowhere"), 0);
	strbuf_free(&bytes);
}

static void test_sync(void **state)
{
	(void)state;
	assert_true(file_sync("plain", &error));
	assert_true(file_sync(".", &error));
	assert_false(file_sync("missing", &error));
	assert_int_equal(error.code, ERROR_IO);
}

static int enter(void **state)
{
	(void)state;
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int leave(void **state)
{
	static const char *const files[] = {"plain", "empty", "fifo", "link-to-fifo", "folder",
		"sub/up", "sub", "real", "one", "two", "dangling", "absolute", "loop", "victim",
		"target", "fresh", "private", "private-link", "plain-file", "module"};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		(void)remove(files[i]);
	return chdir("/") == 0 ? rmdir(dir) : -1; /* anything left over is a failure */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_refuses_what_is_no_file),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_stage_new),
		cmocka_unit_test(test_stage_keeps_owner_mode_and_attributes),
		cmocka_unit_test(test_stage_refusals),
		cmocka_unit_test(test_full_disk_leaves_nothing),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_private_folder),
		cmocka_unit_test(test_ownership),
		cmocka_unit_test(test_way),
		cmocka_unit_test(test_link_to_nothing),
		cmocka_unit_test(test_sync),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
