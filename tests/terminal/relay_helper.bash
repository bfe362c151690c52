# shellcheck shell=bash disable=SC2034,SC2119,SC2120 # the tests read what is set here, and give arguments
# relay_helper.bash: the console with the real drivers, on a sandbox of the file's own: a private
# Postfix and the practice provider. Words of helper.bash (keys, screens) and of the system tests
# (what is in the files, what arrives at the provider).
#
#   relay_console [COLUMNSxLINES] [NAME=VALUE ...] [-- ARGUMENT ...]   at the home screen
#   pick KEY ...               the keys that lead from the home screen to an entry, waits for the form
#   picture NAME               golden, with what differs from run to run masked
#   picture_words NAME         the same, as running text: where milliseconds move the line ends

load helper
load ../system/helper

setup_file() {
	umask 022
	setup_sandbox || return 1
	"$PROJECT/tests/sandbox/practice" "$SANDBOX_FOLDER"
	# A copy of its own: other tests run the same program, and processes are found by its path.
	cp -rL "$(dirname "$RELAYCON")/.." "$SANDBOX_FOLDER/program"
	OUR_PASSWORD=$(<"$SANDBOX_PASSWORD_FILE")
	export OUR_PASSWORD
}

teardown_file() {
	remove_sandbox
}

setup() {
	umask 022
	setup_test
	PROGRAM=$SANDBOX_FOLDER/program/bin/relaycon
	RELAYCON=$PROGRAM
	OWN=$SANDBOX_FOLDER/etc
	TMUX_SERVER=
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset TMUX NO_COLOR LINES COLUMNS DIALOGRC
	remember
}

eval "of_the_terminal_$(declare -f teardown)"
teardown() {
	teardown_test
	of_the_terminal_teardown
}

relay_console() {
	local first=() after=()

	while [[ $# -gt 0 && $1 != -- ]]; do
		first+=("$1")
		shift
	done
	[[ $# -eq 0 ]] || after=("${@:2}")
	console "${first[@]}" -- --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" "${after[@]}"
	wait_for "${FIRST_WORDS:-Mail goes:}"
}

menu() {
	keys Enter
	wait_for 'Who delivers'
}

# From the menu "Mail relay" to the practice provider's form.
practice() {
	keys Home Enter
	wait_for 'Password'
}

custom() {
	keys c Enter
	wait_for 'Custom relay'
}

credentials() { # [LOGIN [PASSWORD]]: in a form whose focus is on the login, ends on the button
	typed "${1-$SANDBOX_LOGIN}"
	keys Tab
	typed "${2-$OUR_PASSWORD}"
	keys Enter
}

# A second console beside the first; other_console goes back and forth between them.
second_console() {
	in_tmux rename-session -t test other
	relay_console "$@"
}

other_console() {
	in_tmux rename-session -t test third
	in_tmux rename-session -t other test
	in_tmux rename-session -t third other
}

# In the custom form, from its first field on.
server() { # HOST PORT
	typed "$1"
	keys Tab C-u
	typed "$2"
	keys Tab
}

# In a form, from wherever the focus is: its first button.
submit() {
	while ! screen | grep -q 'Enter presses it'; do
		keys Tab
	done
	keys Enter
}

# The line with the cursor.
focus_is() { # LABEL
	screen | sed -n "$(($(in_tmux display-message -p -t test '#{cursor_y}') + 1))p" | grep -qF "$1" || {
		echo "the focus is not on $1" >&2
		screen >&2
		return 1
	}
}

to_review() {
	relay_console "$@"
	menu
	practice
	credentials
	keys Enter
	wait_for 'This is what will change'
}

set_up_relay() {
	relaycon --config-dir "$OWN" configure practice --login "$SANDBOX_LOGIN" \
		--password-file "$SANDBOX_PASSWORD_FILE" "$@" >/dev/null
}

at_form() {
	relay_console
	menu
	practice
	credentials
}

# The test stands still: the server accepts and says nothing.
hanging() {
	start_server silent
	relay_console
	menu
	custom
	server localhost "$SERVER_PORT"
	keys Tab Tab Tab
	typed "$SANDBOX_CA"
	keys Tab
	credentials
	keys Enter
	wait_for 'Testing the connection'
	wait_for 'Connect'
}

# What may differ from run to run, by something of the same width where there is a border behind it.
masked() {
	local shown last='' i

	for ((i = 0; i < 20; i++)); do
		shown=$(screen)
		[[ $shown != "$last" || $shown == *'Looking at'* ]] || break
		last=$shown
		sleep 0.1
	done
	# Ports have five digits, and the folder's name one length.
	sed -E -e "1s/ relaycon [^ ]* - .*/ relaycon VERSION - HOST/" \
		-e "s|$SANDBOX_FOLDER|/tmp/relaycon-system.FOLDER|g" \
		-e "s/$SANDBOX_PORT_IMPLICIT/IMPLI/g; s/$SANDBOX_PORT_UNTRUSTED/UNTRU/g" \
		-e "s/$SANDBOX_PORT_PLAIN/PLAIN/g; s/$SANDBOX_PORT/PORTS/g; s/${SERVER_PORT:-no server}/SERVE/g" \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/YYYY-MM-DD HH:MM/g' \
		-e 's/[0-9]+ ms/N ms/g; s/Postfix: [0-9.]+/Postfix: V/; s/(::1, )?127\.0\.0\.1(, ::1)?/ADDRESS/g' \
		-e 's/(N ms, )::1/\1ADDRESS/g' \
		-e 's/([0-9A-F]{2}:){4,}([0-9A-F]{2})?/SHA/g' \
		-e 's/ +(│|\||v|>|\^)$/ \1/; s/ *$//' <<<"$shown"
}

compare() { # NAME: the file on standard input
	local file=$HERE/golden/relay-$1.txt

	if [[ -n ${UPDATE_GOLDEN:-} ]]; then
		cat >"$file"
	else
		diff -u "$file" -
	fi
}

picture() {
	masked | compare "$1"
}

picture_words() {
	masked | sed -E 's/[│─┌┐└┘├┤|^]/ /g; s/ [v>]$/ /; s/[0-9]+-[0-9]+ of [0-9]+//' | tr -s ' \n' ' ' |
		sed 's/SHA SHA/SHA/g' | fold -s -w 90 | sed 's/ *$//' | compare "$1"
}

gone() { # PID: within 3 seconds
	local i

	for ((i = 0; i < 60; i++)); do
		[[ -d /proc/$1 ]] || return 0
		sleep 0.05
	done
	echo "process $1 is still there" >&2
	return 1
}

close_terminal() {
	kill "$TMUX_SERVER"
	TMUX_SERVER=
	sleep 0.2
}
