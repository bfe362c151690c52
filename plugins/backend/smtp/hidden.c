#include "hidden.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char MASK[] = "***";

void hidden_take(struct hidden *hidden, char *response)
{
	if (response && hidden->count < HIDDEN_RESPONSES) {
		hidden->responses[hidden->count++] = response;
	} else if (response) {
		OPENSSL_cleanse(response, strlen(response));
		free(response);
	}
}

void hidden_password(struct hidden *hidden, const struct secret *password)
{
	if (!password || secret_is_empty(password))
		return;
	size_t len = secret_length(password);
	char *encoded = mem_calloc(len / 3 * 4 + 5, 1);

	hidden->password = password;
	EVP_EncodeBlock(
		(unsigned char *)encoded, (const unsigned char *)secret_bytes(password), (int)len);
	hidden_take(hidden, encoded);
}

void hidden_free(struct hidden *hidden)
{
	for (size_t i = 0; i < hidden->count; i++) {
		OPENSSL_cleanse(hidden->responses[i], strlen(hidden->responses[i]));
		free(hidden->responses[i]);
	}
	*hidden = (struct hidden){0};
}

/* Wherever at least the first `least` bytes of the word stand. */
static void mask(struct strbuf *text, const char *word, size_t len, size_t least)
{
	for (size_t at = 0; at + least <= text->len; at++) {
		size_t same = 0;
		while (same < len && at + same < text->len && text->data[at + same] == word[same])
			same++;
		if (same < least)
			continue;
		OPENSSL_cleanse(text->data + at, same);
		strbuf_splice(text, at, at + same, MASK, strlen(MASK));
		at += strlen(MASK) - 1;
	}
}

void hidden_mask(const struct hidden *hidden, struct strbuf *text)
{
	if (!hidden)
		return;
	if (hidden->password && secret_length(hidden->password) >= HIDDEN_SHORTEST) {
		size_t len = secret_length(hidden->password);
		mask(text, secret_bytes(hidden->password), len, len);
	}
	for (size_t i = 0; i < hidden->count; i++) {
		size_t len = strlen(hidden->responses[i]);
		if (len >= HIDDEN_SHORTEST)
			mask(text, hidden->responses[i], len,
				len < HIDDEN_PREFIX ? len : HIDDEN_PREFIX);
	}
}
