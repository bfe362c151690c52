/*
 * i18n.h: every sentence that a person may read goes through gettext; catalogue "relaycon".
 *
 * _("...") translates now; N_("...") only marks a string in a table. What comes out is UTF-8,
 * whatever the locale is: text_clean() brings it into what the terminal can show.
 */
#ifndef CONSOLE_I18N_H
#define CONSOLE_I18N_H

#include <libintl.h>

#define CONSOLE_TEXT_DOMAIN "relaycon"
#define _(text) dgettext(CONSOLE_TEXT_DOMAIN, text)
#define N_(text) (text)

#endif
