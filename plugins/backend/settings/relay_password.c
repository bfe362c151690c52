/* relay_password.c: relay_read_password (relay.h). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../postfix/table.h"
#include "relay.h"

#define CREDENTIALS_VARIABLE "CREDENTIALS_DIRECTORY"

/* NULL: there is no such folder. Caller frees. */
static char *find_file(const struct relay *relay, struct error *error)
{
	const char *source = relay->password_file;
	const char *folder = getenv(CREDENTIALS_VARIABLE);

	if (strncmp(source, RELAY_CREDENTIAL, strlen(RELAY_CREDENTIAL)) != 0)
		return text_dup(source);
	source += strlen(RELAY_CREDENTIAL);
	if (folder && folder[0] == '/')
		return text_format("%s/%s", folder, source);
	error_set(error, ERROR_USAGE,
		_("The password of relay %s is to be the credential %s, but none were handed over "
		  "(%s is not set)."),
		relay->name, source, CREDENTIALS_VARIABLE);
	error_advise(error,
		_("Run relaycon from a systemd service with LoadCredential=%s:FILE, or give "
		  "password-file as a path."),
		source);
	return NULL;
}

bool relay_read_password(const struct relay *relay, struct secret *password, struct error *error)
{
	assert(relay->password_file);
	if (!relay_check_password_file(relay->password_file, error))
		return false;
	char *path = find_file(relay, error);
	if (!path)
		return false;
	bool ok = secret_read_file(password, path, error);
	if (!ok) {
		error_advise(error, _("Relay %s names it as its password-file."), relay->name);
	} else if (secret_is_empty(password)) {
		ok = error_set(
			error, ERROR_DATA, _("There is no password in %s: it is empty."), path);
		error_advise(error, _("It must hold the password of relay %s in one line."),
			relay->name);
	} else if (!table_check_password(password, error)) {
		secret_clear(password);
		/* Of many relays' passwords it has to be said which. */
		ok = error_advise(
			error, _("It is the password of relay %s, from %s."), relay->name, path);
	}
	free(path);
	return ok;
}
