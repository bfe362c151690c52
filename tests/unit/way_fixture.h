/*
 * way_fixture.h: settings in words (settings_words.h), laid into a main.cf and master.cf that are in memory
 * alone: the ways to the relays, the services and lines that are wanted for them.
 */
#ifndef WAY_FIXTURE_H
#define WAY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "change/way.h"
#include "postfix/mastercf.h"
#include "settings_words.h"

#define MASTER                                                                                     \
	"smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\n"                                    \
	"cleanup unix n - n - 0 cleanup\n"

/* What somebody else listens on. */
static inline bool no_port_is_taken(const char *host, unsigned port)
{
	return strcmp(host, "127.0.0.1") == 0 && port != 0;
}

struct laid {
	struct settings settings;
	struct site site;
	struct maincf *main;
	struct mastercf *master;
	struct baseline baseline;
	struct ways ways;
	struct wanted wanted;
	struct strbuf policy;
};

static inline void lay(
	struct laid *laid, const char *text, const char *master, hop_port_is_free *is_free)
{
	*laid = (struct laid){0};
	settings_from(&laid->settings, text);
	laid->site.postfix.config_dir = (char *)"/etc/postfix";
	laid->site.credentials = (char *)"/etc/postfix/relaycon_sasl_passwd";
	laid->site.tls_policy = (char *)"/etc/postfix/relaycon_tls_policy";
	laid->main = maincf_parse("main.cf", "", 0, NULL);
	laid->master = mastercf_parse("master.cf", master, strlen(master), NULL);
	assert_non_null(laid->master);
	const struct view view = {
		&laid->site, &laid->settings, &laid->baseline, laid->main, laid->master};
	settings_place(&laid->settings, NULL);
	ways_init(&laid->ways, &laid->settings);
	strbuf_reset(&laid->policy);
	if (laid->ways.mode == WANTED_ROUTED)
		ways_lay(&laid->ways, &view, is_free, &laid->wanted, &laid->policy);
}

static inline void laid_free(struct laid *laid)
{
	wanted_free(&laid->wanted);
	ways_free(&laid->ways);
	strbuf_free(&laid->policy);
	maincf_free(laid->main);
	mastercf_free(laid->master);
	settings_free(&laid->settings);
}

#endif
