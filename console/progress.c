#include "progress.h"

#include <stdlib.h>

#include "i18n.h"

void progress_start(struct progress *progress, const struct console_progress *what)
{
	progress_free(progress);
	progress->title = text_copy(what->title ? what->title : "");
	progress->text = text_copy(what->text ? what->text : "");
	for (size_t i = 0; i < what->count; i++)
		text_list_take(&progress->steps, text_clean_line(what->steps[i]));
	progress->states = mem_zero(what->count, sizeof(*progress->states));
}

bool progress_set(struct progress *progress, size_t step, enum console_step_state state, long ms,
	const char *detail)
{
	if (step >= progress->steps.count)
		return false;
	struct progress_state *slot = &progress->states[step];

	slot->state = state;
	slot->ms = ms;
	free(slot->detail);
	slot->detail = text_clean_line(detail);
	return true;
}

void progress_free(struct progress *progress)
{
	for (size_t i = 0; i < progress->steps.count; i++)
		free(progress->states[i].detail);
	free(progress->states);
	free(progress->title);
	free(progress->text);
	text_list_free(&progress->steps);
	*progress = (struct progress){0};
}

const char *progress_word(enum console_step_state state)
{
	static const char *const words[] = {
		[CONSOLE_STEP_WAITING] = N_("waiting"),
		[CONSOLE_STEP_RUNNING] = N_("running"),
		[CONSOLE_STEP_OK] = N_("ok"),
		[CONSOLE_STEP_FAILED] = N_("failed"),
		[CONSOLE_STEP_SKIPPED] = N_("skipped"),
	};

	return _(words[state]);
}
