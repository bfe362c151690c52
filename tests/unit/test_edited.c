/* swap.c, edited.c, step_apply.c: an editor, which takes no lock, saves main.cf at any moment of a change.
 * Its save was lost without a word where it fell between the last look at the file and the rename. */
#include "site_fixture.h"

#include "change/edited.h"
#include "change/step.h"
#include "change/swap.h"

static const char before[] = "myhostname = a.test\nrelayhost =\n";
static const char after[] = "myhostname = a.test\nrelayhost = [b.test]:587\n";
static const char edit_of_old[] = "myhostname = edited.test\nrelayhost =\n";
static const char edit_of_ours[] = "myhostname = edited.test\nrelayhost = [b.test]:587\n";
static const char edit_of_neither[] = "myhostname = edited.test\nrelayhost = [c.test]\n";

struct scene {
	char dir[64];
	char *path, *aside;
	struct plan_file file;
	struct plan plan;
	struct steps steps;
};

static void scene_make(struct scene *s)
{
	*s = (struct scene){0};
	snprintf(s->dir, sizeof s->dir, "/tmp/relaycon-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->path = text_format("%s/main.cf", s->dir);
	s->aside = text_format("%s.relaycon-edited", s->path);
	s->file = (struct plan_file){.kind = PLAN_MAIN_CF, .path = s->path, .existed = true};
	strbuf_adds(&s->file.before, before);
	strbuf_adds(&s->file.after, after);
	s->plan = (struct plan){.files = &s->file, .count = 1};
	write_text(s->path, before);
}

static void scene_free(struct scene *s)
{
	steps_free(&s->steps);
	strbuf_free(&s->file.before);
	strbuf_free(&s->file.after);
	free(s->aside);
	free(s->path);
	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void save_by_rename(const struct scene *s, const char *text)
{
	char *new = text_format("%s/4913", s->dir);

	write_text(new, text);
	assert_int_equal(rename(new, s->path), 0);
	free(new);
}

static void assert_text(const char *path, const char *text)
{
	struct strbuf found = STRBUF_INIT;
	struct error error = {0};

	assert_ok(file_read(&found, path, FILE_MAX, NULL, &error), error);
	assert_string_equal(found.data, text);
	strbuf_free(&found);
}

static void assert_only_main_cf(const struct scene *s, bool aside)
{
	assert_false(there(s->steps.list[0].staged));
	assert_false(there(s->steps.list[0].old));
	assert_int_equal(there(s->aside), aside);
}

static void saved_between_plan_and_staging(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	save_by_rename(&s, edit_of_old);
	assert_false(steps_stage(&s.steps, &s.plan, &error));
	assert_int_equal(error.code, ERROR_BUSY);
	assert_text(s.path, edit_of_old);
	scene_free(&s);
}

static void saved_between_staging_and_rename(void **state)
{
	(void)state;
	for (int in_place = 0; in_place < 2; in_place++) {
		struct scene s;
		struct error error = {0};
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		if (in_place)
			write_text(s.path, edit_of_old);
		else
			save_by_rename(&s, edit_of_old);
		assert_false(steps_apply(&s.steps, &error));
		assert_int_equal(error.code, ERROR_BUSY);
		assert_text(s.path, edit_of_old);
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_text(s.path, edit_of_old);
		assert_only_main_cf(&s, false);
		scene_free(&s);
	}
}

/* vim takes the old file away, writes a new one, and removes the old one. With the save between undoing's
 * look and its rename the old file came back over it. */
static void taken_away_by_an_editor_that_keeps_a_backup(void **state)
{
	(void)state;
	for (int saved = 0; saved < 2; saved++) {
		struct scene s;
		struct error error = {0};
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		char *backup = text_format("%s~", s.path);
		assert_int_equal(rename(s.path, backup), 0);
		assert_false(steps_apply(&s.steps, &error));
		assert_int_equal(error.code, ERROR_BUSY);
		if (saved)
			write_text(s.path, edit_of_old);
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_text(s.path, saved ? edit_of_old : before);
		assert_text(backup, before);
		assert_only_main_cf(&s, false);
		free(backup);
		scene_free(&s);
	}
}

/* Where the exchange itself brings an edit to light, between a look and the next system call. */
static void saved_in_the_instant_of_the_exchange(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
	struct step *step = &s.steps.list[0];
	save_by_rename(&s, edit_of_old);
	/* Killed right after it: the edit has the staged name. */
	assert_true(swap_names(step->staged, step->target));
	assert_false(steps_are_done(&s.steps));
	for (int again = 0; again < 2; again++) {
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_text(s.path, edit_of_old);
		assert_only_main_cf(&s, false);
	}
	scene_free(&s);
}

static void killed_while_the_names_are_exchanged(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
	assert_true(swap_names(s.steps.list[0].staged, s.steps.list[0].target));
	assert_false(steps_are_done(&s.steps));
	assert_ok(steps_undo(&s.steps, &error), error);
	assert_text(s.path, before);
	assert_only_main_cf(&s, false);
	scene_free(&s);
}

/* An undoing that is cut short between its own exchange and the unlink. */
static void undo_killed_while_the_names_are_exchanged(void **state)
{
	(void)state;
	for (int edited = 0; edited < 2; edited++) {
		struct scene s;
		struct error error = {0};
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		assert_ok(steps_apply(&s.steps, &error), error);
		if (edited)
			save_by_rename(&s, edit_of_ours);
		assert_true(swap_names(s.steps.list[0].old, s.steps.list[0].target));
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_text(s.path, before);
		assert_only_main_cf(&s, edited);
		if (edited)
			assert_text(s.aside, edit_of_ours);
		scene_free(&s);
	}
}

/* The editor had opened the old file before the rename, and writes into it afterwards. */
static void written_into_the_old_file(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
	FILE *editor = fopen(s.path, "r+");
	assert_non_null(editor);
	assert_ok(steps_apply(&s.steps, &error), error);
	assert_true(swap_is_being_written(s.steps.list[0].old, 0));
	assert_false(steps_left_alone(&s.steps, &error));
	assert_int_equal(error.code, ERROR_BUSY);
	fputs(edit_of_old, editor);
	fclose(editor);
	assert_false(swap_is_being_written(s.steps.list[0].old, 0));
	assert_false(steps_left_alone(&s.steps, &error));
	assert_ok(steps_undo(&s.steps, &error), error);
	assert_text(s.path, edit_of_old);
	assert_only_main_cf(&s, false);
	scene_free(&s);
}

static void saved_over_ours(void **state)
{
	static const struct {
		const char *name, *edit;
		bool fine;          /* our change is in it as well */
		const char *stands; /* after the undoing, where it is not */
		bool aside;
	} cases[] = {
		{"made of ours", edit_of_ours, true, NULL, false},
		{"made of the old file", edit_of_old, false, edit_of_old, false},
		{"made of neither", edit_of_neither, false, before, true},
		{"emptied", "", false, before, true},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		bool in_place = i % 2;
		struct scene s;
		struct error error = {0};
		print_message("  %s, %s\n", cases[i / 2].name, in_place ? "in place" : "by rename");
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		assert_ok(steps_apply(&s.steps, &error), error);
		assert_ok(steps_left_alone(&s.steps, &error), error);
		if (in_place)
			write_text(s.path, cases[i / 2].edit);
		else
			save_by_rename(&s, cases[i / 2].edit);
		assert_int_equal(steps_left_alone(&s.steps, &error), cases[i / 2].fine);
		if (!cases[i / 2].fine) {
			assert_int_equal(error.code, ERROR_BUSY);
			assert_ok(steps_undo(&s.steps, &error), error);
			assert_text(s.path, cases[i / 2].stands);
			assert_only_main_cf(&s, cases[i / 2].aside);
		}
		if (cases[i / 2].aside)
			assert_text(s.aside, cases[i / 2].edit);
		scene_free(&s);
	}
}

/* The second version put aside replaced the first. */
static void what_is_put_aside_replaces_nothing(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	for (int i = 0; i < 3; i++) {
		char *edit = text_format("relayhost = [edit%d.test]\n", i);
		char *aside = i ? text_format("%s.%d", s.aside, i + 1) : text_dup(s.aside);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		assert_ok(steps_apply(&s.steps, &error), error);
		save_by_rename(&s, edit);
		assert_ok(steps_undo(&s.steps, &error), error);
		steps_free(&s.steps);
		assert_text(aside, edit);
		free(aside);
		free(edit);
	}
	assert_text(s.aside, "relayhost = [edit0.test]\n");
	scene_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saved_between_plan_and_staging),
		cmocka_unit_test(saved_between_staging_and_rename),
		cmocka_unit_test(taken_away_by_an_editor_that_keeps_a_backup),
		cmocka_unit_test(saved_in_the_instant_of_the_exchange),
		cmocka_unit_test(killed_while_the_names_are_exchanged),
		cmocka_unit_test(undo_killed_while_the_names_are_exchanged),
		cmocka_unit_test(written_into_the_old_file),
		cmocka_unit_test(saved_over_ours),
		cmocka_unit_test(what_is_put_aside_replaces_nothing),
	};

	return cmocka_run_group_tests_name("edited", tests, NULL, NULL);
}
