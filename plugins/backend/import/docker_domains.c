/* docker_domains.c: the domains that docker-mailserver takes for its own. */
#include <stdlib.h>
#include <string.h>

#include "docker.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_domains(struct docker *docker)
{
	size_t kept = 0;

	if (docker->domain_count == 0)
		return;
	qsort(docker->domains, docker->domain_count, sizeof *docker->domains, by_name);
	for (size_t i = 0; i < docker->domain_count; i++) {
		if (kept > 0 && strcmp(docker->domains[kept - 1], docker->domains[i]) == 0)
			free(docker->domains[i]);
		else
			docker->domains[kept++] = docker->domains[i];
	}
	docker->domain_count = kept;
}

/* "user@example.com|{hash}" and "alias@example.com user@example.com" both begin with an address. */
void docker_add_domains(struct docker *docker, const struct source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		struct span key = source->lines[i].key;
		const char *pipe = key.len > 0 ? memchr(key.at, '|', key.len) : NULL;
		const char *at;
		char *pattern, *text;

		if (pipe)
			key.len = (size_t)(pipe - key.at);
		at = memrchr(key.at, '@', key.len);
		if (!at)
			continue;
		text = text_dup_len(at, key.len - (size_t)(at - key.at));
		if (route_parse(ROUTE_SENDER, text, &pattern, NULL)) {
			docker->domains = mem_realloc_array(
				docker->domains, docker->domain_count + 1, sizeof *docker->domains);
			docker->domains[docker->domain_count++] = pattern;
		}
		free(text);
	}
	sort_domains(docker);
}
