/* domain.h: the name of a host or of a mail domain, as it goes into the DNS. */
#ifndef RELAY_DOMAIN_H
#define RELAY_DOMAIN_H

/* The name (UTF-8 or ASCII, no blanks, no control characters) in A-labels, small letters, without a dot
 * at its end; caller frees. What reads as an IPv4 address is given as that. NULL: *why says what is wrong,
 * as the end of a sentence. */
char *domain_parse(const char *text, const char **why);
/* The domain, as domain_parse gives it, in the letters that its A-labels stand for; caller frees. NULL: it
 * has none. */
char *domain_unicode(const char *domain);

#endif
