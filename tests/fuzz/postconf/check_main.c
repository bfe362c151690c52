#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "change/baseline.h"
#include "lines.h"
#include "postfix/maincf.h"

enum { EDITS = 5 };

/* What was edited, and what it had for a value before (NULL: nothing). The baseline has the way back,
 * as it has in the program; of a parameter that was set twice as well. */
struct edit {
	char *name;
	char *old;
	bool set, restorable;
};

struct run {
	struct check *check;
	struct maincf *cf;
	struct pairs model; /* every parameter, as it must read now */
	struct edit edits[EDITS];
	size_t count;
	struct baseline baseline;
	struct strbuf *why;
};

static bool fail(struct run *run, const char *what, const char *name)
{
	strbuf_addf(run->why, "%s: %s", name, what);
	return false;
}

/* --- reading -------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_pairs(const struct maincf *cf, struct pairs *pairs)
{
	size_t count = maincf_count(cf);
	const char **names = mem_calloc(count + 1, sizeof *names);

	*pairs = (struct pairs){0};
	for (size_t i = 0; i < count; i++)
		names[i] = maincf_name(cf, i);
	qsort(names, count, sizeof *names, by_text);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			pairs_add(pairs, names[i], maincf_value(cf, names[i]));
	}
	free(names);
}

/* The bytes as they are now, read anew, against the model. */
static bool reads_as_model(struct run *run, const char *when)
{
	const struct strbuf *bytes = maincf_bytes(run->cf);
	struct maincf *cf = maincf_parse("main.cf", bytes->data, bytes->len, NULL);
	struct pairs now = {0};

	if (!cf)
		return fail(run, "we cannot read our own work", when);
	read_pairs(cf, &now);
	bool ok = now.count == run->model.count;
	if (!ok)
		strbuf_addf(run->why, "%s: %zu parameters, should be %zu", when, now.count,
			run->model.count);
	for (size_t i = 0; ok && i < now.count; i++) {
		const struct pair *is = &now.list[i], *want = &run->model.list[i];
		ok = strcmp(is->name, want->name) == 0 && strcmp(is->value, want->value) == 0;
		if (!ok)
			strbuf_addf(run->why, "%s: \"%s = %s\", should be \"%s = %s\"", when,
				is->name, is->value, want->name, want->value);
	}
	pairs_free(&now);
	maincf_free(cf);
	return ok;
}

/* A bad line is named by its number; all else that is fatal is a value that postconf uses itself
 * (inet_protocols, mynetworks_style, ...) or cannot expand. */
static bool is_about_a_value(const struct child *answer)
{
	const char *fatal = strstr(answer->err.data, "postconf: fatal: ");

	return fatal && !memmem(fatal, strcspn(fatal, "\n"), "main.cf, line ", 14);
}

static bool postfix_reads_model(struct run *run, const char *when, bool *stop)
{
	const struct postconf *postconf = run->check->postconf;
	struct child answer;

	postconf_write(postconf, "main.cf", maincf_bytes(run->cf));
	postconf_run(postconf, "-n", &answer);
	bool ok = answer.status == 0;
	if (ok) {
		struct strbuf why = STRBUF_INIT;
		ok = postconf_agrees(postconf, &answer, &run->model, &why);
		if (!ok)
			strbuf_addf(run->why, "%s: %s", when, why.data);
		strbuf_free(&why);
		run->check->tally->parameters += run->model.count;
	} else if (is_about_a_value(&answer)) {
		run->check->tally->by_value++;
		*stop = ok = true;
	} else {
		strbuf_addf(
			run->why, "%s: Postfix refuses what we do not: %s", when, answer.err.data);
	}
	child_free(&answer);
	return ok;
}

bool check_main_refused(const struct strbuf *bytes, struct error *error)
{
	struct maincf *cf = maincf_parse("main.cf", bytes->data, bytes->len, error);

	maincf_free(cf);
	return !cf;
}

/* "…, line 7: missing '=' after attribute name: …" in our words and in Postfix's (where lines are
 * several "7-9"). Postfix counts newlines: without one the last line has the number before it. */
bool check_main_refusal(const struct strbuf *bytes, const struct error *error,
	const struct child *answer, struct strbuf *why)
{
	const char *ours = strstr(error->message, ", line "),
		   *theirs = strstr(answer->err.data, "fatal: ");
	char *end, *their_end;

	theirs = theirs ? strstr(theirs, ", line ") : NULL;
	bool ok = ours && theirs && answer->status != 0;
	if (ok) {
		unsigned long our_line = strtoul(ours + 7, &end, 10);
		unsigned long their_line = strtoul(theirs + 7, &their_end, 10);
		if (*their_end == '-')
			(void)strtoul(their_end + 1, &their_end, 10);
		size_t len = strcspn(end + 2, ":");
		bool open_end = bytes->data[bytes->len - 1] != '\n';
		ok = (our_line == their_line || (open_end && our_line == their_line + 1)) &&
		     strncmp(end, their_end, len + 2) == 0;
	}
	if (!ok)
		strbuf_addf(why, "refused by us: %s; by Postfix, status %d: %s", error->message,
			answer->status, answer->err.data);
	return ok;
}

/* --- editing -------------------------------------------------------------------------------------- */

static char *choose_name(struct run *run)
{
	struct dice *dice = &run->check->dice;
	size_t count = run->model.count;

	if (count > 0 && !dice_once_in(dice, 3))
		return text_dup(run->model.list[dice_pick(dice, count)].name);
	return generate_name(dice, run->check->stock);
}

static struct edit *edit_of(struct run *run, const char *name)
{
	for (size_t i = 0; i < run->count; i++) {
		if (strcmp(run->edits[i].name, name) == 0)
			return &run->edits[i];
	}
	return NULL;
}

static bool same_bytes(const struct strbuf *a, const struct strbuf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void remember(struct run *run, struct edit *edit, struct hunk *hunk)
{
	baseline_remember(&run->baseline.main, hunk);
	hunk_free(hunk);
	edit->restorable = true;
}

static bool set(struct run *run, struct edit *edit, const struct strbuf *before, const char *value)
{
	const struct pair *now = pairs_find(&run->model, edit->name);
	struct error error = {0};
	struct hunk hunk = {0};
	bool changed = false;

	if (!maincf_set(run->cf, edit->name, value, &hunk, &changed, &error))
		return fail(run, error.message, edit->name);
	edit->set = true;
	if (!changed) {
		if (!now || !maincf_value_equal(now->value, value))
			return fail(run, "set, and said to be unchanged", edit->name);
		return same_bytes(before, maincf_bytes(run->cf)) ||
		       fail(run, "unchanged, but not its bytes", edit->name);
	}
	remember(run, edit, &hunk);
	char *text = text_format(*value ? "%s = %s" : "%s =%s", edit->name, value);
	bool ok = lines_check_set(
		LINES_MAIN, before, maincf_bytes(run->cf), edit->name, text, run->why);
	free(text);
	pairs_set(&run->model, edit->name, value);
	return ok;
}

static bool unset(struct run *run, struct edit *edit, const struct strbuf *before)
{
	struct error error = {0};
	struct hunk hunk = {0};
	bool changed = false;

	if (!maincf_unset(run->cf, edit->name, &hunk, &changed, &error))
		return fail(run, error.message, edit->name);
	if (changed != (edit->old != NULL))
		return fail(run, "unset, with the wrong answer", edit->name);
	if (changed)
		remember(run, edit, &hunk);
	pairs_drop(&run->model, edit->name);
	return lines_check_unset(LINES_MAIN, before, maincf_bytes(run->cf), edit->name, run->why);
}

static bool remove_for_good(struct run *run, const struct edit *edit, const struct strbuf *before)
{
	if (maincf_remove(run->cf, edit->name) != (edit->old != NULL))
		return fail(run, "remove, with the wrong answer", edit->name);
	pairs_drop(&run->model, edit->name);
	return lines_check_remove(LINES_MAIN, before, maincf_bytes(run->cf), edit->name, run->why);
}

/* What Postfix would not read back is refused, and nothing is touched. */
static bool set_in_vain(struct run *run, const struct strbuf *before)
{
	static const char *const values[] = {
		"a\nb = c", "a\n", " a", "a\t", "\va", "a\r", "\n", "\f"};
	static const char *const names[] = {"a b", "", "#a", "a=b", "a\n", " a", "a\v"};
	struct dice *dice = &run->check->dice;
	struct error error = {0};
	bool changed = false, odd_name = dice_once_in(dice, 3);
	const char *name = odd_name ? names[dice_pick(dice, 7)] : "relayhost";
	const char *value = odd_name ? "x" : values[dice_pick(dice, 8)];

	if (maincf_set(run->cf, name, value, NULL, &changed, &error) || error.code != ERROR_DATA ||
		!same_bytes(before, maincf_bytes(run->cf)))
		return fail(run, "a name or value was taken that cannot be read back", name);
	return true;
}

static bool edit_first_time(
	struct run *run, char *name, const struct strbuf *before, bool may_remove)
{
	struct dice *dice = &run->check->dice;
	const struct pair *now = pairs_find(&run->model, name);
	struct edit *edit = &run->edits[run->count++];
	bool ok;

	*edit = (struct edit){.name = name, .old = now ? text_dup(now->value) : NULL};
	if (may_remove && dice_once_in(dice, 2))
		return remove_for_good(run, edit, before);
	if (dice_once_in(dice, 3))
		return unset(run, edit, before);
	char *value = now && dice_once_in(dice, 12) ? text_dup(now->value) : generate_value(dice);
	ok = set(run, edit, before, value);
	free(value);
	return ok;
}

static bool edit_once(struct run *run, bool may_remove)
{
	struct dice *dice = &run->check->dice;
	struct strbuf before = STRBUF_INIT;
	bool again = run->count > 0 && dice_once_in(dice, 4), ok = true;
	char *name =
		again ? text_dup(run->edits[dice_pick(dice, run->count)].name) : choose_name(run);
	struct edit *edit = edit_of(run, name);

	strbuf_add(&before, maincf_bytes(run->cf)->data, maincf_bytes(run->cf)->len);
	if (dice_once_in(dice, 10))
		ok = set_in_vain(run, &before);
	/* Postfix goes by the folder that it was given. */
	if (ok && !edit && strcmp(name, "config_directory") != 0) {
		ok = edit_first_time(run, name, &before, may_remove);
		name = NULL;
		run->check->tally->edits++;
	} else if (ok && edit && edit->set) {
		char *value = generate_value(dice);
		ok = set(run, edit, &before, value);
		free(value);
		run->check->tally->edits++;
	}
	free(name);
	strbuf_free(&before);
	return ok;
}

/* --- restoring ------------------------------------------------------------------------------------ */

/* Somebody else's comment before everything that is there. */
static void add_theirs(struct run *run, struct strbuf *original)
{
	static const char theirs[] = "# theirs\n";
	struct strbuf bytes = STRBUF_INIT;

	strbuf_add(&bytes, theirs, sizeof theirs - 1);
	strbuf_add(&bytes, maincf_bytes(run->cf)->data, maincf_bytes(run->cf)->len);
	strbuf_splice(original, 0, 0, theirs, sizeof theirs - 1);
	maincf_free(run->cf);
	run->cf = maincf_parse("main.cf", bytes.data, bytes.len, NULL);
	strbuf_free(&bytes);
}

static bool restore_once(struct run *run, const struct edit *edit)
{
	const struct hunk *hunk = baseline_find(&run->baseline.main, edit->name);

	if (maincf_restore(run->cf, hunk, false) != HUNK_RESTORED)
		return fail(run, "not restored", edit->name);
	if (edit->old)
		pairs_set(&run->model, edit->name, edit->old);
	else
		pairs_drop(&run->model, edit->name);
	run->check->tally->restores++;
	return reads_as_model(run, "partly restored");
}

static bool restore_all(struct run *run, const struct strbuf *bytes, bool exact)
{
	struct dice *dice = &run->check->dice;
	struct strbuf original = STRBUF_INIT;
	bool ok = true, stop = false;
	size_t left = 0, order[EDITS] = {0};

	strbuf_add(&original, bytes->data, bytes->len);
	for (size_t i = 0; i < run->count; i++) {
		if (run->edits[i].restorable)
			order[left++] = i;
	}
	if (dice_once_in(dice, 4))
		add_theirs(run, &original);
	while (ok && left > 0) {
		size_t which = dice_pick(dice, left);
		ok = restore_once(run, &run->edits[order[which]]);
		order[which] = order[--left];
		if (ok && left > 0 && dice_once_in(dice, 12))
			ok = postfix_reads_model(run, "partly restored", &stop);
	}
	if (ok && exact && !same_bytes(&original, maincf_bytes(run->cf))) {
		strbuf_adds(run->why, "restored, but not every byte: ");
		check_show(run->why, maincf_bytes(run->cf)->data, maincf_bytes(run->cf)->len);
		ok = false;
	}
	strbuf_free(&original);
	return ok;
}

static bool edit_and_restore(struct run *run, const struct strbuf *bytes)
{
	struct dice *dice = &run->check->dice;
	bool removes = dice_once_in(dice, 5), stop = false, ok = true;

	for (size_t edits = 1 + dice_pick(dice, EDITS - 1); ok && edits > 0; edits--)
		ok = edit_once(run, removes);
	ok = ok && reads_as_model(run, "edited") && postfix_reads_model(run, "edited", &stop);
	return ok && (stop || restore_all(run, bytes, !removes));
}

bool check_main(struct check *check, const struct strbuf *bytes, struct strbuf *why)
{
	struct run run = {.check = check, .why = why};
	struct error error = {0};
	bool ok, stop = false;

	check->tally->files[LINES_MAIN]++;
	run.cf = maincf_parse("main.cf", bytes->data, bytes->len, &error);
	if (!run.cf) {
		struct child answer;
		postconf_write(check->postconf, "main.cf", bytes);
		postconf_run(check->postconf, "-n", &answer);
		ok = check_main_refusal(bytes, &error, &answer, why);
		child_free(&answer);
		return ok;
	}
	read_pairs(run.cf, &run.model);
	ok = postfix_reads_model(&run, "read", &stop);
	if (ok && !stop)
		ok = edit_and_restore(&run, bytes);
	for (size_t i = 0; i < run.count; i++) {
		free(run.edits[i].name);
		free(run.edits[i].old);
	}
	baseline_free(&run.baseline);
	pairs_free(&run.model);
	maincf_free(run.cf);
	return ok;
}
