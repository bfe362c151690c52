/*
 * steps.h: the report's list of steps, and the progress shown while they are taken.
 */
#ifndef RELAY_SMTP_STEPS_H
#define RELAY_SMTP_STEPS_H

#include "deadline.h"
#include "fault.h"
#include "probe.h"

struct steps {
	struct probe_report *report;
	struct deadline *deadline;
	struct probe_step *current; /* NULL between steps */
	long began;
};

/* Begins a step with a time limit of its own. One that was taken before (EHLO, again after
 * STARTTLS) goes on in the same line. PROBE_CAUSE_CANCELLED. */
bool steps_begin(
	struct steps *steps, enum probe_step_id id, struct fault *fault) WARN_UNUSED_RESULT;
/* It went well; detail is cleaned on the way. PROBE_CAUSE_CANCELLED. */
bool steps_end(struct steps *steps, const char *detail, struct fault *fault) WARN_UNUSED_RESULT;
/* The current step failed. */
void steps_fail(struct steps *steps, const struct fault *fault);

#endif
