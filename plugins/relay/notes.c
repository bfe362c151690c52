#include "notes.h"

static size_t lines_of(const char *text)
{
	size_t columns = 0;

	/* Every byte that begins a character; wide ones are not worth more exactness here. */
	for (; *text; text++)
		if (((unsigned char)*text & 0xC0) != 0x80)
			columns++;
	return (columns + NOTES_WIDTH - 1) / NOTES_WIDTH;
}

/* Appends the line while there is room for it. */
static void add_line(struct strbuf *out, size_t *room, char *line)
{
	size_t lines = lines_of(line);

	if (lines <= *room) {
		strbuf_adds(out, line);
		strbuf_addc(out, '\n');
		*room -= lines;
	}
	free(line);
}

static char *size_in_words(unsigned long bytes)
{
	return bytes % 1000000 ? text_format(_("%lu bytes"), bytes)
			       : text_format(_("%lu MB"), bytes / 1000000);
}

static char *from_and_size(const struct preset *preset)
{
	char *size = preset->size_limit ? size_in_words(preset->size_limit) : NULL;
	char *line;

	if (preset->from_must_be_verified && size)
		line = text_format(
			_("From address: must be verified there. Largest message: %s."), size);
	else if (preset->from_must_be_verified)
		line = text_format("%s", _("From address: must be verified there."));
	else if (size)
		line = text_format(_("Largest message: %s."), size);
	else
		line = NULL;
	free(size);
	return line;
}

void notes_short(const struct preset *preset, size_t room, struct strbuf *out)
{
	char *line;

	if (preset->login_hint)
		add_line(out, &room, text_format(_("Login: %s"), preset->login_hint));
	if (preset->password_hint)
		add_line(out, &room, text_format(_("Password: %s"), preset->password_hint));
	if (preset->login_optional)
		add_line(out, &room,
			text_dup(_("A login can be left out where this machine's address is "
				   "allowed.")));
	line = from_and_size(preset);
	if (line)
		add_line(out, &room, line);
	if (preset->documentation)
		add_line(out, &room, text_dup(preset->documentation));
}

static void add_paragraph(struct strbuf *out, const char *label, const char *text)
{
	if (text && *text)
		strbuf_addf(out, "%s: %s\n", label, text);
}

void notes_full(const struct preset *preset, struct strbuf *out)
{
	char *ports = preset_other_ports(preset, preset->port);
	char *size = preset->size_limit ? size_in_words(preset->size_limit) : NULL;

	strbuf_addf(out, "%s\n\n", preset->name);
	add_paragraph(out, _("Warning"), preset->warning);
	add_paragraph(out, _("Login"), preset->login_hint);
	add_paragraph(out, _("Password"), preset->password_hint);
	strbuf_addf(out, _("Server: %s port %u, %s\n"), preset->host, preset->port,
		relay_tls_title(preset->tls));
	add_paragraph(out, _("Other ports"), ports);
	add_paragraph(out, _("Login methods"), preset->auth);
	if (preset->from_must_be_verified)
		strbuf_adds(out,
			_("The From address, or its domain, must be verified with the provider; "
			  "other senders are refused.\n"));
	add_paragraph(out, _("Largest message"), size);
	add_paragraph(out, _("Documentation"), preset->documentation);
	if (preset->note_count)
		strbuf_adds(out, _("\nGood to know:\n"));
	for (size_t i = 0; i < preset->note_count; i++)
		strbuf_addf(out, "- %s\n", preset->notes[i]);
	add_paragraph(out, _("\nNot confirmed by the provider's own pages"), preset->unverified);
	strbuf_adds(out,
		_("\nServer... shows host, port, security and verification, and lets you change "
		  "them.\n"));
	free(size);
	free(ports);
}
