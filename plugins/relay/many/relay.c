/*
 * relay.c: the command `relay`: list, set, remove, rename.
 *
 * The relay "default" takes all mail that no route is for; `configure` is `relay set default`. What names
 * a relay (a route, another one's fallback) keeps it from being removed, and follows it to a new name.
 */
#include "../changing.h"
#include "../drivers.h"
#include "../json.h"
#include "../options.h"
#include "../set.h"

/* --- list ---------------------------------------------------------------------------------------- */

static void add_line(const struct settings *settings, const struct relay *relay, struct strbuf *out)
{
	strbuf_addf(out, "%s: ", relay->name);
	relay_describe(relay, out);
	if (text_equal(settings->default_relay, relay->name))
		strbuf_adds(out, _("; the default"));
	for (size_t i = 0; i < relay->fallback_count; i++)
		strbuf_addf(out, i ? ", %s" : _("; else %s"), relay->fallbacks[i]);
	if (relay->sender_rewrite)
		strbuf_addf(out, _("; foreign senders become %s"), relay->sender_rewrite);
	strbuf_addc(out, '\n');
}

static int run_list(const struct console_host *host, const struct console_call *call)
{
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	struct work work;

	(void)call;
	if (!work_open(&work, host, WORK_RECOVER, &error))
		return work_fail(host, &error);
	const struct settings *settings = &work.status.settings;

	if (host->json) {
		json_print_relays(host, settings);
	} else {
		for (size_t i = 0; i < settings->relay_count; i++)
			add_line(settings, &settings->relays[i], &text);
		if (settings->relay_count == 0)
			host->note(host, _("relaycon has set up no relay here."));
		host->print(host, text.data ? text.data : "");
	}
	strbuf_free(&text);
	work_close(&work);
	return ERROR_NONE;
}

/* --- set ----------------------------------------------------------------------------------------- */

static int run_set(const struct console_host *host, const struct console_call *call)
{
	return set_relay(host, call, "relay set", call->arguments[0],
		call->argument_count > 1 ? call->arguments[1] : NULL);
}

/* --- remove, rename ------------------------------------------------------------------------------ */

struct names {
	const char *name;
	const char *new_name;
};

static bool remove_relay(struct settings *settings, const void *context, struct error *error)
{
	const struct names *names = context;

	return settings_remove_relay(settings, names->name, error);
}

static bool rename_relay(struct settings *settings, const void *context, struct error *error)
{
	const struct names *names = context;

	if (!settings_rename_relay(settings, names->name, names->new_name, error)) {
		error->code = ERROR_USAGE;
		return false;
	}
	/* The relay of this name is the default, by definition. */
	if (strcmp(names->new_name, RELAY_DEFAULT_NAME) == 0)
		settings_set_default(settings, names->new_name);
	return true;
}

/* What was done, in words; `settings` are those before. Caller frees. */
typedef char *done_words(const struct settings *settings, const struct names *names);

static int change_names(const struct console_host *host, const struct console_call *call,
	const struct names *names, done_words *words, const struct changing *change)
{
	struct changing changing = *change;
	struct error error = {0};
	struct work work;
	int code = ERROR_NONE;

	if (!work_open(&work, host, WORK_RECOVER, &error))
		return work_fail(host, &error);
	char *done = words(&work.status.settings, names);

	changing.work = &work;
	changing.context = names;
	changing.done = done;
	changing.dry_run = call->option(call, "dry-run") != NULL;
	/* No relay is new, so there is none to be tested. */
	changing.no_test = true;
	if (!changing_run(&changing, &code, &error))
		code = work_fail(host, &error);
	free(done);
	work_close(&work);
	return code;
}

static char *removed_words(const struct settings *settings, const struct names *names)
{
	(void)settings;
	return text_format(_("relay %s is removed."), names->name);
}

static int run_remove(const struct console_host *host, const struct console_call *call)
{
	const struct names names = {.name = call->arguments[0]};
	const struct changing changing = {
		.edit = remove_relay,
		.action = "relay remove",
		.unchanged = "",
	};

	return change_names(host, call, &names, removed_words, &changing);
}

static char *renamed_words(const struct settings *settings, const struct names *names)
{
	const char *now = settings->default_relay;

	/* The name alone moves mail, which nobody may have thought of. */
	if (strcmp(names->new_name, RELAY_DEFAULT_NAME) != 0 || text_equal(now, names->name))
		return text_format(_("relay %s is called %s now."), names->name, names->new_name);
	if (!now)
		return text_format(
			_("relay %s is called %s now, and so it is the default relay; there was "
			  "none."),
			names->name, names->new_name);
	return text_format(
		_("relay %s is called %s now, and so it is the default relay, in place of %s."),
		names->name, names->new_name, now);
}

static int run_rename(const struct console_host *host, const struct console_call *call)
{
	const struct names names = {call->arguments[0], call->arguments[1]};
	const struct changing changing = {
		.edit = rename_relay,
		.action = "relay rename",
		.unchanged = _("that is its name already; no file was touched."),
	};

	return change_names(host, call, &names, renamed_words, &changing);
}

static const struct console_option dry_run[] = {CHANGING_DRY_RUN};

static const struct console_command parts[] = {
	{
		.word = "list",
		.arguments = "",
		.summary = N_("All relays, one a line"),
		.run = run_list,
	},
	{
		.word = "set",
		.arguments = N_("NAME [PROVIDER|custom]"),
		.min_arguments = 1,
		.max_arguments = 2,
		.summary = N_("Add a relay, or say it anew; without a provider, change what the "
			      "options say"),
		.options = options_table,
		.option_count = OPTIONS_ALL,
		.run = run_set,
	},
	{
		.word = "remove",
		.arguments = N_("NAME"),
		.min_arguments = 1,
		.max_arguments = 1,
		.summary = N_("Remove a relay that no route and no other relay leads to"),
		.options = dry_run,
		.option_count = sizeof dry_run / sizeof *dry_run,
		.run = run_remove,
	},
	{
		.word = "rename",
		.arguments = N_("NAME NEW"),
		.min_arguments = 2,
		.max_arguments = 2,
		.summary = N_("Give a relay another name, wherever it is named"),
		.options = dry_run,
		.option_count = sizeof dry_run / sizeof *dry_run,
		.run = run_rename,
	},
};

const struct console_command command_relay = {
	.word = "relay",
	.summary = N_("Several relays: list, set, remove and rename them"),
	.parts = parts,
	.part_count = sizeof parts / sizeof *parts,
};
