#include "hop_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../postfix/processes.h"
#include "hop.h"

/* GREETING_MAX: more of a line need not be seen. */
enum { HOPS_MAX = 32, TIMEOUT_MS = 5000, SLICE_MS = 20, GREETING_MAX = 160 };

#define INET "/inet"

/* --- which --------------------------------------------------------------------------------------- */

bool hop_check_is_hop(const char *word, size_t len)
{
	return len > strlen(INET) && strncmp(word + len - strlen(INET), INET, strlen(INET)) == 0;
}

static bool is_there(const struct mastercf *master, const struct wanted_service *service)
{
	struct mastercf *line =
		mastercf_parse("master.cf", service->line, strlen(service->line), NULL);
	bool there = line && text_equal(mastercf_value(master, service->key),
				     mastercf_value(line, service->key));

	mastercf_free(line);
	return there;
}

void hop_check_list(const struct wanted *wanted, const struct mastercf *master, struct strbuf *list)
{
	size_t count = 0;

	for (size_t i = 0; i < wanted->service_count && count < HOPS_MAX; i++) {
		const struct wanted_service *service = &wanted->services[i];
		if (!hop_check_is_hop(service->key, strlen(service->key)) ||
			is_there(master, service))
			continue;
		strbuf_addf(list, "%s%s", list->len > 0 ? " " : "", service->key);
		count++;
	}
}

/* --- one ----------------------------------------------------------------------------------------- */

enum state { CALLING, LISTENING, GREETED, FAILED };

struct visit {
	char *name; /* "127.0.0.1:10587" */
	bool tls;
	enum state state;
	int fd;      /* -1: none */
	SSL *secure; /* NULL: in clear, or not yet */
	short events;
	int failed;                  /* errno of the last attempt to connect */
	char said[GREETING_MAX + 1]; /* NUL-terminated */
	size_t len;
};

struct visits {
	struct visit list[HOPS_MAX];
	size_t count;
	SSL_CTX *context;
	pid_t master;
};

static void hang_up(struct visit *visit)
{
	SSL_free(visit->secure);
	visit->secure = NULL;
	if (visit->fd >= 0)
		close(visit->fd);
	visit->fd = -1;
	visit->len = 0;
}

static socklen_t address_of(const char *name, struct sockaddr_storage *address)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
	uint16_t port = htons((uint16_t)strtoul(strrchr(name, ':') + 1, NULL, 10));

	memset(address, 0, sizeof *address);
	if (*name == '[') {
		*six = (struct sockaddr_in6){.sin6_family = AF_INET6,
			.sin6_port = port,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT};
		return sizeof *six;
	}
	*four = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return sizeof *four;
}

/* Just now master may be making its sockets: refused is no answer yet. */
static void call(const struct visits *visits, struct visit *visit)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(visit->name, &address);

	visit->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (visit->fd < 0 || (connect(visit->fd, (struct sockaddr *)&address, len) < 0 &&
				     errno != EINPROGRESS && errno != EINTR)) {
		visit->failed = errno;
		hang_up(visit);
		return;
	}
	visit->events = visit->tls ? POLLOUT : POLLIN;
	if (visit->tls) {
		visit->secure = SSL_new(visits->context);
		if (visit->secure && SSL_set_fd(visit->secure, visit->fd) == 1)
			SSL_set_connect_state(visit->secure);
		else
			hang_up(visit);
	}
	visit->state = visit->fd >= 0 ? LISTENING : CALLING;
}

/* What came: > 0 bytes, 0 nothing yet, < 0 the end. */
static int take(struct visit *visit)
{
	char *room = visit->said + visit->len;
	size_t size = GREETING_MAX - visit->len;
	ssize_t got;

	if (!visit->secure) {
		got = recv(visit->fd, room, size, 0);
		if (got > 0)
			return (int)got;
		return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	}
	/* The handshake comes with it. */
	got = SSL_read(visit->secure, room, (int)size);
	if (got > 0)
		return (int)got;
	int why = SSL_get_error(visit->secure, (int)got);
	visit->events = why == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/* Has it a server among master's children? True as well where that cannot be seen. */
static bool is_served(const struct visits *visits, const struct visit *visit)
{
	struct processes processes;
	bool served = !processes_of_service(visits->master, visit->name, &processes) ||
		      processes.count > 0;

	processes_free(&processes);
	return served;
}

static void leave(struct visit *visit)
{
	static const char bye[] = "QUIT\r\n";

	if (visit->secure)
		(void)SSL_write(visit->secure, bye, sizeof bye - 1);
	else
		(void)send(visit->fd, bye, sizeof bye - 1, MSG_NOSIGNAL);
}

static void listen_to(const struct visits *visits, struct visit *visit)
{
	errno = 0;
	int got = take(visit);

	if (got < 0) {
		visit->failed = errno == ECONNREFUSED ? errno : 0;
		hang_up(visit);
		visit->state = CALLING;
		return;
	}
	visit->len += (size_t)got;
	visit->said[visit->len] = '\0';
	if (visit->len < GREETING_MAX && !memchr(visit->said, '\n', visit->len))
		return;
	bool ready = strncmp(visit->said, "220", 3) == 0 &&
		     (visit->said[3] == ' ' || visit->said[3] == '-');
	visit->state = ready && is_served(visits, visit) ? GREETED : FAILED;
	leave(visit);
}

/* --- all ----------------------------------------------------------------------------------------- */

static size_t count_in(const struct visits *visits, enum state state)
{
	size_t count = 0;

	for (size_t i = 0; i < visits->count; i++)
		count += visits->list[i].state == state;
	return count;
}

/* One look at all of them. True: some have not come to an end. */
static bool look(struct visits *visits)
{
	struct pollfd fds[HOPS_MAX];
	struct visit *of[HOPS_MAX];
	nfds_t count = 0;

	for (size_t i = 0; i < visits->count; i++) {
		struct visit *visit = &visits->list[i];
		if (visit->state == CALLING)
			call(visits, visit);
		if (visit->state != LISTENING)
			continue;
		of[count] = visit;
		fds[count++] = (struct pollfd){.fd = visit->fd, .events = visit->events};
	}
	if (count > 0 && poll(fds, count, SLICE_MS) > 0)
		for (nfds_t n = 0; n < count; n++)
			if (fds[n].revents)
				listen_to(visits, of[n]);
	if (count_in(visits, CALLING) > 0) {
		clock_pause(SLICE_MS);
		return true;
	}
	return count_in(visits, LISTENING) > 0;
}

static bool judge(const struct visits *visits, const struct visit *visit, struct error *error)
{
	char said[GREETING_MAX + 1];

	if (visit->state == GREETED || (visit->state == LISTENING && is_served(visits, visit)))
		return true;
	text_clean_into(said, sizeof said, visit->said, strcspn(visit->said, "\r\n"));
	if (visit->state == FAILED && strncmp(said, "220", 3) == 0)
		error_set(error, ERROR_CONFIG,
			_("At %s, where Postfix was to hand mail on, another program answers."),
			visit->name);
	else if (visit->state == FAILED)
		error_set(error, ERROR_CONFIG,
			_("Postfix's service %s, which was to hand mail on, does not take any: "
			  "%s"),
			visit->name, said);
	else if (visit->state == CALLING && visit->failed)
		error_errno(error, ERROR_CONFIG, visit->failed,
			_("Postfix's service %s, which was to hand mail on, cannot be reached"),
			visit->name);
	else
		error_set(error, ERROR_CONFIG,
			_("Postfix's service %s, which was to hand mail on, does not start with "
			  "this configuration."),
			visit->name);
	return error_advise(
		error, _("Postfix's log has the reason, in lines of smtpd with \"fatal:\"."));
}

/* Without certificates: hop.h. */
static bool prepare_tls(struct visits *visits, struct error *error)
{
	visits->context = SSL_CTX_new(TLS_client_method());
	if (!visits->context ||
		SSL_CTX_set_max_proto_version(visits->context, TLS1_2_VERSION) != 1 ||
		SSL_CTX_set_cipher_list(visits->context, "aNULL:!eNULL:@SECLEVEL=0") != 1)
		return error_set(error, ERROR_SYSTEM, _("OpenSSL could not be started."));
	return true;
}

static bool read_master(struct mastercf **master, const struct site *site, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;

	*master = NULL;
	if (file_read(&bytes, site->master_cf, FILE_MAX, NULL, error))
		*master = mastercf_parse(site->master_cf, bytes.data, bytes.len, error);
	strbuf_free(&bytes);
	return *master != NULL;
}

static bool begin(
	struct visits *visits, const struct site *site, const char *list, struct error *error)
{
	struct mastercf *master;
	bool tls = false;

	if (!read_master(&master, site, error))
		return false;
	for (const char *at = list; *at && visits->count < HOPS_MAX; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (hop_check_is_hop(at, len)) {
			struct visit *visit = &visits->list[visits->count++];
			char *key = text_dup_len(at, len);
			const char *entry = mastercf_value(master, key);
			visit->name = text_dup_len(at, len - strlen(INET));
			visit->fd = -1;
			visit->tls = entry && strstr(entry, "smtpd_tls_wrappermode=yes");
			tls = tls || visit->tls;
			free(key);
		}
		at += len;
	}
	mastercf_free(master);
	return !tls || prepare_tls(visits, error);
}

bool hop_check(const struct site *site, const char *list, struct error *error)
{
	struct visits visits = {.master = processes_master(&site->postfix)};
	long start = clock_ms();
	bool ok = !strstr(list, INET) || begin(&visits, site, list, error);

	while (ok && look(&visits) && clock_ms() - start < TIMEOUT_MS)
		continue;
	for (size_t i = 0; i < visits.count; i++) {
		ok = ok && judge(&visits, &visits.list[i], error);
		hang_up(&visits.list[i]);
		free(visits.list[i].name);
	}
	SSL_CTX_free(visits.context);
	return ok;
}
