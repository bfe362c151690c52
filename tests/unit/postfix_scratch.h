/*
 * postfix_scratch.h: a folder for one test run with files that Postfix's own programs then read.
 * They are the judges of what our readers make of the same bytes.
 */
#ifndef POSTFIX_SCRATCH_H
#define POSTFIX_SCRATCH_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/child.h"
#include "base/file.h"
#include "base/strbuf.h"

struct scratch {
	char dir[64];
};

static inline void scratch_make(struct scratch *scratch)
{
	snprintf(scratch->dir, sizeof scratch->dir, "/tmp/relaycon-unit-XXXXXX");
	assert_non_null(mkdtemp(scratch->dir));
	assert_int_equal(chmod(scratch->dir, 0755), 0);
}

static inline void scratch_remove(struct scratch *scratch)
{
	struct child child = {0};
	const char *const argv[] = {"rm", "-rf", scratch->dir, NULL};

	assert_true(child_run(&child, argv, 10000, NULL));
	child_free(&child);
}

static inline char *scratch_path(const struct scratch *scratch, const char *name)
{
	return text_format("%s/%s", scratch->dir, name);
}

/* Written long enough ago that Postfix need not wait for it to cool down. */
static inline void scratch_write(
	const struct scratch *scratch, const char *name, const void *bytes, size_t len)
{
	char *path = scratch_path(scratch, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct timespec old[2] = {{time(NULL) - 10, 0}, {time(NULL) - 10, 0}};

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(futimens(fd, old), 0);
	close(fd);
	free(path);
}

/* Runs argv; its output is in *child afterwards. Returns its exit status. */
static inline int scratch_run(struct child *child, const char *const argv[])
{
	struct error error = {0};

	*child = (struct child){0};
	if (!child_run(child, argv, 20000, &error))
		fail_msg("%s", error.message);
	return child->status;
}

/* The value that "NAME = VALUE" lines give a name; NULL where there is none. Caller frees. */
static inline char *scratch_output_value(const struct strbuf *output, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = output->data; line && *line;) {
		const char *end = strchr(line, '\n');
		if (strncmp(line, name, len) == 0 && strncmp(line + len, " =", 2) == 0) {
			const char *value = line + len + 2;
			value += *value == ' ';
			return text_dup_len(value, end ? (size_t)(end - value) : strlen(value));
		}
		line = end ? end + 1 : NULL;
	}
	return NULL;
}

#endif
