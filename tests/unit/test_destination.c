/*
 * Where Postfix would send a mail: each row is a question to tables of every kind, and what
 * trivial-rewrite(8) answers. (tests/system/route.bats puts the same questions to a running Postfix.)
 */
#include "postfix_scratch.h"

#include "postfix/destination.h"

static struct scratch scratch;
static struct postfix postfix;

static const char main_cf[] =
	"compatibility_level = 3.6\n"
	"myhostname = machine.test\n"
	"mydestination = machine.test, localhost, %1$s/config/local_names, !sub.list.test, "
	"inline:{ {list.test = x}, {y.test=z} }\n"
	"recipient_delimiter = +\n"
	"virtual_alias_domains = alias.test\n"
	"virtual_alias_maps = texthash:%1$s/config/virtual\n"
	"virtual_mailbox_domains = mailbox.test\n"
	"virtual_transport = lmtp:unix:private/lmtp\n"
	"relay_domains = relayed.test\n"
	"relay_transport = relay\n"
	"transport_maps = texthash:%1$s/config/transport, regexp:%1$s/config/patterns\n"
	"sender_dependent_default_transport_maps = texthash:%1$s/config/senders\n"
	"sender_dependent_relayhost_maps = texthash:%1$s/config/sender_relays\n"
	"relayhost = [hub.test]:587\n";

static const struct {
	const char *name;
	const char *text;
} files[] = {
	{"local_names", "# ours\ninfile.test\n"},
	{"virtual", "one@alias.test else@far.test\nmany@alias.test a@far.test, b@near.test\n"
		    "@moved.test @far.test\n"},
	{"transport", "user@whole.test whole:[w.test]\n"
		      "domain.test dom:\n"
		      ".parent.test parent:[p.test]:25\n"
		      "hop.test :[h.test]\n"
		      "nothing.test :\n"
		      "sub.list.test far:\n"},
	{"patterns", "/@pattern\\.test$/ pat:[r.test]\n/^bare\\.test$/ wrong:\n"},
	{"senders", "@sender.test own:[s.test]:587\nplain@sender.test smtp:\n<> bounce:[b.test]\n"
		    "dunno@sender.test DUNNO\n"},
	{"sender_relays", "@relays.test [sr.test]\n"},
};

static int set_up(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct error error = {0};
	char *config;

	(void)state;
	scratch_make(&scratch);
	config = scratch_path(&scratch, "config");
	assert_int_equal(mkdir(config, 0755), 0);
	for (const char *at = main_cf; *at;) {
		if (strncmp(at, "%1$s", 4) == 0) {
			strbuf_adds(&text, scratch.dir);
			at += 4;
		} else {
			strbuf_addc(&text, *at++);
		}
	}
	scratch_write(&scratch, "config/main.cf", text.data, text.len);
	scratch_write(&scratch, "config/master.cf", "", 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *name = text_format("config/%s", files[i].name);

		scratch_write(&scratch, name, files[i].text, strlen(files[i].text));
		free(name);
	}
	if (!postfix_open(&postfix, config, NULL, &error))
		fail_msg("%s", error.message);
	free(config);
	strbuf_free(&text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	postfix_close(&postfix);
	scratch_remove(&scratch);
	return 0;
}

static const struct {
	const char *from;
	const char *to;
	const char *transport; /* NULL: none */
	const char *nexthop;
	const char *parameter;
	const char *key; /* NULL: not by a table */
} cases[] = {
	/* The class of the domain. */
	{"a@x.test", "u@machine.test", "local", "machine.test", "local_transport", NULL},
	{"a@x.test", "u@infile.test", "local", "machine.test", "local_transport", NULL},
	{"a@x.test", "u@list.test", "local", "machine.test", "local_transport", NULL},
	{"a@x.test", "u@mailbox.test", "lmtp", "unix:private/lmtp", "virtual_transport", NULL},
	{"a@x.test", "u@relayed.test", "relay", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@deep.relayed.test", "relay", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@other.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@alias.test", NULL, NULL, NULL, NULL},
	/* Aliases come first. */
	{"a@x.test", "one@alias.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@moved.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	/* The sender's transport: with its own next hop, or with relayhost. */
	{"u@sender.test", "u@other.test", "own", "[s.test]:587",
		"sender_dependent_default_transport_maps", "@sender.test"},
	{"u+ext@sender.test", "u@other.test", "own", "[s.test]:587",
		"sender_dependent_default_transport_maps", "@sender.test"},
	{"plain@sender.test", "u@other.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"plain+ext@sender.test", "u@other.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"dunno@sender.test", "u@other.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"<>", "u@other.test", "bounce", "[b.test]", "sender_dependent_default_transport_maps",
		"<>"},
	{"", "u@other.test", "bounce", "[b.test]", "sender_dependent_default_transport_maps", "<>"},
	/* It counts for no other class. */
	{"u@sender.test", "u@relayed.test", "relay", "[hub.test]:587", "relayhost", NULL},
	{"u@relays.test", "u@other.test", "smtp", "[sr.test]", "sender_dependent_relayhost_maps",
		"@relays.test"},
	/* The recipient's goes before all of it. */
	{"u@sender.test", "user@whole.test", "whole", "[w.test]", "transport_maps",
		"user@whole.test"},
	{"a@x.test", "user+ext@whole.test", "whole", "[w.test]", "transport_maps",
		"user@whole.test"},
	{"a@x.test", "other@whole.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@domain.test", "dom", "domain.test", "transport_maps", "domain.test"},
	{"a@x.test", "u@sub.domain.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@a.b.parent.test", "parent", "[p.test]:25", "transport_maps",
		".parent.test"},
	{"a@x.test", "u@hop.test", "smtp", "[h.test]", "transport_maps", "hop.test"},
	{"a@x.test", "u@nothing.test", "smtp", "[hub.test]:587", "relayhost", NULL},
	{"a@x.test", "u@sub.list.test", "far", "sub.list.test", "transport_maps", "sub.list.test"},
	/* Patterns see whole addresses only. */
	{"a@x.test", "u@pattern.test", "pat", "[r.test]", "transport_maps", "u@pattern.test"},
	{"a@x.test", "u@bare.test", "smtp", "[hub.test]:587", "relayhost", NULL},
};

static void assert_same(size_t row, const char *what, const char *found, const char *expected)
{
	if (!text_equal(found, expected))
		fail_msg("%s -> %s: %s is \"%s\", expected \"%s\"", cases[row].from, cases[row].to,
			what, found ? found : "(none)", expected ? expected : "(none)");
}

static void test_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct destination found;
		struct error error = {0};

		if (!destination_find(&postfix, cases[i].from, cases[i].to, &found, &error))
			fail_msg("%s -> %s: %s", cases[i].from, cases[i].to, error.message);
		assert_same(i, "transport", found.transport, cases[i].transport);
		assert_same(i, "next hop", found.nexthop, cases[i].nexthop);
		assert_same(i, "parameter", found.parameter, cases[i].parameter);
		assert_same(i, "key", found.hit.key, cases[i].key);
		destination_free(&found);
	}
}

static void test_aliases(void **state)
{
	struct destination found;
	struct error error = {0};

	(void)state;
	assert_true(destination_find(&postfix, "a@x.test", "many@alias.test", &found, &error));
	assert_string_equal(found.aliases, "a@far.test, b@near.test");
	assert_null(found.transport);
	destination_free(&found);
	assert_true(destination_find(&postfix, "a@x.test", "u@moved.test", &found, &error));
	assert_string_equal(found.recipient, "u@far.test");
	destination_free(&found);
	assert_true(destination_find(&postfix, "a@x.test", "no@alias.test", &found, &error));
	assert_int_equal(found.class, DESTINATION_ALIAS);
	assert_string_equal(found.class_parameter, "virtual_alias_domains");
	destination_free(&found);
}

/* Postfix would put the mail off: that is said, not passed over. */
static void test_a_table_that_is_missing(void **state)
{
	struct destination found;
	struct error error = {0};
	char *path = scratch_path(&scratch, "config/patterns");

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_false(destination_find(&postfix, "a@x.test", "u@other.test", &found, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	assert_non_null(strstr(error.message, path));
	scratch_write(&scratch, "config/patterns", "", 0);
	free(path);
}

static void test_words_of_a_list(void **state)
{
	static const char *const expected[] = {"a", "inline:{ {b = c}, {d=e} }", "{x y}z", "last"};
	const char *at = " a,inline:{ {b = c}, {d=e} }\n\t{x y}z ,, last ";

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		char *word = lookup_next_word(&at);

		assert_non_null(word);
		assert_string_equal(word, expected[i]);
		free(word);
	}
	assert_null(lookup_next_word(&at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_a_table_that_is_missing),
		cmocka_unit_test(test_words_of_a_list),
	};

	return cmocka_run_group_tests_name("destination", tests, set_up, tear_down);
}
