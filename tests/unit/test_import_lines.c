/* What becomes of a line of docker-mailserver's: the bytes it is made of, and the lists of servers in it. */
#include "import_fixture.h"

/* Files as people and their editors leave them. */
static void test_bytes(void **state)
{
	static const struct import_case cases[] = {
		{
			.name = "byte order mark, CR LF, tabs, comments, blank lines",
			.map = "\xef\xbb\xbf@a.test\t[h.test]:587\r\n\r\n \t\r\n# x\r\n\t# y\r\n",
			.passwords = "\xef\xbb\xbf@a.test\tu:secret\r\n",
			.want = "h.test h.test:587 starttls name u:secret\n@a.test h.test\n"
				"map:1 taken\npass:1 taken\n",
		},
		{
			.name = "not UTF-8, control characters",
			.map = "@a.test [h.test]:587\n@\xff.test [h.test]:587\n@b\x01.test "
			       "[h.test]:5\n",
			.passwords = "@a.test u:secret\n@x.test v:\xe9secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n@a.test h.test\n"
				"map:1 taken\nmap:2 left\nmap:3 left\npass:1 taken\npass:2 left\n",
			.words = {"not valid UTF-8"},
		},
		{
			.name = "an internationalised domain",
			.map = "@b\xc3\xbc"
			       "cher.test [h.test]:587\n",
			.passwords = "@B\xc3\x9c"
				     "CHER.test u:secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n"
				"@xn--bcher-kva.test h.test\nmap:1 taken\npass:1 taken\n",
		},
		{
			.name = "what is no sender, no server, no login",
			.map = "a.test [h.test]:587\n@a.test user:secret\n@b.test [h.test]:587, "
			       "secret\n"
			       "@c.test [h.test\n@d@e [h.test]\n@f.test [h.test]:secret\n"
			       "@g.test [h.test]:587 u:secret\n@z.test [h.test]:587\n",
			.passwords =
				"secret\n@a.test secret\nu:secret\n@b.test :secret\n@c.test u:\n"
				"[h.test]:587 u:secret\n@a.test:secret x\np@secret\n",
			.want = "h.test h.test:587 starttls name u:secret\n@z.test h.test\n"
				"map:1 left\nmap:2 left\nmap:3 left\nmap:4 left\nmap:5 left\n"
				"map:6 left\nmap:7 left\nmap:8 taken\n"
				"pass:1 left\npass:2 left\npass:3 left\npass:4 left\npass:5 left\n"
				"pass:6 taken\npass:7 left\npass:8 left\n",
			.words = {"A sender domain has an @ before it",
				"of several servers each has to stand in brackets",
				"The login or the password is missing",
				"It does not begin with a sender or a server"},
		},
		{
			.name = "a login that cannot be one, a provider's other login",
			.map = "@a.test [smtp.sendgrid.net]:587\n@b.test "
			       "[smtp.eu.sendgrid.net]:587\n",
			.passwords = "@a.test me:secret\n@b.test apikey:secret\n",
			.want = "sendgrid smtp.sendgrid.net:587 starttls name me:secret\n"
				"sendgrid-2 smtp.eu.sendgrid.net:587 starttls name apikey:secret\n"
				"@a.test sendgrid\n@b.test sendgrid-2\n"
				"map:1 taken\nmap:2 taken\npass:1 taken\npass:2 taken\n",
		},
	};

	(void)state;
	IMPORT_CHECK(cases);
}

/* Postfix tries the next where one does not take the mail. */
static void test_lists(void **state)
{
	static const struct import_case cases[] = {
		{
			.name = "logins by server, commas and blanks, implicit TLS behind STARTTLS",
			.map = "@a.test [h.test]:587, [i.test]:465 [j.test]\n",
			.passwords = "[h.test]:587 u:one\n[i.test]:465 v:two\n[j.test] w:three\n",
			.want = "h.test h.test:587 starttls name u:one else i.test,j.test\n"
				"i.test i.test:465 implicit name v:two\n"
				"j.test j.test:25 starttls name w:three\n"
				"@a.test h.test\nmap:1 changed\n"
				"pass:1 taken\npass:2 taken\npass:3 taken\n",
			.words = {"goes on to: i.test, j.test.", "Port 465 gets implicit TLS",
				"No port: 25.", "The login of i.test."},
		},
		{
			.name = "a login by sender, the same server twice",
			.map = "@a.test [h.test]:587,[h.test]:587,[i.test]:587,\n",
			.passwords = "@a.test u:one\n",
			.want = "h.test h.test:587 starttls name u:one else i.test\n"
				"i.test i.test:587 starttls name u:one\n"
				"@a.test h.test\nmap:1 taken\npass:1 taken\n",
			.words = {"The login of h.test, i.test."},
		},
		{
			.name = "the default relay's list, one without a login among them",
			.env = "DEFAULT_RELAY_HOST=[h.test]:587, [i.test]:25\n",
			.passwords = "[h.test]:587 u:one\n",
			.want = "default* h.test:587 starttls name u:one else i.test\n"
				"i.test i.test:25 starttls name -\nenv:1 taken\npass:1 taken\n",
			.words =
				{"Where \"default\" does not take the mail, it goes on to: i.test.",
					"without login: [i.test]:25: all other mail"},
		},
		{
			.name = "one server, alone and with two lists: a relay has one",
			.map = "@a.test [h.test]:587\n@b.test [h.test]:587, [i.test]:587\n"
			       "@c.test [h.test]:587, [j.test]:587\n"
			       "@b.test [h.test]:587 [i.test]:587\n@b.test [h.test]:587\n",
			.passwords =
				"[h.test]:587 u:one\n[i.test]:587 u:two\n[j.test]:587 u:three\n",
			.want = "h.test h.test:587 starttls name u:one else i.test\n"
				"i.test i.test:587 starttls name u:two\n"
				"j.test j.test:587 starttls name u:three\n"
				"@a.test h.test\n@b.test h.test\n@c.test h.test\n"
				"map:1 changed\nmap:2 taken\nmap:3 taken\nmap:4 left\nmap:5 left\n"
				"pass:1 taken\npass:2 taken\npass:3 taken\n",
			.words = {"as another line names this server with others behind it",
				"\"h.test\" is named with different servers behind it",
				"It says the same as line 2.", "Line 2 is for @b.test already"},
		},
		{
			.name = "RELAY_HOST, which gets brackets of its own, has none",
			.map = "@a.test [h.test]:587\n",
			.passwords = "@a.test u:one\n",
			.env = "RELAY_HOST=[h.test]:587, [i.test]:587\n",
			.want = "h.test h.test:587 starttls name u:one\n@a.test h.test\n"
				"env:1 left\nmap:1 taken\npass:1 taken\n",
			.words = {"it names several servers"},
		},
	};

	(void)state;
	IMPORT_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests_name("import: lines", tests, NULL, NULL);
}
