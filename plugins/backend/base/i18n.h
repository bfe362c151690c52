/*
 * i18n.h: every sentence that a person may read goes through gettext.
 *
 * _("...") translates now; N_("...") only marks a string in a table, which whoever shows it
 * translates with _(table[i].text). The catalogue is "relaycon".
 */
#ifndef RELAY_I18N_H
#define RELAY_I18N_H

#include <libintl.h>

#define RELAY_TEXT_DOMAIN "relaycon"
#define _(text) dgettext(RELAY_TEXT_DOMAIN, text)
#define N_(text) (text)

#endif
