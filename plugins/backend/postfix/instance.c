#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "processes.h"
#include "words.h"

static const char *const base_parameters[] = {"config_directory", "queue_directory",
	"data_directory", "daemon_directory", "command_directory", "mail_version", "maillog_file"};
enum { BASE = sizeof base_parameters / sizeof *base_parameters, TAKE_UP_MS = 10000, WAKE_MS = 500 };

/* Where a system keeps administrators' programs, before whatever PATH says. */
#define SYSTEM_PATH "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

static char *find_in_path(const char *path, const char *program)
{
	while (path && *path) {
		size_t len = strcspn(path, ":");
		char *file = text_format("%.*s/%s", (int)len, path, program);

		if (*path == '/' && access(file, X_OK) == 0)
			return file;
		free(file);
		path += len + (path[len] == ':');
	}
	return NULL;
}

static char *find_postconf(struct error *error)
{
	char *program = find_in_path(SYSTEM_PATH, "postconf");

	if (!program)
		program = find_in_path(getenv("PATH"), "postconf");
	if (!program) {
		error_set(error, ERROR_CONFIG,
			_("Postfix is not installed: the program postconf was not found."));
		error_advise(error, _("Install it with: apt install postfix"));
	}
	return program;
}

/* --- asking -------------------------------------------------------------------------------------- */

static size_t count_of(const char *const names[])
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

/* "name = value" or "name =", a line each. What Postfix does not know has no line. */
static void read_values(struct postfix_values *values, const struct strbuf *output)
{
	size_t lines = 0;

	for (size_t i = 0; i < output->len; i++)
		lines += output->data[i] == '\n';
	values->names = mem_calloc(lines, sizeof *values->names);
	values->values = mem_calloc(lines, sizeof *values->values);
	for (const char *line = output->data; *line;) {
		size_t len = strcspn(line, "\n");
		const char *equals = memmem(line, len, " =", 2);

		if (equals && line[len] == '\n') {
			const char *value = equals + 2;
			value += *value == ' ';
			values->names[values->count] = text_dup_len(line, (size_t)(equals - line));
			values->values[values->count++] =
				text_dup_len(value, len - (size_t)(value - line));
		}
		line += len + (line[len] == '\n');
	}
}

static bool refused(const struct child *child, const char *config_dir, struct error *error)
{
	char words[WORDS_SIZE];

	words_of(child, words);
	bool denied = strstr(words, "Permission denied") != NULL;
	enum error_code code = denied ? ERROR_DENIED : ERROR_CONFIG;
	if (!*words)
		error_set(error, code, _("%s failed with exit status %d and said nothing."),
			child->name, child->status);
	else if (config_dir)
		error_set(error, code, _("Postfix cannot use its configuration in %s: %s"),
			config_dir, words);
	else
		error_set(error, code, _("Postfix cannot use its configuration: %s"), words);
	if (denied)
		return error_advise(error, _("Try it again with sudo."));
	return error_advise(
		error, _("Correct that first; \"postconf -n\" shows whether it is right."));
}

/* One postconf call. `before` and `names` are asked for together. */
static bool ask(const char *postconf, const char *config_dir, bool expand,
	const char *const before[], size_t before_count, const char *const names[],
	struct postfix_values *values, struct error *error)
{
	size_t count = count_of(names), argc = 0;
	const char **argv = mem_calloc(before_count + count + 6, sizeof *argv);
	struct child child = {0};

	*values = (struct postfix_values){0};
	argv[argc++] = postconf;
	if (config_dir) {
		argv[argc++] = "-c";
		argv[argc++] = config_dir;
	}
	if (before_count + count == 0)
		argv[argc++] = "-n";
	else if (expand)
		argv[argc++] = "-x";
	for (size_t i = 0; i < before_count; i++)
		argv[argc++] = before[i];
	for (size_t i = 0; i < count; i++)
		argv[argc++] = names[i];

	bool ok = child_run(&child, argv, CHILD_TIMEOUT_MS, error);
	if (ok && child.status != 0)
		ok = refused(&child, config_dir, error);
	if (ok)
		read_values(values, &child.out);
	child_free(&child);
	free(argv);
	return ok;
}

bool postfix_ask(const struct postfix *postfix, const char *config_dir, const char *const names[],
	bool expand, struct postfix_values *values, struct error *error)
{
	return ask(postfix->postconf, config_dir ? config_dir : postfix->config_dir, expand, NULL,
		0, names, values, error);
}

const char *postfix_values_get(const struct postfix_values *values, const char *name)
{
	for (size_t i = 0; i < values->count; i++) {
		if (strcmp(values->names[i], name) == 0)
			return values->values[i];
	}
	return NULL;
}

void postfix_values_free(struct postfix_values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		free(values->names[i]);
		free(values->values[i]);
	}
	free(values->names);
	free(values->values);
	*values = (struct postfix_values){0};
}

bool postfix_validate(const struct postfix *postfix, const char *config_dir, struct error *error)
{
	struct postfix_values values;
	bool ok = postfix_ask(postfix, config_dir, NULL, false, &values, error);

	postfix_values_free(&values);
	return ok;
}

/* --- opening ------------------------------------------------------------------------------------- */

/* Postfix takes a relative folder as it comes, and its daemons work elsewhere. */
static char *absolute(const char *path)
{
	char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
	char *result = cwd ? text_format("%s/%s", cwd, path) : text_dup(path);

	free(cwd);
	return result;
}

static bool take_answers(struct postfix *postfix, struct error *error)
{
	char **const fields[BASE] = {&postfix->config_dir, &postfix->queue_dir, &postfix->data_dir,
		&postfix->daemon_dir, &postfix->command_dir, &postfix->version, &postfix->log_file};

	for (size_t i = 0; i < BASE; i++) {
		const char *value = postfix_value(postfix, base_parameters[i]);
		/* maillog_file came with 3.4, the oldest that we work with. */
		if (!value || (!*value && fields[i] != &postfix->log_file))
			return error_set(error, ERROR_CONFIG, _("%s gave no value for %s."),
				postfix->postconf, base_parameters[i]);
		text_replace(fields[i], value);
	}
	return true;
}

bool postfix_open(struct postfix *postfix, const char *config_dir, const char *const extra[],
	struct error *error)
{
	const char *environment = getenv("MAIL_CONFIG");

	*postfix = (struct postfix){0};
	if (!config_dir && environment && *environment)
		config_dir = environment;
	char *dir = config_dir ? absolute(config_dir) : NULL;
	postfix->explicit_config_dir = dir != NULL;
	postfix->postconf = find_postconf(error);
	bool ok = postfix->postconf &&
		  ask(postfix->postconf, dir, true, base_parameters, BASE, extra, &postfix->values,
			  error) &&
		  take_answers(postfix, error);
	/* A main.cf that sets config_directory itself does not lead us away to another folder: Postfix's
	 * programs go by the one that they were given. */
	if (ok && dir)
		text_replace(&postfix->config_dir, dir);
	free(dir);
	if (!ok)
		postfix_close(postfix);
	return ok;
}

void postfix_close(struct postfix *postfix)
{
	free(postfix->config_dir);
	free(postfix->queue_dir);
	free(postfix->data_dir);
	free(postfix->daemon_dir);
	free(postfix->command_dir);
	free(postfix->log_file);
	free(postfix->postconf);
	free(postfix->version);
	postfix_values_free(&postfix->values);
	*postfix = (struct postfix){0};
}

const char *postfix_value(const struct postfix *postfix, const char *name)
{
	return postfix_values_get(&postfix->values, name);
}

bool postfix_version_at_least(const struct postfix *postfix, unsigned major, unsigned minor)
{
	char *end;
	unsigned long is_major = strtoul(postfix->version, &end, 10);
	unsigned long is_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return is_major > major || (is_major == major && is_minor >= minor);
}

/* --- the running instance ------------------------------------------------------------------------ */

/* flock(2) on Linux, fcntl(2) where Postfix was built so. False: errno. */
static bool find_lock(int fd, bool *locked)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	/* A shared lock that we get is let go at once: a master that starts in this instant must not
	 * find it. */
	*locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
	if (*locked)
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	if (fcntl(fd, F_GETLK, &lock) != 0)
		return false;
	*locked = lock.l_type != F_UNLCK;
	return true;
}

bool postfix_find_running(const struct postfix *postfix, bool *running, struct error *error)
{
	char *path = text_format("%s/pid/master.pid", postfix->queue_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool ok;

	*running = false;
	if (fd < 0) {
		ok = errno == ENOENT || errno == ENOTDIR;
	} else {
		ok = find_lock(fd, running);
		int failed = errno;
		close(fd);
		errno = failed;
	}
	if (!ok)
		error_errno(error, ERROR_IO, errno,
			_("Cannot find out whether Postfix is running, from %s"), path);
	free(path);
	return ok;
}

bool postfix_is_running(const struct postfix *postfix)
{
	bool running;

	return postfix_find_running(postfix, &running, NULL) && running;
}

static bool reload_by_program(const struct postfix *postfix, struct error *error)
{
	char *program = text_format("%s/postfix", postfix->command_dir);
	const char *const argv[] = {program, "-c", postfix->config_dir, "reload", NULL};
	struct child child = {0};

	bool ok = child_run(&child, argv, CHILD_TIMEOUT_MS, error);
	if (ok && child.status != 0) {
		/* Without a terminal its reasons go to the log only. */
		char words[WORDS_SIZE];
		words_of(&child, words);
		if (!postfix_is_running(postfix))
			error_set(error, ERROR_SYSTEM,
				_("Postfix could not be reloaded: it is not running."));
		else
			error_set(error, ERROR_SYSTEM,
				_("Postfix could not be reloaded: %s ended with status %d. %s"),
				child.name, child.status, words);
		ok = error_advise(error, _("See what Postfix's log says, and try: postfix start"));
	}
	child_free(&child);
	free(program);
	return ok;
}

/* postkick(1). Whether it could is seen by what comes of it. */
static void wake(const struct postfix *postfix, const char *service)
{
	char *program = text_format("%s/postkick", postfix->command_dir);
	const char *const argv[] = {
		program, "-c", postfix->config_dir, "public", service, "W", NULL};
	struct child child = {0};

	(void)!child_run(&child, argv, TAKE_UP_MS, NULL);
	child_free(&child);
	free(program);
}

/* Has master started this service anew? On a busy machine those from before may take the call with which
 * master would start it, and then end, as they were told: it would come with the next timer, in minutes. */
static bool wait_restart(const struct postfix *postfix, pid_t master, const char *service,
	const struct processes *before)
{
	long start = clock_ms();
	bool restarted;

	while (!(restarted = processes_wait_restart(master, service, before, WAKE_MS)) &&
		clock_ms() - start < TAKE_UP_MS)
		if (!processes_any_alive(before))
			wake(postfix, service);
	return restarted;
}

bool postfix_reload(const struct postfix *postfix, struct error *error)
{
	pid_t master = processes_master(postfix);
	struct processes before;
	const char *resident = processes_resident(master, &before);
	bool ok;

	/* master(8): SIGHUP is the reload. "postfix reload" comes to the same by way of a shell and ten
	 * more processes, which take three times as long as everything else in a change. */
	if (resident && postfix_is_running(postfix) && kill(master, SIGHUP) == 0)
		ok = true;
	else
		ok = reload_by_program(postfix, error);
	/* Without this an idle agent from before would answer for a master that hangs. */
	if (ok && resident && !wait_restart(postfix, master, resident, &before)) {
		error_set(error, ERROR_SYSTEM,
			_("Postfix's master (process %ld) did not take the configuration up within "
			  "%d seconds."),
			(long)master, TAKE_UP_MS / 1000);
		ok = error_advise(error, _("See whether it is stopped, or the machine overloaded; "
					   "then try again."));
	}
	processes_free(&before);
	return ok;
}
