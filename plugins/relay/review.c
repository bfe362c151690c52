#include "review.h"

enum { WIDTH = 72 };

/* The page is not wrapped, for the sake of the diff; what stands above it is wrapped here. */
static void add_wrapped(struct strbuf *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " \n");

		if (column > 0 && column + 1 + word > WIDTH) {
			strbuf_addc(out, '\n');
			column = 0;
		} else if (column > 0) {
			strbuf_addc(out, ' ');
			column++;
		}
		strbuf_add(out, text, word);
		column += word;
		text += word;
		if (*text == '\n') {
			strbuf_addc(out, '\n');
			column = 0;
		}
		text += *text != '\0';
	}
	if (column > 0)
		strbuf_addc(out, '\n');
}

void review_add_lines(struct strbuf *out, const char *mark, const struct strbuf *lines)
{
	const char *line = lines->len ? lines->data : "";

	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len)
			strbuf_addf(out, "%s%.*s\n", mark, (int)len, line);
		line += len;
		line += *line == '\n';
	}
}

const char *review_outcome(const struct change_result *result)
{
	return result->reloaded ? _("Postfix was reloaded and works with it.")
				: _("Postfix is not running; it will use this when it is started.");
}

void review_print(const struct console_host *host, const struct strbuf *notes, const char *result,
	const char *diff, const char *sentence)
{
	char *line = text_format("%s: %s\n", result, sentence);

	if (notes->len)
		host->note(host, notes->data);
	host->print(host, strcmp(result, "planned") == 0 ? diff : line);
	free(line);
}

static bool format_page(const struct plan *plan, const struct review *review, struct strbuf *text,
	struct error *error)
{
	struct strbuf above = STRBUF_INIT;
	struct strbuf diff = STRBUF_INIT;
	bool ok = plan_diff(plan, &diff, error);

	if (ok) {
		review_add_lines(&above, _("Warning: "), &plan->warnings);
		if (review->intro)
			strbuf_adds(&above, review->intro);
		if (above.len)
			add_wrapped(text, above.data);
		strbuf_addc(text, '\n');
		if (diff.len)
			strbuf_add(text, diff.data, diff.len);
		else
			strbuf_adds(text, _("(no visible change in Postfix's files; passwords are "
					    "masked)\n"));
	}
	strbuf_free(&above);
	strbuf_free(&diff);
	return ok;
}

enum review_answer review_run(
	struct work *work, const struct plan *plan, const struct review *review, char **done)
{
	const struct console_host *host = work->host;
	struct strbuf text = STRBUF_INIT;
	struct change_result result = {0};
	struct error error = {0};
	enum review_answer outcome = REVIEW_BACK;
	enum console_answer answer;
	size_t button = 0;

	if (!format_page(plan, review, &text, &error))
		goto failed;
	const struct console_page page = {
		.title = review->title,
		.text = text.data,
		.help = review->help,
		.buttons = {review->apply, review->other},
		.preformatted = true,
	};

	answer = host->page(host, &page, &button);
	if (answer != CONSOLE_OK) {
		outcome = answer == CONSOLE_GONE ? REVIEW_GONE : REVIEW_BACK;
		goto out;
	}
	if (button == 1) {
		outcome = REVIEW_OTHER;
		goto out;
	}
	if (!work_commit(work, plan, review->action, &result, &error))
		goto failed;
	*done = text_dup(review_outcome(&result));
	outcome = REVIEW_APPLIED;
	goto out;
failed:
	work_fail(host, &error);
out:
	strbuf_free(&text);
	return outcome;
}
