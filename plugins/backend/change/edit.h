/*
 * edit.h: the files of one site in memory, while a plan for them is made.
 *
 *   edit_open  reads and parses everything -> edit_apply (towards a wanted table) -> edit_plan
 *
 * Reads only; what comes of it is in the plan.
 */
#ifndef RELAY_EDIT_H
#define RELAY_EDIT_H

#include <stdbool.h>

#include "../base/error.h"
#include "../postfix/maincf.h"
#include "../postfix/mastercf.h"
#include "../postfix/table.h"
#include "../settings/settings.h"
#include "../settings/site.h"
#include "baseline.h"
#include "ours.h"
#include "plan.h"
#include "wanted.h"

/* One file as it was read. */
struct edit_file {
	char *path;
	bool exists;
	struct strbuf bytes;
};

struct edit {
	const struct site *site;
	struct edit_file main_file, master_file, settings_file, baseline_file;
	struct edit_file *tables; /* of ours, but for the credentials; built ones are not read */
	size_t table_count;
	struct maincf *main;
	struct mastercf *master;
	struct baseline baseline;
	struct secret_table credentials; /* as stored now */
	bool credentials_exist;
	bool credentials_open; /* others may read them: to be written anew */
	struct strbuf kept;
};

/* ERROR_BUSY while another relaycon changes the files. ERROR_CONFIG where main.cf or master.cf cannot be used
 * (path and line), ERROR_DATA where the baseline is damaged. */
bool edit_open(struct edit *edit, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
void edit_close(struct edit *edit); /* safe on a zeroed struct */
/* View of the files as they are now; `settings` stay the caller's. */
struct view edit_view(const struct edit *edit, const struct settings *settings);

/* Takes main.cf, master.cf and the baseline to what is wanted: sets what is, gives back what is
 * not. A parameter that someone else changed is left (unless force) and named in edit->kept. */
bool edit_apply(struct edit *edit, const struct wanted *wanted, bool force,
	struct error *error) WARN_UNUSED_RESULT;

/* The plan's files, in the order of their renames. `secret` (moved from, may be NULL or empty: no
 * credentials file) and settings (NULL: no settings file) are what they shall hold. */
bool edit_plan(struct edit *edit, struct plan *plan, const struct wanted *wanted,
	struct secret_table *secret, const struct settings *settings,
	struct error *error) WARN_UNUSED_RESULT;

#endif
