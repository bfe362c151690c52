/*
 * fuzz.h: what every fuzz target shares.
 *
 * A target is one function that takes any bytes and breaks off (abort) where a promise of the code
 * under test does not hold. Built with clang it is driven by libFuzzer (make fuzz), built with gcc by
 * replay.c, which runs the committed corpus. An input is text as far as it can be, so that people can
 * read and write one: the first lines say what to do, the rest is the file or the server's words.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define PROMISE(holds, ...)                                                                        \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: broken promise: ", __FILE__, __LINE__);            \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct fuzz_input {
	const char *bytes;
	size_t len;
};

static inline int fuzz_byte(struct fuzz_input *input)
{
	if (input->len == 0)
		return 0;
	input->len--;
	return (unsigned char)*input->bytes++;
}

/* The next line without its newline; caller frees. `len` may be NULL where a NUL may end it. */
static inline char *fuzz_line(struct fuzz_input *input, size_t *len)
{
	const char *newline = input->len ? memchr(input->bytes, '\n', input->len) : NULL;
	size_t used = newline ? (size_t)(newline - input->bytes) : input->len;
	char *line = malloc(used + 1);

	if (!line)
		abort();
	memcpy(line, input->len ? input->bytes : "", used);
	line[used] = '\0';
	if (len)
		*len = used;
	input->bytes += used + (newline != NULL);
	input->len -= used + (newline != NULL);
	return line;
}

/* The rest as a C string; caller frees. */
static inline char *fuzz_text(const struct fuzz_input *input)
{
	char *text = malloc(input->len + 1);

	if (!text)
		abort();
	if (input->len)
		memcpy(text, input->bytes, input->len);
	text[input->len] = '\0';
	return text;
}

/* A file in memory that holds these bytes, for functions that take a path. Close the descriptor. */
static inline int fuzz_file(const void *bytes, size_t len, char *path, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || (len > 0 && write(fd, bytes, len) != (ssize_t)len) ||
		lseek(fd, 0, SEEK_SET) != 0)
		abort();
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
