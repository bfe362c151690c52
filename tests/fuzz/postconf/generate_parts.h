/* generate_parts.h: what main.cf and master.cf files are generated from alike. */
#ifndef FUZZ_GENERATE_PARTS_H
#define FUZZ_GENERATE_PARTS_H

#include "generate.h"

#define ANY(dice, list) (list)[dice_pick(dice, sizeof(list) / sizeof *(list))]

/* A blank line, a comment, or an indented stray, with its newline. */
void parts_add_filler(struct strbuf *out, struct dice *dice);
/* What may begin a line that continues another. */
const char *parts_indent(struct dice *dice);
const char *parts_newline(struct dice *dice);
/* Some of: deleted, doubled and swapped lines, bytes put in and taken out. */
void parts_mutate(struct strbuf *bytes, struct dice *dice);
/* CR LF all over, BOM, NUL, no final newline. */
void parts_finish(struct strbuf *bytes, struct dice *dice);

#endif
