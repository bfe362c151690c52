/*
 * providers.c: the command `providers`: what can be given to configure. Needs neither root nor
 * Postfix.
 */
#include "drivers.h"
#include "json.h"

static void add_line(const struct preset *preset, struct strbuf *out)
{
	strbuf_addf(out, "%-28s %s: %s port %u, %s\n", preset->id, preset->name, preset->host,
		preset->port, relay_tls_title(preset->tls));
	if (preset->region_count < 2)
		return;
	strbuf_addf(out, _("%-28s regions:"), "");
	for (size_t i = 0; i < preset->region_count; i++)
		strbuf_addf(out, " %s", preset->regions[i].id);
	strbuf_addc(out, '\n');
}

static int run_providers(const struct console_host *host, const struct console_call *call)
{
	struct preset_list list = {0};
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};

	(void)call;
	if (!preset_list_load(&list, host->folders(host, "providers"), &error))
		return work_fail(host, &error);
	if (host->json) {
		json_print_providers(host, &list);
	} else {
		for (size_t i = 0; i < list.count; i++)
			add_line(&list.presets[i], &text);
		strbuf_addf(&text, "%-28s %s\n", "custom", _("any other relay, with --host"));
		host->print(host, text.data);
	}
	if (list.problems.len)
		host->note(host, list.problems.data);
	strbuf_free(&text);
	preset_list_free(&list);
	return ERROR_NONE;
}

const struct console_command command_providers = {
	.word = "providers",
	.arguments = "",
	.summary = N_("List the mail providers that relaycon knows"),
	.run = run_providers,
};
