/*
 * custom.c: the driver of the entry "Custom": the common flow without a preset.
 */
#include "drivers.h"
#include "flow.h"

enum console_answer driver_custom(
	const struct console_host *host, const struct console_entry *entry)
{
	struct work work = {0};
	struct wish wish = {0};
	struct error error = {0};
	enum console_answer answer = CONSOLE_BACK;

	(void)entry;
	if (work_open(&work, host, WORK_RECOVER, &error) && wish_init(&wish, &work, NULL, &error))
		answer = flow_run(&wish);
	else
		work_fail(host, &error);
	wish_free(&wish);
	work_close(&work);
	return answer;
}
