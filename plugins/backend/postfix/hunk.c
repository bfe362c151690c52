#include "hunk.h"

#include <stdlib.h>

void hunk_free(struct hunk *hunk)
{
	free(hunk->key);
	strbuf_free(&hunk->before);
	strbuf_free(&hunk->after);
	*hunk = (struct hunk){0};
}

void hunk_copy(struct hunk *to, const struct hunk *from)
{
	*to = (struct hunk){
		.key = text_dup(from->key),
		.existed = from->existed,
		.newline_added = from->newline_added,
	};
	strbuf_add(&to->before, from->before.data, from->before.len);
	strbuf_add(&to->after, from->after.data, from->after.len);
}
