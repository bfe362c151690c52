/*
 * baseline.h: what stood there before relaycon's first change.
 *
 * One hunk a parameter (main.cf) or service (master.cf), made at the first touch only: `before` stays
 * the original for as long as relaycon is in charge, `after` is renewed with each change, so that
 * going from relay A to B and then back ends where it began.
 *
 * A hunk whose parameter someone else changed when we wanted to give it back is marked `kept`: it
 * does nothing any more until `deconfigure --force` asks for it, or a new configure begins anew.
 *
 * File: STATE_DIR/baseline/baseline.json, sealed (sealed.h) as "baseline". The bytes of a configuration
 * file need not be UTF-8: byte N is stored as U+00NN, which loses nothing. A file that does not
 * match its checksum, or that says anything unknown, is damaged (ERROR_DATA): an administrator's
 * main.cf is never restored from a guess.
 */
#ifndef RELAY_BASELINE_H
#define RELAY_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "../postfix/hunk.h"

struct baseline_hunk {
	struct hunk hunk;
	bool kept;
};

struct baseline_file {
	struct baseline_hunk *hunks; /* in the order of first touch */
	size_t count;
};

struct baseline {
	struct baseline_file main;   /* keys: parameters */
	struct baseline_file master; /* keys: "name/type" */
	char *config_dir;            /* of the Postfix that it was taken from; NULL: not said yet */
};

/* `bytes` gets the file as it stands. Missing: empty, *exists false. */
bool baseline_load(struct baseline *baseline, const char *path, struct strbuf *bytes, bool *exists,
	struct error *error) WARN_UNUSED_RESULT;
bool baseline_parse(struct baseline *baseline, const char *path, const char *bytes, size_t len,
	struct error *error) WARN_UNUSED_RESULT;
void baseline_format(const struct baseline *baseline, struct strbuf *out);
void baseline_free(struct baseline *baseline); /* safe on a zeroed struct */
/* Another machine's lines must not come into this one's main.cf. ERROR_DATA. */
bool baseline_check_owner(const struct baseline *baseline, const char *path, const char *config_dir,
	struct error *error) WARN_UNUSED_RESULT;
void baseline_set_owner(struct baseline *baseline, const char *config_dir);
bool baseline_is_empty(const struct baseline *baseline);

/* The hunk in charge of this key; NULL where there is none (or a kept one). */
const struct hunk *baseline_find(const struct baseline_file *file, const char *key);
/* First touch: a copy of the hunk; later: only its `after`. */
void baseline_remember(struct baseline_file *file, const struct hunk *hunk);
void baseline_forget(struct baseline_file *file, size_t index);

#endif
