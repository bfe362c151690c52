/* settings_text.h: a settings file from a string literal, for the tests of settings files. */
#ifndef TEST_SETTINGS_TEXT_H
#define TEST_SETTINGS_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings/settings.h"

/* folders NULL: as our own file, else as one that a person wrote. */
static inline bool settings_from_text(struct settings *settings, const char *text,
	const char *const *folders, struct error *error)
{
	char path[] = "/tmp/relaycon-settings-XXXXXX";
	size_t len = strlen(text);
	int fd = mkstemp(path);
	bool ok;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	*error = (struct error){0};
	ok = folders ? settings_read(settings, path, folders, error)
		     : settings_load(settings, path, error);
	unlink(path);
	return ok;
}

#define HEAD "[settings]\nformat = 1\n"
#define RELAY "[relay a]\nhost = h.example\nport = 25\ntls = starttls\nverify = name\n"

#endif
