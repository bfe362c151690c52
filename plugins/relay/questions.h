/*
 * questions.h: the pages on which the user decides something before or after the test. Each gives
 * CONSOLE_OK only for a button that was chosen on purpose.
 */
#ifndef RELAY_QUESTIONS_H
#define RELAY_QUESTIONS_H

#include "work.h"

/* Relay without a login? */
enum console_answer question_no_login(const struct console_host *host, const struct preset *preset);
/* Send the password unencrypted? */
enum console_answer question_unencrypted(
	const struct console_host *host, const struct relay *relay);
/* Pin the certificate that the relay showed? *pinned true only with CONSOLE_OK. */
enum console_answer question_pin(const struct console_host *host, const struct relay *relay,
	const struct probe_report *report, bool *pinned);

enum question_failed { QUESTION_BACK, QUESTION_EDIT, QUESTION_ANYWAY };
/* The test failed: the steps taken, the cause, what to do. */
enum console_answer question_failed(const struct console_host *host,
	const struct probe_report *report, enum question_failed *choice);

#endif
