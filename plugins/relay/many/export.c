/*
 * export.c: the command `export`: the settings as one file, which `apply` reads. No password stands in it:
 * where one was typed, a comment says what to add for a machine that does not have it stored.
 */
#include <string.h>

#include "../drivers.h"
#include "../json.h"
#include "../work.h"

static const char *const head = N_("# Settings of relaycon, as \"relaycon export\" wrote them; "
				   "\"relaycon apply FILE\" makes a "
				   "machine so.\n");

/* After the relay's own lines. */
static void add_hint(const struct settings *settings, const char *section, struct strbuf *out)
{
	const struct relay *relay = settings_relay(settings, section);

	if (relay && relay->login && !relay->password_file)
		strbuf_addf(out,
			_("# The password is stored on this machine; another one needs it in a "
			  "file:\n# password-file = /root/%s.password\n"),
			relay->name);
}

/* "[relay NAME]" -> NAME, in a buffer of the caller's; "" for any other section. */
static void section_name(const char *line, size_t len, struct strbuf *name)
{
	static const char prefix[] = "[relay ";
	size_t skip = sizeof prefix - 1;

	strbuf_reset(name);
	if (len > skip && strncmp(line, prefix, skip) == 0)
		strbuf_add(name, line + skip, len - skip - 1);
}

static void format(const struct settings *settings, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT, name = STRBUF_INIT;

	strbuf_reset(&name);
	strbuf_adds(out, _(head));
	settings_format(settings, &text);
	for (const char *line = text.data; *line;) {
		size_t len = strcspn(line, "\n");
		bool ends = len == 0 || line[0] == '[';

		if (ends && name.len > 0)
			add_hint(settings, name.data, out);
		if (ends)
			section_name(line, len, &name);
		len += line[len] == '\n';
		/* The comment of the file in the state folder is none of this one's. */
		if (line[0] != '#')
			strbuf_add(out, line, len);
		line += len;
	}
	if (name.len > 0)
		add_hint(settings, name.data, out);
	strbuf_free(&name);
	strbuf_free(&text);
}

static void note_none(const struct work *work)
{
	if (work->status.settings.relay_count == 0)
		work->host->note(work->host, _("relaycon has set up no relay here."));
}

static void print_document(const struct console_host *host, const struct work *work)
{
	json_print_settings(host, &work->status.settings);
	note_none(work);
}

static void add_file(const struct work *work, struct strbuf *out)
{
	format(&work->status.settings, out);
	note_none(work);
}

static int run_export(const struct console_host *host, const struct console_call *call)
{
	(void)call;
	return work_show(host, print_document, add_file);
}

const struct console_command command_export = {
	.word = "export",
	.arguments = "",
	.summary = N_("Print the settings as a file for \"apply\"; no password stands in it"),
	.run = run_export,
};
