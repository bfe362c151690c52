/*
 * status.c: the panel of the home screen, and the command `status`.
 *
 * Cheap: one call of postconf (by site_open), the rest is read from files.
 */
#include "drivers.h"
#include "json.h"
#include "now.h"

void driver_status(const struct console_host *host, char *text, size_t size)
{
	struct strbuf lines = STRBUF_INIT;
	struct error error = {0};
	struct work work;

	if (work_open(&work, host, WORK_LOOK, &error)) {
		now_text(&work, true, &lines);
		work_close(&work);
	} else {
		strbuf_addf(&lines, "Postfix: %s\n%s\n", error.message, error.advice);
	}
	snprintf(text, size, "%s", lines.data);
	strbuf_free(&lines);
}

static void add_words(const struct work *work, struct strbuf *out)
{
	now_text(work, false, out);
}

static int run_status(const struct console_host *host, const struct console_call *call)
{
	(void)call;
	return work_show(host, json_print_status, add_words);
}

const struct console_command command_status = {
	.word = "status",
	.arguments = "",
	.summary = N_("What is true now: direct, relayed by whom, or set up by someone else"),
	.run = run_status,
};
