/* docker_map.c: the lines of postfix-relaymap.cf: a sender, and its server or none. */
#include <stdlib.h>

#include "../base/i18n.h"
#include "docker_lines.h"

/* The server as it stands; but what is none may be a password in a wrong place. */
static size_t add_map_line(struct docker *docker, const struct source_line *at, bool shown)
{
	struct strbuf text = STRBUF_INIT;

	span_show(at->key, &text);
	if (at->value.len > 0)
		strbuf_addc(&text, ' ');
	if (at->value.len > 0 && shown)
		span_show(at->value, &text);
	else if (at->value.len > 0)
		strbuf_adds(&text, DOCKER_MASK);
	size_t line = import_add_line(docker->import, DOCKER_RELAY_MAP, at->number, text.data);
	strbuf_free(&text);
	return line;
}

/* One of two lines for the same sender has to go. True: the new one stays. */
static bool settle(struct docker *docker, const struct docker_mapping *new)
{
	struct import *import = docker->import;
	struct docker_mapping *old = docker_find_mapping(docker, new->pattern);

	if (!old)
		return true;
	unsigned first = import->lines[old->line].number;
	unsigned second = import->lines[new->line].number;
	/* docker-mailserver lists a sender with a server whatever another line opts out. */
	if (old->out && !new->out) {
		old->dropped = true;
		import_say(import, old->line, IMPORT_LEFT,
			_("Line %u names a server for %s, which counts."), second, new->pattern);
		return true;
	}
	if (new->out == old->out && (new->out || nexthop_equal_list(&new->hop, &old->hop)))
		import_say(
			import, new->line, IMPORT_LEFT, _("It says the same as line %u."), first);
	else
		import_say(import, new->line, IMPORT_LEFT,
			_("Line %u is for %s already, and the first one counts (letters' case does "
			  "not)."),
			first, new->pattern);
	return false;
}

void docker_take_mapping(struct docker *docker, const struct source_line *at)
{
	struct import *import = docker->import;
	struct docker_mapping mapping = {.out = at->value.len == 0};
	char *server = span_text(at->value);
	const char *why = NULL;
	struct error wrong = {0};

	if (!mapping.out && !nexthop_parse_list(&mapping.hop, server, &why))
		mapping.hop = (struct nexthop){0};
	mapping.line = add_map_line(docker, at, why == NULL);
	free(server);
	if (!docker_check_readable(import, mapping.line, at))
		goto left;
	if (!docker_is_sender(at->key)) {
		import_say(import, mapping.line, IMPORT_LEFT,
			_("It is for no sender: Postfix looks for user@domain and @domain. A "
			  "sender "
			  "domain has an @ before it."));
		goto left;
	}
	if (why) {
		import_say(import, mapping.line, IMPORT_LEFT,
			_("The server cannot be used: %s. Its senders' mail takes the way of all "
			  "other mail."),
			why);
		goto left;
	}
	mapping.pattern = docker_sender_of(at->key, &wrong);
	if (!mapping.pattern)
		import_say(import, mapping.line, IMPORT_LEFT, "%s", wrong.message);
	if (!mapping.pattern || !settle(docker, &mapping))
		goto left;
	docker_say_indented(import, mapping.line, at);
	names_put(&docker->by_sender, mapping.pattern, docker->mapping_count);
	docker->mappings = mem_realloc_array(
		docker->mappings, docker->mapping_count + 1, sizeof *docker->mappings);
	docker->mappings[docker->mapping_count++] = mapping;
	return;
left:
	free(mapping.pattern);
	nexthop_free(&mapping.hop);
}
