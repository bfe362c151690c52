/*
 * Every shipped provider on the screen: its entry leads to its form, and the essentials above the
 * fields fit 80x24. Run from the project's folder.
 */
#include "test_drivers_site.h"

enum { WIDTH = 70, LINES = 9 };

static struct machine machine;
static struct fake_host *const fake = &machine.fake;

static int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_SCREEN);
	fake->folders[0] = "providers";
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	machine_remove(&machine);
	return 0;
}

/* The way to the form: [warning] -> [region] -> form, and back. */
static void visit(const struct preset *preset)
{
	struct fake_step steps[7] = {0};
	size_t n = 0;

	if (preset->warning)
		steps[n++] = (struct fake_step){preset->name, "Go on", {0}};
	if (preset->region_count > 1)
		steps[n++] = (struct fake_step){preset->name, preset->regions[0].id, {0}};
	steps[n++] = (struct fake_step){preset->name, "Back", {0}};
	if (preset->region_count > 1)
		steps[n++] = (struct fake_step){preset->name, "Back", {0}};
	if (preset->warning)
		steps[n++] = (struct fake_step){preset->name, "Back", {0}};
	fake_forget(fake);
	assert_int_equal(fake_run(fake, "preset", preset->id, steps), CONSOLE_BACK);
}

static void assert_fits(const struct preset *preset)
{
	const char *form = strstr(fake->transcript.data, "\n[form] ");
	const char *line = form ? strchr(form + 1, '\n') + 1 : "";
	size_t rows = 0;

	assert_non_null(form);
	while (strncmp(line, "\nlogin", 6) != 0) {
		size_t len = strcspn(line, "\n");

		rows += (len + WIDTH - 1) / WIDTH;
		line += len + 1;
	}
	if (rows > LINES)
		fail_msg("%s: %zu rows of notes", preset->id, rows);
}

static void test_all_shipped_providers(void **state)
{
	struct preset_list list = {0};
	struct error error = {0};

	(void)state;
	assert_true(preset_list_load(&list, fake->folders, &error));
	assert_int_equal(list.problems.len, 0);
	assert_true(list.count >= 32);
	for (size_t i = 0; i < list.count; i++) {
		const struct preset *preset = &list.presets[i];

		visit(preset);
		assert_fits(preset);
		/* None of the essentials was left out for want of room. */
		if (preset->login_hint)
			assert_says(&fake->transcript, preset->login_hint);
		if (preset->password_hint)
			assert_says(&fake->transcript, preset->password_hint);
		assert_says(&fake->transcript, preset->documentation);
	}
	preset_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_shipped_providers, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("drivers: notes", tests, NULL, NULL);
}
