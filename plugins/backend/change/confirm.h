/*
 * confirm.h: does Postfix take what we wrote? Before (staged files) and after (running system).
 */
#ifndef RELAY_CONFIRM_H
#define RELAY_CONFIRM_H

#include <stdbool.h>

#include "../base/error.h"
#include "../settings/site.h"
#include "plan.h"
#include "step.h"

/* Lets Postfix read the staged main.cf and master.cf, in a scratch folder of our state folder: does it
 * take them, and does each parameter that the plan changes read as planned? ERROR_CONFIG. */
bool confirm_staged(const struct site *site, const struct steps *steps, const struct plan *plan,
	struct error *error) WARN_UNUSED_RESULT;
bool confirm_scratch_exists(const struct site *site);
void confirm_clear_scratch(const struct site *site);

/* Has Postfix reload (where `reload`), while the folders of the steps are synced. Then looks at the
 * master, at the delivery agents of these services ("smtp", or several with a blank between them; NULL:
 * none), and at the hops among them (hop_check.h). ERROR_CONFIG, ERROR_SYSTEM, ERROR_IO. */
bool confirm_live(const struct site *site, struct steps *steps, bool reload, const char *services,
	struct error *error) WARN_UNUSED_RESULT;

#endif
