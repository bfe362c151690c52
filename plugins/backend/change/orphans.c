#include "orphans.h"

#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/text.h"
#include "../postfix/queue.h"
#include "hop.h"
#include "ours.h"

/* The way that the entry's hop gives; NULL: it is no hop of ours. Caller frees. */
static char *way_of(const struct mastercf *master, size_t index)
{
	static const char option[] = " content_filter=";
	const char *entry = mastercf_value(master, mastercf_key(master, index));
	char *label = NULL, *way = NULL;

	if (entry && hop_label(entry, &label)) {
		const char *at = strstr(entry, option);
		if (at)
			way = text_dup_len(
				at + sizeof option - 1, strcspn(at + sizeof option - 1, " "));
	}
	free(label);
	return way;
}

static bool is_given(const struct mastercf *master, const char *way)
{
	bool given = false;

	for (size_t i = 0; !given && i < mastercf_count(master); i++) {
		char *other = way_of(master, i);
		given = other && strcmp(other, way) == 0;
		free(other);
	}
	return given;
}

bool orphans_possible(const struct mastercf *before, const struct mastercf *after)
{
	bool possible = false;

	for (size_t i = 0; !possible && i < mastercf_count(before); i++) {
		char *way = way_of(before, i);
		possible = way && !is_given(after, way);
		free(way);
	}
	return possible;
}

static bool is_orphan(void *context, const char *filter)
{
	return ours_is_transport(filter) && !is_given(context, filter);
}

bool orphans_requeue(const struct site *site, size_t *count, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;
	struct mastercf *master = NULL;
	bool ok = false;

	*count = 0;
	if (file_read(&bytes, site->master_cf, FILE_MAX, NULL, error))
		master = mastercf_parse(site->master_cf, bytes.data, bytes.len, error);
	if (master)
		ok = queue_anew(&site->postfix, is_orphan, master, count, error);
	mastercf_free(master);
	strbuf_free(&bytes);
	return ok;
}
