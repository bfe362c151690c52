/*
 * service.h: an entry of master.cf as our reader gives it, written as postconf(1) writes entries.
 *
 * postconf brings the arguments into a form of its own: "-oname=value" is parted, braces around an
 * argument go (and come back where it holds white space), "{ name = value }" after -o becomes
 * name=value.
 */
#ifndef FUZZ_SERVICE_H
#define FUZZ_SERVICE_H

#include "base/strbuf.h"
#include "postfix/mastercf.h"
#include "postconf.h"

enum { SERVICE_FIELDS = MASTERCF_FIELDS };

struct service_text {
	struct strbuf line;                   /* postconf -M */
	struct strbuf fields[SERVICE_FIELDS]; /* the right-hand sides of postconf -F */
	struct pairs options; /* postconf -P: names and values, sorted, none twice */
};

/* The effective entry of the key, which there must be. */
void service_write(const struct mastercf *cf, const char *key, struct service_text *text);
void service_text_free(struct service_text *text);

#endif
