#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "service.h"

enum { EDITS = 4 };

struct edit {
	char *key;
	struct hunk hunk;
};

/* The file's entries in order, as postconf must show them. Of an entry that a later one of its key
 * overrules only the key is known. */
struct shown {
	char *key;
	bool overruled;
	struct service_text text;
};

struct run {
	struct check *check;
	struct mastercf *cf;
	struct shown *list;
	size_t count;
	struct edit edits[EDITS];
	size_t edit_count;
	struct strbuf *why;
};

static bool fail(struct run *run, const char *what, const char *key)
{
	strbuf_addf(run->why, "%s: %s", key, what);
	return false;
}

/* --- the model ------------------------------------------------------------------------------------ */

static void drop(struct run *run, size_t at)
{
	free(run->list[at].key);
	service_text_free(&run->list[at].text);
	memmove(run->list + at, run->list + at + 1, (run->count - at - 1) * sizeof *run->list);
	run->count--;
}

static void add(struct run *run, const struct mastercf *cf, const char *key)
{
	run->list = mem_realloc_array(run->list, run->count + 1, sizeof *run->list);
	struct shown *shown = &run->list[run->count++];
	*shown = (struct shown){.key = text_dup(key)};
	service_write(cf, key, &shown->text);
}

static struct shown *last_of(const struct run *run, const char *key)
{
	for (size_t i = run->count; i > 0; i--) {
		if (strcmp(run->list[i - 1].key, key) == 0)
			return &run->list[i - 1];
	}
	return NULL;
}

static void read_all(struct run *run)
{
	while (run->count > 0)
		drop(run, run->count - 1);
	for (size_t i = 0; i < mastercf_count(run->cf); i++)
		add(run, run->cf, mastercf_key(run->cf, i));
	for (size_t i = 0; i < run->count; i++)
		run->list[i].overruled = last_of(run, run->list[i].key) != &run->list[i];
}

/* --- Postfix's reading ---------------------------------------------------------------------------- */

/* The next line of the answer is this one. */
static bool expect(struct run *run, const char **answer, const char *line, const char *key)
{
	size_t len = strcspn(*answer, "\n");
	bool ok = (*answer)[len] == '\n' && strlen(line) == len && memcmp(*answer, line, len) == 0;

	if (!ok)
		strbuf_addf(run->why, "%s is \"%.*s\" for Postfix, \"%s\" for us", key, (int)len,
			*answer, line);
	*answer += len + ((*answer)[len] == '\n');
	return ok;
}

static void skip(const char **answer)
{
	size_t len = strcspn(*answer, "\n");

	*answer += len + ((*answer)[len] == '\n');
}

static bool agrees_entries(struct run *run, const char *answer)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct shown *shown = &run->list[i];
		if (shown->overruled)
			skip(&answer);
		else if (!expect(run, &answer, shown->text.line.data, shown->key))
			return false;
	}
	run->check->tally->services += run->count;
	return !*answer || fail(run, "Postfix reads more", "-M");
}

/* postconf -F puts a long first word on a line of its own. */
static char *with_long_words_joined(const char *answer)
{
	static const char parted[] = " = \n    ";
	struct strbuf out = STRBUF_INIT;
	const char *found;

	strbuf_reset(&out);
	for (; (found = strstr(answer, parted)); answer = found + sizeof parted - 1)
		strbuf_addf(&out, "%.*s = ", (int)(found - answer), answer);
	strbuf_adds(&out, answer);
	return strbuf_detach(&out);
}

static bool agrees_fields(struct run *run, const char *as_printed)
{
	static const char *const names[SERVICE_FIELDS] = {"service", "type", "private",
		"unprivileged", "chroot", "wakeup", "process_limit", "command"};
	char *text = with_long_words_joined(as_printed);
	const char *answer = text;
	bool ok = true;

	for (size_t i = 0; ok && i < run->count; i++) {
		const struct shown *shown = &run->list[i];
		for (size_t f = 0; ok && f < SERVICE_FIELDS; f++) {
			char *line = text_format(
				"%s/%s = %s", shown->key, names[f], shown->text.fields[f].data);
			if (shown->overruled)
				skip(&answer);
			else
				ok = expect(run, &answer, line, shown->key);
			free(line);
		}
	}
	ok = ok && (!*answer || fail(run, "Postfix reads more", "-F"));
	free(text);
	return ok;
}

/* Text with white space as postconf prints it. */
static char *folded(const char *text)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_reset(&out);
	for (const char *word = text; *(word += strspn(word, " \t\r\n"));) {
		size_t len = strcspn(word, " \t\r\n");
		strbuf_adds(&out, out.len ? " " : "");
		strbuf_add(&out, word, len);
		word += len;
	}
	return strbuf_detach(&out);
}

/* Two entries of one key have their options together in postconf: not compared. */
static bool agrees_options(struct run *run, const char *answer)
{
	bool ok = true;

	for (size_t i = 0; i < run->count; i++) {
		if (run->list[i].overruled)
			return true;
	}
	for (size_t i = 0; ok && i < run->count; i++) {
		const struct pairs *options = &run->list[i].text.options;
		for (size_t o = 0; ok && o < options->count; o++) {
			char *line = text_format("%s/%s = %s", run->list[i].key,
				options->list[o].name, options->list[o].value);
			char *text = folded(line);
			ok = expect(run, &answer, text, run->list[i].key);
			free(text);
			free(line);
		}
		run->check->tally->options += options->count;
	}
	return ok && (!*answer || fail(run, "Postfix reads more", "-P"));
}

/* postconf expands the values of options before it answers anything. */
static bool is_about_a_value(const struct child *answer)
{
	return strstr(answer->err.data, "fatal: macro processing error") != NULL;
}

static bool postfix_reads_model(struct run *run, const char *when, bool all, bool *stop)
{
	static const struct {
		const char *option;
		bool (*agrees)(struct run *run, const char *answer);
	} questions[] = {{"-M", agrees_entries}, {"-F", agrees_fields}, {"-P", agrees_options}};
	const struct postconf *postconf = run->check->postconf;
	bool ok = true;

	postconf_write(postconf, "master.cf", mastercf_bytes(run->cf));
	*stop = false;
	for (size_t i = 0; ok && !*stop && i < (all ? 3 : 1); i++) {
		struct child answer;
		postconf_run(postconf, questions[i].option, &answer);
		*stop = answer.status != 0 && is_about_a_value(&answer);
		if (*stop)
			run->check->tally->by_value++;
		else if (answer.status == 0)
			ok = questions[i].agrees(run, answer.out.data);
		else
			ok = fail(run, answer.err.data, "Postfix refuses what we do not");
		if (!ok)
			strbuf_addf(run->why, " (%s, %s)", questions[i].option, when);
		child_free(&answer);
	}
	return ok;
}

/* --- refusals ------------------------------------------------------------------------------------- */

bool check_master_refused(const struct strbuf *bytes, struct error *error)
{
	struct mastercf *cf = mastercf_parse("master.cf", bytes->data, bytes->len, error);

	mastercf_free(cf);
	return !cf;
}

/* postconf lets pass what master(8), which is stricter, refuses. */
static bool only_master_refuses(const struct error *error)
{
	static const char *const reasons[] = {"missing '}' or text after it",
		"inet service cannot be private", "invalid wakeup field", "invalid command field",
		"invalid service field"};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		if (strstr(error->message, reasons[i]))
			return true;
	}
	return false;
}

bool check_master_refusal(const struct strbuf *bytes, const struct error *error,
	const struct child *answer, struct strbuf *why)
{
	(void)bytes;
	if (answer->status != 0 ? strstr(answer->err.data, "fatal: ") != NULL
				: only_master_refuses(error))
		return true;
	strbuf_addf(why, "refused by us: %s; by Postfix, status %d: %s", error->message,
		answer->status, answer->err.data);
	return false;
}

/* --- edits ---------------------------------------------------------------------------------------- */

static bool set(struct run *run, struct edit *edit, const struct strbuf *before, const char *text,
	const struct mastercf *wish)
{
	struct error error = {0};
	struct shown *now = last_of(run, edit->key);
	struct service_text shown;
	bool changed = false;

	/* What is not one entry is refused, and leaves all as it was. */
	if (!mastercf_set(run->cf, edit->key, text, &edit->hunk, &changed, &error))
		return fail(run, error.message, edit->key);
	service_write(wish, edit->key, &shown);
	bool same = now && strcmp(now->text.line.data, shown.line.data) == 0;
	if (!changed) {
		bool ok = same && before->len == mastercf_bytes(run->cf)->len &&
			  memcmp(before->data, mastercf_bytes(run->cf)->data, before->len) == 0;
		service_text_free(&shown);
		return ok || fail(run, "set, and said to be unchanged", edit->key);
	}
	if (now) {
		service_text_free(&now->text);
		now->text = shown;
	} else {
		service_text_free(&shown);
		add(run, wish, edit->key);
	}
	run->edit_count++;
	return lines_check_set(
		LINES_MASTER, before, mastercf_bytes(run->cf), edit->key, text, run->why);
}

static bool unset(struct run *run, struct edit *edit, const struct strbuf *before)
{
	if (!mastercf_unset(run->cf, edit->key, &edit->hunk))
		return fail(run, "unset finds none", edit->key);
	run->edit_count++;
	for (size_t i = run->count; i > 0; i--) {
		if (strcmp(run->list[i - 1].key, edit->key) == 0)
			drop(run, i - 1);
	}
	return lines_check_unset(
		LINES_MASTER, before, mastercf_bytes(run->cf), edit->key, run->why);
}

static bool edited_already(const struct run *run, const char *key)
{
	for (size_t i = 0; i < run->edit_count; i++) {
		if (strcmp(run->edits[i].key, key) == 0)
			return true;
	}
	return false;
}

static bool edit_once(struct run *run)
{
	struct dice *dice = &run->check->dice;
	struct edit *edit = &run->edits[run->edit_count];
	struct strbuf before = STRBUF_INIT;
	bool taking = run->count > 0 && dice_once_in(dice, 3), ok = true;
	char *text = generate_service(dice);
	struct mastercf *wish = mastercf_parse("master.cf", text, strlen(text), NULL);
	const char *key =
		taking ? run->list[dice_pick(dice, run->count)].key : mastercf_key(wish, 0);

	strbuf_add(&before, mastercf_bytes(run->cf)->data, mastercf_bytes(run->cf)->len);
	if (!edited_already(run, key)) {
		*edit = (struct edit){.key = text_dup(key)};
		ok = taking ? unset(run, edit, &before) : set(run, edit, &before, text, wish);
		if (edit == &run->edits[run->edit_count])
			free(edit->key);
		run->check->tally->edits++;
	}
	mastercf_free(wish);
	free(text);
	strbuf_free(&before);
	return ok;
}

static bool restore_all(struct run *run, const struct strbuf *bytes)
{
	size_t order[EDITS], left = run->edit_count;

	for (size_t i = 0; i < left; i++)
		order[i] = i;
	while (left > 0) {
		size_t which = dice_pick(&run->check->dice, left);
		const struct edit *edit = &run->edits[order[which]];
		if (mastercf_restore(run->cf, &edit->hunk, false) != HUNK_RESTORED)
			return fail(run, "not restored", edit->key);
		order[which] = order[--left];
		run->check->tally->restores++;
	}
	const struct strbuf *now = mastercf_bytes(run->cf);
	if (now->len == bytes->len && memcmp(now->data, bytes->data, now->len) == 0)
		return true;
	strbuf_adds(run->why, "restored, but not every byte: ");
	check_show(run->why, now->data, now->len);
	return false;
}

static bool edit_and_restore(struct run *run, const struct strbuf *bytes)
{
	bool ok = true, stop = false;

	for (size_t edits = 1 + dice_pick(&run->check->dice, EDITS); ok && edits > 0; edits--)
		ok = edit_once(run);
	return ok && postfix_reads_model(run, "edited", false, &stop) && restore_all(run, bytes);
}

bool check_master(struct check *check, const struct strbuf *bytes, struct strbuf *why)
{
	struct run run = {.check = check, .why = why};
	struct error error = {0};
	bool ok, stop = false;

	check->tally->files[LINES_MASTER]++;
	run.cf = mastercf_parse("master.cf", bytes->data, bytes->len, &error);
	if (!run.cf) {
		struct child answer;
		postconf_write(check->postconf, "master.cf", bytes);
		postconf_run(check->postconf, "-M", &answer);
		ok = check_master_refusal(bytes, &error, &answer, why);
		child_free(&answer);
		return ok;
	}
	read_all(&run);
	bool all = !dice_once_in(&check->dice, 3);
	ok = postfix_reads_model(&run, "read", all, &stop) &&
	     (stop || edit_and_restore(&run, bytes));
	while (run.count > 0)
		drop(&run, run.count - 1);
	free(run.list);
	for (size_t i = 0; i < run.edit_count; i++) {
		free(run.edits[i].key);
		hunk_free(&run.edits[i].hunk);
	}
	mastercf_free(run.cf);
	return ok;
}
