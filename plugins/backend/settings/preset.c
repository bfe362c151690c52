#include "preset.h"

#include <stdlib.h>

#include "../base/i18n.h"

void preset_free(struct preset *preset)
{
	for (size_t i = 0; i < preset->region_count; i++) {
		free(preset->regions[i].id);
		free(preset->regions[i].host);
	}
	for (size_t i = 0; i < preset->note_count; i++)
		free(preset->notes[i]);
	free(preset->regions);
	free(preset->notes);
	free(preset->alternates);
	free(preset->id);
	free(preset->name);
	free(preset->host);
	free(preset->login_hint);
	free(preset->login);
	free(preset->password_hint);
	free(preset->auth);
	free(preset->documentation);
	free(preset->warning);
	free(preset->unverified);
	free(preset->ca_file);
	*preset = (struct preset){0};
}

static bool unknown_region(const struct preset *preset, const char *region, struct error *error)
{
	struct strbuf known = STRBUF_INIT;

	for (size_t i = 0; i < preset->region_count; i++)
		strbuf_addf(&known, "%s%s", i ? ", " : "", preset->regions[i].id);
	error_set(error, ERROR_USAGE, _("%s has no region \"%s\"."), preset->name, region);
	if (preset->region_count)
		error_advise(error, _("Its regions are: %s."), known.data);
	else
		error_advise(error, _("It has one server for everybody: leave the region out."));
	strbuf_free(&known);
	return false;
}

bool preset_to_relay(
	const struct preset *preset, const char *region, struct relay *relay, struct error *error)
{
	const struct preset_region *chosen = preset->region_count ? preset->regions : NULL;

	if (region) {
		chosen = NULL;
		for (size_t i = 0; i < preset->region_count && !chosen; i++) {
			if (text_equal(preset->regions[i].id, region))
				chosen = &preset->regions[i];
		}
		if (!chosen)
			return unknown_region(preset, region, error);
	}
	*relay = (struct relay){
		.name = text_dup(RELAY_DEFAULT_NAME),
		.provider = text_dup(preset->id),
		.region = text_dup(chosen ? chosen->id : NULL),
		.host = text_dup(chosen ? chosen->host : preset->host),
		.port = chosen ? chosen->port : preset->port,
		.tls = chosen ? chosen->tls : preset->tls,
		.verify = RELAY_VERIFY_NAME,
		.ca_file = text_dup(preset->ca_file),
		.login = text_dup(preset->login),
	};
	return true;
}

enum relay_tls preset_tls_for_port(const struct preset *preset, unsigned port)
{
	if (preset && preset->port == port)
		return preset->tls;
	for (size_t i = 0; preset && i < preset->alternate_count; i++)
		if (preset->alternates[i].port == port)
			return preset->alternates[i].tls;
	return relay_tls_for_port(port);
}

unsigned preset_port_for_tls(const struct preset *preset, enum relay_tls tls)
{
	if (preset && preset->tls == tls)
		return preset->port;
	for (size_t i = 0; preset && i < preset->alternate_count; i++)
		if (preset->alternates[i].tls == tls)
			return preset->alternates[i].port;
	return relay_port_for_tls(tls);
}

static void add_port(struct strbuf *out, unsigned port, enum relay_tls tls, unsigned but_not)
{
	if (port != but_not)
		strbuf_addf(out, "%s%u (%s)", out->len ? ", " : "", port, relay_tls_brief(tls));
}

char *preset_other_ports(const struct preset *preset, unsigned but_not)
{
	struct strbuf out = STRBUF_INIT;

	add_port(&out, preset->port, preset->tls, but_not);
	for (size_t i = 0; i < preset->alternate_count; i++)
		add_port(&out, preset->alternates[i].port, preset->alternates[i].tls, but_not);
	if (out.len > 0)
		return strbuf_detach(&out);
	strbuf_free(&out);
	return NULL;
}
