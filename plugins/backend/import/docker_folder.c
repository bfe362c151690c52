/* docker_folder.c: docker-mailserver's folder (docker.h): its files, one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../base/i18n.h"
#include "../base/text.h"
#include "docker_lines.h"

static bool check_folder(const char *folder, struct error *error)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return error_errno(error, ERROR_IO, errno, _("Cannot read the folder %s"), folder);
	return S_ISDIR(st.st_mode) ||
	       error_set(error, ERROR_DATA, _("%s is not a folder."), folder);
}

static bool read_one(
	struct source *source, const char *folder, const char *name, struct error *error)
{
	char *path = text_format("%s/%s", folder, name);
	bool ok = source_read(source, path, error);

	free(path);
	return ok;
}

bool docker_read(struct docker *docker, const char *folder, struct error *error)
{
	struct source accounts = {0}, aliases = {0}, overrides = {0};
	bool ok = check_folder(folder, error) &&
		  read_one(&docker->map, folder, DOCKER_RELAY_MAP, error) &&
		  read_one(&docker->passwords, folder, DOCKER_PASSWORDS, error) &&
		  read_one(&accounts, folder, DOCKER_ACCOUNTS, error) &&
		  read_one(&aliases, folder, DOCKER_ALIASES, error) &&
		  read_one(&overrides, folder, DOCKER_OVERRIDES, error);

	if (ok && !docker->map.exists && !docker->passwords.exists && !docker->options->env_file) {
		ok = error_set(error, ERROR_DATA, _("In %s there is neither %s nor %s."), folder,
			DOCKER_RELAY_MAP, DOCKER_PASSWORDS);
		error_advise(error,
			_("Name the folder that docker-mailserver sees as /tmp/docker-mailserver "
			  "(docker-data/dms/config); if the relay is set by variables alone, name "
			  "their file with --env."));
	}
	if (ok) {
		for (size_t i = 0; i < docker->map.count; i++)
			docker_take_mapping(docker, &docker->map.lines[i]);
		docker_take_credentials(docker);
		docker_add_domains(docker, &accounts);
		docker_add_domains(docker, &aliases);
		docker_say_overrides(docker, &overrides);
	}
	source_free(&overrides);
	source_free(&accounts);
	source_free(&aliases);
	return ok;
}

void docker_free(struct docker *docker)
{
	for (size_t i = 0; i < docker->mapping_count; i++) {
		free(docker->mappings[i].pattern);
		nexthop_free(&docker->mappings[i].hop);
	}
	for (size_t i = 0; i < docker->credential_count; i++) {
		free(docker->credentials[i].pattern);
		free(docker->credentials[i].login);
		nexthop_free(&docker->credentials[i].hop);
		strbuf_free(&docker->credentials[i].relays);
	}
	for (size_t i = 0; i < docker->domain_count; i++)
		free(docker->domains[i]);
	free(docker->mappings);
	free(docker->credentials);
	free(docker->servers);
	names_free(&docker->by_sender);
	names_free(&docker->logins);
	free(docker->domains);
	nexthop_free(&docker->default_hop);
	nexthop_free(&docker->relay_hop);
	import_maker_close(&docker->maker);
	environment_free(&docker->environment);
	source_free(&docker->map);
	source_free(&docker->passwords);
	*docker = (struct docker){0};
}
