/*
 * replay.c: runs a fuzz target on files: replay FILE|FOLDER... Says how many there were. What the
 * fuzzers found stays found, without clang.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

#pragma weak LLVMFuzzerInitialize

static unsigned long count;

static void run_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct stat st;

	if (!in || fstat(fileno(in), &st) != 0) {
		perror(path);
		exit(2);
	}
	/* To the byte, so that a sanitizer sees who reads past the end. */
	size_t size = (size_t)st.st_size;
	uint8_t *bytes = malloc(size ? size : 1);
	if (!bytes || fread(bytes, 1, size, in) != size) {
		perror(path);
		exit(2);
	}
	fclose(in);
	/* Stands on the error output should it be the last one. */
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	count++;
}

static void run_path(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir) {
		run_file(path);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		char name[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		run_file(name);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%lu\n", count);
	return 0;
}
