#include <stdlib.h>
#include <string.h>

#include "generate_parts.h"

static const char stock_file[] =
	"# Postfix master process configuration file.\n"
	"smtp      inet  n       -       y       -       -       smtpd\n"
	"#submission inet n       -       y       -       -       smtpd\n"
	"#  -o syslog_name=postfix/submission\n"
	"pickup    unix  n       -       y       60      1       pickup\n"
	"qmgr      unix  n       -       n       300     1       qmgr\n"
	"tlsmgr    unix  -       -       y       1000?   1       tlsmgr\n"
	"smtp      unix  -       -       y       -       -       smtp\n"
	"relay     unix  -       -       y       -       -       smtp\n"
	"        -o syslog_name=postfix/$service_name\n"
	"#       -o smtp_helo_timeout=5 -o smtp_connect_timeout=5\n"
	"relaycon-tls unix - - y - - smtp\n"
	"  -o smtp_tls_wrappermode=yes\n"
	"  -o smtp_tls_security_level=secure\n"
	"maildrop  unix  -       n       n       -       -       pipe\n"
	"  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\n"
	"postlog   unix-dgram n  -       n       -       1       postlogd\n";

static const char *const blanks[] = {" ", " ", "  ", "\t", " \t ", "\r", "       "};

struct service {
	struct strbuf *out;
	struct dice *dice;
	bool plain; /* one entry that fits our own edits: no comments inside */
	bool tame;  /* nothing that is refused */
};

/* Between two fields: a blank, or a new line. */
static void add_gap(const struct service *to)
{
	if (dice_once_in(to->dice, 16)) {
		strbuf_adds(to->out, to->plain ? "\n" : parts_newline(to->dice));
		while (!to->plain && dice_once_in(to->dice, 3))
			parts_add_filler(to->out, to->dice);
		strbuf_addc(to->out, ' ');
	}
	strbuf_adds(to->out, ANY(to->dice, blanks));
}

#define FIELD(to, good, bad)                                                                       \
	strbuf_adds((to)->out, (to)->tame || !dice_once_in((to)->dice, 40) ? ANY((to)->dice, good) \
									   : ANY((to)->dice, bad))

static void add_argument(const struct service *to)
{
	static const char *const good[] = {"-v", "-D", "-vD", "-o a=b",
		"-o smtp_bind_address=", "-o a=", "-o own_1=$own_2", "-o {a = b c}",
		"-o { smtp_helo_name  =  x\ty }", "-oa=b", "-o {a={b c} d}", "-o\ta=c",
		"-o smtp_tls_security_level=secure", "-v -o b=1", "-o =x", "-o noequals", "--",
		"flags=DRhu", "user=vmail", "argv=/bin/x", "${recipient}", "{ x  y }", "{}", "{a}",
		"\"q", "a{b c}d", "\xff\xc3\xa4", "a\vb", "\\", "$x", "-x", "a#", "-o {x\vy = 1}",
		"-o { \v a = b\f}"};
	static const char *const bad[] = {"-o {a=b", "{a}b", "-o { a = b }c", "{{a}", "{a}{b}"};

	FIELD(to, good, bad);
}

static void add_service(const struct service *to)
{
	static const char *const names[] = {"smtp", "smtp", "relay", "relaycon-tls", "a", "b",
		"127.0.0.1:10025", "[::1]:25", "x/y", "\xc3\xa4", "\xff", "-", "a=b", "{x}", "a#b",
		"\"q", "\x01", "pickup"};
	static const char *const bad_names[] = {"{a b}", "x{ }", "{a"};
	static const char *const types[] = {"unix", "unix", "unix", "fifo", "pass", "unix-dgram"};
	static const char *const bad_types[] = {"udp", "-", "UNIX", "inet", "{}", "unix\v", "y"};
	static const char *const answers[] = {"-", "-", "y", "n"};
	static const char *const bad_answers[] = {"Y", "yes", "--", "?", "{y}", "0", "n\f"};
	static const char *const wakeups[] = {"-", "-", "0", "60", "300?", "0?", "007"};
	static const char *const bad_wakeups[] = {"?", "-?", "1??", "1m", "-1", "??", "{5}", "+5"};
	static const char *const limits[] = {"-", "-", "0", "1", "100"};
	static const char *const bad_limits[] = {"1?", "many", "-1", "--", "?"};
	static const char *const commands[] = {
		"smtp", "smtp", "smtpd", "pipe", "\xff", "a/b", "x\vy", "{smtp}"};
	static const char *const bad_commands[] = {"-"};

	if (dice_once_in(to->dice, 2))
		strbuf_addf(to->out, "s%zu", dice_pick(to->dice, 1000));
	else
		FIELD(to, names, bad_names);
	add_gap(to);
	if (dice_once_in(to->dice, 4)) {
		strbuf_adds(to->out, "inet");
		add_gap(to);
		strbuf_addc(to->out, 'n');
	} else {
		FIELD(to, types, bad_types);
		add_gap(to);
		FIELD(to, answers, bad_answers);
	}
	for (size_t i = 0; i < 2; i++) {
		add_gap(to);
		FIELD(to, answers, bad_answers);
	}
	add_gap(to);
	FIELD(to, wakeups, bad_wakeups);
	add_gap(to);
	FIELD(to, limits, bad_limits);
	if (to->tame || !dice_once_in(to->dice, 30)) {
		add_gap(to);
		FIELD(to, commands, bad_commands);
	}
	for (size_t arguments = dice_pick(to->dice, 6); arguments > 0; arguments--) {
		add_gap(to);
		add_argument(to);
	}
	if (dice_once_in(to->dice, 2000)) {
		add_gap(to);
		for (size_t i = 0; i < 120000; i++)
			strbuf_addc(to->out, "x x=x,"[i % 6]);
	}
}

char *generate_service(struct dice *dice)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_reset(&out);
	add_service(&(struct service){&out, dice, true, true});
	return strbuf_detach(&out);
}

void generate_master(struct strbuf *out, struct dice *dice)
{
	bool tame = !dice_once_in(dice, 5);
	size_t services =
		dice_once_in(dice, 400) ? 1000 + dice_pick(dice, 1000) : dice_pick(dice, 10);

	strbuf_reset(out);
	if (dice_once_in(dice, 4)) {
		strbuf_adds(out, stock_file);
		parts_mutate(out, dice);
		services = dice_pick(dice, 3);
	} else if (dice_once_in(dice, 8)) {
		strbuf_adds(out, " stray unix - - - - - smtp\n");
	}
	for (; services > 0; services--) {
		while (dice_once_in(dice, 4))
			parts_add_filler(out, dice);
		add_service(&(struct service){out, dice, false, tame});
		strbuf_adds(out, parts_newline(dice));
	}
	if (dice_once_in(dice, 12))
		parts_mutate(out, dice);
	parts_finish(out, dice);
}
