#!/bin/bash
# boundaries.sh [ROOT]: who may call whom (DESIGN), proven on the sources; 1 and the places where a
# line is crossed. boundaries.sh --self-test crosses each line on purpose and expects to be caught.
set -uo pipefail
shopt -s lastpipe
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
crossed=0

report() { # RULE, places on standard input
	local places
	places=$(cat)
	[[ -n $places ]] || return 0
	printf 'boundaries: %s\n' "$1" >&2
	# shellcheck disable=SC2001
	sed 's/^/    /' <<<"$places" >&2
	crossed=1
}

# The sources of a folder, one path a line.
sources() { # FOLDER...
	local folder
	for folder in "$@"; do
		[[ ! -d $folder ]] || find "$folder" -name '*.[ch]' | sort
	done
}

# Every include as file:line:target, the target as <system.h>, or a path from the root.
list_includes() { # FOLDERS
	local file line text
	sources "$@" | xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include' |
		while IFS=: read -r file line text; do
			if [[ $text =~ \<([^\>]+)\> ]]; then
				printf '%s:%s:<%s>\n' "$file" "$line" "${BASH_REMATCH[1]}"
			elif [[ $text =~ \"([^\"]+)\" ]]; then
				printf '%s:%s:%s\n' "$file" "$line" \
					"$(realpath -m --relative-to=. "${file%/*}/${BASH_REMATCH[1]}")"
			fi
		done
}

# The code without comments, strings and includes, each line after its file's name.
list_code() { # FOLDERS
	local file
	sources "$@" | while read -r file; do
		gcc -fpreprocessed -dD -E -P "$file" 2>/dev/null |
			sed -E 's/"([^"\\]|\\.)*"/""/g; /^#include/d' | sed "s|^|$file: |"
	done
}

includes_of() { # FOLDER
	grep "^$1/" <<<"$includes"
}

calls_of() { # FOLDER, FUNCTION|...
	grep "^$1/" <<<"$code" | grep -E "(^|[^a-z_>.])($2)[[:space:]]*\("
}

check() { # in the current folder
	local room
	crossed=0
	includes=$(list_includes console plugins)
	code=$(list_code console plugins)

	includes_of console | grep -E ':plugins/' |
		report 'console/ includes nothing from plugins/'
	includes_of plugins | grep ':console/' | grep -v ':console/console\.h$' |
		report 'console/console.h is all that a driver sees of the console'
	includes_of plugins/backend | grep -E ':(console/|plugins/(relay|operate)/)' |
		report 'the backend includes neither console nor driver headers'
	grep -E ':<(dialog|dlg_[a-z]+|n?curses(w?/.*)?|curses|term|termcap|ncurses.*|panel|form|menu)\.h>' <<<"$includes" |
		grep -vE '^console/screen(_[a-z]+)*\.[ch]:' |
		report 'only the dialog adapter (console/screen*) includes <dialog.h> or curses'
	for room in relay operate; do
		includes_of "plugins/$room" | grep ':plugins/backend/' | grep -v ':plugins/backend/relay_api\.h$' |
			report 'plugins/backend/relay_api.h is all that a driver sees of the backend'
		includes_of "plugins/$room" | grep -E ':plugins/(relay|operate)/' | grep -v ":plugins/$room/" |
			report 'one module knows nothing of another'
		calls_of "plugins/$room" 'printf|vprintf|puts|putchar|perror|getpass|exit|_exit|abort' |
			report 'drivers ask and print only through the host'
	done
	grep '^plugins/' <<<"$code" | grep -E '(^|[^a-z_])(stdout|stderr)([^a-z_]|$)' |
		report 'neither backend nor drivers write to the terminal by themselves'
	# Out of memory ends the process with words (strbuf); nothing else does but a child of our own.
	calls_of plugins/backend 'printf|vprintf|puts|putchar|perror|exit|_exit|quick_exit' |
		grep -vE '^plugins/backend/(base/child|smtp/background|base/strbuf)\.c: .*_exit' |
		report 'the backend never prints and never exits (a forked child may _exit, and who has no memory left)'

	# The floors of the backend: a room knows only those below it.
	while read -r room above; do
		includes_of "plugins/backend/$room" | grep -E ":plugins/backend/($above)/" |
			report "backend/$room knows nothing of the rooms above and beside it ($above)"
	done <<-'END'
		base postfix|settings|smtp|change|status|import
		postfix settings|smtp|change|status|import
		settings smtp|change|status|import
		smtp change|status|import
		change smtp|status|import
		status import
		import smtp|status
	END
	return "$crossed"
}

# --- the check, checked ---------------------------------------------------------------------------

self_test() {
	local folder line missed=0
	folder=$(mktemp -d)
	# shellcheck disable=SC2064
	trap "rm -rf '$folder'" EXIT
	while IFS='|' read -r path text; do
		rm -rf "${folder:?}"/*
		mkdir -p "$folder/$(dirname "$path")" "$folder/console" "$folder/plugins/relay" "$folder/plugins/backend/base"
		printf '%s\n' "$text" >"$folder/$path"
		if (cd "$folder" && check) 2>/dev/null; then
			echo "boundaries: not caught: $text in $path" >&2
			missed=1
		fi
	done <<-'END'
		console/menu.c|#include "../plugins/backend/relay_api.h"
		console/menu.c|#include "../plugins/relay/drivers.h"
		console/menu.c|#include <dialog.h>
		console/menu.c|# include <curses.h>
		console/plain.c|#include <ncursesw/ncurses.h>
		plugins/relay/preset.c|#include "../../console/host.h"
		plugins/relay/preset.c|#include "../backend/smtp/probe.h"
		plugins/relay/preset.c|#include <dialog.h>
		plugins/relay/preset.c|void f(void) { printf("%d", 1); }
		plugins/relay/preset.c|void f(void) { fputs("x", stderr); }
		plugins/relay/preset.c|#include "../operate/drivers.h"
		plugins/operate/log.c|#include "../relay/drivers.h"
		plugins/backend/smtp/probe.c|#include "../../../console/console.h"
		plugins/backend/smtp/probe.c|#include "../../relay/drivers.h"
		plugins/backend/smtp/probe.c|#include "../change/plan.h"
		plugins/backend/base/text.c|#include "../settings/relay.h"
		plugins/backend/base/text.c|void f(void) { exit(1); }
		plugins/backend/base/text.c|void f(void) { puts("x"); }
		plugins/backend/postfix/maincf.c|#include "../settings/site.h"
		plugins/backend/settings/relay.c|#include "../change/plan.h"
		plugins/backend/settings/site.c|#include "../status/status.h"
		plugins/backend/change/plan.c|#include "../smtp/probe.h"
		plugins/backend/import/adopt.c|#include "../status/status.h"
		plugins/backend/change/plan.c|void f(void) { _exit(1); }
	END
	while IFS='|' read -r path text; do
		rm -rf "${folder:?}"/*
		mkdir -p "$folder/$(dirname "$path")"
		printf '%s\n' "$text" >"$folder/$path"
		if ! (cd "$folder" && check) 2>/dev/null; then
			echo "boundaries: wrongly caught: $text in $path" >&2
			missed=1
		fi
	done <<-'END'
		console/screen.c|#include <dialog.h>
		console/screen_terminal.c|#include <term.h>
		plugins/relay/preset.c|#include "../../console/console.h"
		plugins/relay/preset.c|#include "../backend/relay_api.h"
		plugins/relay/preset.c|/* printf(stdout) here would be wrong */ void f(void) { host->print(host, "exit(1)"); }
		plugins/backend/base/child.c|void f(void) { _exit(127); }
		plugins/backend/change/plan.c|#include "../settings/relay.h"
		plugins/backend/change/plan.c|void f(void) { snprintf(a, 1, "x"); strbuf_printf(x); }
	END
	return "$missed"
}

if [[ ${1-} == --self-test ]]; then
	self_test
else
	cd "${1:-$here/../..}" && check
fi
