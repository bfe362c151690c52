/*
 * work.h: one action of a driver on one Postfix: opened once, with every parameter that planning,
 * status and the probe will want, and with what is true now read from it.
 *
 *   zeroed --work_open--> open (site, status) --work_close--> zeroed
 *
 * A change that was interrupted is finished or undone first, by every action of root's, a dry run
 * included: a diff against half a change would mislead. work_open itself says so: on a page where there
 * is a screen, else on standard error.
 */
#ifndef RELAY_WORK_H
#define RELAY_WORK_H

#include "../../console/console.h"
#include "../backend/relay_api.h"

enum work_start {
	WORK_LOOK,    /* only describes what is there: the panel, the page after a change */
	WORK_RECOVER, /* recovers first, where the host is privileged */
};

struct work {
	const struct console_host *host;
	struct site site;
	struct status status;
	long long mark; /* change_mark, as the above was read */
};

/* Errors: those of site_open, change_recover and status_read, and ERROR_CANCELLED. */
bool work_open(struct work *work, const struct console_host *host, enum work_start start,
	struct error *error) WARN_UNUSED_RESULT;
void work_close(struct work *work); /* safe on a zeroed struct */

/* To be asked before a plan: has no relaycon changed anything since this was opened? Where somebody
 * reviews the plan it is read anew if so. ERROR_BUSY: a command, which nobody reviews; or a change is
 * in flight. Errors of work_open. */
bool work_still_true(struct work *work, struct error *error) WARN_UNUSED_RESULT;

/* What somebody wants otherwise in the settings: done to a copy of what is true when the plan is made, which
 * may be newer than what was on the screen. Fails where it cannot be done (any more). */
typedef bool work_edit(struct settings *settings, const void *context, struct error *error);
/* The plan for the settings as edited. passwords: of the relays whose stored one is not to be kept.
 * Errors: those of the edit, settings_check, plan_configure. */
bool work_plan_edit(struct work *work, work_edit *edit, const void *context,
	const struct plan_password *passwords, size_t password_count, struct plan *plan,
	struct error *error) WARN_UNUSED_RESULT;

/* Commits the plan and writes the audit line, also when it failed. action: "configure", ...
 * ERROR_CANCELLED: to end was asked for before it began. */
bool work_commit(struct work *work, const struct plan *plan, const char *action,
	struct change_result *result, struct error *error) WARN_UNUSED_RESULT;

/* A command that only tells what is true: opens, prints the document (--json) or the words, closes. Gives
 * back its exit code. */
typedef void work_document(const struct console_host *host, const struct work *work);
typedef void work_words(const struct work *work, struct strbuf *out);
int work_show(const struct console_host *host, work_document *document, work_words *words);

/* Hands an error to the host; gives back its exit code. */
int work_fail(const struct console_host *host, const struct error *error);

#endif
