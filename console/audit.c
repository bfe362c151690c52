#include "audit.h"

#include <ctype.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum { VALUE_LIMIT = 300 };

/* One value of the line: quoted, and unable to end the quotes or the line. */
static void put(char *line, size_t size, const char *name, const char *value)
{
	size_t len = strlen(line);
	int added = snprintf(line + len, size - len, "%s%s=\"", len ? " " : "", name);

	/* Room for both quotes, or this value stays away. */
	if (added < 0 || (size_t)added + 1 >= size - len)
		return;
	len += (size_t)added;
	for (size_t i = 0; value && value[i] && i < VALUE_LIMIT && len + 2 < size; i++) {
		unsigned char c = (unsigned char)value[i];

		line[len++] = iscntrl(c) ? ' ' : c == '"' || c == '\\' ? '\'' : (char)c;
	}
	line[len++] = '"';
	line[len] = '\0';
}

static const char *name_of(uid_t uid, char *number, size_t size)
{
	struct passwd *user = getpwuid(uid);

	snprintf(number, size, "uid %lu", (unsigned long)uid);
	return user ? user->pw_name : number;
}

/* The user who logged in; the kernel keeps it across sudo and su. */
static bool login_uid(uid_t *uid)
{
	char text[16] = "";
	int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0 || !isdigit((unsigned char)*text))
		return false;
	*uid = (uid_t)strtoul(text, NULL, 10);
	return *uid != (uid_t)-1;
}

void audit_log(const struct console_host *host, const char *action, const char *from,
	const char *to, const char *result)
{
	char line[2048] = "", number[32], who[128] = "";
	const char *sudo = getenv("SUDO_USER");
	const char *terminal = isatty(STDIN_FILENO) ? ttyname(STDIN_FILENO) : NULL;
	uid_t uid;

	(void)host;
	if (login_uid(&uid))
		snprintf(who, sizeof(who), "%s", name_of(uid, number, sizeof(number)));
	else if (sudo && *sudo)
		snprintf(who, sizeof(who), "%s", sudo);
	else if (getlogin_r(who, sizeof(who)))
		snprintf(who, sizeof(who), "%s", name_of(getuid(), number, sizeof(number)));
	put(line, sizeof(line), "who", who);
	put(line, sizeof(line), "as", name_of(geteuid(), number, sizeof(number)));
	if (sudo && *sudo)
		put(line, sizeof(line), "sudo", sudo);
	put(line, sizeof(line), "tty", terminal ? terminal : "none");
	put(line, sizeof(line), "action", action);
	put(line, sizeof(line), "from", from);
	put(line, sizeof(line), "to", to);
	put(line, sizeof(line), "result", result);
	openlog("relaycon", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_AUTHPRIV | LOG_NOTICE, "%s", line);
	closelog();
}
