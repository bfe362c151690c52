/* fake_parts.h: what the parts of the fake host share; not for tests. */
#ifndef FAKE_PARTS_H
#define FAKE_PARTS_H

#include <pthread.h>

#include "fake_host.h"

/* Where the probe finds its answers: one host at a time is enough for a test. */
extern struct fake_host *fake_current;
/* Of the transcript, while several tests of the connection run at a time. */
extern pthread_mutex_t fake_writing;

#endif
