/*
 * instance.h: one Postfix on this machine: where it is, what it says of itself, is it running.
 *
 * Config folder: the one asked for, else MAIL_CONFIG, else Postfix's own answer. All of Postfix's
 * parameters that we need are asked for in as few postconf calls as possible, since status must
 * stay close to the cost of one.
 */
#ifndef RELAY_INSTANCE_H
#define RELAY_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/child.h"
#include "../base/error.h"
#include "../base/strbuf.h"

/* What Postfix answered for the parameters asked, fully expanded where asked so. */
struct postfix_values {
	char **names;
	char **values; /* same order; never NULL, "" when empty */
	size_t count;
};

struct postfix {
	char *config_dir;
	char *queue_dir;
	char *data_dir;
	char *daemon_dir;
	char *command_dir;
	char *log_file;               /* maillog_file; "" where syslog is used */
	char *postconf;               /* the program's path */
	char *version;                /* "3.7.11" */
	bool explicit_config_dir;     /* -c must be passed on */
	struct postfix_values values; /* the parameters of postfix_open's list */
};

/* config_dir: the folder asked for; NULL: MAIL_CONFIG of the environment, else Postfix's own answer.
 * Finds Postfix and asks it, in one postconf call, for the folders, the version, and the `extra`
 * parameters (NULL-terminated, may be NULL; expanded, "postconf -x"). Errors:
 * ERROR_CONFIG "Postfix is not installed" with the package to install as advice; ERROR_CONFIG with
 * Postfix's own words (path and line) when it cannot read its configuration; ERROR_UNAVAILABLE on
 * a time-out. */
bool postfix_open(struct postfix *postfix, const char *config_dir, const char *const extra[],
	struct error *error) WARN_UNUSED_RESULT;
void postfix_close(struct postfix *postfix); /* safe on a zeroed struct */
/* NULL where the parameter was not asked for at open (or is unknown to this Postfix). */
const char *postfix_value(const struct postfix *postfix, const char *name);

/* Asks a configuration folder (the instance's own when NULL) for parameters, expanded or raw. */
bool postfix_ask(const struct postfix *postfix, const char *config_dir, const char *const names[],
	bool expand, struct postfix_values *values, struct error *error) WARN_UNUSED_RESULT;
const char *postfix_values_get(const struct postfix_values *values, const char *name);
void postfix_values_free(struct postfix_values *values);

/* Does Postfix accept the configuration in this folder? ERROR_CONFIG with its own words when not.
 * The folder holds main.cf and master.cf (symlinks will do). One "postconf -n": whatever postconf is
 * asked, it reads both files and expands every parameter, so a postfix_ask of the folder proves as
 * much. It says nothing of values: for that see postfix_check_delivery_agent. A refusal takes a
 * second longer than an answer, as every fatal error of Postfix does. */
bool postfix_validate(const struct postfix *postfix, const char *config_dir,
	struct error *error) WARN_UNUSED_RESULT;

/* A running master holds a lock on its pid file (master(8)); we look at that lock. Needs root: false
 * for who may not open that file. */
bool postfix_is_running(const struct postfix *postfix);
/* The same for who must not take "cannot tell" for "no": ERROR_IO, ERROR_DENIED. */
bool postfix_find_running(
	const struct postfix *postfix, bool *running, struct error *error) WARN_UNUSED_RESULT;
/* What "postfix reload" does (SIGHUP to master), and waits until master has taken it up (the queue
 * manager is another process), so that what is looked at afterwards is the new configuration.
 * ERROR_SYSTEM with Postfix's words when it fails, or when master has not taken it up in ten seconds
 * (stopped, or hanging). */
bool postfix_reload(const struct postfix *postfix, struct error *error) WARN_UNUSED_RESULT;
/* After a reload: is master alive, and does the delivery agent of this master.cf service (e.g.
 * "smtp") start and greet us on its private socket? A bad value kills it silently otherwise
 * (facts, 1.5). ERROR_CONFIG, with the agent's last words where the log has them, when it does not
 * within a few seconds (usually known after one). Agents that are all busy with mail count as alive.
 * Where master holds the service back since an agent died earlier, which lasts a minute and which no
 * reload ends, we wait for that: the verdict is on this configuration, not on the one before. */
bool postfix_check_delivery_agent(
	const struct postfix *postfix, const char *service, struct error *error) WARN_UNUSED_RESULT;

/* Messages in the queue, counted from the folders, at most `limit` each. */
struct postfix_queue {
	unsigned long incoming, active, deferred, hold, maildrop;
	bool more; /* the limit was reached somewhere */
};
bool postfix_queue_count(const struct postfix *postfix, unsigned long limit,
	struct postfix_queue *queue, struct error *error) WARN_UNUSED_RESULT;

/* Is this instance's version at least major.minor? */
bool postfix_version_at_least(const struct postfix *postfix, unsigned major, unsigned minor);

#endif
