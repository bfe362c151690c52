#include "questions.h"

#include "testing.h"

enum console_answer question_no_login(const struct console_host *host, const struct preset *preset)
{
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer;
	size_t button = 0;

	strbuf_adds(&text,
		_("No login was given. Without one the relay takes mail from this machine only if "
		  "it knows the machine otherwise, mostly by its network address.\n"));
	if (preset && !preset->login_optional)
		strbuf_addf(&text, _("\n%s is not known to accept mail without a login.\n"),
			preset->name);
	const struct console_page page = {
		.title = _("Relay without a login?"),
		.text = text.data,
		.buttons = {_("Relay without login")},
		.warning = true,
	};

	answer = host->page(host, &page, &button);
	strbuf_free(&text);
	return answer;
}

enum console_answer question_unencrypted(const struct console_host *host, const struct relay *relay)
{
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer;
	size_t button = 0;

	if (relay->tls == RELAY_TLS_NONE)
		strbuf_addf(&text, _("The connection to %s port %u is not encrypted.\n\n"),
			relay->host, relay->port);
	else
		strbuf_addf(&text,
			_("The connection to %s port %u is encrypted only if the relay offers it. "
			  "Anyone on the way can take that offer out, unnoticed.\n\n"),
			relay->host, relay->port);
	strbuf_adds(&text,
		_("The login and the password would cross the network readable: everyone on the "
		  "way can take them and send mail in your name. The mail itself can be read and "
		  "changed as well.\n\n"
		  "Do this only on a network that is yours alone. Back leads to the form, where "
		  "STARTTLS or implicit TLS can be chosen.\n"));
	const struct console_page page = {
		.title = _("Password over an unencrypted connection"),
		.text = text.data,
		.buttons = {_("Send the password unencrypted")},
		.warning = true,
	};

	answer = host->page(host, &page, &button);
	strbuf_free(&text);
	return answer;
}

enum console_answer question_pin(const struct console_host *host, const struct relay *relay,
	const struct probe_report *report, bool *pinned)
{
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer;
	size_t button = 0;

	if (relay->fingerprint)
		strbuf_addf(&text,
			_("%s shows another certificate than the one that is pinned. Either it was "
			  "renewed, or this is not the relay that you mean.\n\n"),
			relay->host);
	else
		strbuf_addf(&text, _("%s shows this certificate:\n\n"), relay->host);
	testing_certificate(report, &text);
	if (relay->fingerprint)
		strbuf_addf(&text, _("Pinned until now: %s\n"), relay->fingerprint);
	strbuf_adds(&text,
		_("\nCompare the SHA-256 with what the relay's operator tells you, by another way "
		  "than this connection. Once pinned, only this certificate is accepted; mail "
		  "stops when it is renewed.\n"));
	const struct console_page page = {
		.title = _("The relay's certificate"),
		.text = text.data,
		.buttons = {_("Pin this certificate")},
		.warning = relay->fingerprint != NULL,
	};

	answer = host->page(host, &page, &button);
	*pinned = answer == CONSOLE_OK;
	strbuf_free(&text);
	return answer;
}

enum console_answer question_failed(const struct console_host *host,
	const struct probe_report *report, enum question_failed *choice)
{
	struct strbuf text = STRBUF_INIT;
	enum console_answer answer;
	size_t button = 0;

	strbuf_addf(&text, "%s\n", report->explanation);
	if (report->advice[0])
		strbuf_addf(&text, _("\nWhat to do: %s\n"), report->advice);
	strbuf_adds(&text, _("\nNothing was changed. The steps taken:\n"));
	testing_steps(report, &text);
	const struct console_page page = {
		.title = _("The test failed"),
		.text = text.data,
		.buttons = {_("Edit"), _("Apply anyway")},
		.help = _(
			"Edit leads back to the form, to the field that most likely is at fault. "
			"Apply anyway goes on to the review, and mail waits in the queue until the "
			"relay accepts it. Back leads to the form as you left it."),
	};

	answer = host->page(host, &page, &button);
	*choice = answer != CONSOLE_OK ? QUESTION_BACK
		  : button == 0        ? QUESTION_EDIT
				       : QUESTION_ANYWAY;
	strbuf_free(&text);
	return answer;
}
