#include "set.h"

#include "changing.h"
#include "options.h"

struct set {
	const struct console_host *host;
	const char *name;
	struct options options;
	struct work work;
	struct secret password;
	bool typed;
};

static bool put_relay(struct settings *settings, const void *context, struct error *error)
{
	const struct relay *relay = context;

	settings_put_relay(settings, relay);
	for (size_t i = 0; i < relay->fallback_count; i++)
		if (!settings_need_relay(settings, relay->fallbacks[i], error))
			return false;
	/* The relay of this name is the default, by definition. */
	if (strcmp(relay->name, RELAY_DEFAULT_NAME) == 0)
		settings_set_default(settings, relay->name);
	/* What does not fit was said by an option. */
	if (settings_check(settings, error))
		return true;
	error->code = ERROR_USAGE;
	return false;
}

/* Options first where they stand for themselves: what is wrong with them needs no Postfix to be said. */
static bool read_relay(
	struct set *set, const struct console_call *call, const char *provider, struct error *error)
{
	struct options_start start = {.name = set->name, .provider = provider};
	bool whole = provider != NULL;
	const struct relay *there;

	if (!settings_check_name(set->name, error)) {
		error->code = ERROR_USAGE;
		return false;
	}
	if (whole && !options_read(&set->options, set->host, call, &start, error))
		return false;
	if (!work_open(&set->work, set->host, WORK_RECOVER, error))
		return false;
	there = settings_relay(&set->work.status.settings, set->name);
	if (!whole) {
		start.configured = there;
		if (!options_read(&set->options, set->host, call, &start, error))
			return false;
	} else if (there) {
		options_keep(&set->options, call, there);
	}
	if (!options_password(
		    &set->options, set->host, &set->work.site, &set->password, &set->typed, error))
		return false;
	/* The file that the stored password once came from, as long as it is that password. */
	struct relay *relay = &set->options.relay;

	if (there && !set->typed && relay->login && text_equal(there->login, relay->login) &&
		text_equal(there->host, relay->host) && there->port == relay->port)
		text_replace(&relay->password_file, there->password_file);
	return true;
}

static bool leads_anywhere(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->route_count; i++)
		if (strcmp(settings->routes[i].relay, name) == 0)
			return true;
	for (size_t i = 0; i < settings->relay_count; i++)
		for (size_t k = 0; k < settings->relays[i].fallback_count; k++)
			if (strcmp(settings->relays[i].fallbacks[k], name) == 0)
				return true;
	return false;
}

static char *done_words(const struct set *set)
{
	const struct settings *settings = &set->work.status.settings;
	const struct relay *relay = &set->options.relay;
	struct strbuf server = STRBUF_INIT;
	char *words;

	relay_describe(relay, &server);
	if (strcmp(set->name, RELAY_DEFAULT_NAME) == 0 ||
		text_equal(settings->default_relay, set->name))
		words = text_format(_("mail goes through %s."), server.data);
	else if (leads_anywhere(settings, set->name))
		words = text_format(_("relay %s is %s."), set->name, server.data);
	else
		words = text_format(
			_("relay %s is %s. No mail goes there yet: \"relaycon route add\" "
			  "sends some."),
			set->name, server.data);
	strbuf_free(&server);
	return words;
}

static bool run(struct set *set, const struct console_call *call, const char *action,
	const char *provider, int *code, struct error *error)
{
	if (!read_relay(set, call, provider, error))
		return false;
	const struct plan_password given = {set->name, set->typed ? &set->password : NULL};
	char *done = done_words(set);
	const struct changing changing = {
		.work = &set->work,
		.edit = put_relay,
		.context = &set->options.relay,
		.passwords = &given,
		.password_count = 1,
		.action = action,
		.always = set->name,
		.allow_unencrypted_login = set->options.allow_unencrypted,
		.done = done,
		.unchanged = _("this is what is configured already; no file was touched."),
		.dry_run = call->option(call, "dry-run") != NULL,
		.no_test = call->option(call, "no-test") != NULL,
	};
	bool ok = changing_run(&changing, code, error);

	free(done);
	return ok;
}

int set_relay(const struct console_host *host, const struct console_call *call, const char *action,
	const char *name, const char *provider)
{
	struct set set = {.host = host, .name = name};
	struct error error = {0};
	int code = ERROR_NONE;

	if (!run(&set, call, action, provider, &code, &error))
		code = work_fail(host, &error);
	secret_free(&set.password);
	work_close(&set.work);
	options_free(&set.options);
	return code;
}
