/*
 * mastercf.h: master.cf as spans of the original bytes (master(5)); the sister of maincf.h.
 *
 * A service's key is "name/type", e.g. "smtp/unix". Fields are split at white space; an argument
 * in braces is one field ({ -o name = value }).
 */
#ifndef RELAY_MASTERCF_H
#define RELAY_MASTERCF_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "hunk.h"

struct mastercf;

enum mastercf_field {
	MASTERCF_NAME,
	MASTERCF_TYPE,
	MASTERCF_PRIVATE,
	MASTERCF_UNPRIV,
	MASTERCF_CHROOT,
	MASTERCF_WAKEUP,
	MASTERCF_MAXPROC,
	MASTERCF_COMMAND, /* the command with all of its arguments, white space folded */
	MASTERCF_FIELDS,
};

/* ERROR_CONFIG with path and line where master(8) would refuse the file. */
struct mastercf *mastercf_parse(
	const char *path, const char *bytes, size_t len, struct error *error);
void mastercf_free(struct mastercf *cf);
const struct strbuf *mastercf_bytes(const struct mastercf *cf);
/* How many entries, and the key of the i-th (in file order, duplicates included). */
size_t mastercf_count(const struct mastercf *cf);
const char *mastercf_key(const struct mastercf *cf, size_t index);

bool mastercf_has(const struct mastercf *cf, const char *key);
/* Appends the field's text to out; false when there is no such service. */
bool mastercf_field(
	const struct mastercf *cf, const char *key, enum mastercf_field field, struct strbuf *out);

/* The whole service: its fields with one blank between them. NULL: none such. Valid until the next edit. */
const char *mastercf_value(const struct mastercf *cf, const char *key);

/* Makes the service read as `line` (one or several physical lines of text, without final white space, e.g.
 * "relaycon-tls unix - - y - - smtp\n  -o smtp_tls_wrappermode=yes"): the effective (last) one is
 * replaced in place, or the line appended. Nothing happens when it reads so already. ERROR_DATA when
 * `line` is not one entry of that key. */
bool mastercf_set(struct mastercf *cf, const char *key, const char *line, struct hunk *hunk,
	bool *changed, struct error *error) WARN_UNUSED_RESULT;
/* Takes the service out of use as maincf_unset does. False: there was none. */
bool mastercf_unset(struct mastercf *cf, const char *key, struct hunk *hunk);
enum hunk_restore mastercf_restore(struct mastercf *cf, const struct hunk *hunk, bool force);

#endif
