/*
 * command.h: command mode: one command, its options by the driver's table, its exit code.
 */
#ifndef CONSOLE_COMMAND_H
#define CONSOLE_COMMAND_H

#include <stdbool.h>

#include "host.h"

/* Fills the table of host->face for CONSOLE_COMMAND. */
void command_fill(struct host *host);
/* Runs the command word argv[at]; gives the exit code. */
int command_run(struct host *host, char *const *argv, int at);
/* Is --json among the arguments? Known before they are parsed, so that usage errors are JSON too. */
bool command_wants_json(char *const *argv);
/* A usage error, with what to do next: standard error or JSON. Gives 64. */
int command_usage(struct host *host, const char *message);

#endif
