# ini_strings.awk FILE...: what the console shows of INI files, as C for xgettext: the titles,
# summaries, texts and helps of [entry], [menu], [option] and [command]. Values are put together as
# console/inifile.c does: an indented line continues with a blank, a lone "." makes a paragraph.
# The titles of providers are names, and stay.

function flush_value() {
	if (value != "") {
		gsub(/\\/, "\\\\", value)
		gsub(/"/, "\\\"", value)
		gsub(/\n/, "\\n", value)
		printf "#line %d \"%s\"\nN_(\"%s\")\n", line, file, value
	}
	value = ""
}

FNR == 1 {
	flush_value()
	file = FILENAME
	section = ""
}

/^[;#]/ { next }

/^\[/ {
	flush_value()
	section = $1
	sub(/^\[/, "", section)
	sub(/\].*/, "", section)
	next
}

/^[ \t]/ {
	if (value == "")
		next
	sub(/^[ \t]+/, "")
	sub(/[ \t\r]+$/, "")
	if ($0 == ".")
		value = value "\n\n"
	else
		value = value (value ~ /\n$/ ? "" : " ") $0
	next
}

{
	flush_value()
	if (section !~ /^(entry|menu|option|command)$/)
		next
	name = $0
	sub(/[ \t]*=.*/, "", name)
	if (name !~ /^(title|summary|text|help|argument)$/ || (name == "title" && file ~ /^providers\//))
		next
	line = FNR
	value = $0
	sub(/^[^=]*=[ \t]*/, "", value)
	sub(/[ \t\r]+$/, "", value)
}

END { flush_value() }
