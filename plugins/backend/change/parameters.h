/*
 * parameters.h: Postfix's parameters that our decisions depend on.
 */
#ifndef RELAY_PARAMETERS_H
#define RELAY_PARAMETERS_H

/* What planning and status ask Postfix for, in the one postconf call that site_open makes. */
#define RELAY_PARAMETERS                                                                           \
	"relayhost", "default_transport", "relay_transport", "transport_maps",                     \
		"sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps",      \
		"smtp_sender_dependent_authentication", "smtp_fallback_relay", "defer_transports", \
		"smtp_sasl_auth_enable", "smtp_sasl_password_maps", "smtp_sasl_security_options",  \
		"smtp_sasl_tls_security_options", "smtp_sasl_tls_verified_security_options",       \
		"smtp_tls_policy_maps", "smtp_tls_per_site", "smtp_tls_security_level",            \
		"smtp_enforce_tls", "smtp_use_tls", "smtp_tls_wrappermode", "smtp_tls_CAfile",     \
		"smtp_dns_support_level", "smtp_tls_fingerprint_digest", "header_size_limit",      \
		"inet_protocols"

/* Defaults, for when the one that stands in main.cf is ours and Postfix cannot be asked what it
 * would be without. */
struct parameter_default {
	const char *name;
	const char *value;
};
#define RELAY_PARAMETER_DEFAULTS                                                                   \
	{"default_transport", "smtp"}, {"relay_transport", "relay"},                               \
		{"header_size_limit", "102400"}, {"smtp_tls_wrappermode", "no"},                   \
	{                                                                                          \
		"smtp_sasl_tls_verified_security_options", "$smtp_sasl_tls_security_options"       \
	}

#endif
