/*
 * dns_server.h: a name server in a thread, for tests that must not depend on the machine's own.
 *
 *   relay.test    A 127.0.0.1             alias.test    CNAME relay.test
 *   mx.relay.test A 127.0.0.1
 *   six.test      AAAA ::1, A 127.0.0.1   unsigned.test A 127.0.0.1, never validated
 *   nowhere.test  no such name            empty.test    no address
 *   broken.test   SERVFAIL                silent.test   no answer
 */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct dns_server {
	int fd;
	pthread_t thread;
	struct sockaddr_in address;
	bool validates;         /* sets the AD bit */
	unsigned char tlsa[64]; /* usage, selector, matching, data; for any name */
	size_t tlsa_len;        /* 0: no record */
};

static inline size_t dns_add(unsigned char *at, int type, const void *data, size_t len)
{
	/* The owner is the question's name, by pointer; class IN, TTL 60. */
	const unsigned char head[] = {
		0xc0, 0x0c, 0, (unsigned char)type, 0, 1, 0, 0, 0, 60, 0, (unsigned char)len};

	memcpy(at, head, sizeof head);
	memcpy(at + sizeof head, data, len);
	return sizeof head + len;
}

/* The length of the answer, 0: none. */
static inline size_t dns_answer(
	const struct dns_server *server, const unsigned char *query, size_t len, unsigned char *out)
{
	static const unsigned char four[] = {127, 0, 0, 1};
	static const unsigned char six[16] = {[15] = 1};
	static const unsigned char target[] = "\5relay\4test";
	char name[256] = "";
	size_t at = 12, used = 0;
	int answers = 0, code = 0;

	/* The question's name: labels, each behind its length. */
	while (at < len && query[at] != 0 && used + query[at] + 2 < sizeof name) {
		if (used > 0)
			name[used++] = '.';
		memcpy(name + used, query + at + 1, query[at]);
		used += query[at];
		at += 1u + query[at];
	}
	at += 5;
	if (at > len)
		return 0;
	int type = query[at - 4] << 8 | query[at - 3];
	memcpy(out, query, at);

	bool alias = strcmp(name, "alias.test") == 0;
	bool has4 = alias || strcmp(name, "relay.test") == 0 ||
		    strcmp(name, "mx.relay.test") == 0 || strcmp(name, "six.test") == 0 ||
		    strcmp(name, "unsigned.test") == 0;
	if (strcmp(name, "silent.test") == 0)
		return 0;
	if (strcmp(name, "nowhere.test") == 0)
		code = 3;
	if (strcmp(name, "broken.test") == 0)
		code = 2;
	if (alias && type == ns_t_a) {
		at += dns_add(out + at, ns_t_cname, target, sizeof target);
		answers++;
	}
	if (has4 && type == ns_t_a) {
		at += dns_add(out + at, ns_t_a, four, sizeof four);
		answers++;
	}
	if (strcmp(name, "six.test") == 0 && type == ns_t_aaaa) {
		at += dns_add(out + at, ns_t_aaaa, six, sizeof six);
		answers++;
	}
	if (type == ns_t_ns && !*name) {
		at += dns_add(out + at, ns_t_ns, target, sizeof target);
		answers++;
	}
	if (type == 52 && server->tlsa_len > 0) {
		at += dns_add(out + at, 52, server->tlsa, server->tlsa_len);
		answers++;
	}
	bool validated = server->validates && strcmp(name, "unsigned.test") != 0;
	out[2] = 0x81;
	out[3] = (unsigned char)(0x80 | (validated ? 0x20 : 0) | code);
	memset(out + 4, 0, 8);
	out[5] = 1;
	out[7] = (unsigned char)answers;
	return at;
}

static inline void *dns_serve(void *argument)
{
	const struct dns_server *server = argument;

	for (;;) {
		unsigned char query[512], out[1024];
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		ssize_t len = recvfrom(
			server->fd, query, sizeof query, 0, (struct sockaddr *)&from, &size);
		/* One byte is the word to stop. */
		if (len <= 1)
			return NULL;
		size_t answer = dns_answer(server, query, (size_t)len, out);
		if (answer > 0)
			sendto(server->fd, out, answer, 0, (struct sockaddr *)&from, size);
	}
}

static inline bool dns_start(struct dns_server *server)
{
	socklen_t size = sizeof server->address;

	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	server->address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return bind(server->fd, (struct sockaddr *)&server->address, size) == 0 &&
	       getsockname(server->fd, (struct sockaddr *)&server->address, &size) == 0 &&
	       pthread_create(&server->thread, NULL, dns_serve, server) == 0;
}

static inline void dns_stop(struct dns_server *server)
{
	sendto(server->fd, "", 1, 0, (struct sockaddr *)&server->address, sizeof server->address);
	pthread_join(server->thread, NULL);
	close(server->fd);
}

#endif
