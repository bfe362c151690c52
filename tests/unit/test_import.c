/* What becomes of docker-mailserver's files and variables: its own examples, and what went wrong there. */
#include "import_fixture.h"

#define ACCOUNTS                                                                                   \
	"user1@domainone.tld|{SHA512-CRYPT}$6$x\nuser2@domaintwo.tld|{SHA512-CRYPT}$6$y\n"         \
	"user3@domainthree.tld|{SHA512-CRYPT}$6$z\n"
#define ENV                                                                                        \
	"RELAY_HOST=default.relay.com\nRELAY_PORT=2525\nRELAY_USER=smtp_user\n"                    \
	"RELAY_PASSWORD=secret_1\n"

/* The facts of docker-mailserver's own tests, and the examples of its documentation. */
static void test_its_own(void **state)
{
	static const struct import_case cases[] = {
		{
			.name = "its test folder: every local domain, a map line, an opt-out, a "
				"login",
			.map = "@domaintwo.tld\t\t[other.relay.com]:587\n@domainthree.tld\n",
			.passwords = "@domaintwo.tld\t\tsmtp_user_2:secret_2\n",
			.accounts = ACCOUNTS,
			.aliases = "alias1@domain1.tld user1@domainone.tld\n",
			.env = ENV,
			.want = "other.relay.com other.relay.com:587 starttls name "
				"smtp_user_2:secret_2\n"
				"default.relay.com default.relay.com:2525 starttls name "
				"smtp_user:secret_1\n"
				"@domain1.tld default.relay.com\n"
				"@domainone.tld default.relay.com\n"
				"@domainthree.tld direct\n"
				"@domaintwo.tld other.relay.com\n"
				"env:1 taken\nenv:2 taken\nenv:3 taken\nenv:4 taken\n"
				"map:1 taken\nmap:2 taken\npass:1 taken\n",
			.words = {"Senders @domaintwo.tld go to the relay \"other.relay.com\".",
				"Senders @domainthree.tld go direct.",
				"The login of default.relay.com.", "RELAY_PASSWORD=********",
				"bounces and forwarded mail among it, goes direct"},
		},
		{
			.name = "its documentation: logins by sender, and one by server",
			.map = "@domain1.com        [smtp.mailgun.org]:587\n"
			       "@domain2.com        [smtp.sendgrid.net]:2525\n\n"
			       "# Opt-out of relaying:\n@domain3.com\n",
			.passwords =
				"@domain1.com  mailgun-user:secret\n"
				"@domain2.com  apikey:secret\n"
				"# as Postfix takes it\n"
				"[email-smtp.us-west-2.amazonaws.com]:2587 aws-user:secret:x\n",
			.env = "DEFAULT_RELAY_HOST=[email-smtp.us-west-2.amazonaws.com]:2587\n",
			.want = "default* email-smtp.us-west-2.amazonaws.com:2587 starttls name "
				"aws-user:secret:x\n"
				"mailgun smtp.mailgun.org:587 starttls name mailgun-user:secret\n"
				"sendgrid smtp.sendgrid.net:2525 starttls name apikey:secret\n"
				"@domain1.com mailgun\n@domain2.com sendgrid\n@domain3.com direct\n"
				"env:1 taken\nmap:1 taken\nmap:2 taken\nmap:5 changed\n"
				"pass:1 taken\npass:2 taken\npass:4 taken\n",
			.words = {"DEFAULT_RELAY_HOST took their mail all the same",
				"Without RELAY_HOST docker-mailserver uses neither"},
		},
		{
			.name = "a relay for all domains, though no accounts are there",
			.env = ENV,
			.want = "default* default.relay.com:2525 starttls name smtp_user:secret_1\n"
				"env:1 changed\nenv:2 taken\nenv:3 taken\nenv:4 taken\n",
			.words = {"no accounts or aliases say which domains it was for"},
		},
		{
			.name = "parameters that were set by hand are told, not taken",
			.env = ENV "SASL_PASSWD=[old.test]:587 me:secret\n",
			.overrides = "relayhost=[x.test]:465\nmessage_size_limit = 1\n"
				     "smtp_tls_wrappermode = yes\nsmtp_sasl_password_maps=\n"
				     "  static:me:secret\n",
			.want = "default* default.relay.com:2525 starttls name smtp_user:secret_1\n"
				"env:1 changed\nenv:2 taken\nenv:3 taken\nenv:4 taken\nenv:5 left\n"
				"main:1 left\nmain:3 left\nmain:4 left\n",
			.words = {"postfix-main.cf:1: relayhost = ...", "SASL_PASSWD=********",
				"TLS is a matter of each relay"},
		},
		{
			.name = "all mail, where accounts would say otherwise",
			.accounts = ACCOUNTS,
			.map = "@domainthree.tld\n",
			.env = ENV,
			.all_mail = true,
			.want = "default* default.relay.com:2525 starttls name smtp_user:secret_1\n"
				"@domainthree.tld direct\n"
				"env:1 changed\nenv:2 taken\nenv:3 taken\nenv:4 taken\nmap:1 "
				"taken\n",
			.words = {"The default relay, for all mail."},
		},
		{
			.name = "add-domain without a port is port 25",
			.map = "@example2.org\t\t[smtp.relay2.com]:25\n",
			.passwords = "@example2.org\t\tme:secret\n",
			.want = "smtp.relay2.com smtp.relay2.com:25 starttls name me:secret\n"
				"@example2.org smtp.relay2.com\nmap:1 taken\npass:1 taken\n",
			.words = {"No variables were read"},
		},
		{
			.name = "both hosts: one for the domains, one for the rest",
			.accounts = "a@one.test|x\n",
			.env = "DEFAULT_RELAY_HOST=[smarthost.test]\n" ENV,
			.no_auth = true,
			.want = "default* smarthost.test:25 starttls name -\n"
				"default.relay.com default.relay.com:2525 starttls name "
				"smtp_user:secret_1\n"
				"@one.test default.relay.com\n"
				"env:1 taken\nenv:2 taken\nenv:3 taken\nenv:4 taken\nenv:5 taken\n",
			.words = {"No port: 25."},
		},
	};

	(void)state;
	IMPORT_CHECK(cases);
}

/* peers.md: each defect a case. */
static void test_defects(void **state)
{
	static const struct import_case cases[] = {
		{
			.name = "a login by sender is bound to the sender's relay, its address "
				"over its domain",
			.map = "@a.test [one.test]:587\nboss@a.test [two.test]:587\n",
			.passwords = "@a.test all:secret1\nboss@a.test boss:secret2\n"
				     "clerk@a.test clerk:secret3\n",
			.want = "one.test one.test:587 starttls name all:secret1\n"
				"two.test two.test:587 starttls name boss:secret2\n"
				"one.test-2 one.test:587 starttls name clerk:secret3\n"
				"@a.test one.test\nboss@a.test two.test\nclerk@a.test one.test-2\n"
				"map:1 taken\nmap:2 taken\npass:1 taken\npass:2 taken\npass:3 "
				"taken\n",
		},
		{
			.name = "a login for a sender whose mail goes direct is not offered "
				"anywhere",
			.map = "@out.test\n@a.test [one.test]:587\n",
			.passwords =
				"@out.test x:secret\n@nowhere.test y:secret\n@a.test z:secret\n",
			.want = "one.test one.test:587 starttls name z:secret\n"
				"@a.test one.test\n@out.test direct\n"
				"map:1 taken\nmap:2 taken\npass:1 left\npass:2 left\npass:3 "
				"taken\n",
			.words = {"goes direct, so that there is no relay for the login",
				"offered this login to every server that asked"},
		},
		{
			.name = "465 beside 587",
			.map = "@a.test [one.test]:465\n@b.test [one.test]:587\n",
			.passwords = "@a.test u:secret\n@b.test u:secret\n",
			.want = "one.test one.test:465 implicit name u:secret\n"
				"one.test-2 one.test:587 starttls name u:secret\n"
				"@a.test one.test\n@b.test one.test-2\n"
				"map:1 changed\nmap:2 taken\npass:1 taken\npass:2 taken\n",
			.words = {"Port 465 gets implicit TLS"},
		},
		{
			.name = "keys that differ in case are one",
			.map = "@A.test [one.test]:587\n@a.TEST [two.test]:587\n@a.test "
			       "[ONE.test]:587\n",
			.passwords = "@a.test u:secret\n@A.TEST v:secret\n",
			.want = "one.test one.test:587 starttls name u:secret\n@a.test one.test\n"
				"map:1 taken\nmap:2 left\nmap:3 left\npass:1 taken\npass:2 left\n",
			.words = {"Line 1 is for @a.test already", "It says the same as line 1."},
		},
		{
			.name = "a backslash in a password, a colon, blanks, quotes",
			.map = "@a.test [h.test]:587\n@b.test [h.test]:587\n@c.test [h.test]:587\n",
			.passwords = "@a.test u:sec\\ret\\n\n@b.test v:a b:c d secret  \n"
				     "@c.test w:\"secret\"\n",
			.want = "h.test h.test:587 starttls name u:sec\\ret\\n\n"
				"h.test-2 h.test:587 starttls name v:a b:c d secret\n"
				"h.test-3 h.test:587 starttls name w:\"secret\"\n"
				"@a.test h.test\n@b.test h.test-2\n@c.test h.test-3\n"
				"map:1 taken\nmap:2 taken\nmap:3 taken\npass:1 taken\npass:2 "
				"taken\n"
				"pass:3 taken\n",
		},
		{
			.name = "an indented line, and one that goes on in the next",
			.map = "@a.test [h.test]:587\n  @b.test [i.test]:587\n",
			.passwords =
				"@a.test u:secret1\n\t@b.test v:secret2\n@c.test\n   w:secret3\n",
			.want = "h.test h.test:587 starttls name u:secret1\n"
				"i.test i.test:587 starttls name v:secret2\n"
				"@a.test h.test\n@b.test i.test\n"
				"map:1 taken\nmap:2 changed\npass:1 taken\npass:2 changed\npass:3 "
				"left\n",
			.words = {"It is indented", "@c.test w:********"},
		},
		{
			.name = "no line break at the end, two lines glued",
			.map = "@a.test [h.test]:587\n@b.test [h.test]:587",
			.passwords = "@b.test v:secret2\n@a.test u:secret1@c.test w:secret3",
			.want = "h.test h.test:587 starttls name u:secret1@c.test w:secret3\n"
				"h.test-2 h.test:587 starttls name v:secret2\n"
				"@a.test h.test\n@b.test h.test-2\n"
				"map:1 taken\nmap:2 taken\npass:1 taken\npass:2 changed\n",
			.words = {"glued"},
		},
		{
			.name = "a dot in an opt-out is a dot",
			.map = "@a.b.test\n",
			.accounts = "u@a.b.test|x\nu@axb.test|x\n",
			.env = ENV,
			.want = "default.relay.com default.relay.com:2525 starttls name "
				"smtp_user:secret_1\n"
				"@a.b.test direct\n@axb.test default.relay.com\n"
				"env:1 taken\nenv:2 taken\nenv:3 taken\nenv:4 taken\nmap:1 taken\n",
		},
		{
			.name = "brackets within brackets, no brackets, no port, a service's name",
			.map = "@a.test [[h.test]]:25\n@b.test [[h.test]:587]:25\n@c.test "
			       "h.test:587\n"
			       "@d.test h.test\n@e.test [h.test]:submission\n@f.test [h.test]\n",
			.passwords = "h.test u:secret\n",
			.want = "h.test h.test:25 starttls name u:secret\n"
				"h.test-2 h.test:587 starttls name u:secret\n"
				"@a.test h.test\n@b.test h.test-2\n@c.test h.test-2\n@d.test "
				"h.test\n"
				"@e.test h.test-2\n@f.test h.test\n"
				"map:1 changed\nmap:2 changed\nmap:3 changed\nmap:4 changed\n"
				"map:5 taken\nmap:6 taken\npass:1 taken\n",
			.words = {"brackets within brackets", "mail servers (MX) of h.test"},
		},
		{
			.name = "a key without the port that the relay has: the login that went "
				"missing",
			.map = "@a.test [h.test]:587\n",
			.passwords = "[h.test] u:secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n@a.test h.test\n"
				"map:1 taken\npass:1 changed\n",
			.words = {"Postfix did not find this login, and relayed without one"},
		},
		{
			.name = "a relay whose login is missing is named",
			.map = "@a.test [h.test]:587\n@b.test [i.test]:587\n",
			.passwords = "@a.test u:secret\n[other.test]:587 v:secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n"
				"i.test i.test:587 starttls name -\n"
				"@a.test h.test\n@b.test i.test\n"
				"map:1 taken\nmap:2 taken\npass:1 taken\npass:2 left\n",
			.words = {"without login: [i.test]:587: the sender @b.test",
				"No mail goes to this server"},
		},
		{
			.name = "and is none where that is meant",
			.map = "@b.test [i.test]:587\n",
			.no_auth = true,
			.want = "i.test i.test:587 starttls name -\n@b.test i.test\nmap:1 taken\n",
			.words = {NULL},
		},
		{
			.name = "one login has one password",
			.map = "@a.test [h.test]:587\n@b.test [h.test]:587\n@c.test [h.test]:25\n",
			.passwords = "@a.test u:secret1\n@b.test u:secret2\n@c.test u:secret2\n",
			.want = "h.test h.test:587 starttls name u:secret1\n"
				"h.test-2 h.test:25 starttls name u:secret2\n"
				"@a.test h.test\n@b.test h.test\n@c.test h.test-2\n"
				"map:1 taken\nmap:2 taken\nmap:3 taken\npass:1 taken\npass:2 "
				"changed\n"
				"pass:3 taken\n",
			.words = {"Another line has another password for this login"},
		},
		{
			.name = "an opt-out beside a line with a server",
			.map = "@a.test\n@a.test [h.test]:587\n@b.test [h.test]:587\n@b.test\n",
			.passwords = "[h.test]:587 u:secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n"
				"@a.test h.test\n@b.test h.test\n"
				"map:1 left\nmap:2 taken\nmap:3 taken\nmap:4 left\npass:1 taken\n",
			.words = {"Line 2 names a server for @a.test"},
		},
		{
			.name = "an address cannot be verified; nothing is, where that is asked "
				"for",
			.map = "@a.test [192.0.2.7]:587\n@b.test [2001:db8::1]:465\n",
			.passwords = "@a.test u:secret\n@b.test u:secret\n",
			.want = "192.0.2.7 192.0.2.7:587 starttls none u:secret\n"
				"2001-db8--1 2001:db8::1:465 implicit none u:secret\n"
				"@a.test 192.0.2.7\n@b.test 2001-db8--1\n"
				"map:1 taken\nmap:2 changed\npass:1 taken\npass:2 taken\n",
			.words = {"192.0.2.7 is an address"},
		},
		{
			.name = "the null sender, an address that opts out",
			.map = "<> [h.test]:587\nboss@a.test\n@a.test [h.test]:587\n",
			.passwords = "[h.test]:587 u:secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n"
				"<> h.test\n@a.test h.test\nboss@a.test direct\n"
				"map:1 taken\nmap:2 taken\nmap:3 taken\npass:1 taken\n",
		},
	};

	(void)state;
	IMPORT_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_its_own),
		cmocka_unit_test(test_defects),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
