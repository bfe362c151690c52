/*
 * notes.h: what a provider's preset says, as text for people: short above the form, in full by F1.
 */
#ifndef RELAY_NOTES_H
#define RELAY_NOTES_H

#include "../backend/relay_api.h"

/* The essentials, at most `room` lines of NOTES_WIDTH columns once wrapped: what the login
 * and the password are, the From address, the size limit, the documentation. What does not fit any
 * more is left to the help. */
enum { NOTES_LINES_MAX = 9, NOTES_WIDTH = 70 };
void notes_short(const struct preset *preset, size_t room, struct strbuf *out);
/* Everything that the preset knows. */
void notes_full(const struct preset *preset, struct strbuf *out);

#endif
