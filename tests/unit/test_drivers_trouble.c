/*
 * When the backend says no: an interrupted change found at the start, a commit that fails. The
 * functions here stand before the library's of the same name.
 */
#include "test_drivers_site.h"

#define STANDS_BEFORE __attribute__((visibility("default")))

static struct machine machine;
static struct fake_host *const fake = &machine.fake;

static struct {
	bool interrupted;
	enum change_recovery recovery;
	enum error_code recover_error;
	enum error_code commit_error;
	unsigned recovered, committed;
} world;

STANDS_BEFORE bool change_is_interrupted(const struct site *site)
{
	(void)site;
	return world.interrupted;
}

STANDS_BEFORE bool change_recover(
	const struct site *site, enum change_recovery *what, struct error *error)
{
	(void)site;
	world.recovered++;
	if (world.recover_error)
		return error_set(error, world.recover_error, "cannot recover");
	*what = world.recovery;
	world.interrupted = false;
	return true;
}

STANDS_BEFORE bool change_commit(const struct site *site, const struct plan *plan,
	struct change_result *result, struct error *error)
{
	(void)site;
	(void)plan;
	world.committed++;
	if (world.commit_error) {
		error_set(error, world.commit_error, "another relaycon is at work");
		return error_advise(error, "wait for it");
	}
	*result = (struct change_result){.changed = true, .reloaded = true};
	return true;
}

static int set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	machine_make(&machine, CONSOLE_COMMAND);
	scratch_write(&machine.scratch, "password", "secret one\n", 11);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	machine_remove(&machine);
	return 0;
}

static int configure(const char *option)
{
	char *file = text_format("--password-file=%s/password", machine.scratch.dir);
	int code = fake_command(
		fake, "configure", "brevo", "--login=me", file, "--no-test", option, NULL);

	free(file);
	return code;
}

static void test_recovered_first_and_said_so(void **state)
{
	static const struct {
		enum change_recovery recovery;
		const char *says;
		const char *audit;
	} cases[] = {
		{CHANGE_UNDONE, "It was undone", "recover: interrupted change -> undone: ok"},
		{CHANGE_FINISHED, "It was finished", "recover: interrupted change -> finished: ok"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		world.interrupted = true;
		world.recovery = cases[i].recovery;
		assert_int_equal(fake_command(fake, "status", "--json", NULL), 0);
		assert_says(&fake->err, cases[i].says);
		assert_says(&fake->audit, cases[i].audit);
		/* A diff against half a change would mislead. */
		world.interrupted = true;
		assert_int_equal(configure("--dry-run"), 0);
		assert_says(&fake->err, cases[i].says);
	}
	assert_int_equal(world.recovered, 4);
}

static void test_not_recovered_by_who_only_looks(void **state)
{
	char panel[2000];

	(void)state;
	world.interrupted = true;
	fake_driver("status")->describe(&fake->face, panel, sizeof panel);
	assert_non_null(strstr(panel, "Interrupted: "));
	fake->face.privileged = false;
	assert_int_equal(fake_command(fake, "test", NULL), 77);
	assert_int_equal(world.recovered, 0);
	assert_int_equal(fake->audit.len, 0);
}

static void test_recovery_that_fails(void **state)
{
	static const struct fake_step nothing[] = {{0}};

	(void)state;
	world.interrupted = true;
	world.recover_error = ERROR_BUSY;
	assert_int_equal(configure(NULL), 75);
	assert_says(&fake->audit, "recover: interrupted change -> : failed: cannot recover");
	assert_untouched(&machine);
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "preset", "brevo", nothing), CONSOLE_BACK);
	assert_says(&fake->transcript, "[error 75] cannot recover");
}

static void test_recovery_on_the_screen(void **state)
{
	static const struct fake_step steps[] = {
		{"An interrupted change", "", {0}}, {"Brevo", "Back", {0}}, {0}};

	(void)state;
	world.interrupted = true;
	world.recovery = CHANGE_UNDONE;
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_BACK);
}

static void test_commit_that_fails(void **state)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Test and review", {"login=me", "password=secret one"}},
		{"Review", "Apply", {0}},
		{"Brevo", "Back", {0}},
		{0},
	};

	(void)state;
	world.commit_error = ERROR_BUSY;
	assert_int_equal(configure(NULL), 75);
	assert_says(&fake->err, "error 75: another relaycon is at work|wait for it");
	assert_says(&fake->audit, "configure: direct -> relay ");
	assert_says(&fake->audit, ": failed: another relaycon is at work");
	fake_forget(fake);
	fake->face.mode = CONSOLE_SCREEN;
	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_BACK);
	assert_says(&fake->transcript, "[error 75] another relaycon is at work");
	/* Nothing typed is lost by it. */
	assert_says(&fake->transcript, "login=me\npassword=(10 bytes)");
	assert_false(machine_exists(&machine, "state"));
}

static void test_reloaded_is_said(void **state)
{
	(void)state;
	assert_int_equal(configure(NULL), 0);
	assert_says(&fake->out, "changed: mail goes through smtp-relay.brevo.com:587, ");
	assert_says(&fake->out, "Postfix was reloaded and works with it.");
}

/* A Ctrl-C that came before the commit was remembered, and the commit done all the same. */
static void test_asked_to_end_before_the_change(void **state)
{
	(void)state;
	fake->ending = true;
	assert_int_equal(configure(NULL), ERROR_CANCELLED);
	assert_says(&fake->err, "Nothing was changed.");
	assert_int_equal(world.committed, 0);
	assert_int_equal(fake->audit.len, 0);
	world.interrupted = true;
	assert_int_equal(fake_command(fake, "deconfigure", NULL), ERROR_CANCELLED);
	assert_int_equal(world.recovered, 0);
	fake->ending = false;
	assert_int_equal(configure(NULL), 0);
	assert_int_equal(world.recovered, 1);
	assert_int_equal(world.committed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_recovered_first_and_said_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_not_recovered_by_who_only_looks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_recovery_that_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_recovery_on_the_screen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_commit_that_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reloaded_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_asked_to_end_before_the_change, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: trouble", tests, NULL, NULL);
}
