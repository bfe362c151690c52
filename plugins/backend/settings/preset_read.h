/* preset_read.h: one provider's file. Which files there are: preset_list.c. */
#ifndef RELAY_PRESET_READ_H
#define RELAY_PRESET_READ_H

#include <stdbool.h>

#include "../base/error.h"
#include "preset.h"

/* Reads the file at path as the provider `id`. ERROR_DATA (path, line and key), ERROR_IO; the preset is
 * zeroed then. */
bool preset_read(struct preset *preset, const char *path, const char *id,
	struct error *error) WARN_UNUSED_RESULT;

#endif
