#include "fields.h"

#define LISTED_OTHER "other"

struct field_rule {
	const char *name;
	const char *label;
	const char *hint;
	enum console_field_kind kind;
	bool (*check)(const struct console_form *form, const struct console_field *field, char *why,
		size_t size);
};

static bool explain(const struct error *error, char *why, size_t size)
{
	if (error->advice[0])
		snprintf(why, size, "%s %s", error->message, error->advice);
	else
		snprintf(why, size, "%s", error->message);
	return false;
}

static bool check_host(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	struct error error = {0};
	unsigned port = 0;
	char *host = NULL;

	(void)form;
	if (!field->value[0]) {
		snprintf(
			why, size, "%s", _("Type the relay's name, for example smtp.example.com."));
		return false;
	}
	if (!relay_parse_host(field->value, &host, &port, &error))
		return explain(&error, why, size);
	free(host);
	return true;
}

static bool check_port(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	struct error error = {0};
	unsigned port = 0;

	(void)form;
	return relay_parse_port(field->value, &port, &error) || explain(&error, why, size);
}

static bool check_verify(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct fields *fields = form->context;
	enum relay_verify verify = RELAY_VERIFY_NAME;
	enum relay_tls tls = RELAY_TLS_STARTTLS;

	if (!relay_verify_from_word(field->value, &verify) ||
		!relay_tls_from_word(fields->server->tls, &tls))
		return true;
	if (verify == RELAY_VERIFY_NONE || relay_tls_is_encrypted(tls))
		return true;
	snprintf(why, size, "%s",
		_("With this security no certificate is verified. Choose \"STARTTLS, required\" or "
		  "implicit TLS as security, or no verification."));
	return false;
}

static bool check_fingerprint(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct fields *fields = form->context;
	struct error error = {0};
	char *fingerprint = NULL;

	if (!field->value[0] ||
		strcmp(fields->server->verify, relay_verify_word(RELAY_VERIFY_FINGERPRINT)) != 0)
		return true;
	if (!relay_parse_fingerprint(field->value, &fingerprint, &error))
		return explain(&error, why, size);
	free(fingerprint);
	return true;
}

static bool check_ca_file(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct fields *fields = form->context;
	struct error error = {0};
	/* Only the file matters here: all else about this relay is fine. */
	struct relay relay = {
		.name = (char[]){RELAY_DEFAULT_NAME},
		.host = (char[]){"localhost"},
		.port = 587,
		.ca_file = field->value,
	};

	if (!field->value[0] ||
		strcmp(fields->server->verify, relay_verify_word(RELAY_VERIFY_NAME)) != 0)
		return true;
	return relay_check(&relay, &error) || explain(&error, why, size);
}

static bool check_login(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct fields *fields = form->context;
	struct error error = {0};

	secret_update(&fields->wish->password);
	if (!field->value[0]) {
		if (secret_is_empty(&fields->wish->password))
			return true;
		snprintf(why, size, "%s",
			_("There is a password but no login. Type the login, or empty the password "
			  "to "
			  "relay without one."));
		return false;
	}
	return relay_check_login(field->value, &error) || explain(&error, why, size);
}

/* Is there a stored password for what stands in the form now? */
static bool stored_password_fits(const struct wish *wish)
{
	struct relay relay = {0};
	struct secret password = {0};
	struct error error = {0};
	bool found = false;

	if (!wish->stored || !wish_relay(wish, &relay, &error))
		return wish->stored;
	if (!wish_password(wish, &relay, &found, &password, &error))
		found = false;
	secret_free(&password);
	relay_free(&relay);
	return found;
}

static bool check_password(
	const struct console_form *form, const struct console_field *field, char *why, size_t size)
{
	const struct fields *fields = form->context;
	struct wish *wish = fields->wish;
	struct error error = {0};

	(void)field;
	secret_update(&wish->password);
	if (!secret_is_empty(&wish->password))
		return table_check_password(&wish->password, &error) || explain(&error, why, size);
	if (!wish->login[0] || stored_password_fits(wish))
		return true;
	snprintf(why, size, "%s",
		wish->stored ? _("The stored password belongs to another server or login. Type the "
				 "password for this one.")
			     : _("Type the password that belongs to this login."));
	return false;
}

static const struct field_rule rules[WISH_FIELDS] = {
	[WISH_LISTED] = {"listed", N_("Provider's ports"),
		N_("The ports that the provider lists; choosing one sets port and security"),
		CONSOLE_FIELD_CHOICE, NULL},
	[WISH_HOST] = {"host", N_("Host"), N_("Name of the relay, e.g. smtp.example.com"),
		CONSOLE_FIELD_TEXT, check_host},
	[WISH_PORT] = {"port", N_("Port"), N_("587, 2525 or 25 for STARTTLS; 465 for implicit TLS"),
		CONSOLE_FIELD_TEXT, check_port},
	[WISH_TLS] = {"tls", N_("Security"), N_("How the connection is encrypted"),
		CONSOLE_FIELD_CHOICE, NULL},
	[WISH_VERIFY] = {"verify", N_("Verification"),
		N_("How the relay proves that it is the right one"), CONSOLE_FIELD_CHOICE,
		check_verify},
	[WISH_FINGERPRINT] = {"fingerprint", N_("Fingerprint"),
		N_("Pins one certificate (SHA-256). Empty: the test shows it and offers this"),
		CONSOLE_FIELD_TEXT, check_fingerprint},
	[WISH_CA_FILE] = {"ca-file", N_("CA file"),
		N_("For a certificate of your own authority. Empty: the system's are trusted"),
		CONSOLE_FIELD_TEXT, check_ca_file},
	[WISH_LOGIN] = {"login", N_("Login"), N_("Leave empty to relay without a login"),
		CONSOLE_FIELD_TEXT, check_login},
	[WISH_PASSWORD] = {"password", N_("Password"), NULL, CONSOLE_FIELD_SECRET, check_password},
	[WISH_SERVER] = {"server", N_("Server"), NULL, CONSOLE_FIELD_FIXED, NULL},
};

static void normalize_listed(struct fields *fields)
{
	for (size_t i = 0; i < fields->listed_count; i++)
		if (strcmp(fields->listed_words[i], fields->server->listed) == 0)
			return;
	snprintf(fields->server->listed, sizeof fields->server->listed, "%s", LISTED_OTHER);
}

static void add_listed(struct fields *fields, unsigned port, enum relay_tls tls)
{
	size_t i = fields->listed_count;

	/* One place is kept for "other". */
	if (i + 1 >= FIELDS_CHOICES_MAX)
		return;
	snprintf(fields->listed_words[i], sizeof fields->listed_words[i], "%u/%s", port,
		relay_tls_word(tls));
	snprintf(fields->listed_titles[i], sizeof fields->listed_titles[i], "%u, %s", port,
		relay_tls_title(tls));
	fields->listed_count++;
}

static void init_listed(struct fields *fields, const struct preset *preset)
{
	add_listed(fields, preset->port, preset->tls);
	for (size_t i = 0; i < preset->alternate_count; i++)
		add_listed(fields, preset->alternates[i].port, preset->alternates[i].tls);
	snprintf(fields->listed_words[fields->listed_count], sizeof fields->listed_words[0], "%s",
		LISTED_OTHER);
	snprintf(fields->listed_titles[fields->listed_count], sizeof fields->listed_titles[0], "%s",
		_("another, as typed below"));
	fields->listed_count++;
	for (size_t i = 0; i < fields->listed_count; i++) {
		fields->listed[i].word = fields->listed_words[i];
		fields->listed[i].title = fields->listed_titles[i];
	}
	normalize_listed(fields);
}

void fields_init(struct fields *fields, struct wish *wish, struct wish_server *server)
{
	const char *show = "";

	memset(fields, 0, sizeof *fields);
	fields->wish = wish;
	fields->server = server;
	for (size_t i = 0; i < RELAY_TLS_MODES; i++) {
		fields->tls[i].word = relay_tls_word((enum relay_tls)i);
		fields->tls[i].title = relay_tls_title((enum relay_tls)i);
	}
	for (size_t i = 0; i < RELAY_VERIFY_MODES; i++) {
		fields->verify[i].word = relay_verify_word((enum relay_verify)i);
		fields->verify[i].title = relay_verify_title((enum relay_verify)i);
	}
	if (wish->preset)
		init_listed(fields, wish->preset);
	/* Line by line there are no keys to speak of. */
	if (wish->work->host->mode != CONSOLE_PLAIN)
		show = _("F2 shows and hides what you type");
	snprintf(fields->password_hint, sizeof fields->password_hint, "%s%s%s",
		wish->stored ? _("Leave empty to keep the stored one") : "",
		wish->stored && *show ? ". " : "", show);
}

static void fill_value(struct fields *fields, enum wish_field id, struct console_field *field)
{
	struct wish_server *server = fields->server;
	struct wish *wish = fields->wish;

	switch (id) {
	case WISH_LISTED:
		field->value = server->listed;
		field->size = sizeof server->listed;
		field->choices = fields->listed;
		field->choice_count = fields->listed_count;
		break;
	case WISH_HOST:
		field->value = server->host;
		field->size = sizeof server->host;
		break;
	case WISH_PORT:
		field->value = server->port;
		field->size = sizeof server->port;
		break;
	case WISH_TLS:
		field->value = server->tls;
		field->size = sizeof server->tls;
		field->choices = fields->tls;
		field->choice_count = RELAY_TLS_MODES;
		break;
	case WISH_VERIFY:
		field->value = server->verify;
		field->size = sizeof server->verify;
		field->choices = fields->verify;
		field->choice_count = RELAY_VERIFY_MODES;
		break;
	case WISH_FINGERPRINT:
		field->value = server->fingerprint;
		field->size = sizeof server->fingerprint;
		break;
	case WISH_CA_FILE:
		field->value = server->ca_file;
		field->size = sizeof server->ca_file;
		break;
	case WISH_LOGIN:
		field->value = wish->login;
		field->size = sizeof wish->login;
		if (wish->preset && wish->preset->login)
			field->kind = CONSOLE_FIELD_FIXED;
		if (wish->preset && !wish->preset->login_optional)
			field->hint = _("Type or paste it as the provider shows it");
		break;
	case WISH_PASSWORD:
		field->value = secret_memory(&wish->password);
		field->size = SECRET_MAX + 1;
		field->hint = fields->password_hint[0] ? fields->password_hint : NULL;
		break;
	case WISH_SERVER:
		field->value = wish->summary;
		field->size = sizeof wish->summary;
		break;
	case WISH_FIELDS:
		break;
	}
}

void fields_fill(struct fields *fields, enum wish_field id, struct console_field *field)
{
	const struct field_rule *rule = &rules[id];

	memset(field, 0, sizeof *field);
	field->name = rule->name;
	field->label = _(rule->label);
	field->hint = rule->hint ? _(rule->hint) : NULL;
	field->kind = rule->kind;
	field->check = rule->check;
	fill_value(fields, id, field);
}

static enum wish_field field_id(const struct console_field *field)
{
	for (size_t i = 0; i < WISH_FIELDS; i++)
		if (strcmp(rules[i].name, field->name) == 0)
			return (enum wish_field)i;
	return WISH_FIELDS;
}

void fields_changed(struct console_form *form, size_t field)
{
	struct fields *fields = form->context;

	wish_suggest(fields->server, field_id(&form->fields[field]));
	if (fields->wish->preset)
		normalize_listed(fields);
}
