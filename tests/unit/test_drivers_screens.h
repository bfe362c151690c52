/*
 * test_drivers_screens.h: a machine (test_drivers_site.h) whose host is a screen, for a test of the drivers by
 * keys alone; Brevo set up on it through its form.
 */
#ifndef TEST_DRIVERS_SCREENS_H
#define TEST_DRIVERS_SCREENS_H

#include "test_drivers_site.h"

static struct machine machine;
static struct fake_host *const fake = &machine.fake;

static inline int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_SCREEN);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	machine_remove(&machine);
	return 0;
}

static inline void set_up_default(void)
{
	static const struct fake_step steps[] = {
		{"Brevo", "Test and review", {"login=me@example.com", "password=secret one"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{0},
	};

	assert_int_equal(fake_run(fake, "preset", "brevo", steps), CONSOLE_OK);
}

static inline void probe_fails(
	size_t index, enum probe_cause cause, enum error_code code, enum probe_step_id step)
{
	fake->probes[index] = (struct fake_probe){cause, code, step, NULL};
}

#endif
