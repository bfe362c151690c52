/* relay_check.c: relay_check and its parts (relay.h): can Postfix be set up with this relay? */
#include <stdlib.h>
#include <string.h>

#include "../base/file.h"
#include "../base/i18n.h"
#include "../base/text.h"
#include "../postfix/table.h"
#include "relay.h"
#include "settings.h"

enum {
	LOGIN_MAX_BYTES = 512,
	CREDENTIAL_MAX_BYTES = 200,
	ID_MAX_BYTES = 100,
	CA_FILE_MAX = 16 << 20,
};

static bool check_host(const struct relay *relay, struct error *error)
{
	unsigned port = relay->port;
	char *host = NULL;

	if (!relay_parse_host(relay->host ? relay->host : "", &host, &port, error))
		return false;
	bool plain = text_equal(host, relay->host) && port == relay->port;
	free(host);
	if (!plain)
		return error_set(error, ERROR_DATA,
			_("The relay's host is not in its plain form (small letters, no brackets, "
			  "no port)."));
	if (relay->port < 1 || relay->port > 65535)
		return error_set(
			error, ERROR_DATA, _("The port has to be a number from 1 to 65535."));
	return true;
}

static bool check_verify(const struct relay *relay, struct error *error)
{
	bool dane = relay->verify == RELAY_VERIFY_DANE;
	bool pinned = relay->verify == RELAY_VERIFY_FINGERPRINT;
	char *plain;

	/* Postfix's level "may" takes any certificate, and no TLS at all. */
	if (relay->verify != RELAY_VERIFY_NONE && !relay_tls_is_encrypted(relay->tls)) {
		error_set(error, ERROR_DATA,
			_("A certificate cannot be verified when the connection need not be "
			  "encrypted (%s)."),
			relay_tls_title(relay->tls));
		return error_advise(
			error, _("Choose STARTTLS or implicit TLS, or no verification."));
	}
	if (dane && relay_host_is_address(relay->host))
		return error_set(error, ERROR_DATA,
			_("DANE needs a host name: for the address %s there are no TLSA records."),
			relay->host);
	/* smtp(8) compares names only, so that all mail would stay in the queue. */
	if (relay->verify == RELAY_VERIFY_NAME && relay_host_is_address(relay->host)) {
		error_set(error, ERROR_DATA,
			_("Postfix cannot verify a certificate by its name where the host is an "
			  "address (%s)."),
			relay->host);
		return error_advise(
			error, _("Give the host by its name, or verify by the certificate's "
				 "fingerprint."));
	}
	if (!pinned && relay->fingerprint)
		return error_set(error, ERROR_DATA,
			_("A fingerprint was given, but the verification is not by fingerprint."));
	if (!pinned)
		return true;
	if (!relay->fingerprint)
		return error_set(error, ERROR_DATA,
			_("Verification by fingerprint needs the SHA-256 fingerprint of the "
			  "relay's certificate."));
	if (!relay_parse_fingerprint(relay->fingerprint, &plain, error))
		return false;
	bool same = text_equal(plain, relay->fingerprint);
	free(plain);
	return same || error_set(error, ERROR_DATA,
			       _("The fingerprint is not in its plain form (AA:BB:...)."));
}

bool relay_check_login(const char *login, struct error *error)
{
	size_t len = strlen(login);

	if (len > LOGIN_MAX_BYTES)
		return error_set(error, ERROR_DATA, _("The login is longer than %d bytes."),
			LOGIN_MAX_BYTES);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)login[i] < ' ' || login[i] == 127)
			return error_set(error, ERROR_DATA,
				_("The login holds a line break or another control character."));
	}
	if (!table_check_login(login, error))
		return false;
	return login[len - 1] != ' ' ||
	       error_set(error, ERROR_DATA, _("The login ends with a space."));
}

static bool check_ca_path(const char *path, struct error *error)
{
	if (path[0] != '/')
		return error_set(error, ERROR_DATA,
			_("The CA file %s has to be given with its full path (beginning with /)."),
			path);
	/* Neither survives in main.cf or as an argument in master.cf. */
	for (const char *at = path; *at; at++) {
		if ((unsigned char)*at <= ' ' || *at == 127 || *at == '$')
			return error_set(error, ERROR_DATA,
				_("The path of the CA file holds white space, a control character "
				  "or a dollar sign, which Postfix would misread."));
	}
	return text_is_utf8(path, strlen(path)) ||
	       error_set(error, ERROR_DATA, _("The path of the CA file is not valid UTF-8."));
}

static bool check_ca_file(const char *path, struct error *error)
{
	struct strbuf bytes = STRBUF_INIT;

	if (!check_ca_path(path, error) || !file_read(&bytes, path, CA_FILE_MAX, NULL, error)) {
		strbuf_free(&bytes);
		return false;
	}
	bool pem = strstr(bytes.data, "-----BEGIN CERTIFICATE-----") ||
		   strstr(bytes.data, "-----BEGIN TRUSTED CERTIFICATE-----");
	strbuf_free(&bytes);
	return pem ||
	       error_set(error, ERROR_DATA,
		       _("The CA file %s holds no certificate in PEM form (BEGIN CERTIFICATE)."),
		       path);
}

bool relay_check_password_file(const char *source, struct error *error)
{
	size_t prefix = strlen(RELAY_CREDENTIAL);
	const char *name = source + prefix;

	if (strncmp(source, RELAY_CREDENTIAL, prefix) == 0) {
		size_t len = strlen(name);
		if (len > 0 && len <= CREDENTIAL_MAX_BYTES && name[0] != '.' &&
			strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._@+-") == len)
			return true;
		return error_set(error, ERROR_DATA,
			_("The name of the credential in the key \"password-file\" is none: it has "
			  "letters, digits, dots, underscores or hyphens."));
	}
	if (source[0] != '/') {
		error_set(error, ERROR_DATA,
			_("The key \"password-file\" is neither a full path (beginning with /) nor "
			  "%sNAME."),
			RELAY_CREDENTIAL);
		/* Perhaps it is the password itself: it is not said again. */
		return error_advise(error, _("The password itself never stands in the settings."));
	}
	for (const char *at = source; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 127)
			return error_set(error, ERROR_DATA,
				_("The path of the password file holds a control character."));
	}
	return text_is_utf8(source, strlen(source)) ||
	       error_set(error, ERROR_DATA, _("The path of the password file is not valid UTF-8."));
}

static bool check_password_file(const struct relay *relay, struct error *error)
{
	if (!relay->password_file)
		return true;
	if (!relay_check_password_file(relay->password_file, error))
		return false;
	return relay->login ||
	       error_set(error, ERROR_DATA, _("A password file was given, but no login."));
}

static bool check_sender_rewrite(const struct relay *relay, struct error *error)
{
	char *plain;

	if (!relay->sender_rewrite)
		return true;
	if (!relay_parse_address(relay->sender_rewrite, &plain, error))
		return false;
	bool same = text_equal(plain, relay->sender_rewrite);
	free(plain);
	return same || error_set(error, ERROR_DATA,
			       _("The address of the rewritten sender is not in its plain form."));
}

static bool check_fallbacks(const struct relay *relay, struct error *error)
{
	for (size_t i = 0; i < relay->fallback_count; i++)
		if (!settings_check_name(relay->fallbacks[i], error))
			return false;
	return true;
}

/* They are shown as they are. */
static bool check_id(const char *id, struct error *error)
{
	char clean[ID_MAX_BYTES + 1];

	if (!id)
		return true;
	text_clean_into(clean, sizeof clean, id, strlen(id));
	return (*id && text_equal(id, clean)) ||
	       error_set(error, ERROR_DATA,
		       _("The provider or its region is no word that could name one."));
}

bool relay_check_form(const struct relay *relay, struct error *error)
{
	if ((unsigned)relay->tls >= RELAY_TLS_MODES ||
		(unsigned)relay->verify >= RELAY_VERIFY_MODES)
		return error_set(error, ERROR_DATA, _("The relay's TLS mode is not a known one."));
	return settings_check_name(relay->name, error) && check_host(relay, error) &&
	       check_verify(relay, error) && check_id(relay->provider, error) &&
	       check_id(relay->region, error) &&
	       (!relay->ca_file || check_ca_path(relay->ca_file, error)) &&
	       (!relay->login || relay_check_login(relay->login, error)) &&
	       check_password_file(relay, error) && check_sender_rewrite(relay, error) &&
	       check_fallbacks(relay, error);
}

bool relay_check(const struct relay *relay, struct error *error)
{
	return relay_check_form(relay, error) &&
	       (!relay->ca_file || check_ca_file(relay->ca_file, error));
}
