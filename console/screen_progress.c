/*
 * screen_progress.c: a list of steps as they happen.
 */
#include "screen_box.h"

#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "signals.h"

enum { WIDEST = 92, TITLE_MAX = 26, STATE = 9, TIME = 9 };

static void draw(struct progress *progress)
{
	int columns = screen_columns_free() > WIDEST ? WIDEST : screen_columns_free();
	size_t count = progress->steps.count;
	struct text_list text = {0}, said = {0};
	int width = 0;

	if (columns > 8 && *progress->text) {
		text_wrap(&text, progress->text, (size_t)columns, false);
		text_list_take(&text, text_copy(""));
	}
	for (size_t i = 0; i < count; i++) {
		int title = (int)text_columns(progress->steps.items[i]);

		if (title > width)
			width = title < TITLE_MAX ? title : TITLE_MAX;
		/* The reason of a failure is shown whole, below. */
		if (columns > 8 && progress->states[i].state == CONSOLE_STEP_FAILED &&
			progress->states[i].detail && *progress->states[i].detail) {
			text_list_take(&said, text_copy(""));
			text_wrap(&said, progress->states[i].detail, (size_t)columns, false);
		}
	}
	int left = 1 + width + 2 + STATE + TIME + 2;
	int lines = (int)(text.count + count + said.count);

	if (screen_box(lines, columns, progress->title, _("ESC stops"), false)) {
		for (size_t i = 0; i < text.count; i++)
			screen_put((int)i, 0, -1, STYLE_NORMAL, text.items[i]);
		for (size_t i = 0; i < count; i++) {
			const struct progress_state *state = &progress->states[i];
			int line = (int)(text.count + i);
			bool over = state->state == CONSOLE_STEP_OK ||
				    state->state == CONSOLE_STEP_FAILED;
			char time[32] = "";
			enum screen_style style =
				state->state == CONSOLE_STEP_OK        ? STYLE_ADDED
				: state->state == CONSOLE_STEP_FAILED  ? STYLE_WARNING
				: state->state == CONSOLE_STEP_RUNNING ? STYLE_STRONG
								       : STYLE_DIM;

			screen_put(line, 1, width, STYLE_NORMAL, progress->steps.items[i]);
			screen_put(line, 1 + width + 2, STATE, style, progress_word(state->state));
			if (over)
				snprintf(time, sizeof(time), _("%6ld ms"), state->ms);
			screen_put(line, 1 + width + 2 + STATE, TIME, STYLE_NORMAL, time);
			if (state->detail && columns > left) {
				char *detail =
					text_shorten(state->detail, (size_t)(columns - left));

				screen_put(line, left, -1, STYLE_NORMAL, detail);
				free(detail);
			}
		}
		for (size_t i = 0; i < said.count; i++)
			screen_put(
				(int)(text.count + count + i), 0, -1, STYLE_NORMAL, said.items[i]);
		screen_show();
	}
	text_list_free(&text);
	text_list_free(&said);
}

void screen_progress_begin(const struct console_host *face, const struct console_progress *what)
{
	progress_start(&host_of(face)->progress, what);
	draw(&host_of(face)->progress);
}

bool screen_progress_poll(const struct console_host *face)
{
	struct progress *progress = &host_of(face)->progress;

	for (;;) {
		struct screen_key key = screen_key(0);

		switch (key.code) {
		case SCREEN_NONE:
			return !progress->cancelled;
		case SCREEN_ESC:
			progress->cancelled = true;
			break;
		case SCREEN_GONE:
			progress->cancelled = true;
			return false;
		case SCREEN_REDRAW:
			draw(progress);
			break;
		default:
			break;
		}
	}
}

bool screen_progress_step(const struct console_host *face, size_t step,
	enum console_step_state state, long ms, const char *detail)
{
	struct progress *progress = &host_of(face)->progress;

	if (progress_set(progress, step, state, ms, detail))
		draw(progress);
	return screen_progress_poll(face);
}

void screen_progress_end(const struct console_host *face)
{
	progress_free(&host_of(face)->progress);
}
