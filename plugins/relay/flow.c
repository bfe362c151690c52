#include "flow.h"

#include "fault.h"
#include "form.h"
#include "now.h"
#include "questions.h"
#include "review.h"
#include "testing.h"

enum outcome {
	DONE,  /* the flow is over */
	AGAIN, /* back in the form */
	GONE,
};

struct flow {
	struct wish *wish;
	struct relay relay;
	struct secret password;
	bool has_password;
	bool passed; /* the test */
	struct probe_report report;
	enum wish_field field; /* where the form begins when it is shown again */
	char problem[1024];    /* as long as an error may be */
};

static enum outcome again(struct flow *flow, enum wish_field field, const char *problem)
{
	flow->field = field;
	snprintf(flow->problem, sizeof flow->problem, "%s", problem ? problem : "");
	return AGAIN;
}

static enum outcome from_answer(
	struct flow *flow, enum console_answer answer, enum wish_field field)
{
	return answer == CONSOLE_GONE ? GONE : again(flow, field, NULL);
}

static char *review_intro(const struct flow *flow)
{
	struct strbuf text = STRBUF_INIT;

	if (flow->passed) {
		testing_success(&flow->relay, &flow->report, &text);
	} else {
		strbuf_addf(&text, _("Warning: the test failed: %s\n"), flow->report.explanation);
		strbuf_adds(&text, _("Mail may stay in the queue until this is put right.\n"));
	}
	if (wish_is_exposed(&flow->relay))
		strbuf_adds(&text,
			_("Warning: the password may be sent unencrypted, as you have agreed.\n"));
	else if (relay_tls_is_encrypted(flow->relay.tls) && flow->relay.verify == RELAY_VERIFY_NONE)
		strbuf_adds(&text,
			_("Warning: the relay's certificate is not verified; anyone on the way can "
			  "pose as the relay.\n"));
	strbuf_adds(&text, _("This is what will change:\n"));
	return strbuf_detach(&text);
}

/* The record is of the relay that mail goes to by default. */
static void remember_test(struct flow *flow)
{
	const struct relay *before = settings_default(&flow->wish->work->status.settings);
	struct error error = {0};

	if (!flow->wish->make_default && !(before && text_equal(before->name, flow->relay.name)))
		return;
	/* Only a record of what the user has just seen; the relay works without it. */
	if (!last_test_save(&flow->wish->work->site, &flow->relay, &flow->report, &error))
		flow->wish->work->host->note(flow->wish->work->host, error.message);
}

static bool put_relay(struct settings *settings, const void *context, struct error *error)
{
	const struct flow *flow = context;

	(void)error;
	settings_put_relay(settings, &flow->relay);
	if (flow->wish->make_default)
		settings_set_default(settings, flow->relay.name);
	return true;
}

/* One of several may be there before any mail is to go to it. */
static char *done_text(const struct flow *flow, const char *done)
{
	const struct settings *settings = &flow->wish->work->status.settings;
	const char *name = flow->relay.name;
	bool used = flow->wish->make_default || text_equal(settings->default_relay, name);

	for (size_t i = 0; i < settings->route_count && !used; i++)
		used = text_equal(settings->routes[i].relay, name);
	for (size_t i = 0; i < settings->relay_count && !used; i++)
		for (size_t f = 0; f < settings->relays[i].fallback_count && !used; f++)
			used = text_equal(settings->relays[i].fallbacks[f], name);
	return used ? text_dup(done)
		    : text_format(_("Relay %s is there. No mail goes to it yet: add a route that "
				    "leads to it, make it the default, or let another relay fall "
				    "back to it. %s"),
			      name, done);
}

static enum outcome review_and_apply(struct flow *flow)
{
	struct work *work = flow->wish->work;
	struct plan plan = {0};
	struct error error = {0};
	enum outcome outcome = DONE;
	const struct plan_password given = {
		.relay = flow->relay.name, .password = &flow->wish->password};
	char *intro = NULL;
	char *done = NULL;
	char *told = NULL;

	if (!work_plan_edit(work, put_relay, flow, &given, 1, &plan, &error)) {
		work_fail(work->host, &error);
		outcome = again(flow, WISH_FIELDS, NULL);
		goto out;
	}
	if (plan.count == 0) {
		remember_test(flow);
		if (now_unchanged(work->host) == CONSOLE_GONE)
			outcome = GONE;
		goto out;
	}
	intro = review_intro(flow);
	const struct review review = {
		.title = _("Review"),
		.intro = intro,
		.apply = _("Apply"),
		.action = flow->wish->named ? "relay set" : "configure",
	};

	switch (review_run(work, &plan, &review, &done)) {
	case REVIEW_APPLIED:
		/* The last page stays for as long as the user likes; the passwords do not. */
		plan_free(&plan);
		secret_free(&flow->password);
		secret_clear(&flow->wish->password);
		remember_test(flow);
		told = done_text(flow, done);
		if (now_page(work->host, _("Applied"), told) == CONSOLE_GONE)
			outcome = GONE;
		break;
	case REVIEW_GONE:
		outcome = GONE;
		break;
	case REVIEW_OTHER:
	case REVIEW_BACK:
		outcome = again(flow, WISH_FIELDS, NULL);
		break;
	}
out:
	free(intro);
	free(done);
	free(told);
	plan_free(&plan);
	return outcome;
}

static enum outcome pin(struct flow *flow, bool *retry)
{
	enum console_answer answer;
	bool pinned = false;

	answer = question_pin(flow->wish->work->host, &flow->relay, &flow->report, &pinned);
	if (answer == CONSOLE_OK && pinned) {
		snprintf(flow->wish->server.fingerprint, sizeof flow->wish->server.fingerprint,
			"%s", flow->report.fingerprint);
		flow->wish->edited = true;
		text_replace(&flow->relay.fingerprint, flow->report.fingerprint);
		*retry = true;
		return DONE;
	}
	return from_answer(flow, answer, WISH_FINGERPRINT);
}

static enum outcome after_failure(struct flow *flow, bool *retry)
{
	const struct console_host *host = flow->wish->work->host;
	enum wish_field field = fault_field(flow->report.cause);
	enum question_failed choice = QUESTION_BACK;
	enum console_answer answer;

	if (flow->report.cause == PROBE_CAUSE_CANCELLED)
		return again(flow, WISH_FIELDS, NULL);
	if (flow->relay.verify == RELAY_VERIFY_FINGERPRINT && flow->report.fingerprint[0] &&
		(flow->report.cause == PROBE_CAUSE_CERT_FINGERPRINT || !flow->relay.fingerprint))
		return pin(flow, retry);
	answer = question_failed(host, &flow->report, &choice);
	if (answer == CONSOLE_GONE)
		return GONE;
	if (answer == CONSOLE_OK && choice == QUESTION_ANYWAY)
		return review_and_apply(flow);
	return again(flow, choice == QUESTION_EDIT ? field : WISH_FIELDS, NULL);
}

static enum outcome test_and_go_on(struct flow *flow)
{
	struct work *work = flow->wish->work;

	for (;;) {
		const struct testing testing = {
			.host = work->host,
			.postfix = &work->site.postfix,
			.site = &work->site,
			.relay = &flow->relay,
			.password = flow->has_password ? &flow->password : NULL,
			.preset = flow->wish->preset,
			.allow_unencrypted_login = wish_consents(flow->wish, &flow->relay),
		};
		struct error error = {0};
		enum outcome outcome;
		bool retry = false;

		if (!testing_run(&testing, &flow->report, &error)) {
			work_fail(work->host, &error);
			return again(flow, WISH_FIELDS, NULL);
		}
		flow->passed = flow->report.ok;
		if (flow->passed)
			return review_and_apply(flow);
		outcome = after_failure(flow, &retry);
		if (!retry)
			return outcome;
	}
}

/* The questions before anything is sent. DONE: go on. */
static enum outcome ask_first(struct flow *flow)
{
	const struct console_host *host = flow->wish->work->host;
	enum console_answer answer;

	if (!flow->relay.login) {
		answer = question_no_login(host, flow->wish->preset);
		if (answer != CONSOLE_OK)
			return from_answer(flow, answer, WISH_LOGIN);
	}
	if (wish_is_exposed(&flow->relay) && !wish_consents(flow->wish, &flow->relay)) {
		answer = question_unencrypted(host, &flow->relay);
		if (answer != CONSOLE_OK)
			return from_answer(flow, answer, WISH_FIELDS);
		wish_give_consent(flow->wish, &flow->relay);
	}
	return DONE;
}

static enum outcome submit(struct flow *flow)
{
	struct error error = {0};
	enum outcome outcome;

	if (!wish_relay(flow->wish, &flow->relay, &error))
		return again(flow, WISH_FIELDS, error.message);
	outcome = ask_first(flow);
	if (outcome != DONE)
		goto out;
	if (!wish_password(
		    flow->wish, &flow->relay, &flow->has_password, &flow->password, &error)) {
		outcome = again(flow, WISH_PASSWORD, error.message);
		goto out;
	}
	if (flow->relay.login && !flow->has_password) {
		outcome = again(flow, WISH_PASSWORD,
			_("There is no stored password for this server and login. Type it."));
		goto out;
	}
	outcome = test_and_go_on(flow);
out:
	secret_free(&flow->password);
	relay_free(&flow->relay);
	memset(&flow->relay, 0, sizeof flow->relay);
	return outcome;
}

enum console_answer flow_run(struct wish *wish)
{
	struct flow flow = {.wish = wish, .field = WISH_FIELDS};

	for (;;) {
		enum console_answer answer =
			form_run(wish, flow.field, flow.problem[0] ? flow.problem : NULL);

		if (answer != CONSOLE_OK)
			return answer;
		switch (submit(&flow)) {
		case DONE:
			return CONSOLE_OK;
		case GONE:
			return CONSOLE_GONE;
		case AGAIN:
			break;
		}
	}
}
