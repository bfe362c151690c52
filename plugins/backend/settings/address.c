#include "address.h"

#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "../base/text.h"
#include "domain.h"
#include "relay.h"

enum {
	LOCAL_MAX = 64,
	SHOWN_MAX = 120,
};

/* Without blanks round it, nor the angle brackets of an address that was pasted. */
static char *trimmed(const char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t len;

	text += strspn(text, blanks);
	for (len = strlen(text); len > 0 && strchr(blanks, text[len - 1]);)
		len--;
	if (len > 2 && text[0] == '<' && text[len - 1] == '>') {
		text++;
		len -= 2;
	}
	return text_dup_len(text, len);
}

/* What no part of an address may hold, whichever part it is. */
static const char *check_text(const char *text)
{
	if (!*text)
		return _("it is empty");
	if (!text_is_utf8(text, strlen(text)))
		return _("it is not valid UTF-8");
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			return _("it holds a newline or another control character");
	if (strchr(text, ' '))
		return _("it holds a space");
	if (strpbrk(text, "\"\\"))
		return _("quoted addresses are not supported");
	if (strpbrk(text, ",;|():<>"))
		return _("it holds a character that no address has without quotes");
	if (strpbrk(text, "[]"))
		return _("addresses at an IP address are not supported");
	return NULL;
}

/* Postfix looks an address up as it stands in the envelope: where that would be in quotes, a key without
 * them is never met. */
static const char *check_local(const char *local)
{
	size_t len = strlen(local);

	if (len > LOCAL_MAX)
		return _("the part before the @ is longer than 64 characters");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)local[i] >= 128)
			return _("the part before the @ may hold ASCII characters only");
	if (local[0] == '.' || local[len - 1] == '.' || strstr(local, ".."))
		return _("the part before the @ begins or ends with a dot, or has two together");
	if (local[0] == '#')
		return _("it begins with #, which is a comment in Postfix's tables");
	return NULL;
}

static const char *parse_domain(const char *text, char **domain)
{
	const char *why = NULL;

	if (!*text)
		return _("there is no domain in it");
	if (strcmp(text, "*") == 0)
		return _("everything else goes to the default relay, without a route");
	if (text[0] == '.' || text[0] == '*')
		return _("a domain stands for itself alone; a subdomain needs a route of its own");
	*domain = domain_parse(text, &why);
	if (*domain && relay_host_is_address(*domain)) {
		free(*domain);
		*domain = NULL;
		return _("an IP address is no mail domain");
	}
	return why;
}

const char *address_parse(const char *text, char **local, char **domain)
{
	char *typed = trimmed(text);
	char *at = strrchr(typed, '@');
	const char *why = check_text(typed);

	*local = *domain = NULL;
	if (!why && at && strchr(typed, '@') != at)
		why = _("it holds more than one @");
	if (!why && at)
		*at = '\0';
	if (!why && at && at > typed)
		why = check_local(typed);
	if (!why)
		why = parse_domain(at ? at + 1 : typed, domain);
	if (!why && at && at > typed)
		*local = text_dup(typed);
	free(typed);
	return why;
}

bool relay_parse_address(const char *text, char **address, struct error *error)
{
	char *local, *domain, shown[SHOWN_MAX];
	const char *why = address_parse(text, &local, &domain);

	if (!why && !local)
		why = _("there is nothing before its @");
	/* Postfix would put something else in its place where the table is one of expressions. */
	if (!why && local && strchr(local, '$'))
		why = _("it holds a dollar sign");
	if (!why)
		*address = text_format("%s@%s", local, domain);
	free(local);
	free(domain);
	if (!why)
		return true;
	text_clean_into(shown, sizeof shown, text, strlen(text));
	error_set(error, ERROR_DATA, _("The address \"%s\" cannot be used: %s."), shown, why);
	return error_advise(error, _("It has to look like user@example.com."));
}
