#include "sasl.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <sasl/saslplug.h>
#include <sasl/saslutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/wipe.h"

/* The library counts who uses it without a lock of its own; several tests may run at a time. */
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static void *mutex_new(void)
{
	pthread_mutex_t *mutex = mem_calloc(1, sizeof(pthread_mutex_t));

	pthread_mutex_init(mutex, NULL);
	return mutex;
}

static int mutex_lock(void *mutex)
{
	return pthread_mutex_lock(mutex) == 0 ? SASL_OK : SASL_FAIL;
}

static int mutex_unlock(void *mutex)
{
	return pthread_mutex_unlock(mutex) == 0 ? SASL_OK : SASL_FAIL;
}

static void mutex_free(void *mutex)
{
	pthread_mutex_destroy(mutex);
	free(mutex);
}

/* libsasl2 would write to the system log on its own. */
static int keep_quiet(void *context, int level, const char *message)
{
	(void)context;
	(void)level;
	(void)message;
	return SASL_OK;
}

static int give_name(void *context, int id, const char **result, unsigned *len)
{
	const struct sasl_login *login = context;

	if (id != SASL_CB_USER && id != SASL_CB_AUTHNAME)
		return SASL_BADPARAM;
	*result = login->user;
	if (len)
		*len = (unsigned)strlen(login->user);
	return SASL_OK;
}

static int give_password(sasl_conn_t *connection, void *context, int id, sasl_secret_t **secret)
{
	struct sasl_login *login = context;

	if (!connection || id != SASL_CB_PASS)
		return SASL_BADPARAM;
	*secret = login->password;
	return SASL_OK;
}

/* The library's callbacks have a type for each id behind one untyped pointer. */
typedef int sasl_any(void);
typedef void any_function(void); /* what a cast between the two must pass through */

static sasl_callback_t callback(unsigned long id, sasl_any *function, void *context)
{
	return (sasl_callback_t){.id = id, .proc = function, .context = context};
}

static void copy_password(struct sasl_login *login, const struct secret *password)
{
	size_t len = password ? secret_length(password) : 0;

	login->password_size = sizeof *login->password + len + 1;
	login->password = mem_calloc(1, login->password_size);
	login->password->len = len;
	if (len > 0)
		memcpy(login->password->data, secret_bytes(password), len);
}

static int start_library(const struct sasl_request *request)
{
	static sasl_callback_t for_all[2];
	int result;

	pthread_mutex_lock(&counting);
	for_all[0] = callback(SASL_CB_LOG, (sasl_any *)(any_function *)keep_quiet, NULL);
	for_all[1] = callback(SASL_CB_LIST_END, NULL, NULL);
	if (request->config_path && *request->config_path) {
		char *path = text_dup(request->config_path);
		sasl_set_path(SASL_PATH_TYPE_CONFIG, path);
		free(path);
	}
	/* The mechanism modules free the words of a login as they are. */
	sasl_set_alloc(malloc, calloc, wipe_realloc, wipe_free);
	sasl_set_mutex(mutex_new, mutex_lock, mutex_unlock, mutex_free);
	result = sasl_client_init(for_all);
	pthread_mutex_unlock(&counting);
	return result;
}

bool sasl_login_open(
	struct sasl_login *login, const struct sasl_request *request, struct fault *fault)
{
	sasl_security_properties_t properties = {0};
	int result;

	*login = (struct sasl_login){.user = request->user};
	login->plaintext_allowed = request->plaintext_allowed;
	result = start_library(request);
	if (result != SASL_OK)
		goto failed;
	login->started = true;

	copy_password(login, request->password);
	login->callbacks[0] = callback(SASL_CB_USER, (sasl_any *)(any_function *)give_name, login);
	login->callbacks[1] =
		callback(SASL_CB_AUTHNAME, (sasl_any *)(any_function *)give_name, login);
	login->callbacks[2] =
		callback(SASL_CB_PASS, (sasl_any *)(any_function *)give_password, login);
	login->callbacks[3] = callback(SASL_CB_LIST_END, NULL, NULL);
	result = sasl_client_new(
		"smtp", request->host, NULL, NULL, login->callbacks, 0, &login->connection);
	if (result != SASL_OK)
		goto failed;
	properties.security_flags = SASL_SEC_NOANONYMOUS;
	if (!request->plaintext_allowed)
		properties.security_flags |= SASL_SEC_NOPLAINTEXT;
	result = sasl_setprop(login->connection, SASL_SEC_PROPS, &properties);
	if (result == SASL_OK)
		return true;
failed:
	fault_set(fault, PROBE_CAUSE_INTERNAL, "libsasl2: %s", sasl_errstring(result, NULL, NULL));
	sasl_login_close(login);
	return false;
}

void sasl_login_close(struct sasl_login *login)
{
	if (login->connection)
		sasl_dispose(&login->connection);
	if (login->started) {
		pthread_mutex_lock(&counting);
		sasl_client_done();
		pthread_mutex_unlock(&counting);
	}
	if (login->password) {
		OPENSSL_cleanse(login->password, login->password_size);
		free(login->password);
	}
	*login = (struct sasl_login){0};
}

bool sasl_filter_allows(const char *filter, const char *mechanism)
{
	static const char separators[] = ", \t\r\n";
	bool unknown = false;

	if (!filter || !filter[strspn(filter, separators)])
		return true;
	for (const char *at = filter; *at;) {
		at += strspn(at, separators);
		size_t len = strcspn(at, separators);
		bool negated = len > 0 && *at == '!';
		const char *word = at + negated;
		size_t word_len = len - negated;
		at += len;
		if (word_len == strlen(mechanism) && strncasecmp(word, mechanism, word_len) == 0)
			return !negated;
		if (word_len == 10 && strncasecmp(word, "static:all", 10) == 0)
			return !negated;
		/* A table or a file: only Postfix can say. */
		if (memchr(word, ':', word_len) || memchr(word, '/', word_len))
			unknown = true;
	}
	return unknown;
}

struct machine {
	const char *mechanism;
	bool has;
};

static void note_plugin(
	client_sasl_mechanism_t *plugin, sasl_info_callback_stage_t stage, void *context)
{
	struct machine *machine = context;

	if (stage == SASL_INFO_LIST_MECH && plugin && plugin->plug && plugin->plug->mech_name &&
		strcasecmp(plugin->plug->mech_name, machine->mechanism) == 0)
		machine->has = true;
}

static bool machine_has(const char *mechanism)
{
	struct machine machine = {.mechanism = mechanism};

	(void)sasl_client_plugin_info(NULL, note_plugin, &machine);
	return machine.has;
}

/* The password mechanisms of Debian's package libsasl2-modules. */
static bool is_in_package(const char *mechanism)
{
	static const char *const names[] = {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], mechanism) == 0)
			return true;
	return strncmp(mechanism, "SCRAM-SHA-", 10) == 0 && !strstr(mechanism, "-PLUS");
}

static bool shows_password(const char *mechanism)
{
	return strcmp(mechanism, "PLAIN") == 0 || strcmp(mechanism, "LOGIN") == 0;
}

/* libsasl2 found none worthy: why? */
static bool explain_none(const struct sasl_login *login, const struct capabilities *usable,
	const char *offered, struct fault *fault)
{
	bool missing = false, cleartext = false;

	for (size_t i = 0; i < usable->mechanism_count; i++) {
		const char *mechanism = usable->mechanisms[i];
		bool has = machine_has(mechanism);
		missing = missing || (is_in_package(mechanism) && !has);
		cleartext = cleartext || (shows_password(mechanism) && !login->plaintext_allowed);
	}
	enum probe_cause cause = cleartext ? PROBE_CAUSE_AUTH_CLEARTEXT
				 : missing ? PROBE_CAUSE_AUTH_MODULES
					   : PROBE_CAUSE_AUTH_NO_MECHANISM;
	return fault_set(fault, cause, "%s", offered);
}

static bool encode(const char *bytes, unsigned len, char **response, struct fault *fault)
{
	unsigned size = len / 3 * 4 + 8, used = 0;

	*response = mem_calloc(size, 1);
	if (size <= SASL_LOGIN_RESPONSE_MAX &&
		sasl_encode64(bytes, len, *response, size, &used) == SASL_OK)
		return true;
	sasl_login_wipe(*response);
	*response = NULL;
	return fault_set(fault, PROBE_CAUSE_INTERNAL, _("the login does not fit into a command"));
}

bool sasl_login_start(struct sasl_login *login, const struct capabilities *offered,
	const char *filter, char **response, struct fault *fault)
{
	struct capabilities usable = {0};
	struct strbuf all = STRBUF_INIT, list = STRBUF_INIT;
	const char *out = NULL, *mechanism = NULL;
	unsigned out_len = 0;
	bool ok = false;

	*response = NULL;
	for (size_t i = 0; i < offered->mechanism_count; i++)
		if (sasl_filter_allows(filter, offered->mechanisms[i]))
			memcpy(usable.mechanisms[usable.mechanism_count++], offered->mechanisms[i],
				sizeof usable.mechanisms[0]);
	strbuf_grow(&all, 0);
	strbuf_grow(&list, 0);
	capabilities_mechanisms(offered, &all);
	capabilities_mechanisms(&usable, &list);
	if (all.len == 0) {
		fault_set(fault, PROBE_CAUSE_AUTH_NOT_OFFERED, "%s", "");
		goto out;
	}
	if (list.len == 0) {
		fault_set(fault, PROBE_CAUSE_AUTH_NO_MECHANISM,
			_("%s, none of which Postfix's smtp_sasl_mechanism_filter lets through"),
			all.data);
		goto out;
	}

	int result =
		sasl_client_start(login->connection, list.data, NULL, &out, &out_len, &mechanism);
	if (result == SASL_NOMECH) {
		explain_none(login, &usable, all.data, fault);
		goto out;
	}
	if (result != SASL_OK && result != SASL_CONTINUE) {
		fault_set(fault, PROBE_CAUSE_INTERNAL, "libsasl2: %s",
			sasl_errstring(result, NULL, NULL));
		goto out;
	}
	snprintf(login->mechanism, sizeof login->mechanism, "%s", mechanism);
	ok = out_len == 0 || encode(out, out_len, response, fault);
out:
	strbuf_free(&all);
	strbuf_free(&list);
	return ok;
}

bool sasl_login_step(struct sasl_login *login, const char *challenge, size_t len, char **response,
	struct fault *fault)
{
	const char *out = NULL;
	unsigned out_len = 0, used = 0;
	char *decoded = mem_calloc(len + 4, 1);
	bool ok = false;

	*response = NULL;
	if (sasl_decode64(challenge, (unsigned)len, decoded, (unsigned)len + 3, &used) != SASL_OK) {
		fault_set(fault, PROBE_CAUSE_PROTOCOL,
			_("a question of the login that is not base64 came"));
		goto out;
	}
	int result = sasl_client_step(login->connection, decoded, used, NULL, &out, &out_len);
	if (result == SASL_OK || result == SASL_CONTINUE)
		ok = encode(out ? out : "", out_len, response, fault);
	else if (result == SASL_BADSERV || result == SASL_BADAUTH)
		fault_set(fault, PROBE_CAUSE_AUTH_REFUSED,
			_("the server could not prove that it knows the password"));
	else
		fault_set(fault, PROBE_CAUSE_PROTOCOL,
			_("a question came that %s does not have (%s)"), login->mechanism,
			sasl_errstring(result, NULL, NULL));
out:
	free(decoded);
	return ok;
}

void sasl_login_wipe(char *response)
{
	if (!response)
		return;
	OPENSSL_cleanse(response, strlen(response));
	free(response);
}
