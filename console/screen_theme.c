#include "screen_theme.h"

#include <stdlib.h>

bool screen_theme_wants_colors(void)
{
	const char *no_color = getenv("NO_COLOR");

	return !no_color || !*no_color;
}

const char *screen_theme_rc(bool colors)
{
	if (!colors)
		return "use_shadow = OFF\nuse_colors = OFF\n";
	return "use_shadow = ON\n"
	       "use_colors = ON\n"
	       "screen_color = (WHITE,BLUE,OFF)\n"
	       "shadow_color = (BLACK,BLACK,OFF)\n"
	       "dialog_color = (BLACK,WHITE,OFF)\n"
	       "title_color = (BLUE,WHITE,OFF)\n"
	       "border_color = (BLACK,WHITE,OFF)\n"
	       "border2_color = (BLACK,WHITE,OFF)\n"
	       "button_active_color = (WHITE,BLUE,ON)\n"
	       "button_inactive_color = (BLACK,WHITE,OFF)\n"
	       "button_key_active_color = (WHITE,BLUE,ON)\n"
	       "button_key_inactive_color = (BLACK,WHITE,OFF)\n"
	       "button_label_active_color = (WHITE,BLUE,ON)\n"
	       "button_label_inactive_color = (BLACK,WHITE,OFF)\n"
	       "item_color = (BLACK,WHITE,OFF)\n"
	       "item_selected_color = (WHITE,BLUE,ON)\n"
	       "form_active_text_color = (WHITE,BLUE,ON)\n"
	       "form_text_color = (BLACK,CYAN,OFF)\n"
	       "uarrow_color = (BLUE,WHITE,OFF)\n"
	       "darrow_color = (BLUE,WHITE,OFF)\n"
	       "position_indicator_color = (BLUE,WHITE,OFF)\n";
}
