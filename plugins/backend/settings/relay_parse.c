/* What people type or paste for a relay: hosts, ports, fingerprints. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "domain.h"
#include "relay.h"
#include "settings.h"

enum {
	FINGERPRINT_DIGITS = 64,
	SHOWN_MAX = 100,
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char *trimmed(const char *text)
{
	size_t len;

	while (is_blank(*text))
		text++;
	for (len = strlen(text); len > 0 && is_blank(text[len - 1]);)
		len--;
	return text_dup_len(text, len);
}

/* What was typed goes into the message in a form that a screen can bear. */
static bool bad_host(struct error *error, const char *typed, const char *why)
{
	char shown[SHOWN_MAX];

	text_clean_into(shown, sizeof shown, typed, strlen(typed));
	return error_set(error, ERROR_DATA, _("The host \"%s\" cannot be used: %s."), shown, why);
}

/* An address in its usual writing, or NULL. */
static char *parse_address(const char *text)
{
	unsigned char binary[sizeof(struct in6_addr)];
	char plain[INET6_ADDRSTRLEN];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, binary) != 1)
		return NULL;
	return text_dup(inet_ntop(family, binary, plain, sizeof plain));
}

/* Splits "[host]:port", "[host]", "host:port" and "host" in place. NULL or what is wrong. */
static const char *split(char *text, char **host, const char **port)
{
	*host = text;
	*port = NULL;
	if (text[0] == '[') {
		char *close = strchr(text, ']');
		if (!close)
			return _("there is no closing bracket");
		if (close[1] != '\0' && close[1] != ':')
			return _("after the closing bracket only a colon and the port may follow");
		if (close[1] == ':')
			*port = close + 2;
		*close = '\0';
		*host = text + 1;
		/* As in a mail address literal. */
		if (strncasecmp(*host, "ipv6:", 5) == 0)
			*host += 5;
		return NULL;
	}
	char *colon = strchr(text, ':');
	if (colon && !strchr(colon + 1, ':')) {
		*colon = '\0';
		*port = colon + 1;
	}
	return NULL;
}

/* What people paste that is more than a host. */
static const char *check_shape(const char *text)
{
	if (!*text)
		return _("it is empty");
	if (!text_is_utf8(text, strlen(text)))
		return _("it is not valid UTF-8");
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 127)
			return _("it holds a newline or another control character");
	}
	if (strstr(text, "://"))
		return _("this is a web address; give the host name alone, without what stands "
			 "before and after it");
	if (strchr(text, '/'))
		return _("a host name holds no slash");
	if (strchr(text, '@'))
		return _("it holds an @; give the host alone, the login has its own place");
	if (strchr(text, ' '))
		return _("it holds a space");
	if (strchr(text, ',') || strchr(text, ';'))
		return _("one relay has one host; give it without commas or semicolons");
	if (strchr(text, '%'))
		return _("an address with a network interface (%...) is not supported");
	return NULL;
}

bool relay_parse_host(const char *text, char **host, unsigned *port, struct error *error)
{
	char *typed = trimmed(text);
	char *parts = text_dup(typed);
	char *inner = NULL;
	const char *port_text = NULL;
	char *found = NULL;
	unsigned number = 0;
	bool ok = false;

	const char *why = check_shape(typed);
	if (!why)
		why = split(parts, &inner, &port_text);
	if (!why && !*inner)
		why = _("there is no host in it");
	if (!why) {
		found = parse_address(inner);
		if (!found && strchr(inner, ':'))
			why = _("it is neither host:port nor a valid IPv6 address");
		else if (!found)
			found = domain_parse(inner, &why);
	}
	if (!found) {
		bad_host(error, typed, why);
		goto out;
	}
	if (port_text && !relay_parse_port(port_text, &number, error))
		goto out;
	if (port_text && port)
		*port = number;
	*host = found;
	found = NULL;
	ok = true;
out:
	free(found);
	free(parts);
	free(typed);
	return ok;
}

bool relay_parse_port(const char *text, unsigned *port, struct error *error)
{
	char *typed = trimmed(text);
	long number;
	bool ok = text_to_number(typed, 1, 65535, &number);

	if (ok) {
		*port = (unsigned)number;
	} else {
		char shown[SHOWN_MAX];
		text_clean_into(shown, sizeof shown, typed, strlen(typed));
		error_set(error, ERROR_DATA,
			_("The port \"%s\" is not a number from 1 to 65535 (usual are 587 and "
			  "465)."),
			shown);
	}
	free(typed);
	return ok;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool bad_fingerprint(struct error *error, const char *why)
{
	error_set(error, ERROR_DATA, _("The fingerprint cannot be used: %s."), why);
	return error_advise(error,
		_("It is the SHA-256 fingerprint of the certificate, 64 hexadecimal digits, as "
		  "\"openssl x509 -noout -fingerprint -sha256\" prints it."));
}

bool relay_parse_fingerprint(const char *text, char **fingerprint, struct error *error)
{
	static const char *const prefixes[] = {"sha256:", "sha-256:", "sha256 ", "sha-256 "};
	char plain[FINGERPRINT_DIGITS / 2 * 3];
	size_t digits = 0;

	/* "sha256 Fingerprint=AA:BB:.." is what openssl prints. */
	const char *at = strrchr(text, '=') && strcasestr(text, "fingerprint")
				 ? strrchr(text, '=') + 1
				 : text;
	while (is_blank(*at))
		at++;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		if (strncasecmp(at, prefixes[i], strlen(prefixes[i])) == 0) {
			at += strlen(prefixes[i]);
			break;
		}
	}
	for (; *at; at++) {
		/* Separators stand between bytes, never within one. */
		if (digits % 2 == 0 && (is_blank(*at) || *at == ':' || *at == '-'))
			continue;
		if (hex_value(*at) < 0)
			return bad_fingerprint(
				error, _("it holds something other than hexadecimal digits"));
		if (digits < FINGERPRINT_DIGITS) {
			plain[digits / 2 * 3 + digits % 2] = (char)toupper((unsigned char)*at);
			plain[digits / 2 * 3 + 2] = ':';
		}
		digits++;
	}
	if (digits == 40)
		return bad_fingerprint(error, _("it has the length of a SHA-1 fingerprint"));
	if (digits == 32)
		return bad_fingerprint(error, _("it has the length of an MD5 fingerprint"));
	if (digits != FINGERPRINT_DIGITS)
		return bad_fingerprint(error, _("it does not have 64 hexadecimal digits"));
	*fingerprint = text_dup_len(plain, sizeof plain - 1);
	return true;
}

bool relay_parse_fallbacks(struct relay *relay, const char *text, struct error *error)
{
	static const char blanks[] = " \t\n";

	for (;;) {
		size_t len = strcspn(text, ","), used = len;
		size_t blank = strspn(text, blanks);
		if (blank > len)
			blank = len;
		while (used > blank && strchr(blanks, text[used - 1]))
			used--;
		char *name = text_dup_len(text + blank, used - blank);
		bool ok = settings_check_name(name, error);
		if (ok)
			relay_add_fallback(relay, name);
		free(name);
		if (!ok)
			return false;
		if (!text[len])
			return true;
		text += len + 1;
	}
}
