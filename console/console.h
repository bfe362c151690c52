/*
 * console.h: the one header that a driver sees of the console: what the host offers, and what a
 * module exports.
 *
 * A module is a shared object that exports one constant table named console_module. It begins with
 * the ABI version and its size; the host refuses a mismatch, naming both numbers. A driver asks the
 * user and prints only through the host that it is handed, so the same driver serves the screen
 * (dialog), plain prompts (numbered lines) and the command line, and a fake host can test it.
 *
 * Entries: an entry's INI names its title, one-line summary, menus, order, driver and commands:
 *
 *   [entry]
 *   title = Brevo
 *   summary = Recommended; free plan available
 *   menu = relay, providers        the menus it stands in
 *   order = 10, 10                 its place in each; entries of the same order sort by title
 *   driver = relay/preset          module/driver, or
 *   opens = providers              the menu that it opens
 *   command = configure            command words that this driver serves (only in entries/)
 *   privileged = yes               needs root; otherwise exit 77 with the word "sudo"
 *
 *   [panel]                        instead of [entry]: text at the top of a menu
 *   menu = home
 *   driver = relay/status
 *
 *   [menu relay]                   a menu's own title, text and help
 *   title = Mail relay
 *   text = ...
 *   help = ...
 *
 *   [option postfix-config]        an option that stands before the command and is handed on
 *   argument = DIR
 *   summary = ...
 *
 *   [command configure]            summary for --help and completion
 *   summary = ...
 *   privileged = yes
 *
 * The host reads every *.ini of each folder below its share folder (entries/ first, then providers/
 * and whatever else stands there), then of the same folders below /etc/relaycon, which override
 * files of the same name. Sections it does not know ([provider], [regions]) are the driver's own.
 *
 * All strings are UTF-8 and translated already, except those of constant tables (console_command,
 * console_option) and of the INI files: these are marked for translation, and the host translates
 * them where it shows them. The host copies whatever it keeps.
 */
#ifndef RELAYCON_CONSOLE_H
#define RELAYCON_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#define CONSOLE_ABI 3u
#define CONSOLE_MODULE_SYMBOL "console_module"

enum console_mode {
	CONSOLE_SCREEN,  /* full screen */
	CONSOLE_PLAIN,   /* numbered questions and lines */
	CONSOLE_COMMAND, /* one command; asks only for a secret, and only at a terminal */
};

enum console_answer {
	CONSOLE_OK,
	CONSOLE_BACK, /* Back or ESC: one step back, nothing applied */
	CONSOLE_GONE, /* hang-up, end of input, no usable terminal: unwind and apply nothing */
};

/* A page of text with buttons: a message, a question, a diff to scroll. The last button is always
 * "Back" and need not be listed; with no buttons there is a single one, "OK". */
enum { CONSOLE_BUTTONS_MAX = 3 };

struct console_page {
	const char *title;
	const char *intro; /* lines above the text, wrapped in any case; may be NULL */
	const char *text;  /* lines; long ones are wrapped unless `preformatted` */
	const char *help;  /* F1; NULL: the general help about keys */
	const char *buttons[CONSOLE_BUTTONS_MAX];
	size_t default_button;
	bool preformatted; /* a diff: not wrapped, scrolls both ways, marked + and - */
	bool warning;      /* drawn so as to be noticed; the default button is Back */
	bool commits; /* a button changes something: what was typed before the page was there, or is
	                      part of a paste, presses none */
};

struct console_item {
	const char *title;
	const char *summary; /* may be NULL */
};

struct console_menu {
	const char *title;
	const char *text;
	const char *help;
	const struct console_item *items;
	size_t count;
};

enum console_field_kind {
	CONSOLE_FIELD_TEXT,
	CONSOLE_FIELD_SECRET, /* hidden; F2 shows and hides; `value` may be locked memory: typed straight in,
	                         and the host keeps no copy */
	CONSOLE_FIELD_FIXED,  /* shown, read-only */
	CONSOLE_FIELD_CHOICE, /* `value` holds the word of one of `choices` */
};

struct console_choice {
	const char *word;  /* what goes into value */
	const char *title; /* what is shown */
};

struct console_form;

struct console_field {
	const char *name; /* stable word, for messages in scripts and tests */
	const char *label;
	const char *hint; /* one line shown while the field has the focus; may be NULL */
	enum console_field_kind kind;
	char *value; /* in and out; size bytes with the NUL */
	size_t size;
	const struct console_choice *choices; /* CONSOLE_FIELD_CHOICE */
	size_t choice_count;
	/* NULL, or: is the value acceptable? Fills why with what is wrong and what to do. Called when the
	 * form is submitted; the form stays, with the focus on the first field at fault. */
	bool (*check)(const struct console_form *form, const struct console_field *field, char *why,
		size_t size);
};

struct console_form {
	const char *title;
	const char *text; /* above the fields */
	const char *help;
	struct console_field *fields;
	size_t count;
	size_t focus;        /* in: the field to start on; out: where it was left */
	const char *problem; /* in: shown above the buttons until something is typed; may be NULL */
	const char *buttons[CONSOLE_BUTTONS_MAX]; /* first is the default; Back is added */
	/* NULL, or called after a field was left changed, so that fields can suggest each other's values. */
	void (*changed)(struct console_form *form, size_t field);
	/* What was typed earlier counts as an edit already (the form is shown again). */
	bool edited;   /* in and out */
	void *context; /* the driver's own */
};

enum console_step_state {
	CONSOLE_STEP_WAITING,
	CONSOLE_STEP_RUNNING,
	CONSOLE_STEP_OK,
	CONSOLE_STEP_FAILED,
	CONSOLE_STEP_SKIPPED
};

struct console_progress {
	const char *title;
	const char *text;
	const char *const *steps; /* their titles */
	size_t count;
};

struct console_host {
	unsigned abi;
	enum console_mode mode;
	bool json;       /* --json was given: one JSON document on standard output, nothing else */
	bool terminal;   /* somebody is there to be asked */
	bool privileged; /* running as root */

	/* Talking to the user: CONSOLE_SCREEN and CONSOLE_PLAIN. In CONSOLE_COMMAND they answer
	 * CONSOLE_BACK without asking. */
	enum console_answer (*page)(
		const struct console_host *host, const struct console_page *page, size_t *button);
	enum console_answer (*menu)(const struct console_host *host,
		const struct console_menu *menu, size_t *chosen); /* in: preselected; out: chosen */
	/* The host checks the fields, asks before edits are thrown away, and survives resizes. Any button
	 * but the first leaves the fields unchecked. */
	enum console_answer (*form)(
		const struct console_host *host, struct console_form *form, size_t *button);

	/* A list of steps as they happen. In CONSOLE_COMMAND each ended step is one line on standard
	 * error where that is a terminal. step and poll give false when the user cancels (ESC). */
	void (*progress_begin)(
		const struct console_host *host, const struct console_progress *progress);
	bool (*progress_step)(const struct console_host *host, size_t step,
		enum console_step_state state, long ms, const char *detail);
	bool (*progress_poll)(const struct console_host *host);
	void (*progress_end)(const struct console_host *host);

	/* Commands: text to standard output (nothing is added), a note to standard error. */
	void (*print)(const struct console_host *host, const char *text);
	void (*note)(const struct console_host *host, const char *text);
	/* An error, in words, wherever the user is: a page, a plain line, standard error, or with --json a
	 * document {"result": "failed", "error": {"code", "message", "advice"}}. Gives back `code`. */
	int (*fail)(
		const struct console_host *host, int code, const char *message, const char *advice);
	/* Asks for a secret at the terminal, without echo, straight into `value`; a colon is put behind
	 * the prompt. CONSOLE_BACK where nobody can be asked. */
	enum console_answer (*secret)(
		const struct console_host *host, const char *prompt, char *value, size_t size);

	/* Before files are changed. False: to end was asked for already, change nothing. True: from here
	 * on no hang-up, termination or Ctrl-C (a second one included) ends the process by itself; it is
	 * heeded after the change was told of. */
	bool (*begin_change)(const struct console_host *host);

	/* The value of an option declared by an [option NAME] section, NULL when not given. */
	const char *(*option)(const struct console_host *host, const char *name);
	/* The folders of that name (e.g. "providers"), shipped first, the administrator's last;
	 * NULL-terminated; valid as long as the host. */
	const char *const *(*folders)(const struct console_host *host, const char *name);
	/* One audit line to the system log: who (also behind sudo) is added. Never pass a secret. */
	void (*audit)(const struct console_host *host, const char *action, const char *from,
		const char *to, const char *result);

	void *self; /* the host's own */
};

/* Commands. Options are given as --name VALUE or --name=VALUE. Every command has --help and --json. */
struct console_option {
	const char *name;
	const char *argument; /* NULL: a flag */
	const char *summary;
};

struct console_call {
	const char *const *arguments; /* what is not an option */
	size_t argument_count;
	/* By option name: its value ("" for a flag that is set), NULL when not given. */
	const char *(*option)(const struct console_call *call, const char *name);
	void *self;
};

struct console_command {
	const char *word;
	const char *arguments; /* for the usage line: "PROVIDER|custom"; "" when there are none */
	size_t min_arguments;
	size_t max_arguments;
	const char *summary;
	const struct console_option *options;
	size_t option_count;
	/* Gives the exit code. */
	int (*run)(const struct console_host *host, const struct console_call *call);
	/* Or the words that stand behind this one ("relay list", "relay set"), each with arguments, options
	 * and summary of its own; then this one has only its word and its summary. */
	const struct console_command *parts;
	size_t part_count;
};

struct console_entry {
	const char *id; /* the INI file's name without .ini */
	const char *title;
};

struct console_driver {
	const char *name;
	/* The entry was chosen; returns when the user goes back to the menu. NULL: commands only. */
	enum console_answer (*run)(
		const struct console_host *host, const struct console_entry *entry);
	/* The text of a [panel]: a few lines "label: value". NULL: no panel. */
	void (*describe)(const struct console_host *host, char *text, size_t size);
	const struct console_command *commands;
	size_t command_count;
};

struct console_module {
	unsigned abi; /* CONSOLE_ABI */
	size_t size;  /* sizeof(struct console_module) */
	const char *name;
	const struct console_driver *drivers;
	size_t driver_count;
};

/* A module defines: CONSOLE_EXPORT const struct console_module console_module = {...}; */
#define CONSOLE_EXPORT __attribute__((visibility("default")))
extern const struct console_module console_module;

#endif
