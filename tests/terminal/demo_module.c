/*
 * demo_module.c: a module for the terminal tests: every widget and every kind of answer, without
 * anything of the real drivers. Built with -DDEMO_ABI=... it is a module of the wrong version.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "console.h"

#ifndef DEMO_ABI
#define DEMO_ABI CONSOLE_ABI
#endif

static bool not_empty(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	(void)form;
	if (*field->value)
		return true;
	snprintf(why, size, "The %s is missing. Your provider shows it in its web console.",
		field->name);
	return false;
}

static const struct console_choice securities[] = {
	{"starttls", "STARTTLS"}, {"implicit", "Implicit TLS"}, {"none", "None (not encrypted)"}};

static void suggest(struct console_form *form, size_t field)
{
	if (strcmp(form->fields[field].name, "security"))
		return;
	char *port = form->fields[2].value;

	snprintf(port, form->fields[2].size, "%s",
		!strcmp(form->fields[field].value, "implicit") ? "465" : "587");
}

/* The secret lives here, and here alone. */
static char secret[64];

static enum console_answer show(
	const struct console_host *host, const char *title, const char *text)
{
	const struct console_page page = {.title = title, .text = text};
	size_t button = 0;

	return host->page(host, &page, &button);
}

static enum console_answer run_form(
	const struct console_host *host, const struct console_entry *entry)
{
	static char login[48], host_name[256], port[6], security[16];
	struct console_field fields[] = {
		{.name = "account",
			.label = "Account",
			.kind = CONSOLE_FIELD_FIXED,
			.value = (char *)"apikey",
			.size = 7},
		{.name = "host",
			.label = "Host",
			.kind = CONSOLE_FIELD_TEXT,
			.value = host_name,
			.size = sizeof(host_name),
			.hint = "The relay's name, for example smtp.example.org."},
		{.name = "port",
			.label = "Port",
			.kind = CONSOLE_FIELD_TEXT,
			.value = port,
			.size = sizeof(port)},
		{.name = "security",
			.label = "Security",
			.kind = CONSOLE_FIELD_CHOICE,
			.value = security,
			.size = sizeof(security),
			.choices = securities,
			.choice_count = 3,
			.hint = "STARTTLS is right for port 587, implicit TLS for port 465."},
		{.name = "login",
			.label = "Login",
			.kind = CONSOLE_FIELD_TEXT,
			.value = login,
			.size = sizeof(login),
			.check = not_empty,
			.hint = "What the provider calls \"SMTP login\"; often your e-mail "
				"address, "
				"but not always: look it up at \"SMTP & API\" in its web console."},
		{.name = "password",
			.label = "Password",
			.kind = CONSOLE_FIELD_SECRET,
			.value = secret,
			.size = sizeof(secret),
			.check = not_empty,
			.hint = "The SMTP key, not your password."},
	};
	struct console_form form = {.title = entry->title,
		.text = "A form with every kind of field. The text above the fields is wrapped to "
			"the width of the box.",
		.help = "This is the help of the form.",
		.fields = fields,
		.count = sizeof(fields) / sizeof(*fields),
		.buttons = {"Test", "Skip test"},
		.changed = suggest};
	size_t button = 0;
	char said[512];

	snprintf(host_name, sizeof(host_name), "smtp.example.org");
	snprintf(port, sizeof(port), "587");
	snprintf(security, sizeof(security), "starttls");
	login[0] = '\0';
	enum console_answer answer = host->form(host, &form, &button);

	if (answer == CONSOLE_OK) {
		snprintf(said, sizeof(said),
			"button %zu\nhost %s\nport %s\nsecurity %s\nlogin %s\npassword of %zu "
			"bytes",
			button, host_name, port, security, login, strlen(secret));
		explicit_bzero(secret, sizeof(secret));
		answer = show(host, "What was typed", said);
	}
	explicit_bzero(secret, sizeof(secret));
	return answer;
}

static enum console_answer run_page(
	const struct console_host *host, const struct console_entry *entry)
{
	char text[6000] = "A long text.\n\n";
	const struct console_page page = {.title = entry->title,
		.text = text,
		.help = "This is the help of the page.",
		.buttons = {"Apply", "Edit"}};
	size_t button = 9;
	char said[64];

	for (int i = 1; i <= 40; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len,
			"Paragraph %d has a sentence that is long enough to be wrapped at the "
			"right edge "
			"of the box, wherever that is.\n",
			i);
	}
	enum console_answer answer = host->page(host, &page, &button);

	if (answer != CONSOLE_OK)
		return answer;
	snprintf(said, sizeof(said), "Button %zu was pressed.", button);
	return show(host, "Answer", said);
}

static enum console_answer run_diff(
	const struct console_host *host, const struct console_entry *entry)
{
	char text[6000] =
		"--- /etc/postfix/main.cf\n+++ /etc/postfix/main.cf (new)\n"
		"@@ -1,3 +1,4 @@\n # a comment\n-relayhost =\n+relayhost = [smtp.example.org]:587\n"
		"+smtp_sasl_security_options = noplaintext, noanonymous, and a line that goes on "
		"far beyond the right edge of any terminal of eighty columns, THE END\n";
	const struct console_page page = {.title = entry->title,
		.text = text,
		.preformatted = true,
		.warning = true,
		.commits = true,
		.buttons = {"Apply"}};
	size_t button = 0;

	for (int i = 1; i <= 40; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, " context line %d\n", i);
	}
	enum console_answer answer = host->page(host, &page, &button);

	return answer == CONSOLE_OK ? show(host, "Answer", "Applied.") : answer;
}

static enum console_answer run_progress(
	const struct console_host *host, const struct console_entry *entry)
{
	static const char *const steps[] = {
		"resolve", "connect", "tls", "greeting", "ehlo", "certificate", "auth"};
	const struct console_progress progress = {.title = entry->title,
		.text = "Testing smtp.example.org:587 ...",
		.steps = steps,
		.count = 7};
	bool going = true;

	host->progress_begin(host, &progress);
	for (size_t i = 0; i < 7 && going; i++) {
		going = host->progress_step(host, i, CONSOLE_STEP_RUNNING, 0, NULL);
		for (int wait = 0; wait < 20 && going; wait++) {
			nanosleep(&(struct timespec){0, 10000000}, NULL);
			going = host->progress_poll(host);
		}
		if (!going)
			break;
		if (i == 3)
			going = host->progress_step(host, i, CONSOLE_STEP_SKIPPED, 0, NULL);
		else if (i == 6)
			going = host->progress_step(host, i, CONSOLE_STEP_FAILED, 1234,
				"535 5.7.8 Authentication failed: the key was revoked; make a new "
				"one "
				"in the provider's web console and come back");
		else
			going = host->progress_step(
				host, i, CONSOLE_STEP_OK, (long)(10 * i), "192.0.2.1:587");
	}
	/* Left standing for a moment, so that the test can look at it. */
	for (int wait = 0; wait < 150 && going; wait++) {
		nanosleep(&(struct timespec){0, 10000000}, NULL);
		going = host->progress_poll(host);
	}
	host->progress_end(host);
	return show(host, "Test", going ? "The test ended." : "The test was stopped.");
}

static enum console_answer run_menu(
	const struct console_host *host, const struct console_entry *entry)
{
	static const struct console_item items[] = {{"Frankfurt", "eu-central-1"},
		{"Dublin", "eu-west-1"}, {"Oregon", "us-west-2"}, {"Ohio", NULL}};
	const struct console_menu menu = {.title = entry->title,
		.text = "Which region is your account in?",
		.items = items,
		.count = 4};
	size_t chosen = 1;
	enum console_answer answer = host->menu(host, &menu, &chosen);
	char said[64];

	if (answer != CONSOLE_OK)
		return answer;
	snprintf(said, sizeof(said), "%s was chosen.", items[chosen].title);
	return show(host, "Answer", said);
}

static enum console_answer run_hostile(
	const struct console_host *host, const struct console_entry *entry)
{
	return show(host, entry->title,
		"before\r\b\b\x1b[31mred\x1b[0m \xe2\x80\xaegnp.exe \xff\xfe end "
		"\xc3\xa4\xe2\x80\x94 "
		"\xe4\xb8\xad\xe6\x96\x87");
}

static enum console_answer run_fail(
	const struct console_host *host, const struct console_entry *entry)
{
	(void)entry;
	host->fail(host, 69, "Connecting to smtp.example.org:587 failed: connection refused.",
		"Try port 2525, which this provider has as well.");
	return CONSOLE_BACK;
}

static enum console_answer run_crash(
	const struct console_host *host, const struct console_entry *entry)
{
	host->audit(host, "demo", "direct\nforged line", "relay \"x\"", entry->id);
	return show(host, "Audit", "One line was written to the system log.");
}

static void describe(const struct console_host *host, char *text, size_t size)
{
	const char *mood = host->option(host, "mood");

	snprintf(text, size, "Mail:     goes out directly\nPostfix:  3.7.11, running\nMood:     %s",
		mood ? mood : "calm");
}

static int run_echo(const struct console_host *host, const struct console_call *call)
{
	const char *fail = call->option(call, "fail");
	const char *login = call->option(call, "login");
	char line[256];

	if (fail)
		return host->fail(host, 69, "The relay cannot be reached: \x1b[31mrefused", fail);
	if (call->option(call, "secret")) {
		enum console_answer answer = host->secret(host, "Password", secret, sizeof(secret));

		snprintf(line, sizeof(line), "answer %d, %zu bytes\n", (int)answer, strlen(secret));
		explicit_bzero(secret, sizeof(secret));
		host->print(host, line);
		return 0;
	}
	if (call->option(call, "steps"))
		run_progress(host, &(struct console_entry){"steps", "Steps"});
	snprintf(line, sizeof(line), "%s login=%s json=%d terminal=%d providers=%s\n",
		call->argument_count ? call->arguments[0] : "nothing", login ? login : "none",
		host->json, host->terminal, host->folders(host, "providers")[0] ? "yes" : "no");
	host->print(host, line);
	return 0;
}

static int run_mighty(const struct console_host *host, const struct console_call *call)
{
	(void)call;
	host->print(host, "done\n");
	return 0;
}

static const struct console_option echo_options[] = {
	{"login", "LOGIN", "the login at the provider"},
	{"fail", "ADVICE", "fail with that advice"},
	{"secret", NULL, "ask for a secret"},
	{"steps", NULL, "show some steps"},
};

static const struct console_command echo_commands[] = {
	{"echo", "WORD", 0, 1,
		"Say what was given, in a sentence that is long enough to be wrapped in the help.",
		echo_options, 4, run_echo},
	{"mighty", "", 0, 0, "Do something that needs root.", NULL, 0, run_mighty},
};

static const struct console_driver drivers[] = {
	{"form", run_form, NULL, NULL, 0},
	{"page", run_page, NULL, NULL, 0},
	{"diff", run_diff, NULL, NULL, 0},
	{"progress", run_progress, NULL, NULL, 0},
	{"menu", run_menu, NULL, NULL, 0},
	{"hostile", run_hostile, NULL, NULL, 0},
	{"fail", run_fail, NULL, NULL, 0},
	{"audit", run_crash, NULL, NULL, 0},
	{"panel", NULL, describe, NULL, 0},
	{"echo", NULL, NULL, echo_commands, 2},
};

CONSOLE_EXPORT const struct console_module console_module = {
	.abi = DEMO_ABI,
	.size = sizeof(struct console_module),
	.name = "demo",
	.drivers = drivers,
	.driver_count = sizeof(drivers) / sizeof(*drivers),
};
