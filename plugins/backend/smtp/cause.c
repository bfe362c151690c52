#include "cause.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/text.h"

struct cause {
	const char *word;
	enum error_code code;
	const char *explanation;
	const char *advice;
};

static const struct cause causes[PROBE_CAUSES] = {
	[PROBE_CAUSE_NONE] = {"none", ERROR_NONE, N_("{host} is ready to take our mail."), ""},
	[PROBE_CAUSE_CANCELLED] = {"cancelled", ERROR_CANCELLED, N_("The test was cancelled."), ""},
	[PROBE_CAUSE_NAME_NOT_FOUND] = {"name-not-found", ERROR_UNAVAILABLE,
		N_("The name {host} does not exist[: {detail}]."),
		N_("Check the spelling of the host. If it is right, check this machine's name "
		   "servers (/etc/resolv.conf).")},
	[PROBE_CAUSE_NAME_TEMPORARY] = {"name-temporary", ERROR_UNAVAILABLE,
		N_("The name {host} could not be looked up[: {detail}]."),
		N_("Check that this machine has a network connection and a working name server "
		   "(/etc/resolv.conf), then test again.")},
	[PROBE_CAUSE_NO_ROUTE] = {"no-route", ERROR_UNAVAILABLE,
		N_("There is no way from this machine to {host}[: {detail}]."),
		N_("Check this machine's network: address, gateway, firewall.")},
	[PROBE_CAUSE_REFUSED] = {"refused", ERROR_UNAVAILABLE,
		N_("{host} refused the connection on port {port}[ ({detail})]."),
		N_("Nothing listens on port {port} there, or a firewall rejects it. Check host and "
		   "port.[ This provider also listens on: {ports}.]")},
	[PROBE_CAUSE_TIMED_OUT] = {"timed-out", ERROR_UNAVAILABLE,
		N_("{host} did not answer in time on port {port}[ ({detail})]."),
		N_("A firewall may swallow the connection: many networks block outgoing mail "
		   "ports. If the port is one for implicit TLS (465), choose implicit TLS in place "
		   "of STARTTLS, and the other way round.[ This provider also listens on: "
		   "{ports}.]")},
	[PROBE_CAUSE_GREETING_REFUSED] = {"greeting-refused", ERROR_UNAVAILABLE,
		N_("{host} does not want to talk to this machine[: {said}]."),
		N_("The relay may not accept this machine's network address, or it may not be a "
		   "relay for you at all. Check host and port, and whether the provider wants your "
		   "address registered.[ This provider also listens on: {ports}.]")},
	[PROBE_CAUSE_GREETING_TEMPORARY] = {"greeting-temporary", ERROR_BUSY,
		N_("{host} is not taking connections right now[: {said}]."),
		N_("Try again in a few minutes.")},
	[PROBE_CAUSE_NOT_SMTP] = {"not-smtp", ERROR_UNAVAILABLE,
		N_("What answers on {host}, port {port}, is not a mail server[: {said}]."),
		N_("Check host and port. A login page of the network (hotel, guest network) or a "
		   "proxy may also answer in its place.[ This provider also listens on: "
		   "{ports}.]")},
	[PROBE_CAUSE_EHLO_REFUSED] = {"ehlo-refused", ERROR_UNAVAILABLE,
		N_("{host} refused our EHLO[: {said}]."),
		N_("The relay may not like this machine's name (smtp_helo_name, myhostname) or "
		   "address. Ask the provider what it expects.")},
	[PROBE_CAUSE_TLS_NOT_OFFERED] = {"tls-not-offered", ERROR_UNAVAILABLE,
		N_("{host} does not offer STARTTLS on port {port}."),
		N_("Encryption was asked for, so nothing was sent. If the relay should offer it, "
		   "something on the way may strip it; else choose a port with TLS.[ This provider "
		   "also listens on: {ports}.]")},
	[PROBE_CAUSE_TLS_REFUSED] = {"tls-refused", ERROR_UNAVAILABLE,
		N_("{host} offered STARTTLS and then refused it[: {said}]."),
		N_("This is a fault at the relay; try again later or tell its operator.[ This "
		   "provider also listens on: {ports}.]")},
	[PROBE_CAUSE_TLS_WRONG_PORT_KIND] = {"tls-wrong-port-kind", ERROR_UNAVAILABLE,
		N_("Port {port} of {host} wants the other kind of TLS[: {detail}]."),
		N_("Change the connection security: STARTTLS on ports like 587 and 25, implicit "
		   "TLS on ports like 465.[ This provider also listens on: {ports}.]")},
	[PROBE_CAUSE_TLS_TOO_OLD] = {"tls-too-old", ERROR_UNAVAILABLE,
		N_("{host} only speaks a version of TLS that is too old to be safe[ ({detail})]."),
		N_("The relay has to be updated. This machine's Postfix sets the limit in "
		   "smtp_tls_mandatory_protocols.")},
	[PROBE_CAUSE_TLS_INJECTION] = {"tls-injection", ERROR_UNAVAILABLE,
		N_("Plain text came after {host} had agreed to start TLS[: {said}]."),
		N_("That is how an attacker on the way would try to slip in commands, so the "
		   "connection was dropped. Try from another network; if it stays, tell the "
		   "relay's operator.")},
	[PROBE_CAUSE_TLS_HANDSHAKE] = {"tls-handshake", ERROR_UNAVAILABLE,
		N_("TLS could not be set up with {host}[: {detail}]."),
		N_("The two sides share no protocol or cipher, or something on the way "
		   "interferes.[ This provider also listens on: {ports}.]")},
	[PROBE_CAUSE_CERT_EXPIRED] = {"certificate-expired", ERROR_UNAVAILABLE,
		N_("The certificate of {host} has expired[: {detail}]."),
		N_("This machine's clock says {clock}. If that is wrong, set the clock and test "
		   "again; if it is right, the relay's operator has to renew the certificate.")},
	[PROBE_CAUSE_CERT_NOT_YET_VALID] = {"certificate-not-yet-valid", ERROR_UNAVAILABLE,
		N_("The certificate of {host} is not valid yet[: {detail}]."),
		N_("This machine's clock says {clock}. It is probably wrong: set the clock and "
		   "test again.")},
	[PROBE_CAUSE_CERT_WRONG_NAME] = {"certificate-wrong-name", ERROR_UNAVAILABLE,
		N_("The certificate is not for {host}[, but for {detail}]."),
		N_("Use the name that the certificate is for as the host (a name, not an address), "
		   "or check that the host is spelled right.")},
	[PROBE_CAUSE_CERT_UNKNOWN_ISSUER] = {"certificate-unknown-issuer", ERROR_UNAVAILABLE,
		N_("The certificate of {host} was issued by someone this machine does not trust[: "
		   "{detail}]."),
		N_("If the relay uses an authority of its own, give that authority's certificate "
		   "as the CA file. Else make sure that the package ca-certificates is installed "
		   "and up to date.")},
	[PROBE_CAUSE_CERT_SELF_SIGNED] = {"certificate-self-signed", ERROR_UNAVAILABLE,
		N_("{host} vouches for itself: its certificate is self-signed[ ({detail})]."),
		N_("Anybody could make such a certificate. If it is your own relay, give its "
		   "certificate as the CA file, or verify by its fingerprint.")},
	[PROBE_CAUSE_CERT_OTHER] = {"certificate-invalid", ERROR_UNAVAILABLE,
		N_("The certificate of {host} cannot be accepted[: {detail}]."),
		N_("Tell the relay's operator.")},
	[PROBE_CAUSE_CERT_FINGERPRINT] = {"certificate-fingerprint", ERROR_UNAVAILABLE,
		N_("The certificate of {host} is not the expected one; its SHA-256 fingerprint is "
		   "{detail}."),
		N_("If the operator has renewed the certificate, confirm the new fingerprint with "
		   "them and enter it. Else someone may be between you and the relay.")},
	[PROBE_CAUSE_DANE_NO_RECORDS] = {"dane-no-records", ERROR_UNAVAILABLE,
		N_("{host} cannot be verified by DANE[: {detail}]."),
		N_("Verify by name in place of DANE.")},
	[PROBE_CAUSE_DANE_NO_RESOLVER] = {"dane-no-resolver", ERROR_UNAVAILABLE,
		N_("This machine has no name server that validates DNSSEC, and without one DANE "
		   "proves nothing."),
		N_("Install a validating resolver on this machine (for instance the package "
		   "unbound) and enter 127.0.0.1 in /etc/resolv.conf; or verify by name.")},
	[PROBE_CAUSE_DANE_MISMATCH] = {"dane-mismatch", ERROR_UNAVAILABLE,
		N_("The certificate of {host} does not match what the DNS publishes for it "
		   "(DANE)[: {detail}]."),
		N_("The operator may have renewed the certificate and forgotten the TLSA record. "
		   "Else someone may be between you and the relay.")},
	[PROBE_CAUSE_CA_FILE] = {"ca-file", ERROR_UNAVAILABLE,
		N_("The list of trusted authorities could not be read[: {detail}]."),
		N_("Check the CA file, or install the package ca-certificates.")},
	[PROBE_CAUSE_AUTH_NOT_OFFERED] = {"auth-not-offered", ERROR_UNAVAILABLE,
		N_("{host} offers no login on port {port}."),
		N_("The relay may want no login from this machine, or offer it on another port.[ "
		   "This provider also listens on: {ports}.]")},
	[PROBE_CAUSE_AUTH_NO_MECHANISM] = {"auth-no-mechanism", ERROR_UNAVAILABLE,
		N_("{host} offers no way to log in that this machine can use with a password[; it "
		   "offers: {detail}]."),
		N_("XOAUTH2 and OAUTHBEARER need a token in place of a password; ask the provider "
		   "for SMTP logins by password (\"app password\", \"SMTP AUTH\").")},
	[PROBE_CAUSE_AUTH_MODULES] = {"auth-modules", ERROR_UNAVAILABLE,
		N_("This machine lacks the modules to log in[; {host} offers: {detail}]."),
		N_("Install the package libsasl2-modules: apt-get install libsasl2-modules.")},
	[PROBE_CAUSE_AUTH_REFUSED] = {"auth-refused", ERROR_DENIED,
		N_("{host} refused the login {login}[: {said}][ ({detail})]."),
		N_("Check login and password.[ As password the provider wants: {hint}.]")},
	[PROBE_CAUSE_AUTH_TEMPORARY] = {"auth-temporary", ERROR_BUSY,
		N_("{host} cannot check the login {login} right now[: {said}]."),
		N_("This says nothing about the password. Try again in a few minutes.")},
	[PROBE_CAUSE_AUTH_ACCOUNT] = {"auth-account", ERROR_DENIED,
		N_("The account of {login} at {host} may not send[: {said}]."),
		N_("Log in at the provider's web site: the account has to be activated, or has "
		   "been suspended.")},
	[PROBE_CAUSE_AUTH_CLEARTEXT] = {"auth-cleartext", ERROR_UNAVAILABLE,
		N_("The password would have to travel to {host} unencrypted, so it was not sent."),
		N_("Choose STARTTLS or implicit TLS.[ This provider also listens on: {ports}.]")},
	[PROBE_CAUSE_AUTH_REQUIRED] = {"auth-required", ERROR_DENIED,
		N_("{host} wants a login, and none was given[: {said}]."),
		N_("Enter the login and the password that the provider gave you.[ As password it "
		   "wants: {hint}.]")},
	[PROBE_CAUSE_TEMPORARY] = {"temporary", ERROR_BUSY,
		N_("{host} asks us to come back later[: {said}]."),
		N_("Try again in a few minutes.")},
	[PROBE_CAUSE_HUNG_UP] = {"hung-up", ERROR_UNAVAILABLE,
		N_("{host} closed the connection in the middle[: {detail}]."),
		N_("Try again. If it stays, the relay may not accept this machine's address, or "
		   "something on the way cuts the connection.[ This provider also listens on: "
		   "{ports}.]")},
	[PROBE_CAUSE_PROTOCOL] = {"protocol", ERROR_UNAVAILABLE,
		N_("{host} does not keep to the rules of SMTP[: {detail}][ ({said})]."),
		N_("Check host and port; tell the relay's operator.")},
	[PROBE_CAUSE_INTERNAL] = {"internal", ERROR_SYSTEM,
		N_("The test could not be made[: {detail}]."),
		N_("This is a fault of this machine, not of the relay.")},
};

const char *probe_cause_word(enum probe_cause cause)
{
	assert(cause >= 0 && cause < PROBE_CAUSES);
	return causes[cause].word;
}

static const char *place(const struct cause_facts *facts, const char *name, size_t len)
{
	const struct {
		const char *name;
		const char *value;
	} places[] = {
		{"host", facts->host},
		{"port", facts->port},
		{"login", facts->login},
		{"said", facts->said},
		{"detail", facts->detail},
		{"ports", facts->other_ports},
		{"hint", facts->hint},
		{"clock", facts->clock},
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (strlen(places[i].name) == len && memcmp(places[i].name, name, len) == 0)
			return places[i].value ? places[i].value : "";
	return "";
}

/* A reply often ends in a full stop, and so does our sentence. */
static void add_value(struct strbuf *out, const char *value, char next)
{
	size_t len = strlen(value);

	if (next == '.' && len > 0 && value[len - 1] == '.')
		len--;
	strbuf_add(out, value, len);
}

void cause_expand(struct strbuf *out, const char *text, const struct cause_facts *facts)
{
	size_t bracket = 0;
	bool inside = false, empty = false;

	for (const char *at = text; *at; at++) {
		const char *end = *at == '{' ? strchr(at, '}') : NULL;
		if (end) {
			const char *value = place(facts, at + 1, (size_t)(end - at - 1));
			char next = end[1] == ']' ? end[2] : end[1];
			empty = empty || !*value;
			add_value(out, value, next);
			at = end;
		} else if (*at == '[') {
			bracket = out->len;
			inside = true;
			empty = false;
		} else if (*at == ']' && inside) {
			if (empty)
				strbuf_splice(out, bracket, out->len, NULL, 0);
			inside = false;
		} else {
			strbuf_addc(out, *at);
		}
	}
}

static void fill(char *out, size_t size, const char *text, const struct cause_facts *facts)
{
	struct strbuf all = STRBUF_INIT;

	/* gettext("") is the catalogue's header. */
	if (*text)
		cause_expand(&all, _(text), facts);
	strbuf_grow(&all, 0);
	text_clean_into(out, size, all.data, all.len);
	strbuf_free(&all);
}

void cause_report(
	const struct fault *fault, const struct cause_facts *facts, struct probe_report *report)
{
	const struct cause *cause = &causes[fault->cause];

	report->cause = fault->cause;
	report->code = cause->code;
	/* Whatever the step, "4yz" asks us to come back. */
	if (fault->reply_code / 100 == 4 && report->code == ERROR_UNAVAILABLE)
		report->code = ERROR_BUSY;
	fill(report->explanation, sizeof report->explanation, cause->explanation, facts);
	fill(report->advice, sizeof report->advice, cause->advice, facts);
	snprintf(report->server_said, sizeof report->server_said, "%s", fault->said);
}
