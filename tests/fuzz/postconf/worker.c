#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	WAITING = 48,      /* refused files that wait for postconf at a time */
	MASTER_EVERY = 10, /* every tenth file is a master.cf */
	SHRINK_SECONDS = 20,
	SHOWN_FAILURES = 10,
};

static bool is_master(unsigned long file)
{
	return file % MASTER_EVERY == MASTER_EVERY - 1;
}

struct refusal {
	struct postconf postconf;
	struct child child;
	struct strbuf bytes;
	struct error error;
	unsigned long file;
	bool waiting;
};

struct worker {
	const struct work *work;
	struct tally *tally;
	struct postconf postconf;
	struct refusal refusals[WAITING];
	size_t oldest;
};

static bool check(struct worker *worker, struct tally *tally, unsigned long file,
	const struct strbuf *bytes, struct dice dice, struct strbuf *why)
{
	struct check check = {&worker->postconf, worker->work->stock, tally, dice};

	return is_master(file) ? check_master(&check, bytes, why) : check_main(&check, bytes, why);
}

/* --- failures ------------------------------------------------------------------------------------- */

/* Takes away `lines` lines from the one that starts at `at`; where the next begins. */
static size_t without(const struct strbuf *bytes, size_t at, size_t lines, struct strbuf *out)
{
	size_t end = at;

	for (; lines > 0 && end < bytes->len; lines--) {
		const char *newline = memchr(bytes->data + end, '\n', bytes->len - end);
		end = newline ? (size_t)(newline - bytes->data) + 1 : bytes->len;
	}
	strbuf_reset(out);
	strbuf_add(out, bytes->data, at);
	strbuf_add(out, bytes->data + end, bytes->len - end);
	return end;
}

static void shrink(struct worker *worker, unsigned long file, struct strbuf *bytes,
	struct dice dice, struct strbuf *why)
{
	time_t until = time(NULL) + SHRINK_SECONDS;
	struct strbuf smaller = STRBUF_INIT, reason = STRBUF_INIT;

	for (size_t lines = 4096; lines > 0; lines /= 4) {
		for (size_t at = 0; at < bytes->len && time(NULL) < until;) {
			struct tally nobodys = {0};
			size_t next = without(bytes, at, lines, &smaller);
			strbuf_reset(&reason);
			if (check(worker, &nobodys, file, &smaller, dice, &reason)) {
				at = next;
				continue;
			}
			strbuf_reset(bytes);
			strbuf_add(bytes, smaller.data, smaller.len);
			strbuf_reset(why);
			strbuf_add(why, reason.data, reason.len);
		}
	}
	strbuf_free(&smaller);
	strbuf_free(&reason);
}

static void report(struct worker *worker, unsigned long file, struct strbuf *bytes,
	struct dice dice, struct strbuf *why)
{
	struct strbuf text = STRBUF_INIT;

	if (worker->tally->failures++ >= SHOWN_FAILURES)
		return;
	shrink(worker, file, bytes, dice, why);
	strbuf_addf(&text,
		"FAILED: --seed %llu --only %lu (%s): ", (unsigned long long)worker->work->seed,
		file, is_master(file) ? "master.cf" : "main.cf");
	check_show(&text, why->data, why->len);
	strbuf_adds(&text, "\n    made smaller: ");
	check_show(&text, bytes->data, bytes->len);
	strbuf_addc(&text, '\n');
	fwrite(text.data, 1, text.len, stdout);
	fflush(stdout);
	strbuf_free(&text);
}

void check_show(struct strbuf *out, const char *bytes, size_t len)
{
	enum { SHOWN = 3000 };

	for (size_t i = 0; i < len && i < SHOWN; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '\n')
			strbuf_adds(out, "\\n");
		else if (c == '\\')
			strbuf_adds(out, "\\\\");
		else if (c < ' ' || c > '~')
			strbuf_addf(out, "\\x%02x", c);
		else
			strbuf_addc(out, bytes[i]);
	}
	if (len > SHOWN)
		strbuf_addf(out, "... (%zu bytes)", len);
}

/* --- refused files -------------------------------------------------------------------------------- */

static void collect(struct worker *worker, struct refusal *refusal)
{
	struct strbuf why = STRBUF_INIT;

	if (!refusal->waiting)
		return;
	postconf_wait(&refusal->child);
	bool ok = is_master(refusal->file) ? check_master_refusal(&refusal->bytes, &refusal->error,
						     &refusal->child, &why)
					   : check_main_refusal(&refusal->bytes, &refusal->error,
						     &refusal->child, &why);
	if (!ok)
		report(worker, refusal->file, &refusal->bytes, (struct dice){0}, &why);
	child_free(&refusal->child);
	strbuf_free(&refusal->bytes);
	strbuf_free(&why);
	refusal->waiting = false;
}

/* Takes the bytes. */
static void ask_about_refusal(
	struct worker *worker, unsigned long file, struct strbuf *bytes, const struct error *error)
{
	static const struct strbuf nothing = {(char *)"", 0, 0};
	struct refusal *refusal = &worker->refusals[worker->oldest];
	bool master = is_master(file);

	collect(worker, refusal);
	*refusal = (struct refusal){.postconf = refusal->postconf,
		.bytes = *bytes,
		.error = *error,
		.file = file,
		.waiting = true};
	*bytes = (struct strbuf)STRBUF_INIT;
	postconf_write(&refusal->postconf, master ? "main.cf" : "master.cf", &nothing);
	postconf_write(&refusal->postconf, master ? "master.cf" : "main.cf", &refusal->bytes);
	postconf_start(&refusal->postconf, master ? "-M" : "-n", &refusal->child);
	worker->tally->files[master]++;
	worker->tally->refused++;
	worker->oldest = (worker->oldest + 1) % WAITING;
}

/* --- the share of one worker ---------------------------------------------------------------------- */

static void do_file(struct worker *worker, unsigned long file)
{
	static const struct strbuf nothing = {(char *)"", 0, 0};
	struct dice dice = dice_for(worker->work->seed, file);
	struct strbuf bytes = STRBUF_INIT, why = STRBUF_INIT;
	struct error error = {0};
	bool master = is_master(file);

	if (master)
		generate_master(&bytes, &dice);
	else
		generate_main(&bytes, &dice, worker->work->stock);
	strbuf_reset(&why);
	if (master ? check_master_refused(&bytes, &error) : check_main_refused(&bytes, &error)) {
		ask_about_refusal(worker, file, &bytes, &error);
	} else {
		postconf_write(&worker->postconf, master ? "main.cf" : "master.cf", &nothing);
		if (!check(worker, worker->tally, file, &bytes, dice, &why))
			report(worker, file, &bytes, dice, &why);
	}
	strbuf_free(&bytes);
	strbuf_free(&why);
}

void worker_run(const struct work *work, unsigned self, struct tally *tally)
{
	struct worker *worker = mem_calloc(1, sizeof *worker);

	worker->work = work;
	worker->tally = tally;
	char *dir = text_format("%s/%u", work->dir, self);
	postconf_open(&worker->postconf, dir);
	free(dir);
	for (unsigned i = 0; i < WAITING; i++) {
		dir = text_format("%s/%u-%u", work->dir, self, i);
		postconf_open(&worker->refusals[i].postconf, dir);
		free(dir);
	}
	for (unsigned long i = self; i < work->count; i += work->workers)
		do_file(worker, work->first + i);
	for (unsigned i = 0; i < WAITING; i++) {
		collect(worker, &worker->refusals[i]);
		postconf_close(&worker->refusals[i].postconf);
	}
	postconf_close(&worker->postconf);
	free(worker);
}
