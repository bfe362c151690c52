/*
 * fuzz_entry.c: an entry's file, read by the console. Whatever it holds, it becomes at most one
 * entry; an entry without a problem names a module and driver that cannot leave their folder, and a
 * file that is not trusted gives neither command words nor anything else to follow.
 *
 * Input: a byte (bit 0: commands allowed, bit 1: not trusted), then the INI file.
 */
#include "entry_file.h"
#include "fuzz.h"

static void promise_entry(const struct entry *entry, bool commands, bool trusted)
{
	PROMISE(entry->title && entry->id && entry->path, "an entry without a title");
	for (size_t i = 0; i < entry->place_count; i++)
		PROMISE(entry->places[i].menu && *entry->places[i].menu, "a menu without a name");
	PROMISE(trusted || entry->problem, "an entry that is not trusted has no problem");
	if (entry->problem) {
		PROMISE(*entry->problem && entry->place_count > 0, "a problem that nobody sees");
		return;
	}
	PROMISE(!entry->driver != !entry->opens, "neither driver nor menu, or both");
	PROMISE(!entry->driver || (text_is_name(entry->driver) && text_is_name(entry->module)),
		"driver %s/%s", entry->module, entry->driver);
	PROMISE(commands || entry->commands.count == 0, "command words out of place");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	struct catalogue catalogue = {0};
	int flags = fuzz_byte(&input);
	bool commands = flags & 1, trusted = !(flags & 2);
	char path[64];
	int fd = fuzz_file(input.bytes, input.len, path, sizeof path);

	entry_file_read(&catalogue, path, "fuzz", commands, trusted ? NULL : "not root's");
	close(fd);
	PROMISE(catalogue.entry_count <= 1, "%zu entries of one file", catalogue.entry_count);
	for (size_t i = 0; i < catalogue.entry_count; i++)
		promise_entry(catalogue.entries[i], commands, trusted);
	PROMISE(trusted || (!catalogue.menu_count && !catalogue.option_count &&
				   !catalogue.command_count),
		"texts of a file that is not trusted");
	for (size_t i = 0; i < catalogue.menu_count; i++)
		PROMISE(text_is_name(catalogue.menus[i].name), "menu %s", catalogue.menus[i].name);
	for (size_t i = 0; i < catalogue.option_count; i++)
		PROMISE(text_is_name(catalogue.options[i].name), "option %s",
			catalogue.options[i].name);
	for (size_t i = 0; i < catalogue.command_count; i++)
		PROMISE(text_is_name(catalogue.commands[i].word), "command %s",
			catalogue.commands[i].word);
	catalogue_free(&catalogue);
	return 0;
}
