/*
 * import.c: the command `import`: what somebody had before relaycon becomes relays and routes of ours.
 *
 *   read, judge each line -> told -> planned (the diff)
 *   with --apply             told -> test of each relay -> commit
 *
 * It is reviewed by itself: without --apply nothing is written and nothing sent. A relay whose login was not
 * found stops it, unless --no-auth says that it has none.
 */
#include <stdlib.h>
#include <string.h>

#include "../changing.h"
#include "../drivers.h"
#include "../json.h"
#include "../import_report.h"

struct run {
	const struct console_host *host;
	const struct console_call *call;
	struct work work;
	struct import import;
	bool replace; /* the imported settings take the place of any that there are */
};

static bool has(const struct console_call *call, const char *option)
{
	return call->option(call, option) != NULL;
}

/* --- options ------------------------------------------------------------------------------------- */

static bool read_options(
	const struct run *run, struct import_options *options, char **ca_file, struct error *error)
{
	const struct console_call *call = run->call;
	const char *verify = call->option(call, "verify"), *path = call->option(call, "ca-file");

	*options = (struct import_options){
		.folders = run->host->folders(run->host, "providers"),
		.env_file = call->option(call, "env"),
		.all_mail = has(call, "all-mail"),
		.no_auth = has(call, "no-auth"),
		.verify_none = verify && strcmp(verify, "none") == 0,
	};
	if (verify && !options->verify_none && strcmp(verify, "name") != 0) {
		error_set(error, ERROR_USAGE, _("--verify does not know \"%.40s\"."), verify);
		return error_advise(error, _("It is name or none."));
	}
	if (path && options->verify_none) {
		error_set(error, ERROR_USAGE, _("--ca-file goes with --verify name only."));
		return error_advise(error, _("Leave one of them out."));
	}
	if (has(call, "apply") && has(call, "dry-run")) {
		error_set(error, ERROR_USAGE, _("--apply and --dry-run contradict each other."));
		return error_advise(error, _("Leave out one of them."));
	}
	/* Postfix needs the full path; one that leads nowhere stays as it was given, for the message. */
	if (path)
		*ca_file = realpath(path, NULL);
	if (path && !*ca_file)
		*ca_file = text_dup(path);
	options->ca_file = *ca_file;
	return true;
}

/* --- what is done to the settings ---------------------------------------------------------------- */

static bool put_all(struct settings *settings, const void *context, struct error *error)
{
	const struct run *run = context;

	if (settings->relay_count > 0 && !run->replace &&
		!settings_equal(settings, &run->import.settings)) {
		error_set(error, ERROR_USAGE,
			_("relaycon has %zu relays here already, which are not those of the "
			  "import."),
			settings->relay_count);
		return error_advise(error, _("\"relaycon relay list\" shows them. --replace puts "
					     "the imported ones, and "
					     "their routes, in their place."));
	}
	settings_free(settings);
	settings_copy(settings, &run->import.settings);
	return true;
}

/* The relay that was found becomes the default one; others stay. */
static bool put_default(struct settings *settings, const void *context, struct error *error)
{
	const struct run *run = context;

	return import_put_default(settings, &run->import, error);
}

/* --- telling ------------------------------------------------------------------------------------- */

static void tell(const struct run *run)
{
	struct strbuf text = STRBUF_INIT;

	if (run->host->json || run->import.line_count == 0)
		return;
	import_report(&run->import, &text);
	run->host->print(run->host, text.data);
	strbuf_free(&text);
}

static int refuse(const struct run *run, const struct error *error)
{
	const struct json_change change = {
		.result = "failed", .error = error, .import = &run->import};

	if (!run->host->json)
		return work_fail(run->host, error);
	json_print_change(run->host, &change);
	return (int)error->code;
}

/* --- doing --------------------------------------------------------------------------------------- */

/* What somebody had before. */
struct origin {
	const char *action; /* for the audit line */
	bool (*read)(struct run *run, const struct import_options *options, struct error *error);
	work_edit *edit; /* context: the run */
};

static bool change(struct run *run, const struct origin *origin, int *code, struct error *error)
{
	size_t count = run->import.password_count;
	struct plan_password *passwords = mem_calloc(count + 1, sizeof *passwords);
	bool apply = has(run->call, "apply"), ok;

	for (size_t i = 0; i < count; i++)
		passwords[i] = (struct plan_password){
			run->import.passwords[i].relay, &run->import.passwords[i].password};
	char *done = text_format(_("%zu relays and %zu routes were taken over."),
		run->import.settings.relay_count, run->import.settings.route_count);
	const struct changing changing = {
		.work = &run->work,
		.edit = origin->edit,
		.context = run,
		.passwords = passwords,
		.password_count = count,
		.action = origin->action,
		.done = done,
		.unchanged = _("all of it is so already; no file was touched."),
		.dry_run = !apply,
		.no_test = has(run->call, "no-test"),
		.import = &run->import,
	};
	ok = changing_run(&changing, code, error);
	if (ok && !apply && !run->host->json)
		run->host->note(run->host, _("Nothing was written. The same command with --apply "
					     "tests the relays, and "
					     "writes if all of them pass."));
	free(done);
	free(passwords);
	return ok;
}

static int run_import(const struct console_host *host, const struct console_call *call,
	const struct origin *origin)
{
	struct run run = {.host = host, .call = call, .replace = has(call, "replace")};
	struct import_options options;
	struct error error = {0};
	char *ca_file = NULL;
	int code = ERROR_NONE;
	bool ok;

	ok = read_options(&run, &options, &ca_file, &error) &&
	     work_open(&run.work, host, WORK_RECOVER, &error);
	if (ok) {
		ok = origin->read(&run, &options, &error);
		tell(&run);
	}
	ok = ok && import_check_logins(&run.import, &error) && change(&run, origin, &code, &error);
	if (!ok)
		code = refuse(&run, &error);
	free(ca_file);
	import_free(&run.import);
	work_close(&run.work);
	return code;
}

static bool read_docker(struct run *run, const struct import_options *options, struct error *error)
{
	return import_docker_mailserver(&run->import, run->call->arguments[0], options, error);
}

static int run_docker(const struct console_host *host, const struct console_call *call)
{
	static const struct origin docker = {"import docker-mailserver", read_docker, put_all};

	return run_import(host, call, &docker);
}

static bool read_confconsole(
	struct run *run, const struct import_options *options, struct error *error)
{
	/* Done a second time, there is nothing left to take over. */
	return run->work.status.mode == STATUS_RELAY ||
	       import_postfix(&run->import, &run->work.site, options, error);
}

static int run_confconsole(const struct console_host *host, const struct console_call *call)
{
	static const struct origin confconsole = {
		"import confconsole", read_confconsole, put_default};

	return run_import(host, call, &confconsole);
}

#define SHARED                                                                                     \
	{"apply", NULL, N_("Test the relays and write; without it nothing is written")},           \
		{"no-auth", NULL,                                                                  \
			N_("Relays for which no login is found are meant to have none")},          \
		{"verify", "name|none", N_("How the relays' certificates are verified")},          \
		{"ca-file", N_("FILE"),                                                            \
			N_("Certificate authorities to trust instead of the system's")},           \
		CHANGING_OPTIONS

static const struct console_option docker_options[] = {
	{"env", N_("FILE"),
		N_("The env or compose file with RELAY_HOST, DEFAULT_RELAY_HOST and the like")},
	{"all-mail", NULL,
		N_("RELAY_HOST takes all mail, not only that of docker-mailserver's domains")},
	{"replace", NULL, N_("Put what is imported in the place of the relays that there are")},
	SHARED,
};

static const struct console_option confconsole_options[] = {SHARED};

static const struct console_command parts[] = {
	{
		.word = "docker-mailserver",
		.arguments = N_("FOLDER"),
		.min_arguments = 1,
		.max_arguments = 1,
		.summary = N_("From docker-mailserver's folder of configuration files"),
		DRIVER_OPTIONS(docker_options),
		.run = run_docker,
	},
	{
		.word = "confconsole",
		.arguments = "",
		.summary =
			N_("The relay of this machine, as Confconsole or anybody else set it up"),
		DRIVER_OPTIONS(confconsole_options),
		.run = run_confconsole,
	},
};

const struct console_command command_import = {
	.word = "import",
	.arguments = "",
	.summary = N_("Take over the relays that somebody set up before: docker-mailserver, "
		      "Confconsole"),
	DRIVER_PARTS(parts),
};
