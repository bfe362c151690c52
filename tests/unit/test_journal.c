/* journal.c and step.c: renames that can be taken back from any point. */
#include "site_fixture.h"

#include "change/journal.h"
#include "change/step.h"

/* Five kinds of step: changed, changed with an interim version, new, removed, new state folder. */
struct scene {
	char dir[64];
	struct plan plan;
	struct steps steps;
	struct site site;
};

static struct plan_file *add(
	struct scene *s, const char *name, const char *before, const char *after)
{
	struct plan *plan = &s->plan;
	plan->files = mem_realloc_array(plan->files, plan->count + 1, sizeof *plan->files);
	struct plan_file *file = &plan->files[plan->count++];

	*file = (struct plan_file){.kind = PLAN_TABLE, .mode = 0640};
	file->path = text_format("%s/%s", s->dir, name);
	file->existed = before != NULL;
	file->remove = after == NULL;
	strbuf_reset(&file->before);
	strbuf_reset(&file->after);
	strbuf_adds(&file->before, before ? before : "");
	strbuf_adds(&file->after, after ? after : "");
	if (before)
		write_text(file->path, before);
	return file;
}

static void scene_make(struct scene *s)
{
	*s = (struct scene){0};
	snprintf(s->dir, sizeof s->dir, "/tmp/relaycon-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	add(s, "changed", "old\n", "new\n");
	struct plan_file *file = add(s, "bridged", "a x\n", "b y\n");
	file->has_interim = true;
	strbuf_adds(&file->interim, "b y\na x\n");
	add(s, "new", NULL, "fresh\n");
	add(s, "removed", "gone\n", NULL);
	add(s, "deep/er/state", NULL, "kept\n")->kind = PLAN_STATE;
	s->site.state_dir = text_dup(s->dir);
	s->site.journal_file = text_format("%s/journal", s->dir);
}

static void scene_free(struct scene *s)
{
	steps_free(&s->steps);
	plan_free(&s->plan);
	free(s->site.state_dir);
	free(s->site.journal_file);
	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void assert_side(const struct scene *s, bool new)
{
	for (size_t i = 0; i < s->plan.count; i++) {
		const struct plan_file *file = &s->plan.files[i];
		assert_int_equal(there(file->path), new ? !file->remove : file->existed);
		if (there(file->path))
			assert_bytes(file->path, new ? &file->after : &file->before);
	}
}

static size_t hidden(const struct scene *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->steps.count; i++) {
		const struct step *step = &s->steps.list[i];
		count += step->staged && there(step->staged);
		count += step->old && there(step->old);
	}
	return count;
}

static void stage_touches_no_target(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
	assert_int_equal(s.steps.count, 6);
	assert_side(&s, false);
	assert_false(steps_are_done(&s.steps));
	scene_free(&s);
}

static void apply_then_forget(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
	assert_ok(steps_apply(&s.steps, &error), error);
	assert_side(&s, true);
	assert_true(steps_are_done(&s.steps));
	assert_true(steps_can_undo(&s.steps));
	steps_forget(&s.steps);
	assert_int_equal(hidden(&s), 0);
	assert_false(steps_can_undo(&s.steps));
	scene_free(&s);
}

/* Killed after the first n renames, with the last of them perhaps not begun. */
static void undo_from_every_point(void **state)
{
	(void)state;
	for (size_t done = 0; done <= 6; done++) {
		struct scene s;
		struct error error = {0};
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		struct steps part = {.list = s.steps.list, .count = done};
		assert_ok(steps_apply(&part, &error), error);
		assert_true(steps_can_undo(&s.steps));
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_side(&s, false);
		assert_int_equal(hidden(&s), 0);
		/* It may be cut short itself and be done again. */
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_side(&s, false);
		scene_free(&s);
	}
}

static void undo_in_two_goes(void **state)
{
	(void)state;
	for (size_t first = 0; first <= 6; first++) {
		struct scene s;
		struct error error = {0};
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		assert_ok(steps_apply(&s.steps, &error), error);
		struct steps tail = {.list = s.steps.list + s.steps.count - first, .count = first};
		assert_ok(steps_undo(&tail, &error), error);
		assert_true(steps_can_undo(&s.steps));
		assert_ok(steps_undo(&s.steps, &error), error);
		assert_side(&s, false);
		assert_int_equal(hidden(&s), 0);
		scene_free(&s);
	}
}

/* Between a crash and the recovery somebody edits main.cf: that is never lost. */
static void edits_of_others_are_kept(void **state)
{
	static const struct {
		const char *name;
		bool ours_stands; /* our rename was done before the edit */
		bool in_place;
		const char *stands; /* after the undo */
		const char *aside;  /* NULL: nothing is put aside */
	} cases[] = {
		{"the old file, replaced", false, false, "theirs\n", NULL},
		{"the old file, in place", false, true, "theirs\n", NULL},
		{"ours, replaced", true, false, "old\n", "theirs\n"},
		{"ours, in place", true, true, "old\n", "theirs\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct scene s;
		struct error error = {0};
		struct strbuf found = STRBUF_INIT;
		struct step *step = NULL;

		print_message("  %s\n", cases[i].name);
		scene_make(&s);
		assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
		for (size_t k = 0; k < s.steps.count; k++)
			if (strstr(s.steps.list[k].target, "/changed"))
				step = &s.steps.list[k];
		assert_non_null(step);
		step->shared = true;
		if (cases[i].ours_stands)
			assert_ok(steps_apply(&s.steps, &error), error);
		char *edit = text_format("%s/edit", s.dir);
		char *aside = text_format("%s.relaycon-edited", step->target);
		write_text(cases[i].in_place ? step->target : edit, "theirs\n");
		if (!cases[i].in_place)
			assert_int_equal(rename(edit, step->target), 0);
		for (int again = 0; again < 2; again++) {
			assert_ok(steps_undo(&s.steps, &error), error);
			assert_ok(file_read(&found, step->target, 100, NULL, &error), error);
			assert_string_equal(found.data, cases[i].stands);
			assert_int_equal(hidden(&s), 0);
			assert_int_equal(there(aside), cases[i].aside != NULL);
			assert_int_equal(s.steps.aside, cases[i].aside != NULL);
		}
		if (cases[i].aside) {
			assert_ok(file_read(&found, aside, 100, NULL, &error), error);
			assert_string_equal(found.data, cases[i].aside);
		}
		strbuf_free(&found);
		free(edit);
		free(aside);
		scene_free(&s);
	}
}

static void interim_stands_between(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	assert_ok(steps_stage(&s.steps, &s.plan, &error), error);
	struct steps part = {.list = s.steps.list, .count = 1};
	assert_ok(steps_apply(&part, &error), error);
	assert_bytes(s.plan.files[1].path, &s.plan.files[1].interim);
	scene_free(&s);
}

static void failing_stage_leaves_nothing(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};

	scene_make(&s);
	add(&s, "no/such/folder", NULL, "x\n");
	assert_false(steps_stage(&s.steps, &s.plan, &error));
	assert_true(error.message[0] != '\0');
	s.plan.count--;
	assert_side(&s, false);
	char *path = text_format("%s/.changed.relaycon-new", s.dir);
	assert_false(there(path));
	free(path);
	s.plan.count++;
	scene_free(&s);
}

static void journal_comes_back(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};
	struct journal written = {0}, read;

	scene_make(&s);
	assert_ok(steps_stage(&written.steps, &s.plan, &error), error);
	written.reload = true;
	written.service = text_dup("smtp");
	written.summary = text_dup("relay [x]:587");
	assert_false(journal_exists(&s.site));
	assert_ok(journal_write(&s.site, &written, &error), error);
	struct stat st;
	assert_int_equal(stat(s.site.journal_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(journal_read(&read, &s.site, &error), error);
	assert_int_equal(read.steps.count, written.steps.count);
	for (size_t i = 0; i < read.steps.count; i++) {
		assert_string_equal(read.steps.list[i].target, written.steps.list[i].target);
		assert_true(text_equal(read.steps.list[i].staged, written.steps.list[i].staged));
		assert_true(text_equal(read.steps.list[i].old, written.steps.list[i].old));
		assert_true(read.steps.list[i].inode == written.steps.list[i].inode);
	}
	assert_true(read.reload);
	assert_string_equal(read.service, "smtp");
	assert_ok(journal_drop(&s.site, &error), error);
	assert_false(journal_exists(&s.site));
	journal_free(&written);
	journal_free(&read);
	scene_free(&s);
}

static void assert_refused(struct scene *s)
{
	struct error error = {0};
	struct journal journal;

	assert_false(journal_read(&journal, &s->site, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.message, s->site.journal_file));
	assert_non_null(strstr(error.advice, ".relaycon-old"));
}

static void damaged_journal_is_explained(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{", "[]", "{}", "{\"version\":9}",
		"{\"version\":1,\"sha256\":\"\",\"journal\":{}}",
		"{\"version\":1,\"sha256\":1,\"journal\":[]}"};
	struct scene s;

	scene_make(&s);
	s.site.postfix.config_dir = s.dir;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		write_text(s.site.journal_file, texts[i]);
		assert_refused(&s);
	}
	scene_free(&s);
}

/* One digit of an inode wrong, and a file of ours counted as somebody else's and stayed. */
static void no_byte_of_a_journal_can_change_unseen(void **state)
{
	(void)state;
	struct scene s;
	struct error error = {0};
	struct journal journal = {.service = text_dup("smtp")};
	struct strbuf whole = STRBUF_INIT;

	scene_make(&s);
	s.site.postfix.config_dir = s.dir;
	assert_ok(steps_stage(&journal.steps, &s.plan, &error), error);
	assert_ok(journal_write(&s.site, &journal, &error), error);
	read_bytes(&whole, s.site.journal_file);
	for (size_t i = 0; i < whole.len; i++) {
		/* White space between the parts says nothing. */
		if (strchr(" \n", whole.data[i]))
			continue;
		whole.data[i] ^= 1;
		write_bytes(s.site.journal_file, whole.data, whole.len);
		assert_refused(&s);
		whole.data[i] ^= 1;
		if (i % 16 == 0) {
			write_bytes(s.site.journal_file, whole.data, i);
			assert_refused(&s);
		}
	}
	strbuf_free(&whole);
	journal_free(&journal);
	scene_free(&s);
}

/* A journal that is whole, and names what no change of this site touches. */
static void foreign_files_are_refused(void **state)
{
	static const struct {
		const char *name; /* below the folder, but for an absolute one */
		bool fine;
		const char *staged; /* the same */
	} cases[] = {
		{"", false, NULL},
		{"main.cf/", false, NULL},
		{"main.cf", false, "etc/.main.cf.relaycon-new"},
		{"main.cf", false, ".main.cf.relaycon-old"},
		{"main.cf", false, "etc/passwd"},
		{"/etc/relaycon-no-such", false, NULL},
		{"../passwd", false, NULL},
		{"etc/passwd", false, NULL},
		{"state/../etc/main.cf", false, NULL},
		{"state2/settings.ini", false, NULL},
		{"master.cf.bak", false, NULL},
		{"relaycon_sasl_passwd.txt", false, NULL},
		{"main.cf", true, ".main.cf.relaycon-new"},
		{"relaycon_sasl_passwd.db", true, NULL},
		{"relaycon_tls_policy", true, NULL},
		{"state/settings.ini", true, NULL},
		{"state/backup/1/main.cf", true, NULL},
		{"state/../relaycon_sasl_passwd", true, NULL},
	};

	(void)state;
	struct scene s;
	struct error error = {0};
	scene_make(&s);
	struct site *site = &s.site;
	free(site->state_dir);
	site->state_dir = text_format("%s/state", s.dir);
	site->postfix.config_dir = s.dir;
	site->main_cf = text_format("%s/main.cf", s.dir);
	site->credentials = text_format("%s/relaycon_sasl_passwd", s.dir);
	site->tls_policy = text_format("%s/relaycon_tls_policy", s.dir);
	static const char *const folders[] = {
		"state", "state2", "state/backup", "state/backup/1", "etc"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char *folder = text_format("%s/%s", s.dir, folders[i]);
		assert_int_equal(mkdir(folder, 0700), 0);
		free(folder);
	}
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *name = cases[i].name;
		char *target = *name == '/' ? text_dup(name) : text_format("%s/%s", s.dir, name);
		const char *beside = cases[i].staged;
		char *staged = beside ? text_format("%s/%s", s.dir, beside) : NULL;
		struct step step = {.target = target, .staged = staged};
		struct journal read, written = {.steps = {.list = &step, .count = 1}};
		print_message("  %s, %s\n", name, beside ? beside : "nothing staged");
		assert_ok(journal_write(site, &written, &error), error);
		if (cases[i].fine) {
			assert_ok(journal_read(&read, site, &error), error);
			journal_free(&read);
		} else {
			assert_refused(&s);
		}
		free(staged);
		free(target);
	}
	free(site->main_cf);
	free(site->credentials);
	free(site->tls_policy);
	scene_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stage_touches_no_target),
		cmocka_unit_test(apply_then_forget),
		cmocka_unit_test(undo_from_every_point),
		cmocka_unit_test(undo_in_two_goes),
		cmocka_unit_test(edits_of_others_are_kept),
		cmocka_unit_test(interim_stands_between),
		cmocka_unit_test(failing_stage_leaves_nothing),
		cmocka_unit_test(journal_comes_back),
		cmocka_unit_test(damaged_journal_is_explained),
		cmocka_unit_test(no_byte_of_a_journal_can_change_unseen),
		cmocka_unit_test(foreign_files_are_refused),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
