#include "sealed.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static void checksum(struct json_object *json, char hex[65])
{
	const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(text, strlen(text), digest, &len, EVP_sha256(), NULL) != 1 || len != 32)
		mem_exhausted();
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
}

void sealed_format(int version, const char *name, struct json_object *content, struct strbuf *out)
{
	struct json_object *document = json_object_new_object();
	char hex[65];

	checksum(content, hex);
	json_object_object_add(document, "version", json_object_new_int(version));
	json_object_object_add(document, "sha256", json_object_new_string(hex));
	json_object_object_add(document, name, content);
	strbuf_adds(out, json_object_to_json_string_ext(document,
				 JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	strbuf_addc(out, '\n');
	json_object_put(document);
}

static enum sealed_flaw look_into(struct json_object *document, int version, const char *name,
	struct json_object **content, int *found)
{
	struct json_object *number, *sum, *inside;
	char hex[65];

	if (!json_object_object_get_ex(document, "version", &number) ||
		!json_object_is_type(number, json_type_int) ||
		!json_object_object_get_ex(document, "sha256", &sum) ||
		!json_object_is_type(sum, json_type_string) ||
		!json_object_object_get_ex(document, name, &inside) ||
		!json_object_is_type(inside, json_type_object))
		return SEALED_INCOMPLETE;
	*found = json_object_get_int(number);
	if (*found != version)
		return SEALED_VERSION;
	checksum(inside, hex);
	if (strcmp(hex, json_object_get_string(sum)) != 0)
		return SEALED_CHECKSUM;
	*content = json_object_get(inside);
	return SEALED_WHOLE;
}

enum sealed_flaw sealed_parse(int version, const char *name, const char *bytes, size_t len,
	struct json_object **content, int *found)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *document = NULL;
	enum sealed_flaw flaw = SEALED_NOT_JSON;

	*content = NULL;
	*found = 0;
	if (!tokener)
		mem_exhausted();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (len <= INT_MAX)
		document = json_tokener_parse_ex(tokener, bytes, (int)len);
	if (document && json_tokener_get_error(tokener) == json_tokener_success &&
		json_object_is_type(document, json_type_object))
		flaw = look_into(document, version, name, content, found);
	json_object_put(document);
	json_tokener_free(tokener);
	return flaw;
}
