/* Hops after a change: which are asked, and what counts as a greeting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change/hop_check.h"

#define HOP_OPTIONS " inet n - y - - smtpd\n  -o syslog_name=postfix/relaycon-"

/* --- which --------------------------------------------------------------------------------------- */

static void test_which(void **state)
{
	static const char master_cf[] = "smtp inet n - y - - smtpd\n"
					"127.0.0.1:10587" HOP_OPTIONS "via-a\n"
					"127.0.0.1:10588" HOP_OPTIONS "via-b\n";
	struct mastercf *master = mastercf_parse("master.cf", master_cf, strlen(master_cf), NULL);
	struct wanted wanted = {0};
	struct strbuf list = STRBUF_INIT;

	(void)state;
	wanted_add_service(&wanted, text_dup("relaycon/unix"),
		text_dup("relaycon unix - - y - - smtp\n  -o x=y"));
	/* As it is; with another option; new. */
	wanted_add_service(&wanted, text_dup("127.0.0.1:10587/inet"),
		text_dup("127.0.0.1:10587 inet n - y - - smtpd\n"
			 " -o syslog_name=postfix/relaycon-via-a"));
	wanted_add_service(&wanted, text_dup("127.0.0.1:10588/inet"),
		text_dup("127.0.0.1:10588" HOP_OPTIONS "via-c"));
	wanted_add_service(
		&wanted, text_dup("[::1]:10589/inet"), text_dup("[::1]:10589" HOP_OPTIONS "via-d"));
	strbuf_adds(&list, "relaycon");
	hop_check_list(&wanted, master, &list);
	assert_string_equal(list.data, "relaycon 127.0.0.1:10588/inet [::1]:10589/inet");
	/* A thousand servers are not started at once. */
	for (unsigned port = 20000; port < 21000; port++)
		wanted_add_service(&wanted, text_format("127.0.0.1:%u/inet", port),
			text_format("127.0.0.1:%u" HOP_OPTIONS "via-%u", port, port));
	strbuf_reset(&list);
	hop_check_list(&wanted, master, &list);
	size_t count = 0;
	for (const char *at = list.data; (at = strstr(at, "/inet")); at++)
		count++;
	assert_int_equal(count, 32);
	strbuf_free(&list);
	wanted_free(&wanted);
	mastercf_free(master);
}

/* --- greetings ----------------------------------------------------------------------------------- */

enum { SERVERS_MAX = 32 };

/* A listener of its own for each; nobody is answered before all have been called. */
struct servers {
	size_t count;
	int listeners[SERVERS_MAX];
	unsigned ports[SERVERS_MAX];
	const char
		*greeting; /* with '|' where the writer pauses, "!" first: hangs up once before */
	pthread_t thread;
};

/* Who calls may have hung up meanwhile: that is his to say. */
static void greet(int fd, const char *greeting)
{
	for (const char *at = greeting; *at; at++) {
		if (*at == '|')
			usleep(30000);
		else if (send(fd, at, 1, MSG_NOSIGNAL) != 1)
			return;
	}
}

static void *serve(void *context)
{
	struct servers *servers = context;
	int fds[SERVERS_MAX];
	const char *greeting = servers->greeting;
	char rest[64];

	for (size_t i = 0; i < servers->count; i++)
		fds[i] = accept(servers->listeners[i], NULL, NULL);
	if (*greeting == '!') {
		greeting++;
		for (size_t i = 0; i < servers->count; i++) {
			close(fds[i]);
			fds[i] = accept(servers->listeners[i], NULL, NULL);
		}
	}
	for (size_t i = 0; i < servers->count; i++)
		greet(fds[i], greeting);
	for (size_t i = 0; i < servers->count; i++) {
		while (read(fds[i], rest, sizeof rest) > 0)
			continue;
		close(fds[i]);
	}
	return NULL;
}

struct fixture {
	char folder[64];
	char *master_cf, *pid_folder, *pid_file;
	struct site site;
	struct strbuf list;
	struct servers servers;
};

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void listen_at(struct servers *servers)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	servers->listeners[servers->count] = fd;
	servers->ports[servers->count++] = ntohs(address.sin_port);
}

static void start(struct fixture *f, size_t count, const char *greeting)
{
	*f = (struct fixture){.servers.greeting = greeting};
	snprintf(f->folder, sizeof f->folder, "/tmp/relaycon-hops-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->master_cf = text_format("%s/master.cf", f->folder);
	f->pid_folder = text_format("%s/pid", f->folder);
	f->pid_file = text_format("%s/master.pid", f->pid_folder);
	assert_int_equal(mkdir(f->pid_folder, 0700), 0);
	write_text(f->master_cf, "smtp unix - - y - - smtp\n");
	f->site.master_cf = f->master_cf;
	f->site.postfix.queue_dir = f->folder;
	strbuf_adds(&f->list, "smtp");
	for (size_t i = 0; i < count; i++) {
		listen_at(&f->servers);
		strbuf_addf(&f->list, " 127.0.0.1:%u/inet", f->servers.ports[i]);
	}
	assert_int_equal(pthread_create(&f->servers.thread, NULL, serve, &f->servers), 0);
}

static void end(struct fixture *f)
{
	assert_int_equal(pthread_join(f->servers.thread, NULL), 0);
	for (size_t i = 0; i < f->servers.count; i++)
		close(f->servers.listeners[i]);
	unlink(f->master_cf);
	unlink(f->pid_file);
	rmdir(f->pid_folder);
	assert_int_equal(rmdir(f->folder), 0);
	free(f->master_cf);
	free(f->pid_file);
	free(f->pid_folder);
	strbuf_free(&f->list);
}

static void test_greetings(void **state)
{
	static const struct {
		const char *greeting;
		size_t count;
		bool as_master;    /* is this process the master, whose children are looked at? */
		const char *words; /* of the error; NULL: it is one */
	} cases[] = {
		{"220 machine.test ESMTP\r\n", 1, false, NULL},
		{"220 machine.test ESMTP\r\n", SERVERS_MAX, false, NULL},
		{"22|0-machine.test|\r\n220 ESMTP\r\n", 2, false, NULL},
		{"!220 machine.test ESMTP\r\n", 2, false, NULL},
		{"554 5.7.1 no \033[31mservice\r\n", 2, false, "554 5.7.1 no"},
		{"421 too busy\n", 1, false, "421 too busy"},
		{"2200 is no code\r\n", 1, false, "another program answers"},
		{"220 machine.test ESMTP\r\n", 1, true, "another program answers"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		struct error error = {0};

		print_message("  %s", cases[i].greeting);
		start(&f, cases[i].count, cases[i].greeting);
		if (cases[i].as_master) {
			char *pid = text_format("%ld\n", (long)getpid());
			write_text(f.pid_file, pid);
			free(pid);
		}
		bool ok = hop_check(&f.site, f.list.data, &error);
		if (ok != !cases[i].words)
			fail_msg("%s", error.message);
		if (!ok) {
			assert_int_equal(error.code, ERROR_CONFIG);
			if (!strstr(error.message, cases[i].words) || strchr(error.message, '\033'))
				fail_msg("%s", error.message);
			assert_non_null(strstr(error.message, "127.0.0.1:"));
		}
		end(&f);
	}
}

/* Where no hop is in the list, not even master.cf is looked at. */
static void test_none(void **state)
{
	struct site site = {
		.master_cf = (char *)"/nowhere/master.cf", .postfix.queue_dir = (char *)"/nowhere"};
	struct error error = {0};

	(void)state;
	assert_true(hop_check(&site, "smtp relaycon", &error));
	assert_true(hop_check(&site, "", &error));
	assert_false(hop_check(&site, "smtp 127.0.0.1:10587/inet", &error));
	assert_int_equal(error.code, ERROR_IO);
}

int main(void)
{
	/* As its header asks. */
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_greetings),
		cmocka_unit_test(test_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
