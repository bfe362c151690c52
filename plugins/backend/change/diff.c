/* diff.c: plan_diff (plan.h), by diff(1), which every Debian has; it gets memory, not files. */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "mask.h"

enum { DIFF_MAX = CHILD_OUTPUT_MAX, DIFF_TIMEOUT_MS = 10000 };

static int memory_file(const struct strbuf *bytes, struct error *error)
{
	int fd = memfd_create("relaycon-diff", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < bytes->len) {
		ssize_t wrote = write(fd, bytes->data + done, bytes->len - done);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0) {
			int reason = errno;
			close(fd);
			errno = reason;
			fd = -1;
			break;
		}
		done += (size_t)wrote;
	}
	if (fd < 0)
		error_errno(
			error, ERROR_SYSTEM, errno, _("Cannot get memory to compare the files"));
	return fd;
}

static bool run_diff(const char *path, const int fds[3], struct strbuf *out, struct error *error)
{
	struct child child = {0};
	char *label_a = text_format("a%s", path);
	char *label_b = text_format("b%s", path);
	char *file_a = text_format("/proc/self/fd/%d", fds[0]);
	char *file_b = text_format("/proc/self/fd/%d", fds[1]);
	const char *const argv[] = {
		"diff", "-a", "-u", "--label", label_a, "--label", label_b, file_a, file_b, NULL};

	bool ok = child_start(&child, argv, NULL, fds, error) &&
		  child_wait(&child, DIFF_TIMEOUT_MS, error);
	/* 0: alike, 1: they differ, 2: trouble */
	if (ok && child.status > 1) {
		char said[256];
		text_clean_into(said, sizeof said, child.err.data, child.err.len);
		ok = error_set(error, ERROR_SYSTEM, _("diff failed on %s: %s"), path, said);
	}
	if (ok)
		text_clean_lines(
			out, child.out.data ? child.out.data : "", child.out.len, DIFF_MAX);
	if (ok && out->len > 0 && out->data[out->len - 1] != '\n')
		strbuf_addc(out, '\n');
	child_free(&child);
	free(label_a);
	free(label_b);
	free(file_a);
	free(file_b);
	return ok;
}

/* A file that comes or goes has one side only, which needs no comparing (and no child: a change is
 * to take hardly longer than Postfix's own reload). */
static void whole_file(const char *path, bool comes, const struct strbuf *bytes, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	size_t lines = 0;

	strbuf_reset(&text);
	for (size_t at = 0; at < bytes->len; lines++) {
		const char *line = bytes->data + at;
		const char *newline = memchr(line, '\n', bytes->len - at);
		size_t len = newline ? (size_t)(newline - line) + 1 : bytes->len - at;
		strbuf_addc(&text, comes ? '+' : '-');
		strbuf_add(&text, line, len);
		if (!newline)
			strbuf_adds(&text, "\n\\ No newline at end of file\n");
		at += len;
	}
	struct strbuf all = STRBUF_INIT;
	strbuf_reset(&all);
	if (comes)
		strbuf_addf(&all, "--- /dev/null\n+++ b%s\n", path);
	else
		strbuf_addf(&all, "--- a%s\n+++ /dev/null\n", path);
	char *count = lines == 1 ? text_dup("1") : text_format("1,%zu", lines);
	if (lines > 0 && comes)
		strbuf_addf(&all, "@@ -0,0 +%s @@\n", count);
	else if (lines > 0)
		strbuf_addf(&all, "@@ -%s +0,0 @@\n", count);
	strbuf_add(&all, text.data, text.len);
	text_clean_lines(out, all.data, all.len, DIFF_MAX);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		strbuf_addc(out, '\n');
	free(count);
	strbuf_free(&all);
	strbuf_free(&text);
}

static bool masked_sides(const struct plan_file *file, struct strbuf *before, struct strbuf *after,
	struct error *error)
{
	if (file->kind == PLAN_SECRET_TABLE)
		return mask_tables(&file->secret_before, &file->secret_after, before, after, error);
	if (file->kind == PLAN_MAIN_CF) {
		mask_main_cf(file->before.data, file->before.len, before);
		mask_main_cf(file->after.data, file->after.len, after);
		return true;
	}
	strbuf_add(before, file->before.data, file->before.len);
	strbuf_add(after, file->after.data, file->after.len);
	return true;
}

static bool diff_file(const struct plan_file *file, struct strbuf *out, struct error *error)
{
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	int fds[3] = {-1, -1, -1};
	bool ok = false;

	/* Not texts. */
	if (file->kind == PLAN_LEFTOVER || file->kind == PLAN_MAP) {
		const char *from = file->existed ? "a" : "/dev/null";
		const char *to = file->remove ? "/dev/null" : "b";
		strbuf_addf(out, "--- %s%s\n+++ %s%s\n", from, file->existed ? file->path : "", to,
			file->remove ? "" : file->path);
		return true;
	}
	if (!masked_sides(file, &before, &after, error))
		goto out;
	if (!file->existed || file->remove) {
		whole_file(file->path, !file->existed, file->existed ? &before : &after, out);
		ok = true;
		goto out;
	}
	fds[0] = memory_file(&before, error);
	if (fds[0] < 0)
		goto out;
	fds[1] = memory_file(&after, error);
	if (fds[1] < 0)
		goto out;
	ok = run_diff(file->path, fds, out, error);
out:
	for (size_t i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	strbuf_free(&before);
	strbuf_free(&after);
	return ok;
}

bool plan_diff(const struct plan *plan, struct strbuf *out, struct error *error)
{
	strbuf_reset(out);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->files[i].kind != PLAN_STATE && !diff_file(&plan->files[i], out, error))
			return false;
	return true;
}
