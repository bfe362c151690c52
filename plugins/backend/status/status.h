/*
 * status.h: what is true now: direct, relayed by us, or set up by someone else; and what changed
 * since we applied it.
 */
#ifndef RELAY_STATUS_H
#define RELAY_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "../base/error.h"
#include "../base/strbuf.h"
#include "../postfix/instance.h"
#include "../smtp/probe.h"
#include "../settings/settings.h"
#include "../settings/site.h"

enum status_mode { STATUS_DIRECT, STATUS_RELAY, STATUS_FOREIGN };

struct status_drift {
	char *parameter; /* "relayhost", or a file's path */
	char *wanted;
	char *found; /* cleaned; NULL: not there */
};

struct status {
	enum status_mode mode;
	struct settings settings; /* what relaycon applied last (empty when it did not) */
	/* There are none, and yet main.cf leads to relays that relaycon set up. */
	bool settings_lost;
	char *foreign_relayhost;  /* mode foreign: Postfix's relayhost (or what relays instead) */
	char *foreign_protection; /* mode foreign: smtp_tls_security_level, cleaned */
	bool running;
	struct status_drift *drift;
	size_t drift_count;
	/* What overrides the default relay: "transport_maps = hash:..", one line each; warnings. */
	struct strbuf warnings;
	/* An interrupted change was found that needs finishing (root's next command does it). */
	bool interrupted;
};

/* Parameters that status_read needs; pass them (or a longer list) to site_open. */
extern const char *const status_parameters[];

/* Reads only; needs no lock. */
bool status_read(
	struct status *status, const struct site *site, struct error *error) WARN_UNUSED_RESULT;
void status_free(struct status *status); /* safe on a zeroed struct */
const char *status_mode_word(enum status_mode mode);

/* last-test.json. */
struct last_test {
	bool known;
	bool ok;
	time_t when;
	char host[256];
	unsigned port;
	char cause[64];
	char explanation[512];
};
bool last_test_save(const struct site *site, const struct relay *relay,
	const struct probe_report *report, struct error *error) WARN_UNUSED_RESULT;
/* A missing or broken file is just not known. */
void last_test_load(const struct site *site, struct last_test *test);

#endif
