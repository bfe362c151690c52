/*
 * site.h: one Postfix instance together with our state folder for it: what every operation works on.
 *
 * State folder: /var/lib/relaycon (0700) unless named; it records the config folder of its Postfix
 * (file "instance") and refuses another (ERROR_CONFIG). It is made when something is first written.
 */
#ifndef RELAY_SITE_H
#define RELAY_SITE_H

#include <stdbool.h>

#include "../base/error.h"
#include "../postfix/instance.h"

#define SITE_STATE_DIR "/var/lib/relaycon"

struct site {
	struct postfix postfix;
	char *state_dir;
	char *main_cf; /* paths as configured; may be symlinks */
	char *master_cf;
	char *credentials;    /* CONFIG_DIR/relaycon_sasl_passwd */
	char *tls_policy;     /* CONFIG_DIR/relaycon_tls_policy */
	char *settings_file;  /* STATE_DIR/settings.ini */
	char *baseline_file;  /* STATE_DIR/baseline/baseline.json */
	char *journal_file;   /* STATE_DIR/journal */
	char *lock_file;      /* STATE_DIR/lock */
	char *last_test_file; /* STATE_DIR/last-test.json */
};

/* Either folder may be NULL. `extra`: as postfix_open. */
bool site_open(struct site *site, const char *config_dir, const char *state_dir,
	const char *const extra[], struct error *error) WARN_UNUSED_RESULT;
void site_close(struct site *site); /* safe on a zeroed struct */
/* Makes the state folder where it is missing and records the instance; checks owner and mode. */
bool site_prepare_state(const struct site *site, struct error *error) WARN_UNUSED_RESULT;

#endif
