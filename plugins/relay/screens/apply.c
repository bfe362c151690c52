#include "apply.h"

#include "../now.h"
#include "../review.h"
#include "words.h"

/* What somebody typed, as against what happened to the machine. */
static bool is_of_the_wish(const struct error *error)
{
	return error->code == ERROR_USAGE || error->code == ERROR_DATA;
}

static enum apply_answer tell(
	struct work *work, const struct error *error, char *problem, size_t size)
{
	if (problem && is_of_the_wish(error))
		(void)words_error(error, problem, size);
	else
		work_fail(work->host, error);
	return APPLY_BACK;
}

static enum apply_answer from_page(enum console_answer answer)
{
	return answer == CONSOLE_GONE ? APPLY_GONE : APPLY_DONE;
}

enum apply_answer apply_run(
	struct work *work, const struct apply *apply, char *problem, size_t size)
{
	struct plan plan = {0};
	struct error error = {0};
	enum apply_answer answer = APPLY_BACK;
	char *intro = NULL;
	char *done = NULL;
	char *told = NULL;

	if (problem)
		*problem = '\0';
	if (!work_plan_edit(work, apply->edit, apply->context, apply->passwords,
		    apply->password_count, &plan, &error)) {
		answer = tell(work, &error, problem, size);
		goto out;
	}
	if (plan.count == 0) {
		answer = from_page(now_unchanged(work->host));
		goto out;
	}
	intro = text_format(_("%s\nThis is what will change:\n"), apply->intro);
	const struct review review = {
		.title = apply->title,
		.intro = intro,
		.apply = apply->button ? apply->button : _("Apply"),
		.action = apply->action,
	};

	switch (review_run(work, &plan, &review, &done)) {
	case REVIEW_APPLIED:
		plan_free(&plan);
		told = text_format("%s %s", apply->done, done);
		answer = from_page(now_page(work->host, _("Applied"), told));
		break;
	case REVIEW_GONE:
		answer = APPLY_GONE;
		break;
	case REVIEW_OTHER:
	case REVIEW_BACK:
		break;
	}
out:
	free(intro);
	free(done);
	free(told);
	plan_free(&plan);
	return answer;
}
