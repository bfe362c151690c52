/*
 * sealed.h: state that is believed only as it was written: {"version": N, "sha256": HEX, NAME: {..}}.
 * A byte that the disk or somebody changed makes it damaged, not a little wrong.
 */
#ifndef RELAY_SEALED_H
#define RELAY_SEALED_H

#include <json-c/json.h>
#include <stddef.h>

#include "../base/strbuf.h"

enum sealed_flaw {
	SEALED_WHOLE,
	SEALED_NOT_JSON,
	SEALED_INCOMPLETE, /* parts are missing */
	SEALED_VERSION,    /* written by another version of relaycon */
	SEALED_CHECKSUM,
};

/* Takes `content` over. */
void sealed_format(int version, const char *name, struct json_object *content, struct strbuf *out);
/* *content: the object below `name`, to be freed with json_object_put; NULL where it is not whole.
 * *found: the version that stands in it. */
enum sealed_flaw sealed_parse(int version, const char *name, const char *bytes, size_t len,
	struct json_object **content, int *found);

#endif
