#include "client.h"

const char *const probe_client_parameters[] = {
	"smtp_helo_name",
	"inet_protocols",
	"smtp_host_lookup",
	"smtp_tls_CAfile",
	"smtp_tls_CApath",
	"smtp_tls_mandatory_protocols",
	"smtp_tls_scert_verifydepth",
	"smtp_sasl_mechanism_filter",
	"cyrus_sasl_config_path",
	NULL,
};

void probe_client_from_postfix(struct probe_client *client, const struct postfix *postfix)
{
	*client = (struct probe_client){
		.helo_name = postfix_value(postfix, "smtp_helo_name"),
		.inet_protocols = postfix_value(postfix, "inet_protocols"),
		.host_lookup = postfix_value(postfix, "smtp_host_lookup"),
		.tls_ca_file = postfix_value(postfix, "smtp_tls_CAfile"),
		.tls_ca_path = postfix_value(postfix, "smtp_tls_CApath"),
		.tls_protocols = postfix_value(postfix, "smtp_tls_mandatory_protocols"),
		.tls_depth = postfix_value(postfix, "smtp_tls_scert_verifydepth"),
		.sasl_mechanism_filter = postfix_value(postfix, "smtp_sasl_mechanism_filter"),
		.sasl_path = postfix_value(postfix, "cyrus_sasl_config_path"),
	};
}
