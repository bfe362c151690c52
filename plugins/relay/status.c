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

static int run_status(const struct console_host *host, const struct console_call *call)
{
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	struct work work;

	(void)call;
	if (!work_open(&work, host, WORK_RECOVER, &error))
		return work_fail(host, &error);
	if (host->json) {
		json_print_status(host, &work);
	} else {
		now_text(&work, false, &text);
		host->print(host, text.data);
	}
	strbuf_free(&text);
	work_close(&work);
	return ERROR_NONE;
}

const struct console_command command_status = {
	.word = "status",
	.arguments = "",
	.summary = N_("What is true now: direct, relayed by whom, or set up by someone else"),
	.run = run_status,
};
