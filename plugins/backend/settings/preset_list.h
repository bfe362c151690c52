/* preset_list.h: between preset.c (one provider's file) and preset_list.c (the folders). */
#ifndef RELAY_PRESET_LIST_H
#define RELAY_PRESET_LIST_H

#include <stdbool.h>

#include "../base/error.h"
#include "preset.h"

/* Reads the file at path as the provider `id`. ERROR_DATA, ERROR_IO. */
bool preset_read(struct preset *preset, const char *path, const char *id,
	struct error *error) WARN_UNUSED_RESULT;

#endif
