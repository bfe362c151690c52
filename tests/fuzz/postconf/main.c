/*
 * differential [--seed N] [--files N] [--only N] [--workers N]: our reading and editing of main.cf and
 * master.cf against postconf(1), over generated files (check.h says what is compared).
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "worker.h"

enum { WORKERS_MAX = 64 };

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	stopped = signal_number;
}

static void give_up(const char *words)
{
	fprintf(stderr, "differential: %s\n", words);
	exit(71);
}

/* --- what there is to choose from ------------------------------------------------------------------ */

static void load_corpus(struct stock *stock)
{
	glob_t found;
	struct error error;

	if (glob("tests/corpus/*.cf", 0, NULL, &found) != 0)
		give_up("there is no tests/corpus here");
	stock->files = mem_calloc(found.gl_pathc, sizeof *stock->files);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (!file_read(&stock->files[stock->file_count++], found.gl_pathv[i], FILE_MAX,
			    NULL, &error))
			give_up(error.message);
	}
	globfree(&found);
}

/* postconf looks at the values of these itself, and most that we think of end it. */
static bool is_used_by_postconf(const char *name)
{
	static const char *const names[] = {"inet_protocols", "inet_interfaces", "proxy_interfaces",
		"mynetworks_style", "compatibility_level", "config_directory",
		"smtpd_restriction_classes"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* The names of all that this Postfix knows. */
static void ask_names(struct stock *stock, const char *dir)
{
	char *folder = text_format("%s/names", dir);
	struct postconf postconf;
	struct child child;

	postconf_open(&postconf, folder);
	postconf_run(&postconf, "-dH", &child);
	stock->known = mem_calloc(child.out.len, sizeof *stock->known);
	for (const char *line = child.out.data; *line;) {
		size_t len = strcspn(line, "\n");
		char *name = text_dup_len(line, len);
		if (is_used_by_postconf(name))
			free(name);
		else
			stock->known[stock->known_count++] = name;
		line += len + (line[len] == '\n');
	}
	if (stock->known_count < 100)
		give_up("postconf names no parameters");
	child_free(&child);
	postconf_close(&postconf);
	free(folder);
}

static void free_stock(struct stock *stock)
{
	for (size_t i = 0; i < stock->known_count; i++)
		free(stock->known[i]);
	for (size_t i = 0; i < stock->file_count; i++)
		strbuf_free(&stock->files[i]);
	free(stock->known);
	free(stock->files);
}

/* --- the run ---------------------------------------------------------------------------------------- */

static struct tally sum(const struct tally *tallies, unsigned workers)
{
	struct tally all = {0};

	for (unsigned i = 0; i < workers; i++) {
		const struct tally *tally = &tallies[i];
		all.files[0] += tally->files[0];
		all.files[1] += tally->files[1];
		all.refused += tally->refused;
		all.by_value += tally->by_value;
		all.parameters += tally->parameters;
		all.services += tally->services;
		all.options += tally->options;
		all.edits += tally->edits;
		all.restores += tally->restores;
		all.failures += tally->failures;
	}
	return all;
}

static void show_progress(
	const struct work *work, const struct tally *tallies, unsigned long *tenth)
{
	struct tally all = sum(tallies, work->workers);
	unsigned long done = all.files[0] + all.files[1];

	if (done * 10 / work->count <= *tenth || work->count < 10000)
		return;
	*tenth = done * 10 / work->count;
	printf("%lu files, %lu edits, %lu failures\n", done, all.edits, all.failures);
	fflush(stdout);
}

/* Starts the workers, waits for them all. False: one of them did not come to its end. */
static bool run(const struct work *work, struct tally *tallies)
{
	pid_t pids[WORKERS_MAX] = {0};
	unsigned running = 0;
	unsigned long tenth = 0;
	bool ok = true;

	fflush(stdout);
	for (unsigned i = 0; i < work->workers; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			give_up(strerror(errno));
		if (pids[i] == 0) {
			signal(SIGINT, SIG_DFL);
			signal(SIGTERM, SIG_DFL);
			worker_run(work, i, &tallies[i]);
			exit(0);
		}
		running++;
	}
	while (running > 0) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);
		if (pid > 0) {
			running--;
			for (unsigned i = 0; i < work->workers; i++)
				pids[i] = pids[i] == pid ? 0 : pids[i];
			ok = ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
			continue;
		}
		for (unsigned i = 0; stopped && i < work->workers; i++) {
			if (pids[i])
				kill(pids[i], SIGTERM);
		}
		show_progress(work, tallies, &tenth);
		nanosleep(&(struct timespec){0, 100000000}, NULL);
	}
	return ok && !stopped;
}

static void remove_folder(const char *dir)
{
	const char *const argv[] = {"rm", "-rf", dir, NULL};
	struct child child = {0};

	if (!child_run(&child, argv, CHILD_TIMEOUT_MS, NULL))
		fprintf(stderr, "differential: %s is left\n", dir);
	child_free(&child);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end)
		give_up("a number is needed");
	return value;
}

static void read_options(int argc, char **argv, struct work *work)
{
	static const struct option options[] = {{"seed", required_argument, NULL, 's'},
		{"files", required_argument, NULL, 'f'}, {"only", required_argument, NULL, 'o'},
		{"workers", required_argument, NULL, 'w'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			work->seed = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			work->count = number(optarg);
			break;
		case 'o':
			work->first = number(optarg);
			work->count = 1;
			break;
		case 'w':
			work->workers = (unsigned)number(optarg);
			break;
		default:
			exit(64);
		}
	}
	if (work->workers < 1 || work->workers > WORKERS_MAX || work->count < 1)
		exit(64);
}

int main(int argc, char **argv)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct stock stock = {0};
	/* Two workers a core: one may wait for what Postfix refuses. */
	struct work work = {.seed = (uint64_t)time(NULL),
		.count = 112000,
		.stock = &stock,
		.workers = cores < 1                 ? 2
			   : cores > WORKERS_MAX / 2 ? WORKERS_MAX
						     : 2 * (unsigned)cores};
	struct sigaction action = {.sa_handler = stop};
	char dir[] = "/tmp/relaycon-differential-XXXXXX";

	read_options(argc, argv, &work);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	struct tally *tallies = mmap(NULL, sizeof *tallies * WORKERS_MAX, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED || !mkdtemp(dir))
		give_up(strerror(errno));
	work.dir = dir;
	load_corpus(&stock);
	ask_names(&stock, dir);
	printf("differential: seed %llu, %u workers\n", (unsigned long long)work.seed,
		work.workers);
	bool whole = run(&work, tallies);
	remove_folder(dir);
	struct tally all = sum(tallies, work.workers);
	free_stock(&stock);
	if (!whole)
		printf("a worker was stopped, or stopped itself\n");
	printf("differential: %lu main.cf and %lu master.cf files from seed %llu (%lu of them "
	       "refused by both, "
	       "%lu for a value), %lu parameters, %lu services and %lu options compared, %lu "
	       "edits, "
	       "%lu restored, %lu failures\n",
		all.files[0], all.files[1], (unsigned long long)work.seed, all.refused,
		all.by_value, all.parameters, all.services, all.options, all.edits, all.restores,
		all.failures + !whole);
	return all.failures > 0 || !whole;
}
