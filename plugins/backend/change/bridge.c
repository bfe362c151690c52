#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../postfix/table.h"
#include "swap.h"

struct step *bridge_interim(const struct steps *steps, const struct step *final)
{
	for (struct step *step = steps->list; step < final; step++)
		if (strcmp(step->target, final->target) == 0)
			return step;
	return NULL;
}

/* The first of two alike is the one that Postfix goes by: the new ones first, as in the plan. In locked
 * memory: a table may hold passwords. */
static bool join(
	struct secret_table *joined, const char *first, const char *second, struct error *error)
{
	struct secret_table a = {0}, b = {0};
	bool exists;

	bool ok = secret_table_load(&a, first, &exists, error) &&
		  secret_table_load(&b, second, &exists, error) &&
		  secret_table_init(joined, a.len + b.len + 1, error);
	if (ok) {
		memcpy(joined->bytes, a.bytes, a.len);
		memcpy(joined->bytes + a.len, b.bytes, b.len);
		joined->len = a.len + b.len;
	}
	secret_table_free(&a);
	secret_table_free(&b);
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
