/*
 * fuzz_provider.c: a provider's file, and through it the strict INI reader of the backend: what is
 * taken can be used as it stands (host plain, port and TLS known, every text printable), what is
 * refused names the reason, and what was read is the same after being written.
 *
 * Input: the INI file.
 */
#include "base/ini.h"
#include "promises.h"
#include "settings/preset.h"
#include "settings/preset_read.h"

static void promise_text(const char *text)
{
	if (!text)
		return;
	PROMISE(promises_utf8(text, strlen(text)), "not UTF-8: %s", text);
	for (; *text; text++)
		PROMISE((unsigned char)*text >= ' ' || *text == '\t', "byte %d", *text);
}

static void promise_port(unsigned port, enum relay_tls tls)
{
	PROMISE(port >= 1 && port <= 65535 && (unsigned)tls < RELAY_TLS_MODES, "port %u", port);
}

/* As the relay that it suggests; login and CA file are the user's to complete. */
static void promise_relay(const struct preset *preset, const char *region)
{
	struct error error = {0};
	struct relay relay = {0};

	PROMISE(preset_to_relay(preset, region, &relay, &error), "%s", error.message);
	text_replace(&relay.ca_file, NULL);
	text_replace(&relay.name, RELAY_DEFAULT_NAME);
	if (!relay_tls_is_encrypted(relay.tls) || relay_host_is_address(relay.host))
		relay.verify = RELAY_VERIFY_NONE;
	PROMISE(relay_check_form(&relay, &error), "%s", error.message);
	relay_free(&relay);
}

static void read_provider(const char *path)
{
	struct error error = {0};
	struct preset preset;

	if (!preset_read(&preset, path, "fuzz", &error)) {
		promise_error(&error);
		PROMISE(!preset.id && !preset.host && !preset.regions, "not zeroed");
		return;
	}
	PROMISE(preset.name && *preset.name && preset.host, "no name or host");
	promise_port(preset.port, preset.tls);
	for (size_t i = 0; i < preset.alternate_count; i++)
		promise_port(preset.alternates[i].port, preset.alternates[i].tls);
	promise_text(preset.name);
	promise_text(preset.login_hint);
	promise_text(preset.password_hint);
	promise_text(preset.auth);
	promise_text(preset.documentation);
	promise_text(preset.warning);
	promise_text(preset.unverified);
	for (size_t i = 0; i < preset.note_count; i++)
		promise_text(preset.notes[i]);
	promise_relay(&preset, NULL);
	for (size_t i = 0; i < preset.region_count; i++)
		promise_relay(&preset, preset.regions[i].id);
	free(preset_other_ports(&preset, preset.port));
	preset_free(&preset);
}

static void write_again(const struct fuzz_input *input)
{
	struct error error = {0};
	struct strbuf out = STRBUF_INIT;
	struct ini ini, again;

	if (!ini_parse_bytes(&ini, "first", input->bytes, input->len, &error)) {
		promise_error(&error);
		PROMISE(!ini.sections && !ini.path, "not zeroed");
		return;
	}
	strbuf_reset(&out);
	for (size_t i = 0; i < ini.count; i++) {
		ini_write_section(&out, ini.sections[i].name);
		for (size_t j = 0; j < ini.sections[i].count; j++)
			ini_write_key(
				&out, ini.sections[i].keys[j].name, ini.sections[i].keys[j].value);
	}
	PROMISE(ini_parse_bytes(&again, "again", out.data, out.len, &error), "%s\n%s",
		error.message, out.data);
	PROMISE(again.count == ini.count, "%zu sections became %zu", ini.count, again.count);
	for (size_t i = 0; i < ini.count; i++) {
		const struct ini_section *one = &ini.sections[i], *two = &again.sections[i];
		PROMISE(text_equal(one->name, two->name) && one->count == two->count,
			"section %s became %s", one->name, two->name);
		for (size_t j = 0; j < one->count; j++)
			PROMISE(text_equal(one->keys[j].name, two->keys[j].name) &&
					text_equal(one->keys[j].value, two->keys[j].value),
				"\"%s\" became \"%s\"", one->keys[j].value, two->keys[j].value);
	}
	ini_free(&ini);
	ini_free(&again);
	strbuf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	char path[64];
	int fd = fuzz_file(data, size, path, sizeof path);

	read_provider(path);
	close(fd);
	write_again(&input);
	return 0;
}
