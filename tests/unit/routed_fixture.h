/*
 * routed_fixture.h: site_fixture.h for settings in a few words (settings_words.h), and some such settings,
 * as different as they get. Each relay's password is its name and "-pw".
 */
#ifndef ROUTED_FIXTURE_H
#define ROUTED_FIXTURE_H

#include "site_fixture.h"

#include <dirent.h>

#include "settings_words.h"

static inline bool plan_words(struct plan *plan, const struct site *site, const char *words,
	bool with_passwords, struct error *error)
{
	struct settings settings;

	settings_from(&settings, words);
	struct plan_password *given = mem_calloc(settings.relay_count + 1, sizeof *given);
	struct secret *secrets = mem_calloc(settings.relay_count + 1, sizeof *secrets);
	for (size_t i = 0; with_passwords && i < settings.relay_count; i++) {
		char *text = text_format("%s-pw", settings.relays[i].name);
		assert_true(secret_init(&secrets[i], NULL));
		assert_true(secret_set(&secrets[i], text, strlen(text), NULL));
		given[i] = (struct plan_password){settings.relays[i].name, &secrets[i]};
		free(text);
	}
	bool ok = plan_configure(
		plan, site, &settings, given, with_passwords ? settings.relay_count : 0, error);
	for (size_t i = 0; with_passwords && i < settings.relay_count; i++)
		secret_free(&secrets[i]);
	free(secrets);
	free(given);
	settings_free(&settings);
	return ok;
}

static inline int apply(
	struct fixture *f, const char *words, bool with_passwords, struct error *error)
{
	struct site site;
	struct plan plan = {0};
	struct change_result result = {0};

	fixture_site(f, &site);
	bool ok = plan_words(&plan, &site, words, with_passwords, error) &&
		  change_commit(&site, &plan, &result, error);
	plan_free(&plan);
	site_close(&site);
	return ok ? result.changed : -1;
}

/* No file of ours is left, whatever its name, hidden ones included. */
static inline void assert_nothing_of_ours(const struct fixture *f)
{
	DIR *folder = opendir(f->config);
	const struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)))
		if (strstr(entry->d_name, "relaycon"))
			fail_msg("%s was left behind", entry->d_name);
	closedir(folder);
}

static inline void assert_back(struct fixture *f, const char *name)
{
	struct error error = {0};

	if (deconfigure(f, false, NULL, &error) != 1)
		fail_msg("%s, back: %s", name, error.message);
	assert_untouched(f);
	assert_nothing_of_ours(f);
}

static inline char *in_config(const struct fixture *f, const char *name)
{
	return text_format("%s/%s", f->config, name);
}

static inline bool config_holds(const struct fixture *f, const char *name, const char *text)
{
	char *path = in_config(f, name);
	bool found = there(path) && holds(path, text);

	free(path);
	return found;
}

static inline bool is_there(const struct fixture *f, const char *name)
{
	char *path = in_config(f, name);
	bool is = there(path);

	free(path);
	return is;
}

/* --- settings --- */

#define TWO                                                                                        \
	"default a.test 587 starttls name me\nb b.test 465 implicit name you\n"                    \
	"c a.test 587 starttls name she\nd b.test 465 implicit name he fallback=b,c\n"             \
	"r a.test 2525 starttls none us rewrite=us@ours.test\n"

static const char SIMPLE[] = TWO "by-default default\n";
static const char IMPLICIT[] = TWO "by-default b\n";
static const char IDLE[] = TWO;
static const char ROUTES[] = TWO "by-default default\nsender @x.test b\nsender u@x.test c\n"
				 "recipient y.test direct\n";
static const char SENDERS[] = TWO "sender <> b\n";
static const char FAILOVER[] = TWO "by-default d\n";
static const char REWRITE[] = TWO "by-default r\nsender @x.test d\nrecipient z.test r\n";
static const char OTHERS[] = "default c.test 587 starttls name me fallback=e\n"
			     "e a.test 587 opportunistic none me\nby-default default\n";

static const struct {
	const char *name, *words;
} settings_all[] = {{"simple", SIMPLE}, {"implicit", IMPLICIT}, {"idle", IDLE}, {"routes", ROUTES},
	{"senders", SENDERS}, {"failover", FAILOVER}, {"rewrite", REWRITE}, {"others", OTHERS}};
enum { SETTINGS = sizeof settings_all / sizeof *settings_all };

#endif
