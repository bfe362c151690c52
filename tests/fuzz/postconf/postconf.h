/*
 * postconf.h: Postfix's own reading of a main.cf or master.cf, by postconf(1).
 *
 * A folder holds one main.cf and one master.cf. "postconf -n" shows every parameter of main.cf: those
 * that are known or referred to on standard output, with white space folded; all others, and those
 * that cannot be set, in warnings ("unused parameter: name=value"), with each byte that is not
 * printable ASCII replaced by '?'. postconf(1) sleeps for a second before it ends with a fatal error,
 * so what is expected to be refused is started and collected later.
 */
#ifndef FUZZ_POSTCONF_H
#define FUZZ_POSTCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/child.h"
#include "base/strbuf.h"

struct postconf {
	char *dir;
};

/* Makes the folder with both files empty; ends the process where it cannot. */
void postconf_open(struct postconf *postconf, const char *dir);
void postconf_close(struct postconf *postconf); /* removes the folder */
/* file: "main.cf" or "master.cf" */
void postconf_write(const struct postconf *postconf, const char *file, const struct strbuf *bytes);
void postconf_start(const struct postconf *postconf, const char *option, struct child *child);
/* Collects the answer; the exit status is in the child. */
void postconf_wait(struct child *child);
void postconf_run(const struct postconf *postconf, const char *option, struct child *child);

/* One "name = value". */
struct pair {
	char *name;
	char *value;
};

struct pairs {
	struct pair *list;
	size_t count, cap;
};

void pairs_add(struct pairs *pairs, const char *name, const char *value);
void pairs_sort(struct pairs *pairs);                                 /* by name, then value */
struct pair *pairs_find(const struct pairs *pairs, const char *name); /* sorted; or NULL */
/* Sorted and without that name. */
void pairs_drop(struct pairs *pairs, const char *name);
void pairs_set(struct pairs *pairs, const char *name, const char *value); /* stays sorted */
void pairs_copy(struct pairs *to, const struct pairs *from);
void pairs_free(struct pairs *pairs);

/* Is the answer to "postconf -n" exactly these parameters (sorted, no name twice)? The folder's own
 * config_directory, which postconf goes by whatever main.cf says, is left out. */
bool postconf_agrees(const struct postconf *postconf, const struct child *answer,
	const struct pairs *expected, struct strbuf *why);

#endif
