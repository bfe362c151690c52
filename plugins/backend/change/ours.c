#include "ours.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/i18n.h"
#include "../base/strbuf.h"
#include "hop.h"
#include "step.h"
#include "wanted.h"

static const char *const tables[] = {"relaycon_sasl_passwd", "relaycon_tls_policy",
	OURS_SENDER_ROUTES, OURS_SENDER_DIRECT, OURS_RECIPIENT_ROUTES};
static const char *const endings[] = {".db", ".lmdb", ".cdb"};

char *ours_path(const struct site *site, const char *name)
{
	return text_format("%s/%s", site->postfix.config_dir, name);
}

/* A relay's name is part of it (settings_check_name). */
static bool is_rewrite(const char *name)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t len = strlen(OURS_SENDER_REWRITE);

	return strncmp(name, OURS_SENDER_REWRITE, len) == 0 && name[len] &&
	       name[len + strspn(name + len, known)] == '\0';
}

bool ours_is_table(const char *name, bool *built)
{
	bool found = is_rewrite(name), ending = false;

	for (size_t i = 0; !found && i < sizeof tables / sizeof *tables; i++) {
		size_t len = strlen(tables[i]);
		if (strncmp(name, tables[i], len) != 0)
			continue;
		found = name[len] == '\0';
		for (size_t k = 0; !found && k < sizeof endings / sizeof *endings; k++)
			found = ending = strcmp(name + len, endings[k]) == 0;
	}
	if (built)
		*built = ending;
	return found;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add(struct ours *ours, char *name)
{
	ours->names = mem_realloc_array(ours->names, ours->count + 1, sizeof *ours->names);
	ours->names[ours->count++] = name;
}

bool ours_tables(struct ours *ours, const struct site *site, struct error *error)
{
	DIR *folder = opendir(site->postfix.config_dir);
	const struct dirent *entry;
	size_t kept = 0;
	int failed = folder ? 0 : errno;

	*ours = (struct ours){0};
	for (;;) {
		errno = 0;
		entry = folder ? readdir(folder) : NULL;
		if (!entry)
			break;
		char *target = steps_target_name(entry->d_name);
		const char *name = target ? target : entry->d_name;
		if (ours_is_table(name, NULL))
			add(ours, text_dup(name));
		free(target);
	}
	if (folder) {
		failed = errno;
		closedir(folder);
	}
	/* What we do not see we would leave behind. */
	if (failed) {
		ours_free(ours);
		return error_errno(error, ERROR_IO, failed, _("Cannot look through the folder %s"),
			site->postfix.config_dir);
	}
	if (ours->count > 0)
		qsort(ours->names, ours->count, sizeof *ours->names, by_text);
	for (size_t i = 0; i < ours->count; i++) {
		if (kept > 0 && strcmp(ours->names[kept - 1], ours->names[i]) == 0)
			free(ours->names[i]);
		else
			ours->names[kept++] = ours->names[i];
	}
	ours->count = kept;
	return true;
}

void ours_free(struct ours *ours)
{
	for (size_t i = 0; i < ours->count; i++)
		free(ours->names[i]);
	free(ours->names);
	*ours = (struct ours){0};
}

bool ours_cut(const struct site *site, const char *list, const char *name, char **rest)
{
	static const char *const types[] = {"texthash", "lmdb", "cdb", "hash"};
	char *path = ours_path(site, name);
	char *left = text_dup(list);
	bool found = false;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char *table = text_format("%s:%s", types[i], path), *shorter;
		while (wanted_without_table(left, table, &shorter)) {
			free(left);
			left = shorter;
			found = true;
		}
		free(table);
	}
	free(path);
	if (found)
		*rest = left;
	else
		free(left);
	return found;
}

bool ours_cut_all(const struct site *site, const char *list, char **rest)
{
	char *left = text_dup(list);
	bool found = false;

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		char *shorter;
		if (ours_cut(site, left, tables[i], &shorter)) {
			free(left);
			left = shorter;
			found = true;
		}
	}
	if (found)
		*rest = left;
	else
		free(left);
	return found;
}

bool ours_is_transport(const char *transport)
{
	size_t len = strlen(OURS_PREFIX);

	return strncmp(transport, OURS_PREFIX, len) == 0 &&
	       (transport[len] == '\0' || transport[len] == ':' || transport[len] == '-');
}

bool ours_is_service(const struct mastercf *cf, const char *key)
{
	size_t len = strlen(OURS_PREFIX);
	const char *value = mastercf_value(cf, key);
	char *label = NULL;

	if (strncmp(key, OURS_PREFIX, len) == 0)
		return key[len] == '/' || key[len] == '-';
	bool hop = value && hop_label(value, &label);
	free(label);
	return hop;
}

bool ours_is_led_to(const struct site *site, const struct maincf *main)
{
	static const char *const lists[] = {"smtp_sasl_password_maps", "smtp_tls_policy_maps",
		"transport_maps", "sender_dependent_default_transport_maps",
		"sender_dependent_relayhost_maps"};
	static const char *const transports[] = {"default_transport", "relay_transport"};
	bool ours = false;

	for (size_t i = 0; !ours && i < sizeof lists / sizeof *lists; i++) {
		const char *now = maincf_value(main, lists[i]);
		char *rest = NULL;
		ours = now && ours_cut_all(site, now, &rest);
		free(rest);
	}
	for (size_t i = 0; !ours && i < sizeof transports / sizeof *transports; i++) {
		const char *now = maincf_value(main, transports[i]);
		ours = now && ours_is_transport(now);
	}
	return ours;
}
