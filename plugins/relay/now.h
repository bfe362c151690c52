/*
 * now.h: what is true now, in words: the same lines for the home panel, the command `status` and
 * the page that ends every change.
 */
#ifndef RELAY_NOW_H
#define RELAY_NOW_H

#include "work.h"

/* Lines "Label: value". brief: at most one line about drift and warnings (for the panel). */
void now_text(const struct work *work, bool brief, struct strbuf *out);
/* Reads everything anew and shows it on a page; `done` stands above it. */
enum console_answer now_page(const struct console_host *host, const char *title, const char *done);
/* The same where what was asked for is so already. */
enum console_answer now_unchanged(const struct console_host *host);

#endif
