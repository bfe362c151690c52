/* Names, addresses, time and cancelling; and how many times a client may speak. */
#include "probe_fixture.h"

#include "base/clock.h"
#include "smtp/connect.h"
#include "smtp/deadline.h"

/* A port that nobody listens on: bound a moment ago. */
static unsigned free_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

struct name_case {
	const char *host;
	const char *lookup;
	const char *protocols;
	enum probe_cause cause;
	enum probe_step_id step;
	const char *resolved; /* detail of the step "resolve", NULL: it failed */
};

/* Nothing listens on the port: getting as far as REFUSED means that the name was found. */
static const struct name_case name_cases[] = {
	{"127.0.0.1", "dns", "all", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	{"::1", "dns", "all", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "::1"},
	{"127.0.0.1", "dns", "ipv6", PROBE_CAUSE_NO_ROUTE, PROBE_RESOLVE, NULL},
	{"::1", "dns", "ipv4", PROBE_CAUSE_NO_ROUTE, PROBE_RESOLVE, NULL},
	{"relay.test", "dns", "all", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	{"relay.test", NULL, NULL, PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	{"relay.test", "dns", "ipv6", PROBE_CAUSE_NAME_NOT_FOUND, PROBE_RESOLVE, NULL},
	{"alias.test", "dns", "all", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	{"six.test", "dns", "all", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "::1, 127.0.0.1"},
	{"six.test", "dns", "ipv4", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	{"six.test", "dns", "ipv6, ipv4", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "::1, 127.0.0.1"},
	{"nowhere.test", "dns", "all", PROBE_CAUSE_NAME_NOT_FOUND, PROBE_RESOLVE, NULL},
	{"empty.test", "dns", "all", PROBE_CAUSE_NAME_NOT_FOUND, PROBE_RESOLVE, NULL},
	{"broken.test", "dns", "all", PROBE_CAUSE_NAME_TEMPORARY, PROBE_RESOLVE, NULL},
	{"silent.test", "dns", "all", PROBE_CAUSE_NAME_TEMPORARY, PROBE_RESOLVE, NULL},
	/* /etc/hosts: not for the DNS, but natively, or after a DNS that does not know. */
	{"localhost", "dns", "ipv4", PROBE_CAUSE_NAME_NOT_FOUND, PROBE_RESOLVE, NULL},
	{"localhost", "native", "ipv4", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	{"localhost", "dns, native", "ipv4", PROBE_CAUSE_REFUSED, PROBE_CONNECT, "127.0.0.1"},
	/* A DNS that fails is not passed over. */
	{"broken.test", "dns, native", "all", PROBE_CAUSE_NAME_TEMPORARY, PROBE_RESOLVE, NULL},
};

static void look_up(void **state)
{
	const struct name_case *row = *state;
	struct probe_client client = {.host_lookup = row->lookup, .inet_protocols = row->protocols};
	struct relay relay = {
		.host = (char *)row->host, .port = free_port(), .verify = RELAY_VERIFY_NONE};
	struct probe_report report;
	struct call call = {0};

	run(&relay, &client, &call, 1500, &report);
	assert_string_equal(probe_cause_word(report.cause), probe_cause_word(row->cause));
	assert_string_equal(probe_step_name(report.failed_step), probe_step_name(row->step));
	assert_int_equal(report.code, ERROR_UNAVAILABLE);
	if (row->resolved)
		assert_string_equal(report.steps[0].detail, row->resolved);
	if (row->cause == PROBE_CAUSE_REFUSED)
		assert_non_null(strstr(report.advice, "465 (implicit TLS), 2525"));
}

/* The user cancels during a wait: the answer comes at once, not at the end of the wait. */
static void cancel_while_waiting(void **state)
{
	static const struct {
		const char *host;
		const char *script;
		enum probe_step_id step;
	} rows[] = {
		{"silent.test", NULL, PROBE_RESOLVE},
		{"127.0.0.1", "silent", PROBE_GREETING},
		{"127.0.0.1", "silent-ehlo", PROBE_EHLO},
		{"127.0.0.1", "silent-handshake", PROBE_STARTTLS},
		{"127.0.0.1", "silent-auth", PROBE_AUTH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe_client client = {.host_lookup = "dns"};
		struct smtp_server server = {.port = 1};
		struct probe_report report;
		struct call call = {.cancel_at = rows[i].step, .cancel_after = 3};
		if (rows[i].script)
			smtp_start(&server, rows[i].script, "good", false);
		struct relay relay = {.host = (char *)rows[i].host,
			.port = server.port,
			.verify = RELAY_VERIFY_NONE,
			.login = SMTP_USER};
		run(&relay, &client, &call, 20000, &report);
		assert_string_equal(probe_cause_word(report.cause), "cancelled");
		assert_int_equal(report.code, ERROR_CANCELLED);
		assert_string_equal(
			probe_step_name(report.failed_step), probe_step_name(rows[i].step));
		assert_int_equal(call.polls, 3);
		assert_in_range(report.total_ms, 2 * PROBE_POLL_MS, 5000);
		smtp_stop_all(NULL);
	}
}

static void cancel_at_each_step(void **state)
{
	static const enum probe_step_id steps[] = {PROBE_RESOLVE, PROBE_CONNECT, PROBE_GREETING,
		PROBE_EHLO, PROBE_STARTTLS, PROBE_CERTIFICATE, PROBE_AUTH};
	struct probe_client client = {.host_lookup = "native"};
	struct smtp_server server;

	(void)state;
	smtp_start(&server, "good", "good", false);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct probe_report report;
		struct call call = {.cancel_at = steps[i], .cancel_after = -1};
		struct relay relay = {.host = "localhost",
			.port = server.port,
			.verify = RELAY_VERIFY_NONE,
			.login = SMTP_USER};
		run(&relay, &client, &call, 3000, &report);
		assert_string_equal(probe_cause_word(report.cause), "cancelled");
		assert_int_equal(report.failed_step, steps[i]);
	}
	char *log = smtp_log(&server);
	assert_null(strstr(log, "AUTH"));
	free(log);
}

/* 192.0.2.1 is nowhere (RFC 5737); whatever this machine's network makes of it, it comes to an end. */
static void whole_time_is_limited(void **state)
{
	struct probe_client client = {0};
	struct relay relay = {.host = "192.0.2.1", .port = 587};
	struct probe_report report;
	struct call call = {0};

	(void)state;
	run(&relay, &client, &call, 400, &report);
	assert_false(report.ok);
	assert_int_equal(report.failed_step, PROBE_CONNECT);
	assert_in_range(report.total_ms, 0, 1500);
}

/* A backlog that is full swallows the SYN like a firewall does; the next address gets its turn. */
static void race_past_a_black_hole(void **state)
{
	struct resolve_addresses addresses = {.count = 2};
	struct sockaddr_in hole = {.sin_family = AF_INET}, good = {.sin_family = AF_INET};
	socklen_t size = sizeof hole;
	struct deadline deadline;
	struct probe_request request = {.step_timeout_ms = 3000, .total_timeout_ms = 3000};
	struct fault fault = {0};
	size_t winner = 9;
	int fillers[8];

	(void)state;
	inet_pton(AF_INET, "127.0.0.2", &hole.sin_addr);
	inet_pton(AF_INET, "127.0.0.1", &good.sin_addr);
	int stuck = socket(AF_INET, SOCK_STREAM, 0), open = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(stuck, (struct sockaddr *)&hole, size), 0);
	assert_int_equal(bind(open, (struct sockaddr *)&good, size), 0);
	assert_int_equal(listen(stuck, 0), 0);
	assert_int_equal(listen(open, 5), 0);
	getsockname(stuck, (struct sockaddr *)&hole, &size);
	getsockname(open, (struct sockaddr *)&good, &size);
	for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&hole, size);
	}
	memcpy(&addresses.list[0], &hole, sizeof hole);
	memcpy(&addresses.list[1], &good, sizeof good);
	deadline_init(&deadline, &request, NULL, NULL);
	long began = clock_ms();
	int fd = connect_race(&addresses, &deadline, &winner, &fault);
	assert_true(fd >= 0);
	/* Where the kernel lets a full backlog connect all the same, the first one wins at once. */
	if (winner == 1)
		assert_in_range(clock_ms() - began, CONNECT_ATTEMPT_DELAY_MS - 10, 1500);
	close(fd);
	/* One that refuses hands over at once. */
	close(stuck);
	for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
		close(fillers[i]);
	began = clock_ms();
	fd = connect_race(&addresses, &deadline, &winner, &fault);
	assert_true(fd >= 0);
	assert_int_equal(winner, 1);
	assert_in_range(clock_ms() - began, 0, CONNECT_ATTEMPT_DELAY_MS - 10);
	close(fd);
	close(open);
}

/* A well-known implicit port is asked in TLS long before the time for a greeting is over. */
static void silent_on_a_known_port(void **state)
{
	char port_file[256], cert[256], key[256];
	struct probe_client client = {0};
	struct relay relay = {.host = "127.77.0.1", .port = 8465, .verify = RELAY_VERIFY_NONE};
	struct probe_report report;
	struct call call = {0};

	(void)state;
	smtp_path(port_file, sizeof port_file, "port");
	smtp_path(cert, sizeof cert, "certs/good.crt");
	smtp_path(key, sizeof key, "certs/server.key");
	smtp_keep(smtp_spawn((char *[]){"tests/sandbox/hostile_server.py", "--host", "127.77.0.1",
		"--port", "8465", "--implicit", "--port-file", port_file, "--cert", cert, "--key",
		key, NULL}));
	assert_int_equal(smtp_wait_port(port_file), 8465);
	run(&relay, &client, &call, 3000, &report);
	assert_string_equal(probe_cause_word(report.cause), "tls-wrong-port-kind");
	assert_int_equal(report.failed_step, PROBE_GREETING);
	assert_in_range(report.total_ms, 600, 2900);
}

/* greeting, EHLO, STARTTLS, ClientHello, Finished with EHLO, AUTH: six round trips, and as many
 * flights (the last is QUIT). */
static void flights(void **state)
{
	char port_file[256], log[256], upstream[64], ca[256];
	struct probe_client client = {.host_lookup = "native"};
	struct smtp_server server;
	struct probe_report report;
	struct call call = {0};

	(void)state;
	smtp_start(&server, "good", "good", false);
	smtp_path(port_file, sizeof port_file, "proxy-port");
	smtp_path(log, sizeof log, "proxy-log");
	smtp_path(ca, sizeof ca, "certs/ca.crt");
	snprintf(upstream, sizeof upstream, "127.0.0.1:%u", server.port);
	smtp_keep(smtp_spawn((char *[]){"tests/bench/delay_proxy.py", "--upstream", upstream,
		"--port-file", port_file, "--delay-ms", "25", "--log", log, NULL}));
	struct relay relay = {.host = "localhost",
		.port = smtp_wait_port(port_file),
		.ca_file = ca,
		.login = SMTP_USER};
	run(&relay, &client, &call, 3000, &report);
	assert_true(report.ok);
	assert_string_equal(report.mechanism, "PLAIN");
	assert_string_equal(report.tls_version, "TLSv1.3");
	for (size_t i = 0; i < report.count; i++)
		print_message(
			"%s %ld ms, ", probe_step_name(report.steps[i].id), report.steps[i].ms);
	print_message("in all %ld ms, %.2f round trips of 50 ms\n", report.total_ms,
		(double)report.total_ms / 50);
	/* At least: the proxy does delay. The limit above is for `make bench`, on a quiet machine. */
	assert_in_range(report.total_ms, 290, 3000);

	struct smtp_server proxy = {0};
	snprintf(proxy.log, sizeof proxy.log, "%s", log);
	char *text = smtp_log_with(&proxy, "}");
	assert_non_null(strstr(text, "\"client_flights\": 6,"));
	free(text);
}

static void parameters_of_postfix(void **state)
{
	struct probe_client client;
	struct postfix none = {0};
	size_t count = 0;

	(void)state;
	memset(&client, 0xff, sizeof client);
	probe_client_from_postfix(&client, &none);
	assert_null(client.helo_name);
	assert_null(client.sasl_path);
	while (probe_client_parameters[count])
		count++;
	assert_int_equal(count, 9);
}

int main(void)
{
	enum { NAMES = sizeof name_cases / sizeof *name_cases };
	const struct CMUnitTest others[] = {
		cmocka_unit_test_teardown(cancel_while_waiting, smtp_stop_all),
		cmocka_unit_test_teardown(cancel_at_each_step, smtp_stop_all),
		cmocka_unit_test(whole_time_is_limited),
		cmocka_unit_test(race_past_a_black_hole),
		cmocka_unit_test_teardown(silent_on_a_known_port, smtp_stop_all),
		cmocka_unit_test_teardown(flights, smtp_stop_all),
		cmocka_unit_test(parameters_of_postfix),
	};
	enum { OTHERS = sizeof others / sizeof *others };
	struct CMUnitTest tests[NAMES + OTHERS];

	for (size_t i = 0; i < NAMES; i++)
		tests[i] = (struct CMUnitTest){.name = name_cases[i].host,
			.test_func = look_up,
			.initial_state = (void *)&name_cases[i]};
	memcpy(tests + NAMES, others, sizeof others);
	return cmocka_run_group_tests_name("probe: the network", tests, setup, teardown);
}
