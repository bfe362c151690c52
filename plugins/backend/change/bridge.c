#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../postfix/table.h"
#include "interim.h"
#include "swap.h"

struct step *bridge_interim(const struct steps *steps, const struct step *final)
{
	for (struct step *step = steps->list; step < final; step++)
		if (strcmp(step->target, final->target) == 0)
			return step;
	return NULL;
}

/* As in the plan. In locked memory: a table may hold passwords. */
static bool join(
	struct secret_table *joined, const char *final, const char *old, struct error *error)
{
	struct secret_table after = {0}, before = {0};
	bool exists;

	bool ok = secret_table_load(&after, final, &exists, error) &&
		  secret_table_load(&before, old, &exists, error) &&
		  secret_table_init(joined, before.len + after.len + 3, error);
	if (ok)
		joined->len = interim_join(
			joined->bytes, before.bytes, before.len, after.bytes, after.len);
	secret_table_free(&after);
	secret_table_free(&before);
	return ok;
}

bool bridge_build(struct step *interim, const struct step *final, struct error *error)
{
	struct secret_table joined = {0};

	if (!final->old || swap_inode(final->old) == 0 || swap_inode(final->target) != final->inode)
		return true;
	bool ok =
		join(&joined, final->target, final->old, error) &&
		file_stage(interim->staged, final->target, 0600, joined.bytes, joined.len, error) &&
		file_sync(interim->staged, error);
	secret_table_free(&joined);
	if (!ok)
		return false;
	interim->inode = swap_inode(interim->staged);
	return rename(interim->staged, interim->target) == 0 ||
	       error_errno(error, ERROR_IO, errno, _("Cannot put %s as it was before the change"),
		       interim->target);
}
