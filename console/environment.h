/*
 * environment.h: what of the caller's environment is kept.
 *
 * Only what a console needs to know of its terminal and its user. Anything else could lead the
 * libraries elsewhere: their configuration and modules (OPENSSL_CONF, SASL_PATH, GCONV_PATH), their
 * trust (SSL_CERT_FILE), name resolution (HOSTALIASES, LOCALDOMAIN), the terminal's description. None of
 * it reaches Postfix, so that a test under it would not be what Postfix meets. sudo drops most of it;
 * su, doas and "sudo -E" do not.
 */
#ifndef CONSOLE_ENVIRONMENT_H
#define CONSOLE_ENVIRONMENT_H

void environment_clean(void);

#endif
