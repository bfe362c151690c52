/*
 * relay_section.h: a relay as a section of a settings file, [relay NAME].
 *
 *   provider = brevo            a provider's id, or custom (also when left out)
 *   region = eu                 one of the provider's
 *   host = smtp.example.com
 *   port = 587
 *   tls = starttls              or implicit, opportunistic, none
 *   verify = name               or dane, fingerprint, none
 *   fingerprint = AA:BB:...
 *   ca-file = /etc/ssl/own.pem
 *   login = me@example.com      empty: the relay takes mail without a login
 *   password-file = /root/pw    or credential:NAME; never the password itself
 *   allow-unencrypted-login = yes   where tls is opportunistic or none
 *   sender-rewrite = me@example.com
 *   fallback = office, brevo
 *
 * In a file that a person wrote, the provider gives host, port, tls and CA file where host is left out, and
 * its login where that is; port and tls suggest each other, and verify is by name where TLS is required.
 * In our own file host, port, tls and verify have to be there, and everything in its plain form.
 */
#ifndef RELAY_RELAY_SECTION_H
#define RELAY_RELAY_SECTION_H

#include <stdbool.h>

#include "../base/error.h"
#include "../base/ini.h"
#include "../base/strbuf.h"
#include "preset.h"
#include "relay.h"

#define RELAY_SECTION_PREFIX "relay "
/* The other sections of a settings file. */
#define SECTION_SETTINGS "settings"
#define SECTION_ROUTES "routes"
#define SETTINGS_FORMAT "1"

/* What several sections of one file have in common. */
struct relay_sections {
	const struct ini *ini;
	bool own;                   /* our own file */
	const char *const *folders; /* of the providers, as preset_load takes them; unless own */
	struct preset *presets;     /* those read so far */
	size_t preset_count;
};

/* The relay of the section, into a struct that holds nothing yet. ERROR_DATA with path and line. */
bool relay_section_read(struct relay_sections *sections, const struct ini_section *section,
	struct relay *relay, struct error *error) WARN_UNUSED_RESULT;
void relay_sections_free(struct relay_sections *sections); /* safe on a zeroed struct */
void relay_section_write(const struct relay *relay, struct strbuf *out);

/* ERROR_DATA "path, line N: [section]: what", and what it says itself; false. */
bool section_error(const struct ini *ini, const struct ini_section *section, unsigned line,
	struct error *error, const char *format, ...) PRINTFLIKE(5, 6);
/* The same for an error that knows nothing of the file; its advice stays. */
bool section_wrap(const struct ini *ini, const struct ini_section *section, unsigned line,
	struct error *error, const struct error *reason);

#endif
