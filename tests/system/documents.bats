#!/usr/bin/env bats
# The manual page, the README and the completion say what the program does: its options, its commands,
# its exit codes and its files, no more and no less. Nothing here needs a sandbox.

bats_require_minimum_version 1.5.0

setup() {
	project=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	: "${RELAYCON:=$project/build/release/root/bin/relaycon}"
	manual=$project/assets/man/relaycon.8
	readme=$project/README.md
	export LC_ALL=C.UTF-8
	unset MAIL_CONFIG
	# The machine's own entries are none of this test's.
	none=$BATS_TEST_TMPDIR/none
	mkdir -p "$none"
}

help_of() { # [COMMAND]
	"$RELAYCON" --config-dir "$none" "$@" --help
}

options_in() { # TEXT: each "--word", once
	grep -oE -- '--[a-z][a-z-]*' | sort -u
}

commands() { # [COMMAND]: or its parts
	help_of "$@" | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p'
}

# Each command, and each part of one ("relay list"), a line.
all_commands() {
	local command part
	for command in $(commands); do
		echo "$command"
		for part in $(commands "$command"); do
			echo "$command $part"
		done
	done
}

options_of() { # [COMMAND]: those that its help lists at the beginning of a line
	help_of "$@" | sed -n 's/^  \(--[a-z][a-z-]*\).*/\1/p' | sort -u
}

# The manual page without its markup, from the heading (to the next one), or all of it.
manual_text() { # [HEADING]
	sed 's/\\-/-/g; s/\\f[A-Z]//g' "$manual" |
		if [[ -n ${1-} ]]; then
			awk -v heading=".SH $1" '/^\.SH/ { inside = $0 == heading; next } inside'
		else
			cat
		fi
}

readme_section() { # HEADING
	awk -v heading="## $1" '/^## / { inside = $0 == heading; next } inside' "$readme"
}

# The options that are explained, not only mentioned: they follow .TP or .TQ.
manual_options() { # HEADING...
	local heading
	for heading; do
		manual_text "$heading" | awk '/^\.T[PQ]/ { getline; print }' | options_in
	done | sort -u
}

same() { # WHAT EXPECTED FOUND
	[[ $2 == "$3" ]] || {
		printf '%s: left the program, right the document\n' "$1"
		diff <(printf '%s\n' "$2") <(printf '%s\n' "$3")
		return 1
	}
}

shared='--help --json'

without() { # OPTIONS... (of standard input)
	grep -vxF -- "$(printf '%s\n' "$@")"
}

@test "the manual page explains every option of every command, and no others" {
	same 'global options' "$(options_of)" "$(manual_options 'GLOBAL OPTIONS')"
	while read -r command headings; do
		read -ra words <<<"${command//_/ }"
		IFS=, read -ra sections <<<"$headings"
		# shellcheck disable=SC2086 # a list
		same "${words[*]}" "$(options_of "${words[@]}" | without $shared)" \
			"$(manual_options "${sections[@]}")"
		echo "${words[*]}" >>"$BATS_TEST_TMPDIR/compared"
	done <<-'END'
		configure OPTIONS OF CONFIGURE AND TEST,OPTIONS OF CONFIGURE
		test OPTIONS OF CONFIGURE AND TEST,OPTIONS OF TEST
		deconfigure OPTIONS OF DECONFIGURE
		status
		providers
		relay_list
		relay_set OPTIONS OF CONFIGURE AND TEST,OPTIONS OF CONFIGURE
		relay_remove OPTIONS OF RELAY REMOVE AND RENAME
		relay_rename OPTIONS OF RELAY REMOVE AND RENAME
		route_list
		route_add OPTIONS OF ROUTE ADD AND REMOVE
		route_remove OPTIONS OF ROUTE ADD AND REMOVE
		route_test OPTIONS OF ROUTE TEST
		export
		apply OPTIONS OF APPLY
		import_docker-mailserver OPTIONS OF IMPORT,OPTIONS OF IMPORT DOCKER-MAILSERVER
		import_confconsole OPTIONS OF IMPORT
	END
	# None was left out, but for those that only have parts.
	same 'commands compared' "$(all_commands | while read -r command; do
		read -ra words <<<"$command"
		[[ -n $(commands "${words[@]}") ]] || echo "$command"
	done | sort)" "$(sort "$BATS_TEST_TMPDIR/compared")"
	for option in $shared; do
		manual_text COMMANDS | grep -qF -- "$option"
	done
}

@test "the manual page and the README name every command, and no others" {
	same 'manual page' "$(all_commands | while read -r command; do
		read -ra words <<<"$command"
		[[ -n $(commands "${words[@]}") ]] || echo "$command"
	done | sort)" "$(manual_text COMMANDS | awk '/^\.T[PQ]/ { getline; gsub(/"/, "")
			print ($3 ~ /^[a-z]/ && $3 !~ /\|/ ? $2 " " $3 : $2) }' | sort)"
	same README "$(commands)" "$(readme_section 'The command line' |
		sed -n 's/^relaycon \([a-z]*\).*/\1/p' | sort -u)"
}

# The console says it of all commands before it loads a module, the module of its own command.
@test "a command's summary is the same in the list and in its own help" {
	for command in $(commands); do
		same "$command" "$(help_of "$command" | awk 'NR > 2 && !NF { exit } NR > 2' | tr -s ' \n' ' ')" \
			"$(help_of | awk -v command="$command" '/^Commands:/ { list = 1; next }
				list && !NF { exit }
				list && /^  [a-z]/ { found = $1 == command; $1 = "" }
				list && found' | tr -s ' \n' ' ' | sed 's/^ //')"
	done
}

@test "the parts of a command that the README names are those that there are" {
	readme_section 'The command line' |
		sed -nE 's/^relaycon (relay|route|import) ([a-z].*[a-zA-Z])( {3,}.*)?$/\1 \2/p' | sed 's/   .*//' |
		while read -r command parts; do
			same "$command" "$(commands "$command" | sort)" \
				"$(tr '|' '\n' <<<"$parts" | awk '{ print $1 }' | sort)" >&2
			echo "$command"
		done >"$BATS_TEST_TMPDIR/compared"
	same 'commands compared' "$(printf '%s\n' import relay route)" "$(sort "$BATS_TEST_TMPDIR/compared")"
}

@test "the manual page has the JSON document of every command" {
	same commands "$(all_commands | while read -r command; do
		read -ra words <<<"$command"
		[[ -n $(commands "${words[@]}") ]] || echo "$command"
	done | sort)" "$(manual_text JSON | awk '/^\.TP/ { getline; sub(/^\.B[R]? /, ""); print }' |
		sed 's/"//g; s/ *, */,/g' | tr ',' '\n' | sort)"
}

@test "the manual page names every key of a relay's section, and no others" {
	same keys "$(sed -n '/^static const char \*const keys\[\] = {/,/};/p' \
		"$project/plugins/backend/settings/relay_section.c" | grep -oE '"[a-z-]+"' | tr -d '"' | sort)" \
		"$({
			manual_text 'SETTINGS AS A FILE' | sed -n '/The keys of a relay are/,/what is left out/p' |
				sed -n 's/^\.IR* //p' | grep -oE '[a-z]+(-[a-z]+)*' | grep -vx and
			manual_text 'SETTINGS AS A FILE' | sed -n '/One more,/,/own:/s/^\.IR* \([a-z]*\).*/\1/p'
		} | sort)"
}

@test "manual page and README name every table of ours" {
	tables=$({
		sed -n 's/^#define OURS_[A-Z_]* "\(relaycon_[a-z_]*\)".*/\1/p' "$project/plugins/backend/change/ours.h"
		grep -ohE 'CONFIG_DIR/relaycon_[a-z_]+' "$project/plugins/backend/settings/site.h" | sed 's/.*\///'
	} | sort -u)
	same 'manual page' "$tables" "$(manual_text FILES | grep -oE 'relaycon_[a-z_]+' | sort -u)"
	same README "$tables" "$(readme_section 'What is kept where' | grep -oE 'relaycon_[a-z_]+' | sort -u)"
}

@test "every option that the README mentions exists" {
	known=$({ options_of; all_commands | while read -r command; do
		read -ra words <<<"$command"
		options_of "${words[@]}"
	done; } | sort -u)
	options_in <"$readme" | while read -r option; do
		grep -qxF -- "$option" <<<"$known" || {
			echo "the README's $option is no option"
			exit 1
		}
	done
}

@test "README and manual page give the exit codes that the program has" {
	# The backend's by their values; those that the console adds by their names in sysexits.h.
	known=$({
		sed -n 's/^\tERROR_[A-Z]* = \([0-9]*\),.*/\1/p' "$project/plugins/backend/base/error.h"
		grep -ohE '\bEX_[A-Z]+' "$project"/console/*.c | sort -u | while read -r name; do
			sed -n "s/^#define ${name}[[:space:]]*\([0-9]*\).*/\1/p" /usr/include/sysexits.h
		done
	} | sort -nu)
	[[ -n $known ]]
	same 'manual page' "$known" "$(manual_text 'EXIT STATUS' |
		awk '/^\.TP/ { getline; print }' | tr -c '0-9' '\n' | grep . | sort -n)"
	same README "$known" "$(readme_section 'The command line' |
		sed -n '/Exit codes are those of sysexits/,/^$/p' | tr -c '0-9' '\n' | grep . | sort -n)"
}

@test "the codes that are easy to reach are what is written" {
	run "$RELAYCON" --config-dir "$none" --version
	[[ $status == 0 && $output == "relaycon "* ]]
	grep -qF "\"$output\"" "$manual"
	run "$RELAYCON" --config-dir "$none" providers
	[[ $status == 0 ]]
	run "$RELAYCON" --config-dir "$none" frobnicate
	[[ $status == 64 ]]
	run "$RELAYCON" --config-dir "$none" --postfix-config "$none" --state-dir "$none/state" status
	[[ $status == 78 || $status == 77 ]]
	[[ ! -e $none/state ]]
}

@test "the README counts the providers as they are" {
	count=$(find "$project/providers" -name '*.ini' | wc -l)
	named=$(sed -n 's/.*and \([0-9]*\) more) or any.*/\1/p' "$readme")
	((named + 4 == count)) || {
		echo "$count providers; the README names four and $named more"
		return 1
	}
}

@test "the provider of the README's example works" {
	mkdir -p "$none/providers"
	# shellcheck disable=SC2016 # backquotes are meant
	readme_section 'Adding a provider' | sed -n '/^```ini$/,/^```$/p' | grep -v '^```' \
		>"$none/providers/example.ini"
	[[ -s $none/providers/example.ini ]]
	run --separate-stderr "$RELAYCON" --config-dir "$none" providers
	[[ $status == 0 && -z $stderr && $output == *"Example Mail: smtp.example.com port 587"* ]]
}

@test "what the README quotes of the program, the program says" {
	sentences=$(find "$project/plugins" -name '*.c' -exec sed -E ':a;N;$!ba;s/"\n\s*"//g' {} +)
	readme_section Troubleshooting | grep '^| ' | cut -d '|' -f 2 | grep -oE '"[^"]+"' | tr -d '"' |
		while read -r words; do
			[[ $sentences == *"$words"* ]] || {
				echo "nothing says \"$words\""
				exit 1
			}
		done
}

@test "what the README links to is there" {
	grep -oE '\]\([^)#:]+\)' "$readme" | tr -d ']()' | while read -r file; do
		[[ -e $project/$file ]] || {
			echo "the README's $file is missing"
			exit 1
		}
	done
}

@test "the completion offers what the help says" {
	# shellcheck source=/dev/null
	source "$project/assets/completions/relaycon"
	relaycon() { "$RELAYCON" --config-dir "$none" "$@"; }
	complete_at() { # WORDS...
		COMP_WORDS=(relaycon "$@")
		COMP_CWORD=$#
		COMPREPLY=()
		_relaycon
		printf '%s\n' "${COMPREPLY[@]}" | sort
	}
	same commands "$(commands)" "$(complete_at '')"
	same 'global options' "$(options_of)" "$(complete_at --)"
	for command in $(commands); do
		same "$command" "$(options_of "$command")" "$(complete_at "$command" --)"
		[[ -z $(commands "$command") ]] ||
			same "parts of $command" "$(commands "$command" | sort)" "$(complete_at "$command" '')"
		for part in $(commands "$command"); do
			same "$command $part" "$(options_of "$command" "$part")" \
				"$(complete_at "$command" "$part" --)"
		done
	done
	for option in tls verify; do
		same "--$option" "$(help_of configure | sed -n "s/^  --$option \([a-z|]*\).*/\1/p" | tr '|' '\n' | sort)" \
			"$(complete_at configure "--$option" '')"
	done
	same providers "$("$RELAYCON" --config-dir "$none" providers --json |
		sed -n 's/^ *"id": *"\(.*\)",/\1/p' | { cat; echo custom; } | sort)" "$(complete_at configure '')"
	same 'providers of relay set' "$(complete_at configure '')" "$(complete_at relay set new '')"
}
