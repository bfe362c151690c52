#include "connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/i18n.h"

struct race {
	const struct resolve_addresses *addresses;
	int fds[RESOLVE_ADDRESSES_MAX]; /* -1: not started, or over */
	size_t started;
	size_t running;
	int reason; /* errno of the most telling failure so far */
	size_t reason_of;
};

/* Which failure tells the user most: that something is there but refuses beats that nothing came
 * back, which beats that there is no way there (a machine without IPv6 says so for each). */
static int weight(int errnum)
{
	switch (errnum) {
	case ECONNREFUSED:
	case ECONNRESET:
		return 3;
	case ETIMEDOUT:
		return 2;
	case 0:
		return 0;
	default:
		return 1;
	}
}

static void note(struct race *race, size_t i, int errnum)
{
	if (weight(errnum) <= weight(race->reason))
		return;
	race->reason = errnum;
	race->reason_of = i;
}

static void drop(struct race *race, size_t i, int errnum)
{
	close(race->fds[i]);
	race->fds[i] = -1;
	race->running--;
	note(race, i, errnum);
}

/* True when it stands already (a local address may connect at once). */
static bool attempt(struct race *race)
{
	size_t i = race->started++;
	const struct sockaddr_storage *address = &race->addresses->list[i];
	socklen_t len = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						       : sizeof(struct sockaddr_in);
	int one = 1;

	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		note(race, i, errno);
		return false;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	race->fds[i] = fd;
	race->running++;
	if (connect(fd, (const struct sockaddr *)address, len) == 0)
		return true;
	/* Interrupted by a signal, the attempt goes on by itself all the same. */
	if (errno != EINPROGRESS && errno != EINTR)
		drop(race, i, errno);
	return false;
}

static int detach(struct race *race, size_t i, size_t *winner)
{
	int fd = race->fds[i];

	race->fds[i] = -1;
	*winner = i;
	return fd;
}

/* One wait for all that run. The descriptor that stands, or -1. */
static int watch(struct race *race, struct deadline *deadline, long at_most_ms, size_t *winner,
	enum deadline_result *result)
{
	struct pollfd fds[RESOLVE_ADDRESSES_MAX];
	size_t which[RESOLVE_ADDRESSES_MAX];
	nfds_t count = 0;

	for (size_t i = 0; i < race->started; i++) {
		if (race->fds[i] < 0)
			continue;
		which[count] = i;
		fds[count++] = (struct pollfd){.fd = race->fds[i], .events = POLLOUT};
	}
	*result = deadline_wait(deadline, fds, count, at_most_ms);
	/* Asked once more when the time is over: it may be us who were stopped meanwhile. */
	if (*result == DEADLINE_CANCELLED || (*result == DEADLINE_OVER && poll(fds, count, 0) <= 0))
		return -1;
	for (nfds_t n = 0; n < count; n++) {
		int reason = 0;
		socklen_t size = sizeof reason;
		if (!fds[n].revents)
			continue;
		if (getsockopt(fds[n].fd, SOL_SOCKET, SO_ERROR, &reason, &size) != 0)
			reason = errno;
		if (reason == 0) {
			*result = DEADLINE_READY;
			return detach(race, which[n], winner);
		}
		drop(race, which[n], reason);
	}
	return -1;
}

static enum probe_cause cause_of(int errnum)
{
	switch (errnum) {
	case ECONNREFUSED:
	case ECONNRESET:
		return PROBE_CAUSE_REFUSED;
	case ETIMEDOUT:
		return PROBE_CAUSE_TIMED_OUT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return PROBE_CAUSE_INTERNAL;
	default:
		return PROBE_CAUSE_NO_ROUTE;
	}
}

static void explain(const struct race *race, struct fault *fault)
{
	char text[RESOLVE_TEXT_MAX];

	if (race->addresses->count == 0) {
		fault_set(fault, PROBE_CAUSE_NO_ROUTE, _("no address that Postfix may use"));
		return;
	}
	resolve_text(&race->addresses->list[race->reason_of], text);
	fault_errno(fault, cause_of(race->reason), race->reason, text);
}

int connect_race(const struct resolve_addresses *addresses, struct deadline *deadline,
	size_t *winner, struct fault *fault)
{
	struct race race = {.addresses = addresses};
	int fd = -1;

	for (size_t i = 0; i < RESOLVE_ADDRESSES_MAX; i++)
		race.fds[i] = -1;
	while (fd < 0 && (race.running > 0 || race.started < addresses->count)) {
		bool more = race.started < addresses->count;
		if (more && attempt(&race)) {
			fd = detach(&race, race.started - 1, winner);
			break;
		}
		if (race.running == 0)
			continue;
		more = race.started < addresses->count;
		long next = clock_ms() + CONNECT_ATTEMPT_DELAY_MS;
		size_t before = race.running;
		enum deadline_result result = DEADLINE_READY;
		while (fd < 0 && race.running > 0 && race.running == before) {
			long left = more ? next - clock_ms() : -1;
			if (more && left <= 0)
				break;
			fd = watch(&race, deadline, left, winner, &result);
			if (result != DEADLINE_READY)
				break;
		}
		if (result == DEADLINE_CANCELLED) {
			fault->cause = PROBE_CAUSE_CANCELLED;
			goto out;
		}
		if (result == DEADLINE_OVER) {
			note(&race, 0, ETIMEDOUT);
			break;
		}
	}
	if (fd < 0)
		explain(&race, fault);
out:
	for (size_t i = 0; i < race.started; i++)
		if (race.fds[i] >= 0)
			close(race.fds[i]);
	return fd;
}
