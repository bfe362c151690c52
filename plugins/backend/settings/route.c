/* route.c: the patterns of routes (settings.h), from what people type to what Postfix looks up. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "address.h"
#include "domain.h"
#include "settings.h"

enum { SHOWN_MAX = 120 };

static const struct {
	const char *word;
	const char *advice;
	bool null; /* has mail without it */
	const char *domain_prefix;
} kinds[ROUTE_KINDS] = {
	[ROUTE_SENDER] = {"sender",
		N_("A sender is user@example.com, @example.com for all of a domain, or <> for mail "
		   "without a sender (bounces)."),
		true, "@"},
	[ROUTE_RECIPIENT] = {"recipient",
		N_("A recipient is user@example.net, or example.net for all of a domain."), false,
		""},
};

unsigned route_rank(const struct route *route)
{
	bool address = strcmp(route->pattern, ROUTE_NULL_SENDER) == 0 ||
		       (strchr(route->pattern, '@') && route->pattern[0] != '@');

	return (route->kind == ROUTE_RECIPIENT ? 0U : 2U) + (address ? 0U : 1U);
}

const char *route_word(enum route_kind kind)
{
	return kinds[kind].word;
}

static bool is_null(const char *text)
{
	static const char blanks[] = " \t\r\n";

	text += strspn(text, blanks);
	return strncmp(text, ROUTE_NULL_SENDER, strlen(ROUTE_NULL_SENDER)) == 0 &&
	       !text[strlen(ROUTE_NULL_SENDER) + strspn(text + strlen(ROUTE_NULL_SENDER), blanks)];
}

bool route_parse(enum route_kind kind, const char *text, char **pattern, struct error *error)
{
	char *local = NULL, *domain = NULL, shown[SHOWN_MAX];
	const char *why;

	if (!is_null(text))
		why = address_parse(text, &local, &domain);
	else
		why = kinds[kind].null ? NULL : _("no mail is without a recipient");
	if (why) {
		text_clean_into(shown, sizeof shown, text, strlen(text));
		error_set(error, ERROR_DATA,
			kind == ROUTE_SENDER ? _("The sender \"%s\" cannot have a route: %s.")
					     : _("The recipient \"%s\" cannot have a route: %s."),
			shown, why);
		return error_advise(error, "%s", _(kinds[kind].advice));
	}
	/* Postfix folds what it looks up to small letters. */
	for (char *at = local; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (!domain)
		*pattern = text_dup(ROUTE_NULL_SENDER);
	else if (local)
		*pattern = text_format("%s@%s", local, domain);
	else
		*pattern = text_format("%s%s", kinds[kind].domain_prefix, domain);
	free(local);
	free(domain);
	return true;
}

char *route_unicode(const char *pattern)
{
	const char *at = strchr(pattern, '@');
	const char *domain = at ? at + 1 : pattern;
	char *unicode = domain_unicode(domain);

	if (!unicode)
		return NULL;
	char *whole = text_format("%.*s%s", (int)(domain - pattern), pattern, unicode);
	free(unicode);
	return whole;
}
