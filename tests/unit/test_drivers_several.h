/*
 * test_drivers_several.h: the same (test_drivers_screens.h) with two relays on it, set up by the screens
 * themselves: "default", of Brevo, and "office", a custom one.
 */
#ifndef TEST_DRIVERS_SEVERAL_H
#define TEST_DRIVERS_SEVERAL_H

#include "test_drivers_screens.h"

/* "Relays and routes", from its list on until it is left by Back. */
static inline void at_relays(const struct fake_step *steps)
{
	assert_int_equal(fake_run(fake, "relays", "relays", steps), CONSOLE_BACK);
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

	at_relays(steps);
}

static inline int set_up_two(void **state)
{
	set_up(state);
	set_up_default();
	set_up_office();
	fake_forget(fake);
	return 0;
}

#endif
