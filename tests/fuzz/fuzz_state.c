/*
 * fuzz_state.c: the files of the state folder, altered. What is believed of them is safe to follow:
 * a journal names only files that a change of this site makes, a baseline puts nothing into main.cf
 * but lines of its own keys, settings can be used and are the same after being saved.
 *
 * Input: a kind, then the file: s settings.ini, S such a file that a person wrote, j journal, J what is sealed in it, b baseline.json,
 * B what is sealed in it, l last-test.json. The seal is made here, as by someone who means harm; '@'
 * in a journal stands for the folder that state and configuration are in.
 */
#include <sys/stat.h>

#include "change/baseline.h"
#include "change/journal.h"
#include "change/sealed.h"
#include "postfix/maincf.h"
#include "postfix/mastercf.h"
#include "promises.h"
#include "status/status.h"

/* Configuration, and below it the state: what is written through a path. */
static char folder[256], state_dir[300], main_file[300], master_file[300], credentials[300],
	tls_policy[300];

static void remove_folder(void)
{
	rmdir(state_dir);
	rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	const char *where = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/fuzz-state-XXXXXX", where && *where ? where : "/tmp");
	if (!mkdtemp(folder))
		abort();
	snprintf(state_dir, sizeof state_dir, "%s/state", folder);
	snprintf(main_file, sizeof main_file, "%s/main.cf", folder);
	snprintf(master_file, sizeof master_file, "%s/master.cf", folder);
	snprintf(credentials, sizeof credentials, "%s/relaycon_sasl_passwd", folder);
	snprintf(tls_policy, sizeof tls_policy, "%s/relaycon_tls_policy", folder);
	if (mkdir(state_dir, 0700) != 0)
		abort();
	atexit(remove_folder);
	return 0;
}

/* --- settings ------------------------------------------------------------------------------------ */

static bool settings_from(
	struct settings *settings, const char *path, bool own, struct error *error)
{
	static const char *const nobody[] = {NULL};

	return own ? settings_load(settings, path, error)
		   : settings_read(settings, path, nobody, error);
}

/* In order, none twice, each as it is looked up. */
static void promise_routes(const struct settings *settings)
{
	struct error error = {0};

	for (size_t i = 0; i < settings->route_count; i++) {
		const struct route *route = &settings->routes[i];
		char *pattern = NULL;
		PROMISE(route_parse(route->kind, route->pattern, &pattern, &error) &&
				strcmp(pattern, route->pattern) == 0,
			"%s is taken for %s: %s", route->pattern, pattern, error.message);
		PROMISE(settings_route(settings, route->kind, pattern) == route, "%s is not found",
			pattern);
		free(pattern);
	}
}

static void settings(const char *path, bool own)
{
	struct settings once, twice;
	struct error error = {0};

	if (!settings_from(&once, path, own, &error)) {
		promise_error(&error);
		PROMISE(!once.relays && !once.routes && !once.default_relay, "not zeroed");
		return;
	}
	PROMISE(!once.default_relay || settings_default(&once), "a default that is not there");
	PROMISE(settings_check(&once, &error), "%s", error.message);
	promise_routes(&once);

	/* What is saved is the same, for us and as a file that is handed on. */
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	char again[64];
	settings_format(&once, &first);
	for (int pass = 0; pass < 2; pass++) {
		int fd = fuzz_file(first.data, first.len, again, sizeof again);
		PROMISE(settings_from(&twice, again, pass == 0, &error), "%s\n%s", error.message,
			first.data);
		close(fd);
		PROMISE(settings_equal(&once, &twice), "not all came back:\n%s", first.data);
		strbuf_reset(&second);
		settings_format(&twice, &second);
		PROMISE(strcmp(first.data, second.data) == 0, "saved otherwise:\n%s\n%s",
			first.data, second.data);
		settings_free(&twice);
	}
	settings_free(&once);
	strbuf_free(&first);
	strbuf_free(&second);
}

/* --- journal ------------------------------------------------------------------------------------- */

/* FOLDER/.NAME.relaycon-SUFFIX for FOLDER/NAME, worked out apart from step.c. Only the number of
 * slashes between the two may differ. */
static bool is_beside(const char *name, const char *target, const char *const suffixes[])
{
	size_t dir = (size_t)(strrchr(target, '/') - target);
	size_t name_dir = (size_t)(strrchr(name, '/') - name);
	const char *base = strrchr(target, '/') + 1, *hidden = strrchr(name, '/') + 1;

	while (dir > 0 && target[dir - 1] == '/')
		dir--;
	while (name_dir > 0 && name[name_dir - 1] == '/')
		name_dir--;
	if (dir != name_dir || strncmp(name, target, dir) != 0 || hidden[0] != '.' ||
		strncmp(hidden + 1, base, strlen(base)) != 0)
		return false;
	for (; *suffixes; suffixes++)
		if (strcmp(hidden + 1 + strlen(base), *suffixes) == 0)
			return true;
	return false;
}

/* In the state folder anything; beside main.cf only what a change touches. */
static bool is_ours(const char *target)
{
	static const char *const names[] = {"main.cf", "master.cf", "relaycon_sasl_passwd",
		"relaycon_sasl_passwd.db", "relaycon_sasl_passwd.lmdb", "relaycon_tls_policy",
		"relaycon_tls_policy.db", "relaycon_tls_policy.lmdb"};
	const char *name = strrchr(target, '/') + 1;
	char *dir = text_dup_len(target, (size_t)(name - target)), *real = realpath(dir, NULL);
	bool beside_main = real && strcmp(real, folder) == 0;
	bool ours = real && strcmp(real, state_dir) == 0;

	for (size_t i = 0; beside_main && i < sizeof names / sizeof *names; i++)
		ours = ours || strcmp(name, names[i]) == 0;
	free(dir);
	free(real);
	return ours;
}

static void promise_step(const struct step *step)
{
	static const char *const new[] = {".relaycon-new", ".relaycon-mid", NULL};
	static const char *const old[] = {".relaycon-old", NULL};

	PROMISE(step->target[0] == '/' && strrchr(step->target, '/')[1], "target %s", step->target);
	PROMISE(is_ours(step->target), "target %s", step->target);
	PROMISE(!step->staged || is_beside(step->staged, step->target, new), "staged %s for %s",
		step->staged, step->target);
	PROMISE(!step->old || is_beside(step->old, step->target, old), "old %s for %s", step->old,
		step->target);
}

static void promise_same_steps(const struct steps *once, const struct steps *twice)
{
	PROMISE(once->count == twice->count, "%zu steps became %zu", once->count, twice->count);
	for (size_t i = 0; i < once->count; i++) {
		const struct step *a = &once->list[i], *b = &twice->list[i];
		PROMISE(text_equal(a->target, b->target) && text_equal(a->staged, b->staged) &&
				text_equal(a->old, b->old) && a->inode == b->inode &&
				a->mtime == b->mtime && a->shared == b->shared,
			"step %zu changed", i);
	}
}

static void journal(char *path)
{
	struct site site = {.journal_file = path,
		.state_dir = state_dir,
		.main_cf = main_file,
		.master_cf = master_file,
		.credentials = credentials,
		.tls_policy = tls_policy};
	struct journal once, twice;
	struct error error = {0};
	char file[320];

	site.postfix.config_dir = folder;
	if (!journal_read(&once, &site, &error)) {
		promise_error(&error);
		PROMISE(!once.steps.list && !once.summary, "not zeroed");
		return;
	}
	for (size_t i = 0; i < once.steps.count; i++)
		promise_step(&once.steps.list[i]);
	snprintf(file, sizeof file, "%s/journal", state_dir);
	site.journal_file = file;
	PROMISE(journal_write(&site, &once, &error), "%s", error.message);
	PROMISE(journal_read(&twice, &site, &error), "%s", error.message);
	unlink(file);
	PROMISE(once.reload == twice.reload && text_equal(once.service, twice.service) &&
			text_equal(once.summary, twice.summary),
		"not all came back");
	promise_same_steps(&once.steps, &twice.steps);
	journal_free(&once);
	journal_free(&twice);
}

/* What is sealed, with its seal. False: it is no JSON. */
static bool seal(const struct fuzz_input *input, const char *name, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_reset(&text);
	for (size_t i = 0; i < input->len; i++)
		if (input->bytes[i] == '@')
			strbuf_adds(&text, folder);
		else
			strbuf_addc(&text, input->bytes[i]);
	struct json_object *content = json_tokener_parse(text.data);
	strbuf_free(&text);
	if (content)
		sealed_format(1, name, content, out);
	return content != NULL;
}

static void sealed_journal(const struct fuzz_input *input)
{
	struct strbuf out = STRBUF_INIT;
	char path[64];

	if (seal(input, "journal", &out)) {
		int fd = fuzz_file(out.data, out.len, path, sizeof path);
		journal(path);
		close(fd);
	}
	strbuf_free(&out);
}

/* --- baseline ------------------------------------------------------------------------------------ */

static const char main_cf[] =
	"# as it is\nmyhostname = a.test\nrelayhost = [relay.test]:587\n"
	"smtp_tls_policy_maps =\n  texthash:/x\n#relaycon: mynetworks = ::1\n";
static const char *const parameters[] = {"myhostname", "relayhost", "smtp_tls_policy_maps",
	"mynetworks", "smtpd_relay_restrictions"};

/* Only the hunk's own parameter may read otherwise. */
static void restore_main(const struct hunk *hunk, bool force)
{
	struct maincf *was = maincf_parse("was", main_cf, sizeof main_cf - 1, NULL);
	struct maincf *cf = maincf_parse("now", main_cf, sizeof main_cf - 1, NULL);
	enum hunk_restore result = maincf_restore(cf, hunk, force);
	bool same = strcmp(maincf_bytes(cf)->data, main_cf) == 0;

	PROMISE(result == HUNK_RESTORED || same, "left alone, but changed");
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		if (strcmp(parameters[i], hunk->key) != 0)
			PROMISE(text_equal(maincf_value(was, parameters[i]),
					maincf_value(cf, parameters[i])),
				"%s is now %s", parameters[i], maincf_value(cf, parameters[i]));
	for (size_t i = 0; i < maincf_count(cf); i++)
		PROMISE(maincf_value(was, maincf_name(cf, i)) ||
				strcmp(maincf_name(cf, i), hunk->key) == 0,
			"%s was not there", maincf_name(cf, i));
	maincf_free(was);
	maincf_free(cf);
}

static void restore_master(const struct hunk *hunk, bool force)
{
	static const char master_cf[] = "smtp unix - - y - - smtp\n  -o a=b\nx unix - - y - - x";
	struct mastercf *cf = mastercf_parse("now", master_cf, sizeof master_cf - 1, NULL);
	enum hunk_restore result = mastercf_restore(cf, hunk, force);

	PROMISE(result == HUNK_RESTORED || strcmp(mastercf_bytes(cf)->data, master_cf) == 0,
		"left alone, but changed");
	PROMISE(mastercf_has(cf, "smtp/unix") || strcmp(hunk->key, "smtp/unix") == 0, "smtp gone");
	PROMISE(mastercf_has(cf, "x/unix") || strcmp(hunk->key, "x/unix") == 0, "x gone");
	mastercf_free(cf);
}

static void baseline(const char *bytes, size_t len)
{
	struct baseline once, twice;
	struct error error = {0};
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;

	if (!baseline_parse(&once, "fuzz", bytes, len, &error)) {
		promise_error(&error);
		PROMISE(baseline_is_empty(&once), "not zeroed");
		return;
	}
	baseline_format(&once, &first);
	PROMISE(baseline_parse(&twice, "again", first.data, first.len, &error), "%s\n%s",
		error.message, first.data);
	baseline_format(&twice, &second);
	PROMISE(strcmp(first.data, second.data) == 0, "saved otherwise:\n%s\n%s", first.data,
		second.data);
	for (int force = 0; force < 2; force++) {
		for (size_t i = 0; i < once.main.count; i++)
			restore_main(&once.main.hunks[i].hunk, force);
		for (size_t i = 0; i < once.master.count; i++)
			restore_master(&once.master.hunks[i].hunk, force);
	}
	baseline_free(&once);
	baseline_free(&twice);
	strbuf_free(&first);
	strbuf_free(&second);
}

static void sealed_baseline(const struct fuzz_input *input)
{
	struct strbuf out = STRBUF_INIT;

	if (seal(input, "baseline", &out))
		baseline(out.data, out.len);
	strbuf_free(&out);
}

/* --- last-test.json ------------------------------------------------------------------------------ */

static void last_test(char *path)
{
	struct site site = {.last_test_file = path};
	struct last_test test;

	last_test_load(&site, &test);
	PROMISE(test.known || (!test.host[0] && !test.cause[0] && !test.port), "half believed");
	promise_clean(test.host, strnlen(test.host, sizeof test.host), "");
	promise_clean(test.cause, strnlen(test.cause, sizeof test.cause), "");
	promise_clean(test.explanation, strnlen(test.explanation, sizeof test.explanation), "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {size ? (const char *)data : "", size};
	int kind = fuzz_byte(&input);
	char path[64];
	int fd = fuzz_file(input.bytes, input.len, path, sizeof path);

	switch (kind) {
	case 's':
		settings(path, true);
		break;
	case 'S':
		settings(path, false);
		break;
	case 'j':
		journal(path);
		break;
	case 'J':
		sealed_journal(&input);
		break;
	case 'b':
		baseline(input.bytes, input.len);
		break;
	case 'B':
		sealed_baseline(&input);
		break;
	case 'l':
		last_test(path);
		break;
	default:
		break;
	}
	close(fd);
	return 0;
}
