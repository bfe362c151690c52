/*
 * flow.h: the way from a form to a working relay, shared by preset and custom:
 *
 *   form -> (no login? unencrypted?) -> test -> review -> applied: what is true now
 *     ^            |                      |        |
 *     +------------+---- Edit, Back ------+--------+   nothing typed is lost
 */
#ifndef RELAY_FLOW_H
#define RELAY_FLOW_H

#include "wish.h"

/* CONSOLE_OK: applied (or nothing to change). CONSOLE_BACK: the user left the form. */
enum console_answer flow_run(struct wish *wish);

#endif
