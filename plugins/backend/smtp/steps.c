#include "steps.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/text.h"

static const struct {
	const char *name;
	const char *title;
} names[PROBE_STEPS] = {
	[PROBE_RESOLVE] = {"resolve", N_("Look up the name")},
	[PROBE_CONNECT] = {"connect", N_("Connect")},
	[PROBE_TLS] = {"tls", N_("Start TLS")},
	[PROBE_GREETING] = {"greeting", N_("Server's greeting")},
	[PROBE_EHLO] = {"ehlo", N_("Exchange of names (EHLO)")},
	[PROBE_STARTTLS] = {"starttls", N_("Switch to TLS (STARTTLS)")},
	[PROBE_CERTIFICATE] = {"certificate", N_("Certificate")},
	[PROBE_AUTH] = {"auth", N_("Login")},
};

const char *probe_step_name(enum probe_step_id id)
{
	assert(id >= 0 && id < PROBE_STEPS);
	return names[id].name;
}

const char *probe_step_title(enum probe_step_id id)
{
	assert(id >= 0 && id < PROBE_STEPS);
	return _(names[id].title);
}

static bool tell(struct steps *steps, struct fault *fault)
{
	struct deadline *deadline = steps->deadline;

	if (deadline->progress && !deadline->progress(deadline->context, steps->current))
		deadline->cancelled = true;
	return !deadline->cancelled || fault_set(fault, PROBE_CAUSE_CANCELLED, "%s", "");
}

bool steps_begin(struct steps *steps, enum probe_step_id id, struct fault *fault)
{
	struct probe_report *report = steps->report;

	/* What the server said to an earlier step does not explain this one. */
	fault->said[0] = '\0';
	fault->reply_code = 0;
	steps->current = NULL;
	for (size_t i = 0; i < report->count; i++)
		if (report->steps[i].id == id)
			steps->current = &report->steps[i];
	if (!steps->current) {
		assert(report->count < PROBE_STEPS_MAX);
		steps->current = &report->steps[report->count++];
		*steps->current = (struct probe_step){.id = id};
	}
	steps->current->state = PROBE_RUNNING;
	steps->began = clock_ms();
	deadline_step(steps->deadline);
	return tell(steps, fault);
}

static void close_step(struct steps *steps, enum probe_state state, const char *detail)
{
	struct probe_step *step = steps->current;

	step->state = state;
	step->ms += clock_ms() - steps->began;
	text_clean_into(step->detail, sizeof step->detail, detail, strlen(detail));
}

bool steps_end(struct steps *steps, const char *detail, struct fault *fault)
{
	close_step(steps, PROBE_OK, detail);
	return tell(steps, fault);
}

void steps_fail(struct steps *steps, const struct fault *fault)
{
	struct fault ignored = {0};

	if (!steps->current)
		return;
	steps->report->failed_step = steps->current->id;
	/* Cancelled just after it had ended well: then it did. */
	if (steps->current->state != PROBE_RUNNING)
		return;
	close_step(steps, PROBE_FAILED, fault->said[0] ? fault->said : fault->detail);
	(void)tell(steps, &ignored);
}
