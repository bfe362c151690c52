/*
 * plan.h: settings held against the files as they are: the exact edits, and their diff.
 *
 * A plan is made from what should be (settings; none at all for Deconfigure) and what is (files,
 * baseline). Parameters that the new settings do not need any more go back to their baseline, so
 * that changing from relay A to B and then deconfiguring ends where it began.
 *
 *   plan_configure | plan_deconfigure | plan_remove_foreign  --> struct plan --> plan_diff, change_commit
 */
#ifndef RELAY_PLAN_H
#define RELAY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../base/error.h"
#include "../base/secret.h"
#include "../base/strbuf.h"
#include "../postfix/table.h"
#include "../settings/settings.h"
#include "../settings/site.h"

/* PLAN_ROUTES: a table that names services of master.cf. PLAN_MAP: what postmap makes of such a text.
 * PLAN_LEFTOVER: what postmap made of a table of ours and is not used (any more); it is removed unread. */
enum plan_file_kind {
	PLAN_MAIN_CF,
	PLAN_MASTER_CF,
	PLAN_TABLE,
	PLAN_SECRET_TABLE,
	PLAN_ROUTES,
	PLAN_MAP,
	PLAN_LEFTOVER,
	PLAN_STATE,
};

/* One file of the plan. Postfix's files and our state files alike: all or nothing.
 *
 * Interim: what a table holds while main.cf still names the old relay: the new entries and the old
 * ones. Whoever kills us between two renames then leaves no moment in which Postfix would meet a
 * relay of its configuration without that relay's login or TLS demands. */
struct plan_file {
	enum plan_file_kind kind;
	char *path; /* where a symlink ends */
	bool existed;
	bool remove;          /* the new state is: no such file */
	mode_t mode;          /* for a new file */
	const char *map_type; /* PLAN_MAP: "hash", ... */
	bool comes_first; /* PLAN_MASTER_CF: there are services in it that main.cf is going to name */
	bool has_interim;
	struct strbuf before; /* not for PLAN_SECRET_TABLE */
	struct strbuf after;  /* not for PLAN_SECRET_TABLE; PLAN_MAP: the text that it is made of */
	struct strbuf interim; /* not for PLAN_SECRET_TABLE */
	struct secret_table secret_before;
	struct secret_table secret_after;
	struct secret_table secret_interim;
};

struct plan {
	struct plan_file *files; /* only those that change; in the order of their renames */
	size_t count;
	bool needs_reload;
	char *check_service;    /* master.cf services that must start afterwards: "smtp", "relaycon
				   relaycon-tls", ... */
	struct strbuf warnings; /* one line each: what overrides the relay, what was replaced */
	struct strbuf kept; /* Deconfigure: parameters that someone else changed, one line each */
	bool lost; /* Deconfigure: the relay is ours, but what stood there before is not known; count 0 */
	/* For the audit line: "relay [h]:587 as login, starttls, verify name", with ", 3 relays, 12 routes"
	 * where there is more than that one. */
	char *summary;
};

/* The password of a relay of the settings. */
struct plan_password {
	const char *relay; /* the relay's name */
	const struct secret
		*password; /* NULL or empty: keep the one stored for that host, port and login */
};

/* Parameters to be asked at site_open for planning (NULL-terminated). */
extern const char *const plan_parameters[];

/* ERROR_DATA (login, password, host; settings_check; two relays that are the same), ERROR_USAGE (login
 * set but no password stored to keep: of any relay, used or not),
 * ERROR_CONFIG (main.cf unusable, path and line). An empty plan (count 0) means: unchanged. */
bool plan_configure(struct plan *plan, const struct site *site, const struct settings *settings,
	const struct plan_password *passwords, size_t password_count,
	struct error *error) WARN_UNUSED_RESULT;
/* Back to the baseline. force: also what someone else changed since. Nothing to restore: count 0. */
bool plan_deconfigure(struct plan *plan, const struct site *site, bool force,
	struct error *error) WARN_UNUSED_RESULT;
/* Takes out relay settings that someone else made (mode foreign). The files as they were go to
 * STATE_DIR/backup/, and a baseline is not made: this is not taken back by Deconfigure. */
bool plan_remove_foreign(
	struct plan *plan, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
void plan_free(struct plan *plan); /* wipes secrets; safe on a zeroed struct */

/* Unified diff of Postfix's files (our own state files are left out), passwords masked, cleaned. */
bool plan_diff(const struct plan *plan, struct strbuf *out, struct error *error) WARN_UNUSED_RESULT;

/* The password stored for this relay (host, port and login); *found false where there is none.
 * `password` must be initialised. For the probe, when the user keeps the stored password. */
bool plan_stored_password(const struct site *site, const struct relay *relay, bool *found,
	struct secret *password, struct error *error) WARN_UNUSED_RESULT;

/* The CA file that Postfix will verify this relay by once it is configured (caller frees): its own,
 * or what smtp_tls_CAfile is to be then, which is not what it is now where another relay of ours
 * brought its own. NULL: main.cf cannot be read. For the probe. */
char *plan_ca_file(const struct site *site, const struct relay *relay);

#endif
