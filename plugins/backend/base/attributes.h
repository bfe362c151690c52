/* attributes.h: what the compiler is told about our functions, and what the library exports. */
#ifndef RELAY_ATTRIBUTES_H
#define RELAY_ATTRIBUTES_H

#define PRINTFLIKE(text, first) __attribute__((format(printf, text, first)))
#define WARN_UNUSED_RESULT __attribute__((warn_unused_result))

#endif
