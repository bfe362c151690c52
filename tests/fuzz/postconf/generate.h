/*
 * generate.h: files as no administrator writes them, and as some do.
 *
 * What a file is made of: lines of grammar (names known, odd and made up; blanks of every sort;
 * continuations, comments, indented strays), mutations of the files of tests/corpus, soup of the
 * bytes that mean something, very long lines, very many lines. CR LF, NUL, BOM and a missing final
 * newline come on top. The same dice make the same file.
 */
#ifndef FUZZ_GENERATE_H
#define FUZZ_GENERATE_H

#include <stddef.h>

#include "base/strbuf.h"
#include "dice.h"

/* What there is to choose from. */
struct stock {
	char **known; /* the names of Postfix's parameters */
	size_t known_count;
	struct strbuf *files; /* of tests/corpus */
	size_t file_count;
};

void generate_main(struct strbuf *out, struct dice *dice, const struct stock *stock);
void generate_master(struct strbuf *out, struct dice *dice);

/* For edits: a name that can stand in main.cf; a value that can be written (may be empty). */
char *generate_name(struct dice *dice, const struct stock *stock);
char *generate_value(struct dice *dice);
/* One entry of master.cf of one or several lines, without final newline. */
char *generate_service(struct dice *dice);

#endif
