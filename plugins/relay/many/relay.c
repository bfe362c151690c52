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

static void print_document(const struct console_host *host, const struct work *work)
{
	json_print_relays(host, &work->status.settings);
}

static void add_lines(const struct work *work, struct strbuf *out)
{
	const struct settings *settings = &work->status.settings;

	for (size_t i = 0; i < settings->relay_count; i++)
		add_line(settings, &settings->relays[i], out);
	if (settings->relay_count == 0)
		work->host->note(work->host, _("relaycon has set up no relay here."));
}

static int run_list(const struct console_host *host, const struct console_call *call)
{
	(void)call;
	return work_show(host, print_document, add_lines);
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

static char *removed_words(const struct settings *before, const void *context)
{
	const struct names *names = context;

	(void)before;
	return text_format(_("relay %s is removed."), names->name);
}

static int run_remove(const struct console_host *host, const struct console_call *call)
{
	const struct names names = {.name = call->arguments[0]};
	const struct changing changing = {
		.edit = remove_relay,
		.context = &names,
		.action = "relay remove",
		.unchanged = "",
	};

	return changing_command(host, call, removed_words, &changing);
}

static char *renamed_words(const struct settings *before, const void *context)
{
	const struct names *names = context;
	const char *now = before->default_relay;

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
		.context = &names,
		.action = "relay rename",
		.unchanged = _("that is its name already; no file was touched."),
	};

	return changing_command(host, call, renamed_words, &changing);
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
		DRIVER_OPTIONS(dry_run),
		.run = run_remove,
	},
	{
		.word = "rename",
		.arguments = N_("NAME NEW"),
		.min_arguments = 2,
		.max_arguments = 2,
		.summary = N_("Give a relay another name, wherever it is named"),
		DRIVER_OPTIONS(dry_run),
		.run = run_rename,
	},
};

const struct console_command command_relay = {
	.word = "relay",
	.summary = N_("Several relays: list, set, remove and rename them"),
	DRIVER_PARTS(parts),
};
