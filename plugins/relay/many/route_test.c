#include "route_test.h"

#include "../json.h"
#include "../decision.h"

static bool read_options(
	const struct console_call *call, const char **from, const char **to, struct error *error)
{
	*from = call->option(call, "from");
	*to = call->option(call, "to");
	if (*from && *to)
		return true;
	error_set(error, ERROR_USAGE, _("--%s is missing."), *from ? "to" : "from");
	return error_advise(error, _("Give both: --from ADDRESS --to ADDRESS; a bounce is --from "
				     "'<>'."));
}

int route_test(const struct console_host *host, const struct console_call *call)
{
	const char *from, *to;
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	struct work work = {0};
	struct decision decision = {0};
	int code = ERROR_NONE;

	if (!read_options(call, &from, &to, &error) ||
		!work_open(&work, host, WORK_RECOVER, &error) ||
		!decision_find(&decision, &work, from, to, &error)) {
		code = work_fail(host, &error);
	} else if (host->json) {
		json_print_decision(host, &decision);
	} else {
		decision_describe(&decision, &text);
		host->print(host, text.data);
	}
	strbuf_free(&text);
	decision_free(&decision);
	work_close(&work);
	return code;
}
