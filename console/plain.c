#include "plain.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "signals.h"
#include "tty.h"

enum { WIDTH = 78, LINE_SIZE = 1024 };

void plain_say(const char *text)
{
	struct text_list lines = {0};

	text_wrap(&lines, text, WIDTH, false);
	for (size_t i = 0; i < lines.count; i++) {
		tty_write(STDOUT_FILENO, lines.items[i]);
		tty_write(STDOUT_FILENO, "\n");
	}
	text_list_free(&lines);
}

void plain_sayf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = text_make_args(format, args);

	va_end(args);
	char *shown = text_clean_line(text);

	tty_write(STDOUT_FILENO, shown);
	tty_write(STDOUT_FILENO, "\n");
	free(shown);
	free(text);
}

void plain_title(const char *title)
{
	tty_write(STDOUT_FILENO, "\n");
	plain_sayf("== %s ==", title ? title : "");
}

enum plain_word plain_ask(
	const char *prompt, const char *help, char *line, size_t size, size_t *number)
{
	for (;;) {
		char *shown = text_clean_line(prompt), *end;

		tty_write(STDOUT_FILENO, shown);
		tty_write(STDOUT_FILENO, ": ");
		free(shown);
		if (tty_line(STDIN_FILENO, line, size) != CONSOLE_OK) {
			tty_write(STDOUT_FILENO, "\n");
			return PLAIN_GONE;
		}
		if (!isatty(STDIN_FILENO))
			tty_write(STDOUT_FILENO, "\n");
		if (!strcmp(line, "?")) {
			plain_say(help ? help : _("There is no more to say about this question."));
			plain_say(_("Everywhere: 0 or b goes one step back, ? explains, Ctrl-C "
				    "leaves."));
			continue;
		}
		if (!*line)
			return PLAIN_EMPTY;
		if (!strcmp(line, "b") || !strcmp(line, "B") || !strcmp(line, "0"))
			return PLAIN_BACK;
		*number = strtoul(line, &end, 10);
		return *end || *line < '1' || *line > '9' ? PLAIN_TEXT : PLAIN_NUMBER;
	}
}

enum console_answer plain_choose(size_t count, const char *prompt, const char *help, size_t *number)
{
	char line[LINE_SIZE];

	for (;;) {
		switch (plain_ask(prompt, help, line, sizeof(line), number)) {
		case PLAIN_GONE:
			return CONSOLE_GONE;
		case PLAIN_BACK:
			return CONSOLE_BACK;
		case PLAIN_NUMBER:
			if (*number >= 1 && *number <= count)
				return CONSOLE_OK;
			break;
		case PLAIN_TEXT:
		case PLAIN_EMPTY:
			break;
		}
		if (count > 1)
			plain_sayf(
				_("Please type a number from 1 to %zu, or b to go back."), count);
		else
			plain_sayf(_("Please type 1, or b to go back."));
	}
}

static enum console_answer page(
	const struct console_host *face, const struct console_page *what, size_t *button)
{
	char line[LINE_SIZE];
	size_t count = 0, number;

	(void)face;
	plain_title(what->title);
	if (what->warning)
		plain_sayf(_("Attention!"));
	if (what->intro && *what->intro) {
		plain_say(what->intro);
		tty_write(STDOUT_FILENO, "\n");
	}
	if (what->preformatted) {
		char *shown = text_clean(what->text);

		tty_write(STDOUT_FILENO, shown);
		tty_write(STDOUT_FILENO, "\n");
		free(shown);
	} else {
		plain_say(what->text);
	}
	while (count < CONSOLE_BUTTONS_MAX && what->buttons[count]) {
		plain_sayf("  %zu. %s", count + 1, what->buttons[count]);
		count++;
	}
	if (!count) {
		*button = 0;
		switch (plain_ask(_("Enter goes on"), what->help, line, sizeof(line), &number)) {
		case PLAIN_GONE:
			return CONSOLE_GONE;
		case PLAIN_BACK:
			return CONSOLE_BACK;
		default:
			return CONSOLE_OK;
		}
	}
	plain_sayf("  0. %s", _("Back"));
	/* Nobody has answered a question that was not there yet. */
	if (what->commits)
		tty_discard_typed(STDIN_FILENO);
	enum console_answer answer = plain_choose(count, _("Your choice"), what->help, &number);

	if (answer == CONSOLE_OK)
		*button = number - 1;
	return answer;
}

static enum console_answer choose(const struct console_menu *menu, const char *const *reasons,
	const char *last, const char *panel, size_t *chosen)
{
	size_t number;

	plain_title(menu->title);
	if (menu->text && *menu->text)
		plain_say(menu->text);
	if (panel && *panel) {
		plain_say(panel);
		tty_write(STDOUT_FILENO, "\n");
	}
	for (size_t i = 0; i < menu->count; i++) {
		const char *title = menu->items[i].title, *summary = menu->items[i].summary;

		if (reasons && reasons[i])
			plain_sayf(_("  %zu. %s (not available) - %s"), i + 1, title, reasons[i]);
		else if (summary)
			plain_sayf("  %zu. %s - %s", i + 1, title, summary);
		else
			plain_sayf("  %zu. %s", i + 1, title);
	}
	plain_sayf("  0. %s", last);
	for (;;) {
		enum console_answer answer =
			plain_choose(menu->count, _("Your choice"), menu->help, &number);

		if (answer != CONSOLE_OK)
			return answer;
		if (!reasons || !reasons[number - 1])
			break;
		plain_sayf(_("%s is not available: %s"), menu->items[number - 1].title,
			reasons[number - 1]);
	}
	*chosen = number - 1;
	return CONSOLE_OK;
}

static enum console_answer menu(
	const struct console_host *face, const struct console_menu *what, size_t *chosen)
{
	(void)face;
	return choose(what, NULL, _("Back"), NULL, chosen);
}

static enum console_answer view_menu(
	const struct console_host *face, const struct session_menu *what, size_t *chosen)
{
	char panel[4096] = "";

	(void)face;
	if (what->has_panel)
		what->describe(what->context, panel, sizeof(panel));
	return choose(
		&what->menu, what->reasons, what->home ? _("Leave") : _("Back"), panel, chosen);
}

const struct session_view plain_view = {view_menu};

static void progress_begin(const struct console_host *face, const struct console_progress *what)
{
	progress_start(&host_of(face)->progress, what);
	plain_title(what->title);
	plain_say(what->text ? what->text : "");
	if (face->terminal)
		plain_sayf(_("(b and Enter stops it)"));
}

static bool progress_poll(const struct console_host *face)
{
	struct progress *progress = &host_of(face)->progress;
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[LINE_SIZE];

	/* A script's next answers are left alone. */
	if (face->terminal && isatty(STDIN_FILENO) && poll(&input, 1, 0) > 0 &&
		(tty_line(STDIN_FILENO, line, sizeof(line)) != CONSOLE_OK || !strcmp(line, "b") ||
			!strcmp(line, "0")))
		progress->cancelled = true;
	return !progress->cancelled && !signals_ending();
}

static bool progress_step(const struct console_host *face, size_t step,
	enum console_step_state state, long ms, const char *detail)
{
	struct progress *progress = &host_of(face)->progress;

	if (progress_set(progress, step, state, ms, detail) && state != CONSOLE_STEP_WAITING &&
		state != CONSOLE_STEP_RUNNING) {
		const char *said = progress->states[step].detail, *comma = *said ? ", " : "";
		const char *title = progress->steps.items[step], *word = progress_word(state);

		if (state == CONSOLE_STEP_SKIPPED)
			plain_sayf("  %s: %s%s%s", title, word, comma, said);
		else
			plain_sayf(_("  %s: %s, %ld ms%s%s"), title, word, ms, comma, said);
	}
	return progress_poll(face);
}

static void progress_end(const struct console_host *face)
{
	progress_free(&host_of(face)->progress);
}

static void print(const struct console_host *face, const char *text)
{
	char *shown = text_clean(text);

	(void)face;
	tty_write(STDOUT_FILENO, shown);
	free(shown);
}

static void note(const struct console_host *face, const char *text)
{
	(void)face;
	plain_say(text);
}

static int fail(const struct console_host *face, int code, const char *message, const char *advice)
{
	(void)face;
	plain_sayf(_("Error: %s"), message);
	if (advice && *advice)
		plain_say(advice);
	return code;
}

static enum console_answer secret(
	const struct console_host *face, const char *prompt, char *value, size_t size)
{
	char *line = text_clean_line(prompt);
	char *asked = text_make("%s: ", line);
	enum console_answer answer = tty_secret(STDIN_FILENO, STDOUT_FILENO, asked, value, size);

	(void)face;
	free(asked);
	free(line);
	return answer;
}

void plain_fill(struct host *host)
{
	struct console_host *face = &host->face;

	face->page = page;
	face->menu = menu;
	face->form = plain_form;
	face->progress_begin = progress_begin;
	face->progress_step = progress_step;
	face->progress_poll = progress_poll;
	face->progress_end = progress_end;
	face->print = print;
	face->note = note;
	face->fail = fail;
	face->secret = secret;
}
