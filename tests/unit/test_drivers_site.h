/*
 * test_drivers_site.h: a private Postfix folder (not running), a state folder and two providers, for
 * one test of the drivers; and short words for what the tests assert.
 */
#ifndef TEST_DRIVERS_SITE_H
#define TEST_DRIVERS_SITE_H

#include "postfix_scratch.h"

#include "fake_host.h"

struct machine {
	struct scratch scratch;
	struct strbuf main_cf;
	struct strbuf master_cf;
	char *config;
	char *state;
	char *providers;
	struct fake_host fake;
};

static const char brevo_ini[] = "[provider]\n"
				"name = Brevo\n"
				"host = smtp-relay.brevo.com\n"
				"port = 587\n"
				"tls = starttls\n"
				"alternates = 465/implicit, 2525/starttls\n"
				"login-hint = The SMTP login of the account\n"
				"password-hint = An SMTP key, not the account password\n"
				"auth = PLAIN, LOGIN\n"
				"from-must-be-verified = yes\n"
				"size-limit = 20000000\n"
				"documentation = https://example.com/brevo\n";

static const char grid_ini[] = "[provider]\n"
			       "name = Grid\n"
			       "host = smtp.grid.test\n"
			       "port = 587\n"
			       "tls = starttls\n"
			       "login = apikey\n"
			       "password-hint = An API key\n"
			       "documentation = https://example.com/grid\n"
			       "warning = Password logins are being switched off here.\n"
			       "[regions]\n"
			       "global = smtp.grid.test\n"
			       "eu = smtp.eu.grid.test\n";

static inline void machine_folder(struct machine *machine, const char *name)
{
	char *path = scratch_path(&machine->scratch, name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static inline void machine_reset_files(struct machine *machine)
{
	scratch_write(
		&machine->scratch, "config/main.cf", machine->main_cf.data, machine->main_cf.len);
	scratch_write(&machine->scratch, "config/master.cf", machine->master_cf.data,
		machine->master_cf.len);
}

static inline void machine_make(struct machine *machine, enum console_mode mode)
{
	memset(machine, 0, sizeof *machine);
	scratch_make(&machine->scratch);
	machine_folder(machine, "config");
	machine_folder(machine, "queue");
	machine_folder(machine, "data");
	machine_folder(machine, "providers");
	strbuf_addf(&machine->main_cf,
		"# kept as it is\ncompatibility_level = 3.6\nmyhostname = machine.test\n"
		"queue_directory = %s/queue\ndata_directory = %s/data\n"
		"smtp_host_lookup = native\nrelayhost =\n",
		machine->scratch.dir, machine->scratch.dir);
	strbuf_adds(&machine->master_cf,
		"smtp      unix  -       -       y       -       -       smtp\n"
		"relay     unix  -       -       y       -       -       smtp\n");
	machine_reset_files(machine);
	scratch_write(&machine->scratch, "providers/brevo.ini", brevo_ini, sizeof brevo_ini - 1);
	scratch_write(&machine->scratch, "providers/grid.ini", grid_ini, sizeof grid_ini - 1);
	machine->config = scratch_path(&machine->scratch, "config");
	machine->state = scratch_path(&machine->scratch, "state");
	machine->providers = scratch_path(&machine->scratch, "providers");
	fake_host_init(&machine->fake, mode);
	machine->fake.config_dir = machine->config;
	machine->fake.state_dir = machine->state;
	machine->fake.folders[0] = machine->providers;
}

static inline void machine_remove(struct machine *machine)
{
	fake_host_free(&machine->fake);
	scratch_remove(&machine->scratch);
	strbuf_free(&machine->main_cf);
	strbuf_free(&machine->master_cf);
	free(machine->config);
	free(machine->state);
	free(machine->providers);
}

static inline void machine_read(const struct machine *machine, const char *name, struct strbuf *out)
{
	char *path = scratch_path(&machine->scratch, name);
	struct error error = {0};
	bool exists = false;

	strbuf_reset(out);
	if (!file_read(out, path, FILE_MAX, &exists, &error))
		fail_msg("%s", error.message);
	free(path);
}

static inline bool machine_exists(const struct machine *machine, const char *name)
{
	char *path = scratch_path(&machine->scratch, name);
	bool exists = access(path, F_OK) == 0;

	free(path);
	return exists;
}

/* Someone else edits main.cf. */
static inline void machine_append(const struct machine *machine, const char *line)
{
	struct strbuf now = STRBUF_INIT;

	machine_read(machine, "config/main.cf", &now);
	strbuf_adds(&now, line);
	scratch_write(&machine->scratch, "config/main.cf", now.data, now.len);
	strbuf_free(&now);
}

/* main.cf and master.cf are byte for byte what they were, and no table of ours is there. */
static inline void assert_untouched(const struct machine *machine)
{
	struct strbuf now = STRBUF_INIT;

	machine_read(machine, "config/main.cf", &now);
	assert_string_equal(now.data, machine->main_cf.data);
	machine_read(machine, "config/master.cf", &now);
	assert_string_equal(now.data, machine->master_cf.data);
	assert_false(machine_exists(machine, "config/relaycon_sasl_passwd"));
	assert_false(machine_exists(machine, "config/relaycon_tls_policy"));
	strbuf_free(&now);
}

static inline void assert_main_cf_has(const struct machine *machine, const char *line)
{
	struct strbuf now = STRBUF_INIT;

	machine_read(machine, "config/main.cf", &now);
	if (!strstr(now.data, line))
		fail_msg("main.cf has no \"%s\":\n%s", line, now.data);
	strbuf_free(&now);
}

static inline void assert_says(const struct strbuf *text, const char *words)
{
	if (!text->data || !strstr(text->data, words))
		fail_msg("\"%s\" is not in:\n%s", words, text->data ? text->data : "");
}

static inline void assert_says_not(const struct strbuf *text, const char *words)
{
	if (text->data && strstr(text->data, words))
		fail_msg("\"%s\" is in:\n%s", words, text->data);
}

#endif
