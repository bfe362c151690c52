/*
 * background.h: a call that cannot be interrupted, in a thread that can be left behind.
 *
 * The memory that the thread works on belongs to the thread and to whoever waits for it, whoever is
 * the last to let go frees it. Signals stay with the caller's thread.
 *
 *   background_start --> at work --background_done--> finished --background_release--> gone
 *                           \--------------------------background_release--> left behind
 */
#ifndef RELAY_SMTP_BACKGROUND_H
#define RELAY_SMTP_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>

struct background;

typedef void background_work(void *memory);

/* Runs work on a copy of the memory given. NULL when no thread could be had. */
struct background *background_start(background_work *work, const void *memory, size_t size);
/* Becomes readable when the work is done. */
int background_fd(const struct background *job);
/* The memory, once the work is done; NULL before. */
void *background_done(struct background *job);
void background_release(struct background *job); /* NULL allowed */

#endif
