#include "words.h"

#include <string.h>

#include "../base/text.h"

struct line {
	const char *text;
	size_t len;
};

/* The last line that holds `mark`, from behind the mark on; the whole last line where mark is "". */
static bool last_line(const struct strbuf *output, const char *mark, struct line *found)
{
	bool any = false;

	for (const char *line = output->data; line && *line;) {
		size_t len = strcspn(line, "\n");
		const char *at = memmem(line, len, mark, strlen(mark));
		if (at && len > 0) {
			at += strlen(mark);
			*found = (struct line){at, len - (size_t)(at - line)};
			any = true;
		}
		line += len + (line[len] == '\n');
	}
	return any;
}

void words_of(const struct child *child, char words[WORDS_SIZE])
{
	struct line warning, line = {"", 0};
	struct strbuf text = STRBUF_INIT;

	strbuf_reset(&text);
	if (last_line(&child->err, "fatal: ", &line)) {
		if (memmem(line.text, line.len, "macro processing", 16) &&
			last_line(&child->err, "warning: ", &warning)) {
			strbuf_add(&text, warning.text, warning.len);
			strbuf_adds(&text, ": ");
		}
	} else if (!last_line(&child->err, "error: ", &line) &&
		   !last_line(&child->err, "", &line)) {
		(void)last_line(&child->out, "", &line);
	}
	strbuf_add(&text, line.text, line.len);
	text_clean_into(words, WORDS_SIZE, text.data, text.len);
	strbuf_free(&text);
}
