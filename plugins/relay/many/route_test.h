/*
 * route_test.h: `route test`: which way a mail would take, and why, as Postfix's own tables say it.
 */
#ifndef RELAY_ROUTE_TEST_H
#define RELAY_ROUTE_TEST_H

#include "../../../console/console.h"

int route_test(const struct console_host *host, const struct console_call *call);

#endif
