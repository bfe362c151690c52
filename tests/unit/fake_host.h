/*
 * fake_host.h: a host for driver tests: it answers from a script and writes down what it was asked.
 *
 * The script is a table of steps. Each question of the driver (page, menu, form) takes the next
 * step, whose title must begin the question's title; what is pressed is the title of a button or of
 * a menu item, "Back", "Gone" (hang-up), or "" for the OK of a page without buttons. In a form the
 * `set` words "name=value" are typed first, with `changed` called after each, as the real host does;
 * then, for the first button, the checks are run, and where one fails the form stays and takes the
 * next step. A script that does not fit the questions fails the test.
 *
 * The transcript is text, one paragraph a question, for assertions about what was shown.
 *
 * The probe is replaced as well: probe_run is defined here and so stands before the library's. It
 * answers with the queued reports, or runs the real one.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "../../console/console.h"
#include "../../plugins/backend/relay_api.h"

enum { FAKE_SETS = 8, FAKE_OPTIONS = 16, FAKE_PROBES = 4 };

struct fake_step {
	const char *title;
	const char *press;
	const char *set[FAKE_SETS];
};

/* What the probe is to answer: cause NONE is a test that passes. */
struct fake_probe {
	enum probe_cause cause;
	enum error_code code;
	enum probe_step_id failed_step;
	const char *fingerprint;
};

struct fake_host {
	struct console_host face;
	const struct fake_step *steps; /* ends with a NULL title */
	size_t next;
	struct strbuf transcript;
	struct strbuf out; /* print */
	struct strbuf err; /* note, fail */
	struct strbuf audit;
	const char *config_dir; /* the options of the host */
	const char *state_dir;
	const char *folders[3];
	const char *terminal_secret; /* what is typed at a prompt; NULL: nobody is there */
	bool ending;                 /* a signal came before the change began */
	unsigned cancel_after;       /* progress calls until the user stops the test; 0: never */
	/* A command's arguments and options. */
	const char *arguments[4];
	const char *options[FAKE_OPTIONS][2];
	/* The probe. */
	bool real_probe;
	struct fake_probe probes[FAKE_PROBES]; /* for screens */
	struct fake_probe next_probe;          /* for the next command */
	const char *
		probe_host; /* next_probe is for this relay, all others pass; NULL: the first tested */
	size_t probe_next;
	size_t probes_run;
};

void fake_host_init(struct fake_host *fake, enum console_mode mode);
void fake_host_free(struct fake_host *fake);

/* Of console_module; there has to be one of that name. */
const struct console_driver *fake_driver(const char *name);
/* Runs a driver of console_module on the script; steps that are left over fail the test. */
enum console_answer fake_run(struct fake_host *fake, const char *driver, const char *entry,
	const struct fake_step *steps);
/* Runs a command: words as on the command line, a part's word first, then "--name=value" or "--flag" and
 * arguments, NULL at the end. */
int fake_command(struct fake_host *fake, const char *word, ...);
/* Forgets what was said so far. */
void fake_forget(struct fake_host *fake);

#endif
