/*
 * command.c: what a driver sees of the host in command mode. Dispatch: command_run.c.
 */
#include "command.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "signals.h"
#include "tty.h"

static enum console_answer no_page(
	const struct console_host *face, const struct console_page *page, size_t *button)
{
	(void)face, (void)page, (void)button;
	return signals_ending() ? CONSOLE_GONE : CONSOLE_BACK;
}

static enum console_answer no_menu(
	const struct console_host *face, const struct console_menu *menu, size_t *chosen)
{
	(void)face, (void)menu, (void)chosen;
	return signals_ending() ? CONSOLE_GONE : CONSOLE_BACK;
}

static enum console_answer no_form(
	const struct console_host *face, struct console_form *form, size_t *button)
{
	(void)face, (void)form, (void)button;
	return signals_ending() ? CONSOLE_GONE : CONSOLE_BACK;
}

static void progress_begin(const struct console_host *face, const struct console_progress *what)
{
	progress_start(&host_of(face)->progress, what);
	if (!face->json && isatty(STDERR_FILENO) && what->title)
		face->note(face, what->title);
}

static bool progress_step(const struct console_host *face, size_t step,
	enum console_step_state state, long ms, const char *detail)
{
	struct progress *progress = &host_of(face)->progress;

	if (progress_set(progress, step, state, ms, detail) && !face->json &&
		isatty(STDERR_FILENO) && state != CONSOLE_STEP_WAITING &&
		state != CONSOLE_STEP_RUNNING) {
		const char *said = progress->states[step].detail;
		char time[32] = "";

		if (state != CONSOLE_STEP_SKIPPED)
			snprintf(time, sizeof(time), "%ld ms", ms);
		char *line = text_make("  %-14s %-8s %8s%s%s", progress->steps.items[step],
			progress_word(state), time, *said ? "  " : "", said);

		face->note(face, line);
		free(line);
	}
	return !signals_ending();
}

static bool progress_poll(const struct console_host *face)
{
	(void)face;
	return !signals_ending();
}

static void progress_end(const struct console_host *face)
{
	progress_free(&host_of(face)->progress);
}

static void print(const struct console_host *face, const char *text)
{
	(void)face;
	fputs(text, stdout);
}

static void note(const struct console_host *face, const char *text)
{
	char *shown = text_clean(text);

	(void)face;
	/* What was printed comes first, also where both go to one place. */
	fflush(stdout);
	fprintf(stderr, "%s\n", shown);
	free(shown);
}

static void put_string(struct json_object *object, const char *name, const char *value)
{
	char *clean = text_clean_utf8(value);

	json_object_object_add(object, name, json_object_new_string(clean));
	free(clean);
}

static void fail_json(int code, const char *message, const char *advice)
{
	struct json_object *document = json_object_new_object();
	struct json_object *error = json_object_new_object();

	json_object_object_add(error, "code", json_object_new_int(code));
	put_string(error, "message", message);
	put_string(error, "advice", advice);
	put_string(document, "result", "failed");
	json_object_object_add(document, "error", error);
	puts(json_object_to_json_string_ext(
		document, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}

static int fail(const struct console_host *face, int code, const char *message, const char *advice)
{
	struct host *host = host_of(face);

	if (face->json) {
		fail_json(code, message, advice);
		return code;
	}
	char *text = text_make("%s%s%s: %s%s%s", host->name, host->command ? " " : "",
		host->command ? host->command : "", message, advice && *advice ? "\n" : "",
		advice ? advice : "");

	note(face, text);
	free(text);
	return code;
}

static enum console_answer secret(
	const struct console_host *face, const char *prompt, char *value, size_t size)
{
	if (!face->terminal)
		return CONSOLE_BACK;
	/* The terminal itself: the command's output may go to a file. */
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return CONSOLE_BACK;
	fflush(stdout);
	char *line = text_clean_line(prompt);
	char *asked = text_make("%s: ", line);
	enum console_answer answer = tty_secret(fd, fd, asked, value, size);

	free(asked);
	free(line);
	close(fd);
	return answer;
}

void command_fill(struct host *host)
{
	struct console_host *face = &host->face;

	face->page = no_page;
	face->menu = no_menu;
	face->form = no_form;
	face->progress_begin = progress_begin;
	face->progress_step = progress_step;
	face->progress_poll = progress_poll;
	face->progress_end = progress_end;
	face->print = print;
	face->note = note;
	face->fail = fail;
	face->secret = secret;
}
