# shellcheck shell=bash disable=SC2034 # the tests read what is set here
# helper.bash: the console in a terminal of its own: tmux on a socket of its own, of a fixed size.
#
#   console [COLUMNSxLINES] [NAME=VALUE ...] [-- ARGUMENT ...]   starts it on the demo module
#   keys KEY ...      as tmux names them; a text is typed as it is with: typed TEXT
#   wait_for TEXT     until the screen shows it, for at most 20 seconds: a busy machine is no failure
#   golden NAME       the screen is golden/NAME.txt (UPDATE_GOLDEN=1 writes it)
#
# The program is copied into a scratch tree with a module and entries for tests, so that nothing
# here depends on the real drivers.

bats_require_minimum_version 1.5.0

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROJECT=$(cd "$HERE/../.." && pwd)
: "${RELAYCON:=$PROJECT/build/release/root/bin/relaycon}"

compile_module() { # FILE [FLAG ...]
	local to=$1
	shift
	cc -std=c17 -D_GNU_SOURCE -shared -fPIC -fvisibility=hidden -I"$PROJECT/console" "$@" \
		"$HERE/demo_module.c" -o "$to"
}

setup_file() {
	[[ -x $RELAYCON ]] || {
		echo "there is no $RELAYCON: build first" >&2
		return 1
	}
	umask 022
	mkdir "$BATS_FILE_TMPDIR/module"
	compile_module "$BATS_FILE_TMPDIR/module/demo.so"
}

setup() {
	umask 022
	ROOT=$BATS_TEST_TMPDIR/root
	mkdir -p "$ROOT/bin" "$ROOT/lib/relaycon" "$ROOT/share/relaycon/entries" \
		"$ROOT/share/relaycon/providers" "$BATS_TEST_TMPDIR/etc"
	cp "$RELAYCON" "$ROOT/bin/relaycon"
	cp "$BATS_FILE_TMPDIR/module/demo.so" "$ROOT/lib/relaycon/"
	cp "$HERE"/entries/*.ini "$ROOT/share/relaycon/entries/"
	PROGRAM=$ROOT/bin/relaycon
	OWN=$BATS_TEST_TMPDIR/etc
	TMUX_SERVER=
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset TMUX NO_COLOR LINES COLUMNS DIALOGRC
}

teardown() {
	local left

	[[ -z $TMUX_SERVER ]] || kill "$TMUX_SERVER" 2>/dev/null || true
	# Whatever the test was about: with its terminal the console goes.
	for _ in {1..300}; do
		left=$(pgrep -f "^$PROGRAM" || true)
		[[ -n $left ]] || return 0
		sleep 0.05
	done
	echo "still running: $left" >&2
	# shellcheck disable=SC2086 # numbers
	kill -KILL $left
	return 1
}

in_tmux() {
	tmux -L relaycon -f /dev/null "$@"
}

# Runs a command of the shell in a pane that stays when it has ended.
terminal() { # COLUMNS LINES COMMAND
	LC_ALL=C.UTF-8 in_tmux new-session -d -x "$1" -y "$2" -s test "sleep 0.3; $3" \; \
		set-option -g remain-on-exit on \; set-option -g status off \; set-option -g escape-time 10
	TMUX_SERVER=$(in_tmux display-message -p '#{pid}')
}

console() {
	local command size=80x24 environment=(LC_ALL=C.UTF-8 TERM=tmux-256color HOME="$BATS_TEST_TMPDIR")

	if [[ ${1:-} =~ ^[0-9]+x[0-9]+$ ]]; then
		size=$1
		shift
	fi
	while [[ $# -gt 0 && $1 != -- ]]; do
		environment+=("$1")
		shift
	done
	[[ ${1:-} != -- ]] || shift
	command=$(printf '%q ' env "${environment[@]}" "$PROGRAM" --config-dir "$OWN" "$@")
	rm -f "$BATS_TEST_TMPDIR/status"
	# Not through tmux, which loses the status now and then.
	if [[ -n ${LOGIN_SHELL-} ]]; then
		command="exec $command"
	elif [[ -n ${MEASURED-} ]]; then
		# A shell that outlives its terminal says what the console has cost.
		command="trap '' HUP; ${STARTED_BY-} $command; times >'$BATS_TEST_TMPDIR/times'"
	else
		command="$command; echo \$? >'$BATS_TEST_TMPDIR/status'"
	fi
	terminal "${size%x*}" "${size#*x}" "$command"
}

# A shell with job control, as an administrator has it.
shell() {
	terminal 80 24 "exec env LC_ALL=C.UTF-8 TERM=tmux-256color PS1='prompt> ' bash --norc --noprofile -i"
	wait_for 'prompt>'
}

keys() {
	local key

	for key in "$@"; do
		in_tmux send-keys -t test "$key"
		sleep 0.08
	done
}

typed() {
	in_tmux send-keys -t test -l "$1"
	sleep 0.1
}

screen() {
	in_tmux capture-pane -p -t test
}

wait_for() {
	local i

	for ((i = 0; i < 400; i++)); do
		if screen | grep -qF -- "$1"; then
			return 0
		fi
		sleep 0.05
	done
	echo "waited for: $1" >&2
	screen >&2
	return 1
}

shows() {
	screen | grep -qF -- "$1" || {
		echo "not shown: $1" >&2
		screen >&2
		return 1
	}
}

shows_not() {
	if screen | grep -qF -- "$1"; then
		echo "shown: $1" >&2
		screen >&2
		return 1
	fi
}

# Until the console has ended; END_STATUS is what a shell says: 128 and the signal's number if so.
wait_for_end() {
	local i

	for ((i = 0; i < 400; i++)); do
		if [[ -s $BATS_TEST_TMPDIR/status ]]; then
			END_STATUS=$(<"$BATS_TEST_TMPDIR/status")
			return 0
		fi
		sleep 0.05
	done
	echo "it does not end" >&2
	screen >&2
	return 1
}

golden() {
	local file=$HERE/golden/$1.txt shown before=

	# Two captures alike: nothing is being drawn any more.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		shown=$(screen | sed -e "1s/ relaycon [^ ]* - .*/ relaycon VERSION - HOST/" \
			-e "s|$BATS_TEST_TMPDIR|/TMP|g" -e 's/ *$//')
		[[ $shown != "$before" ]] || break
		before=$shown
		sleep 0.1
	done
	if [[ -n ${UPDATE_GOLDEN:-} ]]; then
		mkdir -p "$HERE/golden"
		printf '%s\n' "$shown" >"$file"
	fi
	diff -u "$file" <(printf '%s\n' "$shown")
}

resize() {
	in_tmux resize-window -t test -x "${1%x*}" -y "${1#*x}"
	sleep 0.3
}

# The process of the console itself.
console_pid() {
	pgrep -f "^$PROGRAM" | head -n 1
}
