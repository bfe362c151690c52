/*
 * test_drivers_several.h: a machine (test_drivers_site.h) with two relays on it, set up by the screens
 * themselves: "default", of Brevo, and "office", a custom one.
 */
#ifndef TEST_DRIVERS_SEVERAL_H
#define TEST_DRIVERS_SEVERAL_H

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

static inline void set_up_office(void)
{
	static const struct fake_step steps[] = {
		{"Relays and routes", "Add a relay", {0}},
		{"Add a relay", "Custom", {0}},
		{"Add a relay", "Next", {"name=office"}},
		{"Relay office: Custom relay", "Test and review",
			{"host=smtp.office.test", "login=office@example.com",
				"password=secret two"}},
		{"Review", "Apply", {0}},
		{"Applied", "", {0}},
		{"Relays and routes", "Back", {0}},
		{0},
	};

	assert_int_equal(fake_run(fake, "relays", "relays", steps), CONSOLE_BACK);
}

#endif
