/* clock.h: the time for waiting: it neither jumps nor stops when the machine's clock is set. */
#ifndef RELAY_CLOCK_H
#define RELAY_CLOCK_H

long clock_ms(void);       /* milliseconds since some point in the past */
void clock_pause(long ms); /* or until a signal comes */

#endif
