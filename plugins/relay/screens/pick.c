#include "pick.h"

#include <strings.h>

#include "words.h"

enum console_answer pick_word(
	const struct console_host *host, const char *title, const char *text, char *word)
{
	struct console_field field = {
		.name = "find",
		.label = _("Find"),
		.hint = _("Part of an address, a domain or a relay's name"),
		.kind = CONSOLE_FIELD_TEXT,
		.value = word,
		.size = PICK_WORD,
	};
	struct console_form form = {
		.title = title,
		.text = text,
		.fields = &field,
		.count = 1,
		.buttons = {_("Find")},
	};
	char before[PICK_WORD];
	enum console_answer answer;
	size_t button = 0;

	memcpy(before, word, sizeof before);
	answer = host->form(host, &form, &button);
	if (answer != CONSOLE_OK)
		memcpy(word, before, sizeof before);
	return answer;
}

bool pick_holds(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (;; text++) {
		if (strncasecmp(text, word, len) == 0)
			return true;
		if (!*text)
			return false;
	}
}

static bool is_offered(const struct pick *pick, const struct relay *relay, const char *word)
{
	for (size_t i = 0; i < pick->skip_count; i++)
		if (text_equal(pick->skip[i], relay->name))
			return false;
	return pick_holds(relay->name, word) || pick_holds(relay->host, word) ||
	       (relay->login && pick_holds(relay->login, word));
}

static size_t count_offered(const struct pick *pick, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < pick->settings->relay_count; i++)
		count += is_offered(pick, &pick->settings->relays[i], word);
	return count;
}

static enum console_answer choose(
	const struct console_host *host, const struct pick *pick, const char *word, char **name)
{
	struct console_item items[PICK_MAX + 1] = {0};
	struct strbuf words[PICK_MAX] = {0};
	const char *names[PICK_MAX + 1];
	enum console_answer answer;
	size_t count = 0;
	size_t chosen = 0;

	for (size_t i = 0; i < pick->settings->relay_count && count < PICK_MAX; i++) {
		const struct relay *relay = &pick->settings->relays[i];

		if (!is_offered(pick, relay, word))
			continue;
		if (text_equal(relay->name, pick->now))
			chosen = count;
		words_server(relay, &words[count]);
		items[count].title = relay->name;
		items[count].summary = words[count].data;
		names[count++] = relay->name;
	}
	if (pick->direct) {
		if (text_equal(pick->now, RELAY_DIRECT))
			chosen = count;
		items[count].title = RELAY_DIRECT;
		items[count].summary = _("to the recipients' servers, through no relay");
		names[count++] = RELAY_DIRECT;
	}
	const struct console_menu menu = {
		.title = pick->title,
		.text = pick->text,
		.items = items,
		.count = count,
	};

	answer = host->menu(host, &menu, &chosen);
	if (answer == CONSOLE_OK)
		*name = text_dup(names[chosen]);
	for (size_t i = 0; i < PICK_MAX; i++)
		strbuf_free(&words[i]);
	return answer;
}

static enum console_answer tell_count(
	const struct console_host *host, const char *title, size_t count)
{
	char *text = count ? text_format(_("%zu relays hold that. Type a longer part."), count)
			   : text_dup(_("No relay holds that in its name, server or login."));
	const struct console_page page = {.title = title, .text = text};
	size_t button = 0;
	enum console_answer answer = host->page(host, &page, &button);

	free(text);
	return answer == CONSOLE_GONE ? CONSOLE_GONE : CONSOLE_OK;
}

enum console_answer pick_relay(
	const struct console_host *host, const struct pick *pick, char **name)
{
	char word[PICK_WORD] = "";
	char *text;
	enum console_answer answer = CONSOLE_OK;

	*name = NULL;
	if (count_offered(pick, "") <= PICK_MAX)
		return choose(host, pick, "", name);
	text = text_format(_("%s\nThere are %zu relays: type a part of a name, server or login."),
		pick->text, pick->settings->relay_count);
	while (answer == CONSOLE_OK) {
		size_t count;

		answer = pick_word(host, pick->title, text, word);
		if (answer != CONSOLE_OK)
			break;
		count = count_offered(pick, word);
		if (count > PICK_MAX || (count == 0 && !pick->direct)) {
			answer = tell_count(host, pick->title, count);
			continue;
		}
		answer = choose(host, pick, word, name);
		if (answer == CONSOLE_OK)
			break;
		if (answer == CONSOLE_BACK)
			answer = CONSOLE_OK;
	}
	free(text);
	return answer;
}
