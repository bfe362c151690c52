/* address.h: mail addresses as people type them, held to what Postfix looks up and its tables can hold. */
#ifndef RELAY_ADDRESS_H
#define RELAY_ADDRESS_H

/* Takes " User@Müller.DE ", "<user@example.com>", "@example.com" or "example.com" apart. *local: as it was
 * typed, NULL where there is none; *domain: as domain.h gives it (caller frees both). Returns NULL, or
 * what is wrong as the end of a sentence; nothing is to be freed then. */
const char *address_parse(const char *text, char **local, char **domain);

#endif
