/*
 * test_drivers_three.h: a machine (test_drivers_site.h) for the commands of several relays: two files of passwords,
 * `one` and `two` the options that name them; three relays on it, set up by commands.
 */
#ifndef TEST_DRIVERS_THREE_H
#define TEST_DRIVERS_THREE_H

#include "test_drivers_site.h"

static struct machine machine;
static struct fake_host *const fake = &machine.fake;
static char *one, *two;

static inline int set_up(void **state)
{
	(void)state;
	machine_make(&machine, CONSOLE_COMMAND);
	scratch_write(&machine.scratch, "one", "secret one\n", 11);
	scratch_write(&machine.scratch, "two", "secret two\n", 11);
	one = text_format("--password-file=%s/one", machine.scratch.dir);
	two = text_format("--password-file=%s/two", machine.scratch.dir);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	free(one);
	free(two);
	machine.fake.probe_host = NULL;
	machine_remove(&machine);
	return 0;
}

/* Default: brevo as me; grid: another provider; office: brevo's server again, as another. */
static inline void make_three(void)
{
	assert_int_equal(fake_command(fake, "configure", "brevo", "--login=me@example.com", one,
				 "--no-test", NULL),
		0);
	assert_int_equal(
		fake_command(fake, "relay", "set", "grid", "grid", two, "--no-test", NULL), 0);
	assert_int_equal(fake_command(fake, "relay", "set", "office", "brevo",
				 "--login=office@example.com", two, "--no-test", NULL),
		0);
}

static inline void list(void)
{
	assert_int_equal(fake_command(fake, "relay", "list", NULL), 0);
}

static inline void add(const char *whose, const char *relay)
{
	if (fake_command(fake, "route", "add", whose, relay, NULL) != 0)
		fail_msg("%s: %s", whose, fake->err.data);
}

#endif
