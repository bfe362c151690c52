/*
 * route.c: the command `route`: add, list, remove; test is in route_test.c.
 *
 * A recipient's route counts before a sender's, an address before its domain, and all of them before the
 * default relay. `direct` is delivery without any relay.
 */
#include <string.h>

#include "../changing.h"
#include "../drivers.h"
#include "../json.h"
#include "route_test.h"

/* --- list ---------------------------------------------------------------------------------------- */

/* As they count; the settings have them sorted within each rank. */
static const struct route **in_order(const struct settings *settings)
{
	const struct route **routes =
		mem_calloc(settings->route_count + 1, sizeof(const struct route *));
	size_t count = 0;

	for (unsigned at = 0; at < ROUTE_RANKS; at++)
		for (size_t i = 0; i < settings->route_count; i++)
			if (route_rank(&settings->routes[i]) == at)
				routes[count++] = &settings->routes[i];
	return routes;
}

static void add_target(const struct relay_index *relays, const char *name, struct strbuf *out)
{
	const struct relay *relay = name ? relay_index_find(relays, name) : NULL;

	if (!relay) {
		strbuf_adds(out, _("direct, by no relay"));
		return;
	}
	strbuf_addf(out, "%s: ", name);
	relay_describe(relay, out);
}

static void print_document(const struct console_host *host, const struct work *work)
{
	const struct settings *settings = &work->status.settings;
	const struct route **routes = in_order(settings);

	json_print_routes(host, settings, routes, settings->route_count);
	free(routes);
}

static void add_lines(const struct work *work, struct strbuf *out)
{
	const struct settings *settings = &work->status.settings;
	const struct route **routes = in_order(settings);
	struct relay_index relays;

	relay_index_init(&relays, settings);
	for (size_t i = 0; i < settings->route_count; i++) {
		strbuf_addf(out,
			routes[i]->kind == ROUTE_RECIPIENT ? _("to %s -> ") : _("from %s -> "),
			routes[i]->pattern);
		add_target(&relays, routes[i]->relay, out);
		strbuf_addc(out, '\n');
	}
	strbuf_adds(out, settings->route_count ? _("all other mail -> ") : _("all mail -> "));
	add_target(&relays, settings->default_relay, out);
	strbuf_addc(out, '\n');
	relay_index_free(&relays);
	free(routes);
}

static int run_list(const struct console_host *host, const struct console_call *call)
{
	(void)call;
	return work_show(host, print_document, add_lines);
}

/* --- add, remove --------------------------------------------------------------------------------- */

struct wanted_route {
	enum route_kind kind;
	char *pattern;
	const char *relay; /* NULL: it is to go */
	const char *done;  /* what is true then, between pattern and relay */
};

static bool add_route(struct settings *settings, const void *context, struct error *error)
{
	const struct wanted_route *route = context;

	return settings_add_route(settings, route->kind, route->pattern, route->relay, error);
}

static bool remove_route(struct settings *settings, const void *context, struct error *error)
{
	const struct wanted_route *route = context;

	return settings_remove_route(settings, route->kind, route->pattern, error);
}

static bool read_pattern(
	const struct console_call *call, struct wanted_route *route, struct error *error)
{
	const char *sender = call->option(call, "sender");
	const char *recipient = call->option(call, "recipient");

	if (sender && recipient) {
		error_set(error, ERROR_USAGE, _("--sender and --recipient contradict each other."));
		return error_advise(error,
			_("A route is for a sender or for a recipient; give each one of its own."));
	}
	if (!sender && !recipient) {
		error_set(error, ERROR_USAGE, _("Whose mail it is for is missing."));
		return error_advise(error,
			_("Give --sender @DOMAIN, --sender ADDRESS, --sender '<>' for bounces, "
			  "--recipient DOMAIN or --recipient ADDRESS."));
	}
	route->kind = sender ? ROUTE_SENDER : ROUTE_RECIPIENT;
	if (route_parse(route->kind, sender ? sender : recipient, &route->pattern, error))
		return true;
	error->code = ERROR_USAGE;
	return false;
}

static char *done_words(const struct settings *before, const void *context)
{
	const struct wanted_route *route = context;

	(void)before;
	return text_format("%s %s%s%s.",
		route->kind == ROUTE_SENDER ? _("mail from") : _("mail to"), route->pattern,
		route->done, route->relay ? route->relay : "");
}

static int change_routes(const struct console_host *host, const struct console_call *call,
	struct wanted_route *route, const struct changing *change)
{
	struct error error = {0};
	int code = read_pattern(call, route, &error)
			   ? changing_command(host, call, done_words, change)
			   : work_fail(host, &error);

	free(route->pattern);
	return code;
}

static int run_add(const struct console_host *host, const struct console_call *call)
{
	const char *relay = call->arguments[0];
	bool direct = strcmp(relay, RELAY_DIRECT) == 0;
	struct wanted_route route = {
		.relay = relay,
		.done = direct ? _(" goes ") : _(" goes through "),
	};
	const struct changing changing = {
		.edit = add_route,
		.context = &route,
		.action = "route add",
		.unchanged = _("there is this route already; no file was touched."),
	};

	return change_routes(host, call, &route, &changing);
}

static int run_remove(const struct console_host *host, const struct console_call *call)
{
	struct wanted_route route = {.done = _(" has no route any more")};
	const struct changing changing = {
		.edit = remove_route,
		.context = &route,
		.action = "route remove",
		.unchanged = "",
	};

	return change_routes(host, call, &route, &changing);
}

static const struct console_option change_options[] = {
	{"sender", N_("ADDRESS|@DOMAIN|<>"), N_("Whose mail; <> are bounces")},
	{"recipient", N_("ADDRESS|DOMAIN"), N_("Mail to whom")},
	CHANGING_DRY_RUN,
};

static const struct console_option test_options[] = {
	{"from", N_("ADDRESS"), N_("The envelope sender; <> is a bounce's")},
	{"to", N_("ADDRESS"), N_("The recipient")},
};

static const struct console_command parts[] = {
	{
		.word = "list",
		.arguments = "",
		.summary = N_("All routes, in the order in which they count"),
		.run = run_list,
	},
	{
		.word = "add",
		.arguments = N_("RELAY|direct"),
		.min_arguments = 1,
		.max_arguments = 1,
		.summary = N_("Send a sender's or a recipient's mail through a relay, or directly"),
		DRIVER_OPTIONS(change_options),
		.run = run_add,
	},
	{
		.word = "remove",
		.arguments = "",
		.summary = N_("Remove the route of a sender or a recipient"),
		DRIVER_OPTIONS(change_options),
		.run = run_remove,
	},
	{
		.word = "test",
		.arguments = "",
		.summary = N_("Say which way a mail would take, and why; nothing is sent"),
		DRIVER_OPTIONS(test_options),
		.run = route_test,
	},
};

const struct console_command command_route = {
	.word = "route",
	.summary = N_("Which mail goes through which relay: list, add, remove and test routes"),
	DRIVER_PARTS(parts),
};
