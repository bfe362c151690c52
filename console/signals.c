#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t ending;
static volatile sig_atomic_t suspend;
static volatile sig_atomic_t continued;
static volatile sig_atomic_t resized;

static const int waited_for[] = {SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH};

static void on_ending(int number)
{
	/* A hang-up is not forgotten for a later Ctrl-C. */
	if (!ending)
		ending = number;
}

static void on_suspend(int number)
{
	(void)number;
	suspend = 1;
}

static void on_continued(int number)
{
	(void)number;
	continued = 1;
}

static void on_resized(int number)
{
	(void)number;
	resized = 1;
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

void signals_install(bool screen)
{
	sigset_t none;

	/* Whoever started us may have left signals blocked. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	handle(SIGPIPE, SIG_IGN, 0);
	/* A file that may not grow (RLIMIT_FSIZE) is an error of write(2). */
	handle(SIGXFSZ, SIG_IGN, 0);
	handle(SIGHUP, on_ending, 0);
	handle(SIGTERM, on_ending, 0);
	/* A second Ctrl-C ends a command that does not look at the flag. */
	handle(SIGINT, on_ending, screen ? 0 : (int)SA_RESETHAND);
	if (screen) {
		/* ncurses would not restore the terminal on it. */
		handle(SIGQUIT, SIG_IGN, 0);
		handle(SIGTSTP, on_suspend, 0);
		handle(SIGCONT, on_continued, 0);
		handle(SIGWINCH, on_resized, 0);
	}
}

bool signals_hold(void)
{
	/* In this order: a Ctrl-C that came before has either been seen or has ended us. */
	handle(SIGINT, on_ending, 0);
	return !ending;
}

int signals_ending(void)
{
	return ending;
}

void signals_hung_up(void)
{
	on_ending(SIGHUP);
}

static bool take(volatile sig_atomic_t *flag)
{
	bool was = *flag;

	*flag = 0;
	return was;
}

bool signals_take_suspend(void)
{
	return take(&suspend);
}

bool signals_take_continued(void)
{
	return take(&continued);
}

bool signals_take_resized(void)
{
	return take(&resized);
}

bool signals_can_suspend(void)
{
	pid_t session = getsid(0), parent = getppid();

	/* On the console of an appliance or as a login shell nobody would continue us. */
	return parent > 1 && session != getpid() && getsid(parent) == session;
}

void signals_suspend(void)
{
	handle(SIGTSTP, SIG_DFL, 0);
	raise(SIGTSTP);
	handle(SIGTSTP, on_suspend, 0);
}

enum signals_wait signals_wait(int fd, int milliseconds)
{
	struct timespec limit = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	sigset_t block, before;
	enum signals_wait answer = WAIT_SIGNAL;

	/* Blocked while the flags are looked at, so that no signal falls between look and wait. */
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(waited_for) / sizeof(*waited_for); i++)
		sigaddset(&block, waited_for[i]);
	sigprocmask(SIG_BLOCK, &block, &before);
	if (ending) {
		answer = WAIT_GONE;
	} else if (!suspend && !continued && !resized) {
		int ready = ppoll(&poll_fd, 1, milliseconds < 0 ? NULL : &limit, &before);

		if (ready == 0)
			answer = WAIT_TIMEOUT;
		else if (ready > 0 && (poll_fd.revents & POLLIN))
			answer = WAIT_READY;
		else if (ready > 0 || errno != EINTR)
			answer = WAIT_GONE;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ending ? WAIT_GONE : answer;
}

void signals_raise_again(void)
{
	if (!ending)
		return;
	int number = ending;

	handle(number, SIG_DFL, 0);
	raise(number);
}
