#include "domain.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"

enum {
	HOST_MAX = 253,
	LABEL_MAX = 63,
};

/* Letters, digits and hyphens (RFC 952, 1123), lengths (RFC 1035); NULL when all is well. */
static const char *check_name(const char *host)
{
	if (strlen(host) > HOST_MAX)
		return _("a host name has at most 253 characters");
	for (const char *label = host;;) {
		size_t len = strcspn(label, ".");
		if (len == 0)
			return _("there is an empty part between or before its dots");
		if (len > LABEL_MAX)
			return _("each part between dots has at most 63 characters");
		for (size_t i = 0; i < len; i++) {
			if (label[i] == '_')
				return _("a host name holds no underscore");
			if (!isascii((unsigned char)label[i]) ||
				(!isalnum((unsigned char)label[i]) && label[i] != '-'))
				return _(
					"a host name holds letters, digits, hyphens and dots only");
		}
		if (label[0] == '-' || label[len - 1] == '-')
			return _("no part of a host name begins or ends with a hyphen");
		if (!label[len]) {
			/* inet_aton would take "10.1" and "0x7f.1" for addresses. */
			bool number = strspn(label, "0123456789") == len ||
				      (label[0] == '0' && label[1] == 'x' &&
					      strspn(label + 2, "0123456789abcdef") == len - 2);
			return number ? _("it looks like an IPv4 address, but is not a complete "
					  "one")
				      : NULL;
		}
		label += len + 1;
	}
}

/* ASCII that is nothing to libidn2, which takes its time: letters, digits, hyphens and dots, and no label
 * like "xn--...". */
static bool is_plain(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

	return !text[strspn(text, letters)] && !strstr(text, "--");
}

/* A-labels; NULL: *why. */
static char *to_ascii(const char *text, const char **why)
{
	uint8_t *ascii = NULL;

	if (is_plain(text))
		return text_dup(text);
	int rc = idn2_lookup_u8(
		(const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK) {
		/* For plain ASCII our own words are better than the library's. */
		*why = check_name(text);
		if (!*why)
			*why = idn2_strerror(rc);
		return NULL;
	}
	char *name = text_dup((const char *)ascii);
	idn2_free(ascii);
	return name;
}

char *domain_parse(const char *text, const char **why)
{
	unsigned char address[sizeof(struct in_addr)];
	char *host = to_ascii(text, why);

	if (!host)
		return NULL;
	size_t len = strlen(host);
	if (len > 1 && host[len - 1] == '.')
		host[len - 1] = '\0';
	for (char *at = host; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (inet_pton(AF_INET, host, address) == 1)
		return host;
	*why = check_name(host);
	if (!*why)
		return host;
	free(host);
	return NULL;
}

char *domain_unicode(const char *domain)
{
	char *text = NULL, *unicode = NULL;

	if (!strstr(domain, "xn--") || idn2_to_unicode_8z8z(domain, &text, 0) != IDN2_OK)
		return NULL;
	if (strcmp(text, domain) != 0)
		unicode = text_dup(text);
	idn2_free(text);
	return unicode;
}
