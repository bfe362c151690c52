#include "review.h"

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

char *review_outcome(const struct change_result *result)
{
	struct strbuf words = STRBUF_INIT;

	strbuf_adds(&words, result->own_only ? _("For Postfix nothing changes.")
			    : result->reloaded
				    ? _("Postfix was reloaded and works with it.")
				    : _("Postfix is not running; it will use this when it is "
					"started."));
	if (result->requeued > 0)
		strbuf_addf(&words,
			_(" Mail that waited on a way which is gone was queued anew: %zu."),
			result->requeued);
	if (result->left_waiting)
		strbuf_adds(&words, _(" Mail that waits on a way which is gone could not be queued "
				      "anew: postsuper -r ALL does that."));
	return strbuf_detach(&words);
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

static bool format_page(const struct plan *plan, const struct review *review, struct strbuf *intro,
	struct strbuf *diff, struct error *error)
{
	if (!plan_diff(plan, diff, error))
		return false;
	if (!diff->len)
		strbuf_adds(
			diff, _("(no visible change in Postfix's files; passwords are masked)\n"));
	review_add_lines(intro, _("Warning: "), &plan->warnings);
	if (review->intro)
		strbuf_adds(intro, review->intro);
	return true;
}

enum review_answer review_run(
	struct work *work, const struct plan *plan, const struct review *review, char **done)
{
	const struct console_host *host = work->host;
	struct strbuf intro = STRBUF_INIT;
	struct strbuf diff = STRBUF_INIT;
	struct change_result result = {0};
	struct error error = {0};
	enum review_answer outcome = REVIEW_BACK;
	enum console_answer answer;
	size_t button = 0;

	if (!format_page(plan, review, &intro, &diff, &error))
		goto failed;
	const struct console_page page = {
		.title = review->title,
		.intro = intro.data,
		.text = diff.data,
		.help = review->help
				? review->help
				: _("Lines with + are written, lines with - go. Passwords are "
				    "masked. Nothing has been changed yet; Back changes nothing "
				    "either."),
		.buttons = {review->apply, review->other},
		.preformatted = true,
		.commits = true,
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
	*done = review_outcome(&result);
	outcome = REVIEW_APPLIED;
	goto out;
failed:
	work_fail(host, &error);
out:
	strbuf_free(&intro);
	strbuf_free(&diff);
	return outcome;
}
