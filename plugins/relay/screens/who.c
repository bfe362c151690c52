/*
 * who.c: "who would take this mail?": a sender and a recipient, and where Postfix would send it, by its own
 * tables.
 */
#include "../decision.h"
#include "screens.h"
#include "words.h"

enum { ADDRESS_SIZE = 512 };

struct question {
	char sender[ADDRESS_SIZE];
	char recipient[ADDRESS_SIZE];
};

static bool is_bounce(const char *sender)
{
	return !*sender || strcmp(sender, ROUTE_NULL_SENDER) == 0;
}

static bool check(enum route_kind kind, const char *text, char *why, size_t size)
{
	struct error error = {0};
	char *pattern = NULL;
	bool ok;

	if (!strchr(text, '@') || text[0] == '@') {
		snprintf(why, size, "%s", _("Type a whole address: user@example.com."));
		return false;
	}
	ok = route_parse(kind, text, &pattern, &error) || words_error(&error, why, size);
	free(pattern);
	return ok;
}

static bool check_sender(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	(void)form;
	return is_bounce(field->value) || check(ROUTE_SENDER, field->value, why, size);
}

static bool check_recipient(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	(void)form;
	return check(ROUTE_RECIPIENT, field->value, why, size);
}

static enum console_answer show(struct work *work, const struct question *question)
{
	struct decision decision = {0};
	struct error error = {0};
	struct strbuf text = STRBUF_INIT;
	char *intro = text_format(_("Mail from %s to %s:"),
		is_bounce(question->sender) ? ROUTE_NULL_SENDER : question->sender,
		question->recipient);
	enum console_answer answer = CONSOLE_OK;
	size_t button = 0;

	if (decision_find(&decision, work, question->sender, question->recipient, &error)) {
		decision_describe(&decision, &text);
		const struct console_page page = {
			.title = _("Who would take this mail?"),
			.intro = intro,
			.text = text.data,
		};

		answer = work->host->page(work->host, &page, &button);
	} else {
		work_fail(work->host, &error);
	}
	decision_free(&decision);
	free(intro);
	strbuf_free(&text);
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}

enum console_answer screen_who(struct work *work)
{
	const struct console_host *host = work->host;
	struct question question = {0};
	struct console_field fields[] = {
		{.name = "sender",
			.label = _("From"),
			.hint = _("The envelope sender; empty or <>: a bounce"),
			.kind = CONSOLE_FIELD_TEXT,
			.value = question.sender,
			.size = sizeof question.sender,
			.check = check_sender},
		{.name = "recipient",
			.label = _("To"),
			.hint = _("One recipient"),
			.kind = CONSOLE_FIELD_TEXT,
			.value = question.recipient,
			.size = sizeof question.recipient,
			.check = check_recipient},
	};
	struct console_form form = {
		.title = _("Who would take this mail?"),
		.text = _("Nothing is sent: Postfix's own tables are asked."),
		.fields = fields,
		.count = sizeof fields / sizeof *fields,
		.buttons = {_("Ask")},
	};
	enum console_answer answer;

	do {
		size_t button = 0;

		answer = host->form(host, &form, &button);
		if (answer == CONSOLE_OK)
			answer = show(work, &question);
		/* What was asked has been answered: nothing to lose any more. */
		form.edited = false;
	} while (answer == CONSOLE_OK);
	return answer;
}
