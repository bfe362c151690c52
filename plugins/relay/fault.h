/*
 * fault.h: the field at fault for each way in which a test can fail.
 */
#ifndef RELAY_FAULT_H
#define RELAY_FAULT_H

#include "wish.h"

/* WISH_FIELDS: none of them. */
enum wish_field fault_field(enum probe_cause cause);

#endif
