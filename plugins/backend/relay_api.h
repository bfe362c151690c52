/*
 * relay_api.h: the backend as the drivers see it: everything that a driver may call, in one place.
 */
#ifndef RELAY_API_H
#define RELAY_API_H

#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "change/change.h"
#include "change/ours.h"
#include "change/plan.h"
#include "import/import.h"
#include "postfix/destination.h"
#include "postfix/instance.h"
#include "settings/preset.h"
#include "settings/relay.h"
#include "settings/site.h"
#include "status/status.h"
#include "smtp/client.h"
#include "smtp/probe.h"
#include "smtp/probe_many.h"

#endif
