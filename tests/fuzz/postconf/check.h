/*
 * check.h: one file, read and edited by us, with Postfix as the judge.
 *
 * 1. What we read is what postconf(1) reads: every parameter, every service and its options. What we
 *    refuse it refuses too, at the same line and for the same reason; what it refuses we refuse.
 * 2. Some edits (set, unset, remove): no byte changes but those of the entry (lines.h), and postconf
 *    reads the new values, and the old ones of all others.
 * 3. The edits are restored in any order, beside a line of somebody else's: the values come back one
 *    by one, and in the end every byte.
 *
 * What is edited how comes from the dice, so that the same bytes and dice are the same check.
 */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stdbool.h>

#include "base/child.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "dice.h"
#include "generate.h"
#include "postconf.h"

/* What was done; added to by the checks. */
struct tally {
	unsigned long files[2]; /* of main.cf, of master.cf */
	unsigned long refused;
	unsigned long
		by_value; /* postconf expands a value that it cannot: not the file's grammar */
	unsigned long parameters, services, options;
	unsigned long edits, restores;
	unsigned long failures;
};

struct check {
	const struct postconf *postconf;
	const struct stock *stock;
	struct tally *tally;
	struct dice dice;
};

/* Each false with the reason in why. A file that is refused costs a second. */
bool check_main(struct check *check, const struct strbuf *bytes, struct strbuf *why);
bool check_master(struct check *check, const struct strbuf *bytes, struct strbuf *why);

/* Do we refuse the file? Then error says why, and the check is postconf's answer to "-n" (main.cf)
 * or "-M" (master.cf), which may be asked for beforehand. */
bool check_main_refused(const struct strbuf *bytes, struct error *error);
bool check_master_refused(const struct strbuf *bytes, struct error *error);
bool check_main_refusal(const struct strbuf *bytes, const struct error *error,
	const struct child *answer, struct strbuf *why);
bool check_master_refusal(const struct strbuf *bytes, const struct error *error,
	const struct child *answer, struct strbuf *why);

/* Appends bytes as one line that shows every one of them, cut where it is too long. */
void check_show(struct strbuf *out, const char *bytes, size_t len);

#endif
