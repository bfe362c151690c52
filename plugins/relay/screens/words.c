#include "words.h"

void words_server(const struct relay *relay, struct strbuf *out)
{
	bool brackets = strchr(relay->host, ':') != NULL;

	strbuf_addf(out, brackets ? "[%s]:%u" : "%s:%u", relay->host, relay->port);
	if (relay->login)
		strbuf_addf(out, _(" as %s"), relay->login);
	else
		strbuf_adds(out, _(", no login"));
	if (!relay_tls_is_encrypted(relay->tls))
		strbuf_addf(out, ", %s", relay_tls_brief(relay->tls));
}

void words_relay(const struct relay *relay, struct strbuf *out)
{
	enum { SHOWN = 3 };

	words_server(relay, out);
	if (relay->fallback_count) {
		strbuf_adds(out, _(", else "));
		words_list(
			(const char *const *)relay->fallbacks, relay->fallback_count, SHOWN, out);
	}
}

void words_route(enum route_kind kind, const char *pattern, struct strbuf *out)
{
	if (kind == ROUTE_RECIPIENT)
		strbuf_addf(out, _("To %s"), pattern);
	else if (strcmp(pattern, ROUTE_NULL_SENDER) == 0)
		strbuf_adds(out, _("Bounces, from <>"));
	else
		strbuf_addf(out, _("From %s"), pattern);
}

void words_target(const struct settings *settings, const char *name, struct strbuf *out)
{
	const struct relay *relay = name ? settings_relay(settings, name) : NULL;

	if (!name || strcmp(name, RELAY_DIRECT) == 0) {
		strbuf_adds(out, _("directly, through no relay"));
		return;
	}
	strbuf_adds(out, name);
	if (relay) {
		strbuf_adds(out, ": ");
		words_server(relay, out);
	}
}

void words_list(const char *const *names, size_t count, size_t most, struct strbuf *out)
{
	for (size_t i = 0; i < count && i < most; i++)
		strbuf_addf(out, i ? ", %s" : "%s", names[i]);
	if (count > most)
		strbuf_addf(out, _(" and %zu more"), count - most);
}

bool words_error(const struct error *error, char *why, size_t size)
{
	char *text =
		text_format("%s%s%s", error->message, error->advice[0] ? " " : "", error->advice);

	snprintf(why, size, "%s", text);
	free(text);
	return false;
}
