/*
 * smtp_server.h: a test's hostile_server.py: started with a script, ended by its process id, its log
 * read back. Everything stands in one scratch folder, which goes at the end.
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SMTP_USER "relay-user"
#define SMTP_PASSWORD "correct horse"

struct smtp_server {
	unsigned port;
	char log[256];
};

static char smtp_scratch[64];
static pid_t smtp_running[4]; /* servers of the test at hand */

static inline void smtp_path(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", smtp_scratch, name);
}

static inline pid_t smtp_spawn(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		/* A test that dies leaves no server behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static inline int smtp_run(char *const argv[])
{
	int status = 0;
	pid_t pid = smtp_spawn(argv);

	while (waitpid(pid, &status, 0) < 0)
		continue;
	return status;
}

/* Once for a test program: the scratch folder with the certificates. */
static inline int smtp_setup(void **state)
{
	char certs[128];

	(void)state;
	snprintf(smtp_scratch, sizeof smtp_scratch, "/tmp/relaycon-smtp-XXXXXX");
	if (!mkdtemp(smtp_scratch))
		return -1;
	smtp_path(certs, sizeof certs, "certs");
	return smtp_run((char *[]){"tests/sandbox/make_certs.sh", certs, NULL});
}

static inline int smtp_teardown(void **state)
{
	(void)state;
	return smtp_run((char *[]){"/bin/rm", "-rf", smtp_scratch, NULL});
}

/* The port that a server wrote down once it listened. 0: it did not within ten seconds. */
static inline unsigned smtp_wait_port(const char *path)
{
	unsigned port = 0;

	for (int i = 0; i < 2000 && port == 0; i++) {
		FILE *in = fopen(path, "r");
		if (in) {
			if (fscanf(in, "%u", &port) != 1)
				port = 0;
			fclose(in);
		}
		if (port == 0)
			nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	unlink(path);
	return port;
}

static inline void smtp_keep(pid_t pid);

static inline void smtp_start(
	struct smtp_server *server, const char *script, const char *cert, bool implicit)
{
	char port_file[256], cert_file[256], key_file[256], name[64];

	smtp_path(port_file, sizeof port_file, "port");
	smtp_path(server->log, sizeof server->log, "log");
	unlink(server->log);
	snprintf(name, sizeof name, "certs/%s.crt", cert);
	smtp_path(cert_file, sizeof cert_file, name);
	smtp_path(key_file, sizeof key_file, "certs/server.key");
	smtp_keep(smtp_spawn((char *[]){"tests/sandbox/hostile_server.py", "--port-file", port_file,
		"--cert", cert_file, "--key", key_file, "--log", server->log, "--login",
		SMTP_USER ":" SMTP_PASSWORD, "--script", (char *)script,
		implicit ? "--implicit" : NULL, NULL}));
	server->port = smtp_wait_port(port_file);
}

/* Each test's teardown: it runs also when the test failed. */
static inline int smtp_stop_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof smtp_running / sizeof *smtp_running; i++) {
		if (smtp_running[i] <= 0)
			continue;
		kill(smtp_running[i], SIGKILL);
		waitpid(smtp_running[i], NULL, 0);
		smtp_running[i] = 0;
	}
	return 0;
}

static inline void smtp_keep(pid_t pid)
{
	for (size_t i = 0; i < sizeof smtp_running / sizeof *smtp_running; i++) {
		if (smtp_running[i] == 0) {
			smtp_running[i] = pid;
			return;
		}
	}
	abort();
}

/* The log so far; caller frees. */
static inline char *smtp_log(const struct smtp_server *server)
{
	char *text = calloc(1, 1 << 20);
	FILE *in = fopen(server->log, "r");

	if (in) {
		size_t len = fread(text, 1, (1 << 20) - 1, in);
		text[len] = '\0';
		fclose(in);
	}
	return text;
}

/* The same once it holds `word`, or after a second without. */
static inline char *smtp_log_with(const struct smtp_server *server, const char *word)
{
	char *text = smtp_log(server);

	for (int i = 0; i < 200 && !strstr(text, word); i++) {
		free(text);
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
		text = smtp_log(server);
	}
	return text;
}

#endif
