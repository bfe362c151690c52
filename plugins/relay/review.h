/*
 * review.h: the exact diff of a plan, asked about and then committed; and how commands tell of it.
 * Shared by everything that writes.
 */
#ifndef RELAY_REVIEW_H
#define RELAY_REVIEW_H

#include "work.h"

struct review {
	const char *title;
	const char *done_title; /* of the page that follows, for the caller; may be NULL */
	const char *intro;      /* above the diff; may be NULL */
	const char *apply;      /* the button that applies */
	const char *other;      /* another button; may be NULL */
	const char *action;     /* for the audit line: "configure" */
	const char *help;       /* NULL: that + is written and - goes */
};

enum review_answer {
	REVIEW_APPLIED, /* *done: a sentence about it (caller frees) */
	REVIEW_OTHER,
	REVIEW_BACK, /* the user went back, or it failed and the user has read why */
	REVIEW_GONE,
};

/* Shows the diff and commits the plan when the user says so; what goes wrong is told here. *done is set
 * with REVIEW_APPLIED only. */
enum review_answer review_run(
	struct work *work, const struct plan *plan, const struct review *review, char **done);
/* "Postfix was reloaded ...", that it does not run, or that nothing changes for it; and what became of mail
 * that waited. Caller frees. */
char *review_outcome(const struct change_result *result);
/* The end of a command that writes: the notes, where there are any, then the diff of what was only
 * "planned", else the result's word and a sentence. */
void review_print(const struct console_host *host, const struct strbuf *notes, const char *result,
	const char *diff, const char *sentence);
/* Appends lines of text with a mark before each: "Warning: ". */
void review_add_lines(struct strbuf *out, const char *mark, const struct strbuf *lines);

#endif
