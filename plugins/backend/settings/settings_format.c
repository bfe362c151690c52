/* settings_format.c: the settings as the text of a file, which settings_file.c reads. */
#include "../base/ini.h"
#include "relay_section.h"
#include "settings.h"

static void write_routes(const struct settings *settings, struct strbuf *out)
{
	struct strbuf value = STRBUF_INIT;

	if (settings->route_count == 0)
		return;
	ini_write_section(out, SECTION_ROUTES);
	for (int kind = 0; kind < ROUTE_KINDS; kind++) {
		strbuf_reset(&value);
		for (size_t i = 0; i < settings->route_count; i++) {
			const struct route *route = &settings->routes[i];
			if (route->kind != (enum route_kind)kind)
				continue;
			strbuf_addc(&value, '\n');
			strbuf_adds(&value, route->pattern);
			strbuf_addc(&value, ' ');
			strbuf_adds(&value, route->relay);
		}
		if (value.len > 0)
			ini_write_key(out, route_word((enum route_kind)kind), value.data);
	}
	strbuf_free(&value);
}

void settings_format(const struct settings *settings, struct strbuf *out)
{
	struct strbuf ini = STRBUF_INIT;

	strbuf_adds(
		out, "# Settings of relaycon: relays and routes. No password stands in here.\n");
	ini_write_section(&ini, SECTION_SETTINGS);
	ini_write_key(&ini, "format", SETTINGS_FORMAT);
	ini_write_key(
		&ini, "default", settings->default_relay ? settings->default_relay : RELAY_DIRECT);
	for (size_t i = 0; i < settings->relay_count; i++)
		relay_section_write(&settings->relays[i], &ini);
	write_routes(settings, &ini);
	strbuf_add(out, ini.data, ini.len);
	strbuf_free(&ini);
}
