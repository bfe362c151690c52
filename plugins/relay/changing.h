/*
 * changing.h: the end of every command that changes the settings:
 *
 *   plan -> (nothing to do?) -> (a dry run?) -> test what is new -> commit -> told
 *
 * What is so already is "unchanged": not even a test is run, and no file is touched. A dry run sends
 * nothing either. Tested is each relay that the settings did not have before in this form (server, TLS,
 * login), or whose password is a new one; all of them side by side. One that fails: nothing is written.
 */
#ifndef RELAY_CHANGING_H
#define RELAY_CHANGING_H

#include "work.h"

struct changing {
	struct work *work;
	work_edit *edit;
	const void *context;
	/* Of relays whose password is not the stored one. */
	const struct plan_password *passwords;
	size_t password_count;
	const char *action; /* for the audit line: "relay set" */
	const char *always; /* the relay that is tested whatever it was before; NULL: none */
	bool allow_unencrypted_login; /* said in so many words, or agreed to earlier */
	const struct import *import;  /* where it comes of one, for JSON; else NULL */
	const char *done;             /* a sentence: what is true now, if it is done */
	const char *unchanged;
	bool dry_run;
	bool no_test;
};

/* Runs it and tells of it, as text or JSON. *code: the exit code where no error of its own stopped it: a
 * relay failed its test. Errors: those of work_plan_edit, testing_many and work_commit. */
bool changing_run(
	const struct changing *changing, int *code, struct error *error) WARN_UNUSED_RESULT;

/* What was done, in a sentence; `before` are the settings as they were. Caller frees. */
typedef char *changing_words(const struct settings *before, const void *context);
/* The same as a whole command, for one that brings no relay that would have to be tested: opens the work,
 * takes --dry-run from the call, tells what went wrong. `change` leaves out the work and what is done. Gives
 * back the exit code. */
int changing_command(const struct console_host *host, const struct console_call *call,
	changing_words *words, const struct changing *change);

/* Options of such commands: those that a relay's test may hold up have both. */
#define CHANGING_DRY_RUN                                                                           \
	{                                                                                          \
		"dry-run", NULL,                                                                   \
			N_("Print the changes as a diff, secrets masked, and change nothing")      \
	}
#define CHANGING_OPTIONS                                                                           \
	{"no-test", NULL, N_("Write without testing the connection first")}, CHANGING_DRY_RUN

#endif
